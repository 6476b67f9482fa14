"""One contract for every format: what is issued is printed, read back and verified the same."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import base45
import pytest
import zxingcpp
from keyring import keyring, signer
from PIL import Image
from verifying import StandingVerifier

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.credentials.facts import facts
from edge.credentials.hcert import PREFIX, decode
from edge.credentials.issuing import Signers
from edge.credentials.revocation import Lookup, Standing
from edge.credentials.trust import Trust
from edge.credentials.verdict import CheckError, UnreadableError
from edge.domain.certificate import Claims
from edge.services.certificates.formats import Formats, load_formats
from edge.services.printing import paper_fit
from printers.qr import QUIET, fits, lay_out
from sync.resources import resource

START = datetime(2026, 11, 1, tzinfo=UTC)
FORMATS = sorted(load_formats().issuing)
NARROW = {"dcc-1.3", "icvp-2025", "icvp-2026", "divoc", "divoc-compact", "divoc-rsa", "shc"}
"""What fits on 58 mm; DIVOC's own Node encoding never does."""
SEEN_BY_EVERY_FORMAT = ("date",)


@pytest.fixture(scope="module")
def keys() -> tuple[Signers, Trust]:
    return keyring(START)


@pytest.fixture(scope="module")
def full(claims: Claims) -> Claims:
    return replace(
        claims,
        codes={
            "disease": "840539006",
            "prophylaxis": "1119349007",
            "product": "EU/1/20/1528",
            "manufacturer": "ORG-100030215",
            "icvp": "PolioVaccineInactivatedIProduct8b13b5fcf5e9268b345775be7c3f077c",
            "cvx": "208",
        },
        issuer_name="Ministry of Health",
        participant="XDM",
        card_issuer="https://moh.demo.example/cards",
    )


def picture(payload: bytes, width: int) -> bytes:
    symbol = lay_out(payload, width)
    side = symbol.modules + 2 * QUIET
    image = Image.new("L", (side, side), 255)
    for top, row in enumerate(symbol.rows, start=QUIET):
        for left, dark in enumerate(row, start=QUIET):
            image.putpixel((left, top), 0 if dark else 255)
    buffer = io.BytesIO()
    image.resize((side * symbol.dots,) * 2, Image.Resampling.NEAREST).save(buffer, format="PNG")
    return buffer.getvalue()


PAPERS = [(n, w) for n in FORMATS for w in (384, 512, 576) if w > 384 or n in NARROW]


@pytest.mark.parametrize(("name", "width"), PAPERS)
def test_what_is_issued_reads_back_valid_from_the_picture_of_its_code(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str, width: int
) -> None:
    row, (signers, trust) = formats.issuing[name], keys
    drawn = picture(row.payload(row.issue(full, signers)), width)
    verdict = StandingVerifier(formats, trust).verify(drawn)
    assert (verdict.verdict, verdict.claims["date"]) == ("valid", "2026-11-24")
    assert verdict.claims["kind"] == "vaccination"
    assert verdict.checks["signature"] == "yes"
    who = verdict.claims.get("name") or verdict.claims["familyName"]
    assert who in ("አልማዝ ተስፋዬ", "Almaz Tesfaye")


@pytest.mark.parametrize("name", FORMATS)
def test_another_reader_finds_exactly_the_payload_in_the_printed_code(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str
) -> None:
    row = formats.issuing[name]
    payload = row.payload(row.issue(full, keys[0]))
    drawn = Image.open(io.BytesIO(picture(payload, 576)))
    # all kinds at once, and ZXing sees a bar code in the rows of one large code of some hundred
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    found = zxingcpp.read_barcodes(drawn, formats=only)
    assert [bytes(code.bytes) for code in found] == [payload]


@pytest.mark.parametrize("name", FORMATS)
def test_a_stranger_finds_the_issuer_unknown_and_shows_no_claims(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str
) -> None:
    row = formats.issuing[name]
    verdict = StandingVerifier(formats, Trust()).verify(row.payload(row.issue(full, keys[0])))
    assert (verdict.verdict, verdict.claims) == ("unknown-issuer", {})


def says_the_same(changed: str, text: str) -> bool:
    """Tell whether only bits that say nothing were changed.

    Deflate ends on a whole byte (RFC 1951, 3.2.3), so its last one has up to seven bits that
    every inflater skips; the signature is over what was inflated.
    """
    try:
        return text.startswith(PREFIX) and decode(changed) == decode(text)
    except UnreadableError:
        return False


