"""DIVOC's credential of other issuers: which exchange of fields is proven, and what is only odd."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from verifying import LATER, StandingVerifier

from edge.credentials import divoc
from edge.credentials.rdf import Canonicaliser
from edge.credentials.revocation import Lookup, Standing
from edge.credentials.signing import Ed25519Signer, add_proof
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.domain.certificate import Claims
from edge.services.certificates.formats import Formats
from sync.protocol.list_keys import divoc_key, number_key

Document = dict[str, Any]


def exchange(document: Document, first: str, second: str) -> None:
    evidence = document["evidence"][0]
    evidence[first], evidence[second] = evidence[second], evidence[first]


def signed_abroad(
    canonicaliser: Canonicaliser, claims: Claims, evidence: dict[str, Any]
) -> tuple[Document, Trust]:
    """A credential of another issuer, without our digest, with other fields of its evidence."""
    key = Ed25519PrivateKey.generate()
    signer = Ed25519Signer(key, "did:demo:abroad#1")
    document = json.loads(divoc.issue(claims, signer, canonicaliser))
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    unsigned["evidence"][0].update({"infoUrl": "https://abroad.example/?1", **evidence})
    signed = add_proof(unsigned, signer, "2026-11-24T09:30:00Z", canonicaliser)
    return signed, Trust.of([TrustedKey(spki(key.public_key()), ("did:demo:abroad#1",))])


GENUINE: dict[str, dict[str, Any]] = {
    "as usual": {},
    "counts from a fortnight after the dose": {"effectiveStart": "2026-12-08"},
    "counts from before the dose": {"effectiveStart": "2026-11-01"},
    "the day of the dose in another zone": {"effectiveStart": "2026-11-25"},
    "no end": {"effectiveUntil": ""},
    "an end before its start": {"effectiveStart": "2026-12-24", "effectiveUntil": "2026-12-01"},
    "days without a time": {"date": "2026-11-24", "effectiveStart": "2026-12-08"},
    "a number of another form": {"certificateId": "XD-1", "id": "https://abroad.example/c/77"},
    "a day without a time, and a start with one": {
        "date": "2026-11-24",
        "effectiveStart": "2026-11-24T09:30:00Z",
    },
    "a day without a time, and an end with one": {
        "date": "2026-11-24",
        "effectiveUntil": "2027-11-24T00:00:00Z",
    },
    "no times, and limits of an earlier day": {
        "date": "2026-11-24",
        "effectiveStart": "2026-11-01",
        "effectiveUntil": "2026-11-01",
    },
    "times everywhere, and limits of an earlier day": {
        "effectiveStart": "2026-11-01T00:00:00Z",
        "effectiveUntil": "2026-11-01T00:00:00Z",
    },
    "an end that is the day of the dose, with times": {
        "effectiveStart": "2026-12-08T00:00:00Z",
        "effectiveUntil": "2026-11-24T00:00:00Z",
    },
    "ends early": {"effectiveUntil": "2026-11-20"},
    "an address of the lot": {"id": "https://abroad.example/lots/4121Z025"},
    "addresses of the vaccine": {
        "id": "https://abroad.example/vaccines/CoviProtect",
        "infoUrl": "https://abroad.example/info/CoviProtect",
        "feedbackUrl": "",
    },
    "no number, and an address of the lot": {
        "id": "https://abroad.example/lots/4121Z025",
        "certificateId": None,
    },
    "an address with a b of its own": {"infoUrl": "https://abroad.example/?b=12"},
}


@pytest.mark.parametrize("name", GENUINE)
def test_what_is_only_odd_on_anothers_paper_is_a_caution_and_no_accusation(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats, name: str
) -> None:
    signed, trust = signed_abroad(canonicaliser, claims, GENUINE[name])
    verdict = StandingVerifier(formats, trust).verify(json.dumps(signed).encode())
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "vaccination"), verdict
    assert verdict.claims["date"] == "2026-11-24"
    differ = "counts from" in name or "earlier day" in name
    differ = differ or name.startswith(("the day", "an end", "days"))
    told = verdict.document()["reason"]
    early = "earlier day" in name or name in ("ends early", "an end before its start")
    if not early:  # what ended may be said first
        assert ("another day" in told) is differ
    if name == "ends early":
        assert verdict.checks["fields"] == "not bound, and it ends before the dose"
    elsewhere = name in ("an address of the lot", "addresses of the vaccine")
    assert ("Its address ends with" in verdict.reason) is elsewhere
    assert verdict.checks["fields"].startswith("not bound")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("date", "effectiveUntil"),
        ("effectiveStart", "effectiveUntil"),
        ("certificateId", "batch"),
        ("certificateId", "vaccine"),
        ("certificateId", "manufacturer"),
    ],
)
def test_a_swap_that_nothing_else_explains_is_found_on_anothers_paper(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats, first: str, second: str
) -> None:
    signed, trust = signed_abroad(canonicaliser, claims, {})
    exchange(signed, first, second)
    verdict = StandingVerifier(formats, trust).verify(json.dumps(signed).encode())
    assert verdict.verdict == "invalid"
    assert verdict.checks == {"form": "yes", "issuer": "yes", "signature": "yes", "fields": "no"}


@pytest.mark.parametrize(
    "fields", [{"dose": 0}, {"date": "0001-01-01T00:00:00Z", "effectiveStart": "0001-01-01"}]
)
def test_what_divoc_writes_for_what_it_could_not_read_is_genuine_and_no_dose(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats, fields: dict[str, Any]
) -> None:
    """DIVOC's upload of certificates only logs such a number or date, and signs zero."""
    signed, trust = signed_abroad(canonicaliser, claims, fields)
    verdict = StandingVerifier(formats, trust).verify(json.dumps(signed).encode())
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "uncounted")


