"""Contexts that lists bring: a site reads another country's words, and no term changes its meaning."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.trust_store import TrustStore
from edge.credentials import divoc
from edge.credentials.added_contexts import CONTEXT_LIST, read_contexts
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer, add_proof
from edge.credentials.trust import TrustedKey, spki
from edge.credentials.verifier import Verifier
from edge.domain.certificate import Claims
from edge.domain.errors import BadInput
from edge.services.certificates.formats import Formats, load_formats
from edge.services.certificates.trust_lists import forget_list, take_list
from sync.resources import resource

ADDRESS = "https://moh.other.example/credentials/vaccination/v1"
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
CONTEXTS = resource("edge/credentials/contexts")
KEY = Ed25519PrivateKey.generate()
DID = "did:web:moh.other.example#1"


def context() -> dict[str, Any]:
    """DIVOC's terms in the other country's own words."""
    text = (CONTEXTS / "vaccination-v2.json").read_text()
    own = text.replace("https://cowin.gov.in/credentials/vaccination/v2", f"{ADDRESS}#")
    return dict(json.loads(own))


def listed(document: Any, address: str = ADDRESS) -> dict[str, Any]:
    return {"type": CONTEXT_LIST, "contexts": {address: document}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TrustStore]:
    made = TrustStore(tmp_path / "trust.db")
    made.put_trust("other", [TrustedKey(spki(KEY.public_key()), (DID,))], NOW)
    yield made
    made.close()


@pytest.fixture(scope="module")
def formats() -> Formats:
    return load_formats()


def take(store: TrustStore, folder: Path, document: Any) -> None:
    path = folder / "contexts.json"
    path.write_text(json.dumps(document))
    take_list(store, path, NOW, name="contexts")


def paper(
    claims: Claims,
    *,
    words: Any = None,
    change: Callable[[dict[str, Any]], Any] = lambda _: None,
    **changes: str,
) -> str:
    """Sign a certificate in the other country's words, and after a ``change`` of what is signed."""
    home = Ed25519Signer(KEY, DID)
    known = Canonicaliser(CONTEXTS)
    document = json.loads(divoc.issue(claims, home, known))
    document.pop("proof")
    document["@context"][1] = ADDRESS
    change(document)
    known = Canonicaliser(CONTEXTS, {ADDRESS: words or context()})
    signed = add_proof(document, home, "2026-11-24T09:00:00Z", known)
    signed["credentialSubject"] |= changes
    return json.dumps(signed)


def verdict(store: TrustStore, formats: Formats, text: str) -> tuple[str, str]:
    found = Verifier(formats.reading, store.trust(), store).verify(text.encode(), NOW)
    return found.verdict, str(found.claims.get("name", ""))


def test_another_countrys_words_are_read_once_their_context_came_and_no_more_when_it_is_withdrawn(
    store: TrustStore, tmp_path: Path, claims: Claims, formats: Formats
) -> None:
    shown = paper(claims)
    assert verdict(store, formats, shown)[0] == "unreadable"
    take(store, tmp_path, listed(context()))
    assert verdict(store, formats, shown) == ("valid", claims.name)
    assert verdict(store, formats, paper(claims, name="Somebody Else"))[0] == "invalid"
    assert forget_list(store, "contexts")
    assert verdict(store, formats, shown)[0] == "unreadable"


def test_what_an_address_stands_for_never_changes_also_not_after_it_was_withdrawn(
    store: TrustStore, tmp_path: Path
) -> None:
    take(store, tmp_path, listed(context()))
    take(store, tmp_path, listed(context()))
    other = context()
    other["@context"]["more"] = f"{ADDRESS}#more"
    for _ in range(2):
        with pytest.raises(BadInput, match="says other things than before"):
            take(store, tmp_path, listed(other))
        forget_list(store, "contexts")
    take(store, tmp_path, listed(context()))
    assert list(store.trust().contexts) == [ADDRESS]


def dict_of(place: Any) -> dict[str, Any]:
    assert isinstance(place, dict)
    return place