@pytest.mark.parametrize("name", FORMATS)
def test_a_changed_letter_anywhere_in_the_credential_is_never_valid(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str
) -> None:
    row, (signers, trust) = formats.issuing[name], keys
    verifier, text = StandingVerifier(formats, trust), row.issue(full, signers)
    genuine = verifier.verify(row.payload(text))
    for place in range(5, len(text), max(1, len(text) // 60)):
        other = "A" if text[place] != "A" else "B"
        changed = text[:place] + other + text[place + 1 :]
        try:
            payload = row.payload(changed)
        except ValueError:
            continue
        verdict = verifier.verify(payload)
        if says_the_same(changed, text):
            assert place >= len(text) - 9, "only the byte in front of the checksum has such bits"
            assert replace(verdict, payload=b"") == replace(genuine, payload=b"")
        else:
            assert not verdict.good, (place, text[place])


def test_bits_that_say_nothing_at_the_end_of_a_packed_credential_change_no_verdict(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims
) -> None:
    row, (signers, trust) = formats.issuing["icvp-2025"], keys
    verifier = StandingVerifier(formats, trust)
    packable = replace(full, lot="4121Z0254121Z0254121")  # else it may be stored as it is
    for _ in range(100):  # each signature ends on another bit; seven of eight leave some over
        text = row.issue(packable, signers)
        packed = bytearray(base45.b45decode(text.removeprefix(PREFIX)))
        packed[-5] ^= 0x80  # the last byte of all but the checksum, RFC 1950
        changed = PREFIX + base45.b45encode(bytes(packed)).decode()
        if says_the_same(changed, text):
            break
    assert changed != text
    verdict = verifier.verify(row.payload(changed))
    assert verdict.good
    assert verdict.claims == verifier.verify(row.payload(text)).claims


@pytest.mark.parametrize("name", FORMATS)
def test_a_revoked_certificate_is_found_by_the_keys_its_revocation_is_published_under(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str
) -> None:
    row, (signers, trust) = formats.issuing[name], keys
    text = row.issue(full, signers)
    revoked = set(row.lookup(text).keys)
    assert revoked

    class List:
        def standing(self, lookup: Lookup) -> Standing:
            return Standing(bool(revoked & set(lookup.keys)), START)

    verifier = StandingVerifier(formats, trust, revocations=List())
    verdict = verifier.verify(row.payload(text))
    assert (verdict.verdict, verdict.checks["revocation"]) == ("revoked", "no"), verdict
    other = row.issue(replace(full, certificate_id="0000000000000000"), signers)
    assert verifier.verify(row.payload(other)).verdict == "valid-stale"


def test_an_old_revocation_list_makes_a_valid_certificate_stale_and_says_how_old(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims
) -> None:
    row, (signers, trust) = formats.issuing["dcc-1.3"], keys

    class List:
        def standing(self, lookup: Lookup) -> Standing:
            return Standing(False, START)

    verifier = StandingVerifier(formats, trust, revocations=List())
    payload = row.payload(row.issue(full, signers))
    verdict = verifier.verify(payload)
    assert verdict.verdict == "valid-stale"
    assert "revocation list is 24 days old" in verdict.document()["reason"]
    fresh = StandingVerifier(formats, trust, revocations=List(), stale_after=timedelta(days=30))
    assert fresh.verify(payload).verdict == "valid"


def test_a_dcc_expires_and_a_yellow_card_does_not(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims
) -> None:
    signers, trust = keys
    verifier = StandingVerifier(formats, trust)
    words = {}
    for name in ("dcc-1.3", "icvp-2025"):
        row = formats.issuing[name]
        payload = row.payload(row.issue(full, signers))
        words[name] = [
            verifier.verify(payload, timedelta(days=days)).verdict for days in (-3, 300, 400, 2000)
        ]
    assert words["dcc-1.3"] == ["not-yet-valid", "valid", "expired", "expired"]
    assert words["icvp-2025"] == ["not-yet-valid", "valid", "valid", "valid"]


def test_a_dcc_never_outlives_the_certificate_of_its_signer(formats: Formats, full: Claims) -> None:
    document = signer(START, days=100)
    row = formats.issuing["dcc-1.3"]
    payload = row.payload(row.issue(full, Signers(document=document)))
    verifier = StandingVerifier(formats, document.trust())
    assert verifier.verify(payload, timedelta(days=70)).verdict == "valid"
    assert verifier.verify(payload, timedelta(days=80)).verdict == "expired"


@pytest.mark.parametrize("name", ["dcc-1.3", "icvp-2025", "icvp-2026", "shc"])
def test_a_key_that_may_sign_only_tests_makes_a_vaccination_invalid(
    formats: Formats, full: Claims, name: str
) -> None:
    document = signer(START, usages=("1.3.6.1.4.1.1847.2021.1.1",))
    row = formats.issuing[name]
    payload = row.payload(row.issue(full, Signers(document=document)))
    verdict = StandingVerifier(formats, document.trust()).verify(payload)
    assert (verdict.verdict, verdict.checks["usage"]) == ("invalid", "no")


@pytest.mark.parametrize(
    ("name", "field"), [("dcc-1.3", "v.mp"), ("icvp-2025", "v.vp"), ("icvp-2026", "vx.vp")]
)
def test_a_vaccine_without_its_code_cannot_be_certified_in_that_format(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str, field: str
) -> None:
    with pytest.raises(CheckError) as raised:
        formats.issuing[name].issue(
            replace(full, codes={"disease": "1", "prophylaxis": "2"}), keys[0]
        )
    assert raised.value.values["field"] == field


def test_the_formats_of_the_table_are_those_a_campaign_may_name(formats: Formats) -> None:
    schema = json.loads(resource("config/schemas/campaign/campaign.schema.json").read_text())
    plan = schema["properties"]["certificates"]["properties"]
    assert set(plan["formats"]["items"]["then"]["enum"]) == set(formats.issuing)
    programmes = json.loads(resource("config/schemas/campaign/programmes.schema.json").read_text())
    assert programmes["items"]["properties"]["certificates"] == schema["properties"]["certificates"]


def test_no_identity_number_reaches_the_paper(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims
) -> None:
    secret = replace(full, subject_id="did:demo:moh:CODE", ref_id="CODE")
    for name in FORMATS:
        row = formats.issuing[name]
        verdict = StandingVerifier(formats, keys[1]).verify(row.payload(row.issue(secret, keys[0])))
        assert "identity" not in verdict.claims


@pytest.mark.parametrize("name", ["divoc", "divoc-compact", "divoc-rsa"])
@pytest.mark.parametrize("born", [date(1996, 2, 29), None])
def test_divocs_own_verifier_would_accept_what_we_sign(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, name: str, born: date | None
) -> None:
    """Every term is one of DIVOC's contexts: its library refuses any other."""
    text = formats.issuing[name].issue(replace(full, birth_date=born, birth_year=1996), keys[0])
    document = json.loads(text)
    folder = resource("edge/credentials/contexts")
    version = document["@context"][1][-2:]
    terms = set()
    for file in ("credentials-v1.json", f"vaccination-{version}.json", "security-v2.json"):
        terms |= set(_keys(json.loads(Path(folder / file).read_text())))
    used = {key for key in _keys(document) if not key.startswith("@")}
    assert used <= terms


def _keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    if isinstance(value, list):
        return [key for inner in value for key in _keys(inner)]
    return []


@pytest.mark.slow
def test_the_sizes_in_the_documentation_are_those_on_paper(formats: Formats) -> None:
    """A ZIP's length varies by a few bytes, and with it version and level; the dots do not."""
    page = (Path(__file__).resolve().parents[2] / "docs/credentials.md").read_text()
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    catalogue = to_catalogue(body)
    signers = paper_fit.throw_away_signers(catalogue, rsa_too=True)
    vaccine = catalogue.vaccines["coviprotect"]
    product = "YellowFeverProductd2c75a15ed309658b3968519ddb31690"
    codes = {**vaccine.codes, "icvp": product, "cvx": "208"}
    facts = paper_fit._of_vaccine(paper_fit.sample_claims(catalogue), replace(vaccine, codes=codes))
    seen = set()
    for name, size, narrow, wide in re.findall(
        r"^\| `([\w.-]+)` \|[^|]*\| ([\d,]+)[^|]*\| ([^|]*) \| ([^|]*) \|", page, re.MULTILINE
    ):
        row = formats.issuing[name]
        payload = row.payload(row.issue(facts, signers))
        told_size = int(size.replace(",", ""))
        assert abs(told_size - len(payload)) < told_size / 20, name
        for width, told in ((384, narrow), (576, wide)):
            if told == "does not fit":
                assert not fits(payload, width)
                continue
            assert lay_out(payload, width).dots == int(told.rpartition(" ")[2]), (name, width)
        seen.add(name)
    assert seen == set(formats.issuing)


@pytest.mark.parametrize(
    ("dose", "total", "told"),
    [
        (1, 1, (1, 1)),
        (2, 1, (2, 1)),
        (3, 1, (3, 1)),
        (2, 2, (2, 2)),
        (3, 2, (3, 3)),
        (3, 3, (3, 3)),
    ],
)
def test_a_booster_after_a_course_of_one_dose_is_two_of_one_and_after_two_three_of_three(
    claims: Claims, dose: int, total: int, told: tuple[int, int]
) -> None:
    found = facts(replace(claims, dose=dose, total_doses=total))
    assert (found["dose"], found["totalDoses"]) == told
