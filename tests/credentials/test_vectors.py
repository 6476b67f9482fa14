"""Other people's certificates: every vector of the shared data, judged as its makers say."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from verifying import StandingVerifier

from edge.credentials.evidence import ScannedInput
from edge.credentials.hcert import HealthCertificates, decode, read
from edge.credentials.profiles import read_profiles
from edge.credentials.trust import Trust
from edge.credentials.trust_files import read_trust
from edge.credentials.verdict import EXPIRED, INVALID, NOT_YET, UnreadableError, Verdict
from edge.services.certificates.formats import Formats
from sync.resources import resource

SHARED = Path(__file__).resolve().parents[2].parent / "shared/data"
HCERT = SHARED / "hcert/dgc-testdata"
VECTORS = sorted(str(path.relative_to(HCERT)) for path in HCERT.rglob("*.json"))

FLAWED: dict[str, str] = {
    **{
        f"PL/{version}/{number}.json": (
            "asks for a value set (an unknown device, country or manufacturer), which is no part"
            " of the schema: names of codes are shown, unknown codes are not refused"
        )
        for version in ("1.0.0", "1.2.1", "1.3.0")
        for number in (7, 8, 9)
    },
    "SK/3.json": "two vaccinations in one certificate, which 1.3 forbids and 1.2.1 allowed",
}
"""Vectors that ask for what no rule of the specification says, each with the reason."""


OUT_OF_THEIR_DAYS: dict[str, str] = {
    "BE/2.json": "a recovery that says itself that it counts only from nine days after the clock",
    "ES/1502.json": "a recovery that says itself that it counted until years before the clock",
}
"""Vectors whose makers ask for the time of the signature alone, with what the contents say."""

OTHER_PERSON = ("PL/1.3.0/1.json", "PL/1.3.0/5.json")
"""Vectors whose JSON is of somebody else than their code."""


def moment(context: dict[str, Any]) -> datetime:
    found = datetime.fromisoformat(context.get("VALIDATIONCLOCK") or "2021-06-01T00:00:00+00:00")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def judged(formats: Formats, vector: dict[str, Any], folder: Path, payload: bytes) -> Verdict:
    (folder / "signer").write_text(vector["TESTCTX"]["CERTIFICATE"])
    trust = read_trust(folder / "signer").trust
    return StandingVerifier(formats, trust, moment(vector["TESTCTX"])).verify(payload)


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in FLAWED])
def test_a_health_certificate_of_the_eu_is_judged_as_its_country_says(
    formats: Formats, tmp_path: Path, name: str
) -> None:
    vector = json.loads((HCERT / name).read_text())
    wanted = vector["EXPECTEDRESULTS"]
    if not any(expected is False for expected in wanted.values()) or (
        wanted.get("EXPECTEDPICTUREDECODE") is False
    ):
        verdict = judged(formats, vector, tmp_path, vector["PREFIX"].encode())
        timeless = "EXPECTEDEXPIRATIONCHECK" not in wanted or name in OUT_OF_THEIR_DAYS
        assert verdict.good or (timeless and verdict.verdict in (EXPIRED, NOT_YET)), verdict
        assert verdict.checks["signature"] == "yes"
        if name in OUT_OF_THEIR_DAYS:
            assert verdict.checks["time"] == "no"
        if "JSON" in vector and verdict.good and name not in OTHER_PERSON:
            _same_name(vector["JSON"], verdict)
        return
    verdict = judged(formats, vector, tmp_path, vector["PREFIX"].encode())
    assert not verdict.good
    if wanted.get("EXPECTEDEXPIRATIONCHECK") is False:
        assert verdict.verdict in (EXPIRED, NOT_YET)
    if wanted.get("EXPECTEDKEYUSAGE") is False:
        assert (verdict.verdict, verdict.checks["usage"]) == (INVALID, "no")
    if wanted.get("EXPECTEDSCHEMAVALIDATION") is False:
        assert (verdict.verdict, verdict.checks["form"]) == (INVALID, "no")


def _same_name(document: dict[str, Any], verdict: Verdict) -> None:
    assert verdict.claims.get("familyName", "") == document["nam"].get("fn", "")
    assert verdict.claims.get("birthDate", "") == document["dob"]


def has_picture(name: str) -> bool:
    vector = json.loads((HCERT / name).read_text())
    return bool(vector.get("2DCODE") or vector.get("_2DCODE"))


DRAWN = [name for name in VECTORS if name not in FLAWED and has_picture(name)]


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_of_a_health_certificate_is_judged_like_its_text(
    formats: Formats, tmp_path: Path, name: str
) -> None:
    vector = json.loads((HCERT / name).read_text())
    drawn = vector.get("2DCODE") or vector["_2DCODE"]
    if vector["EXPECTEDRESULTS"].get("EXPECTEDPICTUREDECODE") is False:
        verdict = judged(formats, vector, tmp_path, base64.b64decode(drawn))
        assert verdict.verdict == "unreadable"
        return
    texts = vector["PREFIX"].encode(), base64.b64decode(drawn)
    first, second = (judged(formats, vector, tmp_path, payload) for payload in texts)
    assert first.verdict == second.verdict


@pytest.mark.parametrize("name", sorted(FLAWED))
def test_a_flawed_vector_is_still_judged_by_its_signature(
    formats: Formats, tmp_path: Path, name: str
) -> None:
    if not (HCERT / name).exists():
        pytest.skip("no shared data here: ../shared/data/hcert")
    vector = json.loads((HCERT / name).read_text())
    verdict = judged(formats, vector, tmp_path, vector["PREFIX"].encode())
    assert verdict.good or verdict.checks["form"] == "no"


def test_the_vectors_reach_every_kind_of_key_and_header(shared_data: Path) -> None:
    """What decides pass or fail in the field is in the data: else the tests above say little."""
    seen = set()
    for name in VECTORS:
        vector = json.loads((shared_data / "hcert/dgc-testdata" / name).read_text())
        try:
            message = read(decode(vector["PREFIX"])).message
        except UnreadableError:
            continue
        seen.add(message.algorithm)
        if message.kid is None or b"\x04" not in message.protected:
            seen.add("no protected kid")
        if len(message.signature) == 96:
            seen.add("P-384")
    assert {-7, -37, "P-384", "no protected kid"} <= seen


def test_whos_own_yellow_card_is_valid_with_whos_own_trust_list(
    shared_data: Path, formats: Formats
) -> None:
    listed = read_trust(shared_data / "icvp/gdhcn-dev-trustlist-did.json")
    verifier = StandingVerifier(formats, listed.trust)
    verdict = verifier.verify((shared_data / "icvp/DVCTest3QR.txt").read_bytes())
    assert (verdict.verdict, verdict.profile) == ("valid", "icvp-2024")
    unpacked = json.loads((shared_data / "icvp/DVCTest3QRUnpacked.json").read_text())
    card = unpacked["contents"]["-260"]["-6"]
    assert verdict.claims["name"] == card["n"]
    assert verdict.claims["lot"] == card["v"]["bo"]
    assert len(listed.keys) > 350


SHC: dict[str, str] = {
    "spec-example-qr.txt": "valid",
    "test-example-00-fhirhealthcard.json": "valid",
    "test-example-1195-byte-qrnumeric.txt": "valid",
    "test-example-00-d-jws-der-signature.txt": "invalid",
    "test-example-00-d-jws-invalid-signature.txt": "invalid",
    "test-example-00-d-jws-no_deflate.txt": "invalid",
    "test-example-00-d-jws-no_jws_header_kid.txt": "invalid",
    "test-example-00-e-file-issuer_url_with_trailing_slash.smart-health-card": "invalid",
    "test-example-00-f-qr-code-numeric-value-0-odd-count.txt": "unreadable",
    "test-example-00-f-qr-code-numeric-value-0-trailing_chars.txt": "unreadable",
}


@pytest.mark.parametrize(("name", "word"), SHC.items())
def test_a_smart_health_card_of_the_framework_is_judged_as_its_makers_say(
    shared_data: Path, formats: Formats, name: str, word: str
) -> None:
    trust = Trust()
    for file in ("spec-issuer-jwks.json", "dev-tools-keys.json"):
        trust = trust.joined(read_trust(shared_data / "shc" / file).trust)
    verdict = StandingVerifier(formats, trust).verify((shared_data / "shc" / name).read_bytes())
    assert verdict.verdict == word
    assert word != "valid" or verdict.claims["vaccine"] in ("207", "208")


def test_a_smart_health_card_counts_only_under_a_key_that_is_named_by_its_own_hash(
    shared_data: Path, formats: Formats, tmp_path: Path
) -> None:
    keys = json.loads((shared_data / "shc/spec-issuer-jwks.json").read_text())["keys"]
    other = json.loads((shared_data / "shc/dev-tools-keys.json").read_text())["keys"][0]
    keys[0] = {**other, "kid": keys[0]["kid"]}
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": keys}))
    verifier = StandingVerifier(formats, read_trust(tmp_path / "jwks.json").trust)
    verdict = verifier.verify((shared_data / "shc/spec-example-qr.txt").read_bytes())
    assert verdict.verdict == "unknown-issuer"


def test_an_older_schema_of_the_eu_is_read_by_the_same_table(shared_data: Path) -> None:
    profiles = read_profiles(resource("config/credentials"))
    versions = set()
    for name in VECTORS:
        vector = json.loads((shared_data / "hcert/dgc-testdata" / name).read_text())
        shown = ScannedInput(b"", vector["PREFIX"])
        try:
            HealthCertificates(profiles).examine(shown, Trust())
            versions.add(read(decode(shown.text)).claims[-260][1]["ver"])
        except (UnreadableError, KeyError, TypeError):
            continue
    assert {"1.0.0", "1.2.1", "1.3.0"} <= versions
