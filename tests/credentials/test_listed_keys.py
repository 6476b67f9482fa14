"""One key listed twice, several keys of one name: the entry that fits best decides, not the order."""

from __future__ import annotations

import base64
import itertools
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from health_cards import card, immunization, patient
from health_certificates import contents, parts
from keyring import certificate
from verifying import LATER, StandingVerifier

from edge.credentials.document_signer import DocumentSigner, document_signer
from edge.credentials.trust import Trust, TrustedKey, base58, spki
from edge.credentials.trust_files import read_trust
from edge.services.certificates.formats import Formats

START = datetime(2026, 11, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
CERTIFICATES = [
    (key, certificate(key, START, usages=()))
    for key in (ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1()))
]
DOCUMENT, STRANGER = (document_signer(*made) for made in CERTIFICATES)
OWN_CERTIFICATE, OTHER_CERTIFICATE = (
    base64.b64encode(made.public_bytes(Encoding.DER)).decode() for _, made in CERTIFICATES
)
(LISTED,) = DOCUMENT.trust().all_keys()
LONG: dict[str, Any] = {"not_before": LATER - YEAR, "not_after": LATER + YEAR}
OVER: dict[str, Any] = {"not_before": LATER - YEAR, "not_after": LATER - timedelta(days=90)}
TO_COME: dict[str, Any] = {"not_before": LATER + timedelta(days=9), "not_after": LATER + 2 * YEAR}
ENTRIES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "one that ended, one that counts": ([OVER, LONG], "valid"),
    "one to come, one that counts": ([TO_COME, LONG], "valid"),
    "one without dates": ([OVER, {"not_before": None, "not_after": None}], "valid"),
    "one for tests, one for doses": ([{**LONG, "usages": frozenset("t")}, {**LONG, "usages": frozenset("v")}], "valid"),
    "one for everything": ([{**LONG, "usages": frozenset("t")}, LONG], "valid"),
    "usable before in time": ([{**LONG, "usages": frozenset("t")}, {**OVER, "usages": frozenset("v")}], "expired"),
    "only for tests": ([{**LONG, "usages": frozenset("t")}, {**OVER, "usages": frozenset("r")}], "invalid"),
    "ended twice": ([OVER, {**OVER, "not_after": LATER - timedelta(days=80)}], "expired"),
    "ended and to come": ([OVER, TO_COME], "not-yet-valid"),
    "three, the right one among them": ([OVER, TO_COME, LONG], "valid"),
}  # fmt: skip


def payloads() -> dict[str, bytes]:
    """A certificate with an end of its own, and a card without one."""
    issued = LATER - timedelta(days=1)
    return {
        "hcert": parts(DOCUMENT, payload=cbor2.dumps(contents())),
        "shc": card(DOCUMENT, issued, patient(), immunization()),
    }


@pytest.mark.parametrize("format_", payloads())
@pytest.mark.parametrize(("entries", "word"), ENTRIES.values(), ids=ENTRIES)
def test_of_a_key_that_is_listed_twice_the_entry_that_fits_best_decides(
    formats: Formats, format_: str, entries: list[dict[str, Any]], word: str
) -> None:
    payload = payloads()[format_]
    for order in itertools.permutations(entries):
        trust = Trust.of(replace(LISTED, **entry) for entry in order)
        verdict = StandingVerifier(formats, trust).verify(payload)
        assert verdict.verdict == word, verdict


KID = DOCUMENT.kid
KIDS: dict[str, Any] = {
    "bytes": KID,
    "base64": base64.b64encode(KID).decode(),
    "base64 without padding": base64.b64encode(KID).decode().rstrip("="),
    "base64url": base64.urlsafe_b64encode(KID).decode(),
    "the bytes of base64": base64.b64encode(KID),
    "hex": KID.hex(),
    "large hex": KID.hex().upper(),
    "base64 in blanks": f" {base64.b64encode(KID).decode()} ",
}


@pytest.mark.parametrize("header", ["protected", "unprotected", "both"])
@pytest.mark.parametrize("shown", KIDS.values(), ids=KIDS)
@pytest.mark.parametrize("way", [way for way, kid in KIDS.items() if isinstance(kid, str)])
def test_a_key_is_found_however_its_name_is_written(
    formats: Formats, tmp_path: Path, way: str, shown: Any, header: str
) -> None:
    protected = {1: -7, **({4: shown} if header != "unprotected" else {})}
    outside = {4: shown if header == "unprotected" else b"other"} if header != "protected" else {}
    (tmp_path / "list").write_text(json.dumps({"keys": [jwk(DOCUMENT, kid=KIDS[way].strip())]}))
    verifier = StandingVerifier(formats, read_trust(tmp_path / "list").trust)
    assert (
        verifier.verify(parts(DOCUMENT, header=protected, unprotected=outside)).verdict == "valid"
    )


