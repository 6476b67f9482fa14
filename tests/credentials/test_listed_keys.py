"""One key listed twice, several keys of one name: the entry that fits best decides, not the order."""

from __future__ import annotations

import base64
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from health_cards import card, immunization, patient
from health_certificates import contents, parts
from keyring import signer
from verifying import LATER, StandingVerifier

from edge.credentials.document_signer import DocumentSigner
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.credentials.trust_files import read_trust
from edge.services.certificates.formats import Formats

START = datetime(2026, 11, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
DOCUMENT = signer(START, usages=())
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
