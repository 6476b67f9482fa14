"""The page that verifies without a network says what the site computer says, of every vector."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import cbor2
import pytest
from health_cards import card, immunization, patient
from health_certificates import contents, parts
from keyring import signer
from odd_certificates import AT, certificate, health_card, icvp
from page_verifier import PageVerifier, difference, page_verifier
from requirements import missing
from shares import ODD_CERTIFICATES
from version_2 import SUITES, pixelpass, signed

from edge.credentials.trust import Trust
from edge.credentials.trust_files import read_trust
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import Formats


@pytest.mark.slow
def test_the_page_judges_the_vectors_of_the_eu_as_the_site_computer_does(
    offline_page: PageVerifier, formats: Formats, shared_data: Path, tmp_path: Path
) -> None:
    """Two programs in two languages, one set of vectors; the page knows P-256 only."""
    differ, tried = [], 0
    for file in sorted((shared_data / "hcert/dgc-testdata").rglob("*.json")):
        vector = json.loads(file.read_text())
        (tmp_path / "signer").write_text(vector["TESTCTX"]["CERTIFICATE"])
        trust = read_trust(tmp_path / "signer").trust
        stated = vector["TESTCTX"].get("VALIDATIONCLOCK") or "2021-06-01T00:00:00+00:00"
        at = datetime.fromisoformat(stated)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        ours = Verifier(formats.reading, trust).verify(vector["PREFIX"].encode(), at)
        theirs = offline_page.verify(vector["PREFIX"], trust, at)
        tried += 1
        if found := difference(ours, theirs):
            differ.append((file.name, found))
    assert differ == []
    assert tried > 180


@pytest.mark.slow
def test_whatever_is_odd_in_a_certificate_the_page_and_the_site_computer_agree(
    offline_page: PageVerifier, formats: Formats
) -> None:
    """Values of every kind anywhere in CBOR, JSON, headers, packed bytes and codes; all rightly signed."""
    document = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
    verifier = Verifier(formats.reading, document.trust())
    verdicts, differ = Counter[str](), []
    for seed in ODD_CERTIFICATES:
        shown = (certificate if seed % 2 else health_card)(document, Random(seed))
        ours = verifier.verify(shown, AT)
        verdicts[ours.verdict] += 1
        if found := difference(ours, offline_page.verify(shown.decode(), document.trust(), AT)):
            differ.append((seed, found, ours.document()["reason"]))
    assert differ == []
    assert all(verdicts[word] for word in ("valid", "invalid", "unreadable", "unknown-issuer"))


def test_where_there_is_no_web_crypto_the_library_judges_as_it_does(
    tmp_path: Path, formats: Formats
) -> None:
    """A clinic's network has no https, so most tablets have no ``crypto.subtle``."""
    document = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
    verifier = Verifier(formats.reading, document.trust())
    with page_verifier(tmp_path, web_crypto=False) as plain:
        if plain is None:
            missing("Node.js")
        for seed in range(24):
            shown = (certificate if seed % 2 else health_card)(document, Random(seed))
            ours = verifier.verify(shown, AT)
            assert difference(ours, plain.verify(shown.decode(), document.trust(), AT)) == ""
        for signature in (bytes(64), b"\xff" * 64, bytes(63)):
            shown = parts(document, signature=signature)
            assert plain.verify(shown.decode(), document.trust(), AT)["verdict"] == "invalid"


@pytest.mark.parametrize(
    "zone", [timezone(timedelta(hours=14)), UTC, timezone(timedelta(hours=-11))]
)
@pytest.mark.parametrize("end", [253402299999, "9999-12-31T23:59:59Z", "9999-12-31"])
def test_what_ends_with_the_calendar_ends_then_in_every_zone(
    offline_page: PageVerifier, formats: Formats, end: Any, zone: timezone
) -> None:
    document = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
    shown = parts(document, payload=cbor2.dumps({**contents(), 4: end}))
    ours = Verifier(formats.reading, document.trust()).verify(shown, AT.astimezone(zone))
    theirs = offline_page.verify(shown.decode(), document.trust(), AT.astimezone(zone))
    assert (ours.verdict, difference(ours, theirs)) == ("valid", "")


def test_a_yellow_card_of_the_last_days_of_the_calendar_is_judged(
    offline_page: PageVerifier, formats: Formats
) -> None:
    document = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
    claims = icvp("2025")
    claims[-260][-6]["v"]["dt"] = "9999-12-25"
    shown = parts(document, payload=cbor2.dumps(claims))
    ours = Verifier(formats.reading, document.trust()).verify(shown, AT)
    assert ours.verdict == "not-yet-valid"
    assert difference(ours, offline_page.verify(shown.decode(), document.trust(), AT)) == ""


@pytest.mark.parametrize(
    "moment", ["2026-W01-1", "20261120", "\u0661\u0669\u0669\u0666", "2026-11-20T24:00:00Z"]
)
def test_a_moment_is_a_day_with_or_without_a_time_and_nothing_else(
    formats: Formats, moment: str
) -> None:
    document = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
    shown = parts(document, payload=cbor2.dumps({**contents(), 4: moment}))
    assert Verifier(formats.reading, document.trust()).verify(shown, AT).verdict == "invalid"


@pytest.mark.parametrize(("depth", "word"), [(100, "valid"), (101, "invalid"), (400, "invalid")])
def test_a_card_that_nests_deep_is_refused_at_one_depth(
    offline_page: PageVerifier, formats: Formats, depth: int, word: str
) -> None:
    document = signer(datetime(2026, 11, 1, tzinfo=UTC), usages=())
    deep: Any = []
    for _ in range(depth - 5):
        deep = [deep]
    shown = card(document, AT.replace(day=20), patient(), immunization(), bundle={"x": deep})
    ours = Verifier(formats.reading, document.trust()).verify(shown, AT)
    theirs = offline_page.verify(shown.decode(), document.trust(), AT)
    assert (ours.verdict, difference(ours, theirs)) == (word, "")


PACKED: dict[str, tuple[bytes, str]] = {
    "a W3C credential in CBOR": (cbor2.dumps(signed(SUITES[0])), "w3c-2"),
    "a W3C credential as text": (json.dumps(signed(SUITES[0])).encode(), "w3c-2"),
    "FHIR": (cbor2.dumps({"resourceType": "Bundle", "entry": [{"resource": None}, 7]}), "fhir"),
    "a map of numbers": (cbor2.dumps({1: {"credentialSubject": {}}, "x": "y" * 40}), ""),
    "an encrypted message": (cbor2.dumps(cbor2.CBORTag(16, [b"", {}, bytes(range(40))])), "encrypted"),
}  # fmt: skip


@pytest.mark.parametrize(("packed", "kind"), PACKED.values(), ids=PACKED)
def test_what_is_packed_in_a_code_is_called_by_its_name(
    offline_page: PageVerifier, packed: bytes, kind: str
) -> None:
    found = offline_page.verify(pixelpass(packed).decode(), Trust(), AT)
    assert (found["verdict"], found.get("kind", "")) == ("unreadable", kind)