@pytest.mark.parametrize("kid", ["*", "did:*", " * ", b"*", b"did:*", "", b"", 7, ["a"], {"a": 1}])
def test_a_name_that_stands_for_all_keys_names_none_on_paper(formats: Formats, kid: Any) -> None:
    trust = Trust.of([replace(LISTED, names=("kid:00", "did:*"))])
    verdict = StandingVerifier(formats, trust).verify(parts(DOCUMENT, header={1: -7, 4: kid}))
    assert verdict.verdict in ("unknown-issuer", "unreadable")


def test_a_key_of_one_issuers_cards_signs_no_health_certificate(formats: Formats) -> None:
    trust = Trust.of([replace(LISTED, issuer="https://pharmacy.example")])
    assert StandingVerifier(formats, trust).verify(parts(DOCUMENT)).verdict == "unknown-issuer"


def test_a_list_that_names_its_publisher_has_keys_of_many_issuers(
    formats: Formats, tmp_path: Path
) -> None:
    keys = {"XD": {"keys": [jwk(DOCUMENT, kid=KIDS["base64"])]}}
    (tmp_path / "list").write_text(json.dumps({"iss": "SE", "dsc_trust_list": keys}))
    verifier = StandingVerifier(formats, read_trust(tmp_path / "list").trust)
    assert verifier.verify(parts(DOCUMENT)).verdict == "valid"


CONTRADICTORY: dict[str, tuple[dict[str, Any], str]] = {
    "for encryption": ({"use": "enc"}, "not for signatures (use)"),
    "for nothing that a text says": ({"use": ["sig"]}, "not for signatures (use)"),
    "for deriving keys": ({"key_ops": ["deriveKey"]}, "not for signatures (key_ops)"),
    "for no operation": ({"key_ops": []}, "not for signatures (key_ops)"),
    "operations in a text": ({"key_ops": "verify"}, "not for signatures (key_ops)"),
    "for signatures, and to encrypt": ({"use": "sig", "key_ops": ["encrypt"]}, "not for signatures (key_ops)"),
    "another curve's algorithm": ({"alg": "ES384"}, "of another kind than it says (alg)"),
    "an agreement of keys": ({"alg": "ECDH-ES"}, "of another kind than it says (alg)"),
    "RSA's algorithm": ({"alg": "PS256"}, "of another kind than it says (alg)"),
    "no algorithm's name": ({"alg": 7}, "of another kind than it says (alg)"),
    "another curve": ({"crv": "P-384"}, "cannot be read"),
    "another form": ({"kty": "RSA"}, "cannot be read"),
    "no known form": ({"kty": "oct"}, "cannot be read"),
    "no point of the curve": ({"x": "AAAA"}, "cannot be read"),
    "a private key": ({"d": "AAAA"}, "that is private"),
    "another's certificate": ({"x5c": [OTHER_CERTIFICATE]}, "not the one of its certificate"),
    "RSA with a certificate of another form": ({"kty": "RSA", "x5c": [OWN_CERTIFICATE]}, "than it says (kty, crv)"),
    "another curve than its certificate": ({"crv": "P-384", "x5c": [OWN_CERTIFICATE]}, "than it says (kty, crv)"),
    "for encryption, with a certificate": ({"use": "enc", "x5c": [OWN_CERTIFICATE]}, "not for signatures (use)"),
}  # fmt: skip
AGREEING: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "all said": {"use": "sig", "alg": "ES256", "key_ops": ["verify"]},
    "two operations": {"key_ops": ["verify", "sign"]},
    "a certificate": {"x5c": [OWN_CERTIFICATE], "alg": "ES256"},
    "a certificate, and no point": {"x5c": [OWN_CERTIFICATE], "x": "AAAA"},
    "a certificate, and a name of no curve": {"x5c": [OWN_CERTIFICATE], "crv": "UNKNOWN CURVE"},
}


@pytest.mark.parametrize("shape", ["JWKS", "DID"])
@pytest.mark.parametrize(("more", "sentence"), CONTRADICTORY.values(), ids=CONTRADICTORY)
def test_a_key_that_contradicts_itself_is_left_out_and_the_others_are_taken_in(
    formats: Formats, tmp_path: Path, shape: str, more: dict[str, Any], sentence: str
) -> None:
    bad, good = jwk(DOCUMENT, **more), jwk(STRANGER)
    (tmp_path / "list").write_text(listed_as(shape, bad, good))
    found = read_trust(tmp_path / "list")
    assert [key.spki for key in found.keys] == [spki(STRANGER.key.public_key())]
    assert len(found.left_out) == 1
    assert sentence in found.left_out[0]
    assert KIDS["base64"] in found.left_out[0]
    verdict = StandingVerifier(formats, found.trust).verify(parts(DOCUMENT))
    assert verdict.verdict == "unknown-issuer"