@pytest.mark.parametrize(
    ("fields", "dose"),
    [({"dose": "2", "totalDoses": "2"}, 2), ({"dose": "", "totalDoses": ""}, None)],
)
def test_a_number_of_a_dose_may_be_written_as_a_text(
    canonicaliser: Canonicaliser,
    claims: Claims,
    formats: Formats,
    fields: dict[str, Any],
    dose: int | None,
) -> None:
    signed, trust = signed_abroad(canonicaliser, claims, fields)
    verdict = StandingVerifier(formats, trust).verify(json.dumps(signed).encode())
    assert (verdict.verdict, verdict.claims.get("dose")) == ("valid", dose)


def test_what_another_issuer_writes_as_a_number_is_read_as_it_is_signed(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats
) -> None:
    fields = {
        "certificateId": 244768056,
        "batch": 4121,
        "id": "https://abroad.example/244768056",
        "feedbackUrl": "https://abroad.example/?244768056",
    }
    signed, trust = signed_abroad(canonicaliser, claims, fields)
    verifier = StandingVerifier(formats, trust)
    found = verifier.verify(json.dumps(signed).encode())
    assert (found.verdict, found.claims["certificateId"], found.claims["lot"]) == (
        "valid",
        "244768056",
        "4121",
    )
    exchange(signed, "certificateId", "batch")
    found = verifier.verify(json.dumps(signed).encode())
    assert (found.verdict, found.checks["signature"], found.checks["fields"]) == (
        "invalid",
        "yes",
        "no",
    )
    exchange(signed, "certificateId", "batch")
    signed["evidence"][0]["batch"] = "4121"
    assert verifier.verify(json.dumps(signed).encode()).checks["signature"] == "no"


@pytest.mark.parametrize(
    "fields",
    [
        {"facility": None},
        {"verifier": None},
        {"certificateId": None},
        {"dose": None, "totalDoses": None},
    ],
)
def test_what_another_issuer_leaves_empty_is_no_fault(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats, fields: dict[str, Any]
) -> None:
    signed, trust = signed_abroad(canonicaliser, claims, fields)
    assert StandingVerifier(formats, trust).verify(json.dumps(signed).encode()).verdict == "valid"


class Row:
    """A list in which one row of DIVOC stands."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = {*keys}

    def standing(self, lookup: Lookup) -> Standing:
        return Standing(bool(self._keys & {*lookup.keys}), LATER)


@pytest.mark.parametrize(
    ("first", "second"),
    [("dose", "totalDoses"), ("certificateId", "batch"), ("certificateId", "vaccine"), ("date", "date")],
)  # fmt: skip
@pytest.mark.parametrize("by", ["row", "number"])
def test_no_exchange_of_fields_hides_a_certificate_from_a_revocation_list(
    canonicaliser: Canonicaliser, claims: Claims, formats: Formats, first: str, second: str, by: str
) -> None:
    signed, trust = signed_abroad(canonicaliser, claims, {"feedbackUrl": "https://abroad.example"})
    exchange(signed, first, second)
    keys = {
        "row": divoc_key(claims.certificate_id, "1", claims.ref_id),
        "number": number_key("did:demo:abroad", claims.certificate_id),
    }
    verifier = StandingVerifier(formats, trust, revocations=Row(keys[by]))
    assert verifier.verify(json.dumps(signed).encode()).verdict == "revoked"
    other = StandingVerifier(formats, trust, revocations=Row(divoc_key("77", "1", claims.ref_id)))
    assert other.verify(json.dumps(signed).encode()).verdict == "valid"
