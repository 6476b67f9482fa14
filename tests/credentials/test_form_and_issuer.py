"""In every format: of what nobody known here signed, nobody says that it was written wrongly."""

from __future__ import annotations

import json
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from health_cards import card, patient
from health_certificates import contents, parts
from keyring import signer
from seals import authority, seal_signer, sealed, vaccinated
from verifying import LATER, StandingVerifier
from version_2 import SUITES, signed, version_2_trust

from edge.credentials import divoc
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.domain.certificate import Claims
from edge.services.certificates.formats import Formats

START = LATER.replace(month=1)
DOCUMENT = signer(START)
AUTHORITY = authority(START)


def without(document: dict[Any, Any], name: Any) -> dict[Any, Any]:
    return {key: value for key, value in document.items() if key != name}


def in_cbor(claims: dict[Any, Any]) -> bytes:
    return parts(DOCUMENT, payload=cbor2.dumps(claims))


NAMELESS = contents()
NAMELESS[-260][1].pop("nam")
SEAL = vaccinated()
SEAL["hdr"]["is"] = "ut1"
WRONG: dict[str, tuple[bytes, Trust, str]] = {
    "a DCC without a name": (in_cbor(NAMELESS), DOCUMENT.trust(), "unknown-issuer"),
    "a DCC with a moment in words": (
        in_cbor({**contents(), 6: "then"}),
        DOCUMENT.trust(),
        "unknown-issuer",
    ),
    "a link of no kind": (
        in_cbor({1: "XD", 6: "then", -260: {5: [{"u": "shlink:/e30"}]}}),
        DOCUMENT.trust(),
        "unreadable",
    ),
    "an identity that is a text": (
        in_cbor({1: "XD", 169: "me"})[4:],
        DOCUMENT.trust(),
        "unknown-issuer",
    ),
    "a card of no bundle": (
        card(DOCUMENT, LATER, patient(), bundle={"resourceType": "Basic"}),
        DOCUMENT.trust(),
        "unknown-issuer",
    ),
    "a card of no issuer": (
        card(DOCUMENT, LATER, patient(), iss=5),
        DOCUMENT.trust(),
        "unknown-issuer",
    ),
    "a credential of version 2.0 without a type": (
        json.dumps(without(signed(SUITES[0]), "type")).encode(),
        version_2_trust(),
        "unknown-issuer",
    ),
    "a seal of an odd state": (
        json.dumps(sealed(SEAL, seal_signer(AUTHORITY, START))).encode(),
        AUTHORITY.trust(),
        "unknown-issuer",
    ),
}


@pytest.mark.parametrize(("payload", "trust", "unknown"), WRONG.values(), ids=WRONG)
def test_what_is_written_wrongly_is_invalid_only_where_its_signer_is_known(
    formats: Formats, payload: bytes, trust: Trust, unknown: str
) -> None:
    assert StandingVerifier(formats, trust).verify(payload).verdict == "invalid"
    found = StandingVerifier(formats, Trust()).verify(payload)
    assert (found.verdict, found.claims) == (unknown, {})
    assert found.checks.get("form") != "no" or unknown == "unreadable"


@pytest.mark.parametrize("name", ["issuer", "evidence", "issuanceDate", "another"])
def test_so_it_is_with_divocs_credentials(
    formats: Formats, claims: Claims, canonicaliser: Canonicaliser, name: str
) -> None:
    key, method = Ed25519PrivateKey.generate(), "did:demo:moh:DEMO01#k1"
    document = json.loads(divoc.issue(claims, Ed25519Signer(key, method), canonicaliser))
    document = {**document, "another": "x"} if name == "another" else without(document, name)
    verdicts = [
        StandingVerifier(formats, trust).verify(json.dumps(document).encode()).verdict
        for trust in (Trust.of([TrustedKey(spki(key.public_key()), (method,))]), Trust())
    ]
    assert verdicts == ["invalid", "unknown-issuer"]