@pytest.mark.parametrize("shape", ["JWKS", "DID"])
@pytest.mark.parametrize("more", AGREEING.values(), ids=AGREEING)
def test_a_key_that_agrees_with_itself_is_taken_in(
    formats: Formats, tmp_path: Path, shape: str, more: dict[str, Any]
) -> None:
    (tmp_path / "list").write_text(listed_as(shape, jwk(DOCUMENT, **more), jwk(STRANGER)))
    found = read_trust(tmp_path / "list")
    assert found.left_out == ()
    assert StandingVerifier(formats, found.trust).verify(parts(DOCUMENT)).verdict == "valid"


def listed_as(shape: str, first: dict[str, Any], second: dict[str, Any]) -> str:
    kids = KIDS["base64"], base64.b64encode(STRANGER.kid).decode()
    if shape == "JWKS":
        named = [{**key, "kid": kid} for key, kid in zip((first, second), kids, strict=True)]
        return json.dumps({"keys": named})
    methods = [
        {"id": f"did:web:x:DSC#{kid}", "type": "JsonWebKey2020", "publicKeyJwk": key}
        for key, kid in zip((first, second), kids, strict=True)
    ]
    return json.dumps({"verificationMethod": methods})


def test_a_key_in_bytes_is_left_out_when_its_list_says_it_is_of_another_kind(
    tmp_path: Path,
) -> None:
    edwards = base58(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    short = rsa.generate_private_key(65537, 1024).public_key()
    odd = ec.generate_private_key(ec.SECP256K1()).public_key()
    der = base64.b64encode(spki(DOCUMENT.key.public_key())).decode()
    listed = {
        "verificationMethod": [
            {"id": "did:x#agree", "type": "X25519KeyAgreementKey2020", "publicKeyBase58": edwards},
            {"id": "did:x#rsa", "type": "RsaVerificationKey2018", "publicKeyBase58": edwards},
            {"id": "did:x#short", "publicKeyPem": pem(short)},
            {"id": "did:x#odd", "publicKeyPem": pem(odd)},
            {"id": "did:x#good", "type": "Ed25519VerificationKey2018", "publicKeyBase58": edwards},
        ],
        "keyAgreement": [{"id": "did:x#hidden", "publicKeyBase58": edwards}],
        "eu_keys": {
            name: [{"subjectPk": der, "keyUsage": usage}]
            for name, usage in (
                ("dutch", ["x"]),
                ("number", 7),
                ("deep", [["v"]]),
                ("fine", ["v", "x"]),
            )
        },
    }
    (tmp_path / "list").write_text(json.dumps(listed))
    found = read_trust(tmp_path / "list")
    assert {key.names[0] for key in found.keys} == {"did:x#good", "fine"}
    assert [re.sub(r".*: ", "", sentence) for sentence in found.left_out] == [
        "did:x#agree", "did:x#rsa", "did:x#short", "did:x#odd", "dutch", "number", "deep"
    ]  # fmt: skip


def pem(key: Any) -> str:
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def jwk(document: DocumentSigner, **more: Any) -> dict[str, Any]:
    numbers = document.key.public_key().public_numbers()
    x, y = (
        base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()
        for number in (numbers.x, numbers.y)
    )
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **more}


def test_what_is_said_of_a_key_that_ended_is_the_same_in_every_order(formats: Formats) -> None:
    entries = [OVER, {**OVER, "not_after": LATER - timedelta(days=80)}]
    said = {
        StandingVerifier(formats, Trust.of(replace(LISTED, **entry) for entry in order))
        .verify(payloads()["hcert"])
        .document()["reason"]
        for order in itertools.permutations(entries)
    }
    assert len(said) == 1


def test_of_strangers_keys_under_one_name_none_makes_a_right_signature_wrong(
    formats: Formats,
) -> None:
    strangers = [
        TrustedKey(spki(ec.generate_private_key(ec.SECP256R1()).public_key()), LISTED.names, **more)
        for more in (LONG, OVER, {"usages": frozenset("t")})
    ]
    for order in itertools.permutations([*strangers, LISTED]):
        verdict = StandingVerifier(formats, Trust.of(order)).verify(payloads()["hcert"])
        assert verdict.verdict == "valid"
    verdict = StandingVerifier(formats, Trust.of(strangers)).verify(payloads()["hcert"])
    assert verdict.verdict == "invalid"
