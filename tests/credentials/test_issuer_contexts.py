"""Contexts of who issues credentials of version 2.0: brought by a list, closed, and theirs alone."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from verifying import LATER
from version_2 import CONTEXT, SUITES, VECTORS, signed, version_2_trust

from edge.adapters.trust_store import TrustStore
from edge.credentials import divoc
from edge.credentials.added_contexts import CONTEXT_LIST, read_contexts
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer
from edge.credentials.verifier import Verifier
from edge.domain.certificate import Claims
from edge.domain.errors import BadInput
from edge.services.certificates.formats import Formats
from edge.services.certificates.trust_lists import forget_list, take_list
from sync.resources import resource

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
TERMS = "https://moh.example/terms#"
Spoil = Callable[[dict[str, Any]], Any]


def listed(document: Any) -> dict[str, Any]:
    return {"type": CONTEXT_LIST, "contexts": {CONTEXT: document}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TrustStore]:
    made = TrustStore(tmp_path / "trust.db")
    made.put_trust("moh", version_2_trust().all_keys(), NOW)
    yield made
    made.close()


def verdict(store: TrustStore, formats: Formats, document: Any) -> str:
    return (
        Verifier(formats.reading, store.trust(), store)
        .verify(json.dumps(document).encode(), LATER)
        .verdict
    )


def test_a_credential_is_read_while_a_list_brings_its_issuers_context(
    store: TrustStore, tmp_path: Path, formats: Formats
) -> None:
    context, made = tmp_path / "c.json", tmp_path / "contexts.json"
    context.write_text(json.dumps(VECTORS["context"]))
    shown = run("lists", "contexts", "--context", CONTEXT, context, "--out", made)
    assert "for W3C credentials 2.0, SHA-256 " in shown.output, shown.output
    assert verdict(store, formats, signed(SUITES[0])) == "unreadable"
    take_list(store, made, NOW, name="contexts")
    assert [verdict(store, formats, signed(suite)) for suite in SUITES] == ["valid", "valid"]
    another = signed(SUITES[0])
    another["credentialSubject"]["vaccine"] = "Yellow fever"
    assert verdict(store, formats, another) == "invalid"
    another["@context"].append("https://else.example/v1")
    assert verdict(store, formats, another) == "unreadable"
    assert forget_list(store, "contexts")
    assert verdict(store, formats, signed(SUITES[0])) == "unreadable"


def test_a_certificate_of_divoc_is_not_read_by_such_a_context(
    store: TrustStore, tmp_path: Path, formats: Formats, claims: Claims
) -> None:
    made = tmp_path / "contexts.json"
    made.write_text(json.dumps(listed(VECTORS["context"])))
    take_list(store, made, NOW, name="contexts")
    known = Canonicaliser(resource("edge/credentials/contexts"))
    document = json.loads(
        divoc.issue(
            claims, Ed25519Signer(Ed25519PrivateKey.generate(), "did:web:moh.example#9"), known
        )
    )
    document["@context"][1] = CONTEXT
    assert verdict(store, formats, document) == "unreadable"


def child(context: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = context["Child"]["@context"]
    return inner


WRONG: dict[str, tuple[Spoil, str]] = {
    "two terms side by side": (lambda c: child(c).update(other=f"{TERMS}lot"), "means the same as"),
    "a term inside and one around it": (
        lambda c: c.update(other=f"{TERMS}lot"),
        "means the same as",
    ),
    "through a prefix": (
        lambda c: child(c).update({"t": TERMS, "other": "t:lot"}),
        "means the same as",
    ),
    "an address": (
        lambda c: c.update(other={"@id": f"{TERMS}o", "@context": "https://x.example"}),
        "not an IRI",
    ),
    "addresses in a list": (
        lambda c: c.update(other={"@id": f"{TERMS}o", "@context": []}),
        "not an IRI",
    ),
    "a vocabulary": (lambda c: c.update({"@vocab": TERMS}), "nothing that a context may say"),
    "an import": (
        lambda c: c.update({"@import": "https://x.example"}),
        "nothing that a context may say",
    ),
    "no IRI": (lambda c: c.update(other="other"), "no IRI that is whole"),
    "a prefix of nothing": (lambda c: c.update(other="none:other"), "no IRI that is whole"),
    "nothing": (lambda c: c.update(other=None), "not an IRI"),
    "a number": (lambda c: c.update(other=5), "not an IRI"),
    "JSON inside": (
        lambda c: c.update(other={"@id": f"{TERMS}o", "@type": "@json"}),
        "no IRI that is whole",
    ),
    "the other way round": (lambda c: c.update(other={"@reverse": f"{TERMS}o"}), "not an IRI"),
    "a graph": (
        lambda c: c.update(other={"@id": f"{TERMS}o", "@container": "@graph"}),
        "not an IRI",
    ),
    "another proof": (lambda c: c.update(proof=f"{TERMS}proof"), "W3C's context"),
    "another id": (lambda c: child(c).update(id=f"{TERMS}id"), "always means @id"),
    "a name of W3C": (lambda c: c.update(description=f"{TERMS}d"), "does not stand beside"),
    "a name of W3C inside": (
        lambda c: child(c).update(name={"@id": f"{TERMS}n"}),
        "does not stand beside",
    ),
    "nothing at all": (lambda c: c.clear(), "says nothing"),
    "deeper than anybody writes": (
        lambda c: c.update(other=deep()),
        "nested too deep",
    ),
}


def deep() -> Any:
    found: Any = f"{TERMS}end"
    for number in range(400):
        found = {"@id": f"{TERMS}{number}", "@context": {f"n{number}": found}}
    return found


@pytest.mark.parametrize(("spoil", "words"), WRONG.values(), ids=WRONG)
def test_a_context_that_is_not_closed_or_does_not_keep_its_terms_apart_is_refused(
    spoil: Spoil, words: str
) -> None:
    context = copy.deepcopy(VECTORS["context"])
    read_contexts(listed(context))
    spoil(context["@context"])
    with pytest.raises(BadInput, match=words):
        read_contexts(listed(context))


def test_terms_that_never_stand_side_by_side_may_mean_one_thing() -> None:
    context = copy.deepcopy(VECTORS["context"])
    context["@context"]["Address"]["@context"]["other"] = f"{TERMS}lot"
    context["@context"]["Child"]["@context"]["id"] = "@id"
    read_contexts(listed(context))


def test_w3cs_own_context_has_no_stand_in() -> None:
    document = {"contexts": {"https://www.w3.org/ns/credentials/v2": VECTORS["context"]}}
    with pytest.raises(BadInput, match="software's own"):
        read_contexts(document)