def at(*path: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def node(document: dict[str, Any]) -> dict[str, Any]:
        place = document["@context"]
        for name in path:
            place = place[name]["@context"]
        return dict_of(place)

    return node


PERSON, DOSE = at("Person"), at("Vaccination")
WRONG: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "a term that is left out": (lambda d: DOSE(d).pop("date"), "date is missing"),
    "a term that means nothing": (lambda d: DOSE(d).update(dose=None), "is not an IRI"),
    "a term that means another": (
        lambda d: DOSE(d).update(dose="schema:date"),
        "means what Person.dob means",
    ),
    "two terms that mean one thing": (
        lambda d: PERSON(d).update(name=f"{ADDRESS}#x", gender=f"{ADDRESS}#x"),
        "means the same as",
    ),
    "a term that is W3C's": (
        lambda d: at()(d).update(proof=f"{ADDRESS}#proof"),
        "W3C's context",
    ),
    "another meaning of type": (lambda d: at()(d).update(type="@id"), "always means @type"),
    "a context that is fetched": (
        lambda d: PERSON(d).update(address={"@id": "schema:x", "@context": "https://x.example"}),
        "is not an IRI",
    ),
    "a word of JSON-LD": (
        lambda d: DOSE(d).update({"@vocab": "https://x.example#"}),
        "nothing that a context may say",
    ),
    "a coerced term": (
        lambda d: DOSE(d).update(dose={"@id": "schema:doseValue", "@type": "@json"}),
        "is not an IRI",
    ),
    "an IRI that is not whole": (lambda d: DOSE(d).update(dose="dose"), "no IRI that is whole"),
}


@pytest.mark.parametrize(("spoil", "words"), WRONG.values(), ids=WRONG)
def test_a_context_that_changes_what_a_term_means_or_loses_one_is_refused(
    spoil: Callable[[dict[str, Any]], Any], words: str
) -> None:
    document = context()
    read_contexts(listed(document))
    spoil(document)
    with pytest.raises(BadInput, match=words):
        read_contexts(listed(document))


