"""W3C credentials of version 2.0, signed by another's library, and what its signature leaves out."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from verifying import LATER, StandingVerifier
from version_2 import CONTEXT, SUITES, VECTORS, pixelpass, signed

from edge.credentials.added_contexts import CONTEXT_LIST, read_contexts
from edge.credentials.packing import pack
from edge.credentials.trust import Trust
from edge.credentials.trust_files import read_trust
from edge.credentials.verdict import Verdict
from edge.services.certificates.formats import Formats

Document = dict[str, Any]


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """The issuer's DID document as a trust list, and its context as a list brings it."""
    methods = [VECTORS["vectors"][suite]["key"] for suite in SUITES]
    document = {"id": "did:web:moh.example", "verificationMethod": methods}
    path = tmp_path_factory.mktemp("issuer") / "did.json"
    path.write_text(json.dumps(document))
    found = read_trust(path)
    assert (len(found.keys), found.left_out) == (2, ())
    contexts = read_contexts({"type": CONTEXT_LIST, "contexts": {CONTEXT: VECTORS["context"]}})
    return replace(found.trust, contexts=contexts)


def judged(
    formats: Formats, trust: Trust, document: Document | bytes, at: datetime = LATER
) -> Verdict:
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    return StandingVerifier(formats, trust, at).verify(payload)


PACKED: dict[str, Callable[[Document], bytes]] = {
    "JSON": lambda one: json.dumps(one, indent=1).encode(),
    "JSON with blanks around": lambda one: f"\ufeff\n{json.dumps(one)}\r\n".encode(),
    "ZIP": lambda one: pack(json.dumps(one)),
    "PixelPass of CBOR": lambda one: pixelpass(cbor2.dumps(one)),
    "PixelPass of JSON": lambda one: pixelpass(json.dumps(one).encode()),
}


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize("suite", SUITES)
def test_a_credential_of_anothers_library_is_valid_in_every_packing(
    formats: Formats, trust: Trust, suite: str, packing: str
) -> None:
    payload = PACKED[packing](signed(suite))
    found = judged(formats, trust, payload)
    assert (found.verdict, found.format) == ("valid", "vc-2.0"), found.document()
    assert found.payload == payload
    assert found.claims["kind"] == "credential"
    assert found.claims["issuer"] == "Ministry of Health of Demoland"
    assert found.claims["told"]["vaccine"] == "Measles and rubella"
    assert found.claims["told"]["address.district"] == "North"
    days = found.document()["validFrom"], found.document()["validUntil"]
    assert days == ("2026-11-20", "2027-11-20")


@pytest.mark.parametrize("suite", SUITES)
def test_a_credential_counts_in_its_own_time(formats: Formats, trust: Trust, suite: str) -> None:
    words = [
        judged(
            formats,
            trust,
            signed(suite),
            datetime(2026, 11, 20, 9, tzinfo=UTC) + timedelta(days=days),
        ).verdict
        for days in (-1, 1, 366)
    ]
    assert words == ["not-yet-valid", "valid", "expired"]


def put(path: str, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        place: Any = document
        *steps, last = path.split(".")
        for step in steps:
            place = place[step]
        place[last] = value

    return change


def swapped(one: str, other: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        subject = document["credentialSubject"]
        subject[one], subject[other] = subject[other], subject[one]

    return change


CHANGED: dict[str, tuple[Callable[[Document], None], str]] = {
    "a name": (put("credentialSubject.fullName", "Almaz Tesfaya"), "invalid"),
    "a number": (put("credentialSubject.dose", 2), "invalid"),
    "a number as text": (put("credentialSubject.dose", "1"), "invalid"),
    "dose and total": (swapped("dose", "totalDoses"), "invalid"),
    "vaccine and lot": (swapped("vaccine", "lot"), "invalid"),
    "its end": (put("validUntil", "2099-01-01T00:00:00Z"), "invalid"),
    "its kind": (put("type", ["VerifiableCredential"]), "invalid"),
    "its day": (put("proof.created", "2026-11-21T09:00:00Z"), "invalid"),
    "another suite": (put("proof.cryptosuite", "ecdsa-jcs-2019"), "unreadable"),
    "another kind of proof": (put("proof.type", "Ed25519Signature2020"), "unreadable"),
    "another purpose": (put("proof.proofPurpose", "authentication"), "invalid"),
    "another key": (put("proof.verificationMethod", "did:web:moh.example#k9"), "unknown-issuer"),
    "a key of another issuer": (put("issuer", "did:web:other.example"), "unknown-issuer"),
    "a key that says itself what it is": (
        put("proof.verificationMethod", "did:key:z6MkwfdUCmBwAam2xr5RmMXuvxYooVri1jjsddQu8YXrNmSy#x"),
        "unknown-issuer",
    ),
    "a signature in another base": (put("proof.proofValue", "uAAAA"), "invalid"),
    "no signature": (put("proof.proofValue", "z"), "invalid"),
    "a term that no context knows": (put("credentialSubject.passport", "X1"), "unreadable"),
    "a kind that no context knows": (put("credentialSubject.address.type", "Palace"), "unreadable"),
    "a name that is relative": (put("credentialSubject.id", "somebody"), "unreadable"),
    "a value of nothing": (put("credentialSubject.recovered", None), "unreadable"),
    "an empty list": (put("evidence", []), "unreadable"),
    "a fraction": (put("credentialSubject.dose", 1.0), "unreadable"),
    "a direction": (put("credentialSubject.lot", {"@value": "4121Z025", "@direction": "rtl"}), "unreadable"),
    "a control character": (put("credentialSubject.lot", "4121\u0008Z025"), "unreadable"),
    "half a pair": (put("credentialSubject.lot", "\ud800"), "unreadable"),
    "a context in the middle": (put("credentialSubject.@context", {"vaccine": "urn:x"}), "unreadable"),
    "another context": (put("@context", ["https://www.w3.org/ns/credentials/v2", "https://moh.example/v9"]), "unreadable"),
    "a context of its own": (put("@context", ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:x#"}]), "unreadable"),
    "many that look alike": (put("evidence", [{"type": "Address"} for _ in range(40)]), "unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED)
@pytest.mark.parametrize("suite", SUITES)
def test_what_the_signature_is_not_over_is_never_believed(
    formats: Formats, trust: Trust, suite: str, name: str
) -> None:
    change, word = CHANGED[name]
    document = signed(suite)
    change(document)
    found = judged(formats, trust, document)
    assert (found.verdict, found.claims) == (word, {}), found.document()


def test_two_terms_of_one_meaning_are_not_kept_apart_and_so_not_read(
    formats: Formats, trust: Trust
) -> None:
    """As DIVOC's contexts have it: a dose could be swapped with the total under one signature."""
    context = copy.deepcopy(VECTORS["context"])
    terms = context["@context"]["Child"]["@context"]
    terms["totalDoses"] = terms["dose"]
    known = replace(trust, contexts={CONTEXT: context})
    found = judged(formats, known, signed(SUITES[0]))
    assert found.verdict == "unreadable"
    assert "keep apart" in found.reason


def test_without_the_lists_of_its_issuer_a_credential_is_of_nobody(
    formats: Formats, trust: Trust
) -> None:
    only_context = Trust(contexts=trust.contexts)
    assert judged(formats, only_context, signed(SUITES[0])).verdict == "unknown-issuer"
    found = judged(formats, Trust(trust.named), signed(SUITES[0]))
    assert found.verdict == "unreadable"
    assert "terms (contexts)" in found.reason


def test_a_member_that_stands_twice_is_found(formats: Formats, trust: Trust) -> None:
    text = json.dumps(signed(SUITES[0])).replace('"dose": 1', '"dose": 2, "dose": 1')
    assert judged(formats, trust, text.encode()).verdict == "invalid"


@pytest.mark.parametrize(
    "data", [b"{", b"\xa1", cbor2.dumps({1: "x"}), cbor2.dumps({"a": b"x"}), b"{}" * 40]
)
def test_what_is_packed_so_and_is_no_json_is_unreadable(
    formats: Formats, trust: Trust, data: bytes
) -> None:
    assert judged(formats, trust, pixelpass(data).ljust(48, b"0")).verdict == "unreadable"