@pytest.mark.parametrize(
    ("address", "document", "words"),
    [
        ("https://divoc.dev/credentials/vaccination/v1", context(), "software's own"),
        ("https://www.w3.org/ns/did/v1", context(), "software's own"),
        ("http://moh.other.example/v1", context(), "no address with a context"),
        (ADDRESS, [context()], "no address with a context"),
        (ADDRESS, {"@context": "https://x.example"}, "no address with a context"),
        (ADDRESS, {**context(), "more": 1}, "no address with a context"),
        (ADDRESS, {"@context": {"x": "y" * 70_000}}, "no address with a context"),
    ],
)
def test_what_is_no_context_or_stands_for_a_built_in_one_is_refused(
    address: str, document: Any, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        read_contexts(listed(document, address))


def test_no_contexts_and_too_many_are_refused() -> None:
    many = {f"{ADDRESS}{number}": context() for number in range(51)}
    tried: list[Any] = [{}, many, []]
    for found in tried:
        with pytest.raises(BadInput, match="no contexts"):
            read_contexts({"type": CONTEXT_LIST, "contexts": found})


def test_the_command_makes_the_list_and_refuses_what_sites_would_refuse(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(json.dumps(context()))
    out = tmp_path / "contexts.json"
    made = run("lists", "contexts", "--context", ADDRESS, tmp_path / "c.json", "--out", out)
    assert made.exit_code == 0, made.output
    assert read_contexts(json.loads(out.read_text())).keys() == {ADDRESS}
    built_in = "https://w3id.org/security/v2"
    refused = run("lists", "contexts", "--context", built_in, tmp_path / "c.json", "--out", out)
    assert "software's own" in refused.output
    (tmp_path / "c.json").write_text("{")
    refused = run("lists", "contexts", "--context", ADDRESS, tmp_path / "c.json", "--out", out)
    assert "is not JSON" in refused.output


def in_other_words() -> dict[str, Any]:
    """A context that has a sex and no gender, no dose, and no second address line."""
    found = context()
    for name in ("gender", "uhid", "nationality"):
        PERSON(found).pop(name)
    for name in ("dose", "totalDoses", "icd11Code", "infoUrl"):
        DOSE(found).pop(name)
    PERSON(found)["sex"] = f"{ADDRESS}#sex"
    return found


def as_written_there(document: dict[str, Any]) -> None:
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    subject["sex"] = subject.pop("gender")
    for name in ("dose", "totalDoses", "icd11Code", "infoUrl"):
        evidence.pop(name)
    subject.pop("nationality")


def test_another_country_may_leave_out_fields_and_have_some_of_its_own(
    store: TrustStore, tmp_path: Path, claims: Claims, formats: Formats
) -> None:
    take(store, tmp_path, listed(in_other_words()))
    shown = paper(claims, words=in_other_words(), change=as_written_there)
    found = Verifier(formats.reading, store.trust(), store).verify(shown.encode(), NOW)
    assert (found.verdict, found.claims["gender"], "dose" in found.claims) == (
        "valid",
        "Female",
        False,
    )
    document = json.loads(shown)
    for place, name in (
        (document["credentialSubject"], "sex"),
        (document["evidence"][0], "vaccine"),
    ):
        before, place[name] = place[name], "another"
        assert verdict(store, formats, json.dumps(document))[0] == "invalid"
        place[name] = before
    assert verdict(store, formats, json.dumps(document))[0] == "valid"


@pytest.mark.parametrize(
    ("place", "name"),
    [("subject", "gender"), ("subject", "blood"), ("evidence", "dose"), ("evidence", "icd11Code")],
)
def test_a_field_without_a_term_of_the_context_is_one_that_nobody_signed(
    store: TrustStore, tmp_path: Path, claims: Claims, formats: Formats, place: str, name: str
) -> None:
    take(store, tmp_path, listed(in_other_words()))
    document = json.loads(paper(claims, words=in_other_words(), change=as_written_there))
    node = document["credentialSubject"] if place == "subject" else document["evidence"][0]
    node[name] = 3 if name == "dose" else "Male"
    assert verdict(store, formats, json.dumps(document))[0] == "invalid"
    node[name] = ""
    assert verdict(store, formats, json.dumps(document))[0] == (
        "invalid" if name == "blood" else "valid"
    )


def test_what_another_country_writes_within_its_own_field_is_not_judged(
    store: TrustStore, tmp_path: Path, claims: Claims, formats: Formats
) -> None:
    def nest(document: dict[str, Any]) -> None:
        as_written_there(document)
        document["credentialSubject"]["sex"] = {"id": "urn:sex:f"}

    take(store, tmp_path, listed(in_other_words()))
    shown = paper(claims, words=in_other_words(), change=nest)
    assert verdict(store, formats, shown) == ("unreadable", "")


def test_what_the_first_context_does_not_define_is_not_believed_of_a_foreign_certificate(
    store: TrustStore, claims: Claims, formats: Formats
) -> None:
    """PyLD drops such a field, so anybody could write it into a certificate that somebody signed."""
    home = Ed25519Signer(KEY, DID)
    known = Canonicaliser(CONTEXTS)
    document = json.loads(divoc.issue(claims, home, known))
    document.pop("proof")
    document["@context"][1] = divoc.VACCINATION_V1
    evidence = document["evidence"][0]
    for name in ("icd11Code", "prophylaxis", "infoUrl", "feedbackUrl"):
        evidence.pop(name, None)
    document["credentialSubject"].pop("dob", None)
    signed = add_proof(document, home, "2026-11-24T09:00:00Z", known)
    assert verdict(store, formats, json.dumps(signed))[0] == "valid"
    signed["credentialSubject"]["dob"] = "1999-01-01"
    assert verdict(store, formats, json.dumps(signed))[0] == "invalid"
    del signed["credentialSubject"]["dob"]
    signed["evidence"][0]["icd11Code"] = "XM68M6"
    assert verdict(store, formats, json.dumps(signed))[0] == "invalid"
