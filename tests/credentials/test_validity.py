"""From when and until when a certificate counts, as it says itself and as the rules of its kind say."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from health_cards import card, immunization, patient
from keyring import signer
from verifying import LATER, StandingVerifier

from edge.credentials import cose, divoc, hcert, shc, shc_text
from edge.credentials.profiles import read_profiles
from edge.credentials.rdf import Canonicaliser
from edge.credentials.signing import Ed25519Signer, add_proof
from edge.credentials.trust import Trust, TrustedKey, spki
from edge.credentials.verdict import Verdict
from edge.domain.certificate import Claims
from edge.services.certificates.formats import Formats
from sync.resources import resource

START = datetime(2026, 11, 1, tzinfo=UTC)
SIGNER = signer(START, usages=())
SIGNED = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
DAY, YEAR = timedelta(days=1), 365 * 24 * 3600
YELLOW = "YellowFeverProductd2c75a15ed309658b3968519ddb31690"
POLIO = "PolioVaccineInactivatedIProduct8b13b5fcf5e9268b345775be7c3f077c"


def health(contents: dict[Any, Any], **times: Any) -> bytes:
    """Sign contents; ``iat``, ``nbf`` and ``exp`` are claims 6, 5 and 4, None leaves one out."""
    stated = {"iat": SIGNED, "nbf": None, "exp": SIGNED + YEAR, **times}
    claims = {{"iat": 6, "nbf": 5, "exp": 4}[name]: value for name, value in stated.items()}
    kept = {number: value for number, value in claims.items() if value is not None}
    body = cbor2.dumps({1: "XD", **kept, -260: contents})
    return hcert.encode(cose.sign(body, SIGNER)).encode()


def recovery(**entry: Any) -> dict[Any, Any]:
    event = {"tg": "840539006", "fr": "2026-10-01", "co": "XD", "is": "Ministry", "ci": "URN:UVCI:01:XD:1",
             "df": "2026-11-01", "du": "2027-04-01", **entry}  # fmt: skip
    return {1: {"ver": "1.3.0", "nam": {"fnt": "TESFAYE"}, "dob": "1996-02-29", "r": [event]}}


def vaccination() -> dict[Any, Any]:
    event = {"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-1", "dn": 1, "sd": 2,
             "dt": "2026-11-20", "co": "XD", "is": "Ministry", "ci": "URN:UVCI:01:XD:1"}  # fmt: skip
    return {1: {"ver": "1.3.0", "nam": {"fnt": "TESFAYE"}, "dob": "1996-02-29", "v": [event]}}


def yellow(edition: str, product: str = YELLOW, on: str = "2026-11-20", **entry: Any) -> Any:
    person = {"n": "Almaz Tesfaye", "dob": "1996-02-29", "s": "F"}
    if edition == "2026":
        event = {"vp": product, "dv": on, "bo": "YF-1", "is": "XXD", **entry}
        return {-6: {**person, "v": "0.3.0", "vx": event}}
    more = {"tg": "1D47", "dn": "1"} if edition == "2024" else {}
    return {-6: {**person, "v": {"vp": product, "dt": on, "bo": "YF-1", **more, **entry}}}


def judged(formats: Formats, payload: bytes, at: datetime = LATER) -> Verdict:
    return StandingVerifier(formats, SIGNER.trust(), at).verify(payload)


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


LIMITS: dict[str, tuple[bytes, str, str]] = {
    "recovery": (health(recovery(df="2026-11-22", du="2026-11-28")), "2026-11-22", "2026-11-28"),
    "recovery with a time of day": (
        health(recovery(df="2026-11-22T23:59:00Z", du="2026-11-28 00:00")), "2026-11-22", "2026-11-28"
    ),
    "recovery that outlives its signature": (
        health(recovery(df="2026-11-22", du="2027-11-28"), exp=SIGNED + 9 * 86400), "2026-11-22", "2026-11-29"
    ),
    "yellow card of 2024": (
        health(yellow("2024", POLIO, vls="2026-11-22", vle="2026-11-28", tg="08")), "2026-11-22", "2026-11-28"
    ),
    "yellow card of 2025": (
        health(yellow("2025", POLIO, vls="2026-11-22", vle="2026-11-28")), "2026-11-22", "2026-11-28"
    ),
    "claim 5": (health(vaccination(), nbf=SIGNED + 2 * 86400), "2026-11-22", "2027-11-20"),
    "claim 5 before it was signed": (health(vaccination(), nbf=SIGNED - 2 * 86400), "2026-11-20", "2027-11-20"),
    "signed in the future": (health(vaccination(), iat=SIGNED + 9 * 86400), "2026-11-29", "2027-11-20"),
    "signed in the future, with a claim 5 before": (
        health(vaccination(), iat=SIGNED + 9 * 86400, nbf=SIGNED), "2026-11-29", "2027-11-20"
    ),
    "no end of its own": (health(vaccination(), exp=None), "2026-11-20", "2028-11-01"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIMITS)
def test_a_certificate_counts_on_its_first_and_its_last_day_and_on_no_other(
    formats: Formats, name: str
) -> None:
    payload, first, last = LIMITS[name]
    inside, before = noon(first), noon(first) - DAY
    assert judged(formats, payload, inside).verdict == "valid"
    early, late = judged(formats, payload, before), judged(formats, payload, noon(last) + DAY)
    assert (early.verdict, late.verdict) == ("not-yet-valid", "expired")
    assert first in early.document()["reason"]
    assert last in late.document()["reason"]
    for verdict in (early, late):
        assert (verdict.document()["validFrom"], verdict.document()["validUntil"]) == (first, last)
        assert verdict.checks["time"] == "no"


@pytest.mark.parametrize("product", [YELLOW, "XM0N24", "XM3418", "871717007", "J07BL01"])
@pytest.mark.parametrize(
    ("edition", "stated"),
    [
        *((year, said) for year in ("2024", "2025") for said in (None, "2026-11-20", "2026-12-15")),
        ("2026", None),
    ],
)
def test_a_yellow_fever_certificate_counts_from_its_tenth_day_whatever_it_says(
    formats: Formats, edition: str, product: str, stated: str | None
) -> None:
    payload = health(yellow(edition, product, **({"vls": stated} if stated else {})), exp=None)
    first = max("2026-11-30", stated or "")
    assert judged(formats, payload, noon(first) - DAY).verdict == "not-yet-valid"
    found = judged(formats, payload, noon(first))
    assert (found.verdict, found.document()["validFrom"]) == ("valid", first)
    assert judged(formats, payload, noon("2056-11-30")).verdict == "valid", "it is for life"


def test_only_yellow_fever_waits(formats: Formats) -> None:
    found = judged(formats, health(yellow("2025", POLIO), exp=None))
    assert (found.verdict, found.document()["validFrom"]) == ("valid", "2026-11-20")


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01"])
@pytest.mark.parametrize("name", ["df", "du"])
def test_a_day_that_does_not_exist_is_no_limit_but_a_fault(
    formats: Formats, name: str, day: str
) -> None:
    found = judged(formats, health(recovery(**{name: day})))
    assert (found.verdict, found.checks["form"]) == ("invalid", "no")


def test_the_days_are_those_of_the_place_where_it_is_looked_at(formats: Formats) -> None:
    payload = health(recovery(df="2026-11-25"))
    utc = datetime(2026, 11, 24, 20, tzinfo=UTC)
    east = utc.astimezone(timezone(timedelta(hours=6)))
    assert judged(formats, payload, utc).verdict == "not-yet-valid"
    assert judged(formats, payload, east).verdict == "valid"


def test_a_health_card_counts_neither_before_its_start_nor_before_it_was_signed(
    formats: Formats,
) -> None:
    day = datetime(2026, 11, 25, tzinfo=UTC)
    payload = card(SIGNER, day, patient(), immunization(occurrenceDateTime="2026-11-20"))
    assert judged(formats, payload, day).document()["validFrom"] == "2026-11-25"
    early = judged(formats, payload, day - DAY)
    assert (early.verdict, early.document()["validFrom"]) == ("not-yet-valid", "2026-11-25")
    head, body, _ = shc_text.decode(payload.decode()).split(".")
    claims = dict(shc.read(f"{head}.{body}.").payload)
    later = int((day + 3 * DAY).timestamp())
    found = judged(formats, resigned(head, {**claims, "iat": later}), day + DAY)
    assert (found.verdict, found.document()["validFrom"]) == ("not-yet-valid", "2026-11-28")


def resigned(head: str, claims: dict[str, Any]) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(json.dumps(claims).encode()) + packer.flush()
    text = f"{head}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}"
    signature = base64.urlsafe_b64encode(SIGNER.sign(text.encode())).rstrip(b"=").decode()
    return shc_text.encode(f"{text}.{signature}")


@pytest.mark.parametrize(
    ("dose", "until", "ended"),
    [(2, "2026-11-24", True), (2, "2026-11-25", False), (1, "2026-11-24", False), (2, "", False)],
)
def test_the_end_of_a_protection_is_told_and_undoes_no_dose(
    formats: Formats,
    canonicaliser: Canonicaliser,
    claims: Claims,
    dose: int,
    until: str,
    ended: bool,
) -> None:
    """Of a dose that is not the last DIVOC writes the day of the next one in this place."""
    key = Ed25519PrivateKey.generate()
    method = Ed25519Signer(key, "did:demo:abroad#1")
    unsigned = json.loads(divoc.issue(claims, method, canonicaliser))
    unsigned.pop("proof")
    given = {
        "date": "2026-11-20T09:00:00Z",
        "effectiveStart": "2026-11-20",
        "effectiveUntil": until,
    }
    numbers = {"dose": dose, "totalDoses": 2, "infoUrl": "https://abroad.example/?1"}
    unsigned["evidence"][0].update({**given, **numbers})
    signed = add_proof(unsigned, method, "2026-11-20T09:30:00Z", canonicaliser)
    trust = Trust.of([TrustedKey(spki(key.public_key()), ("did:demo:abroad#1",))])
    found = StandingVerifier(formats, trust).verify(json.dumps(signed).encode())
    assert (found.verdict, found.claims["kind"]) == ("valid", "vaccination")
    assert (
        "protection that it tells of ended on 2026-11-24" in found.document()["reason"]
    ) is ended


def test_of_what_is_not_rightly_signed_no_days_are_told(formats: Formats) -> None:
    found = StandingVerifier(formats, Trust()).verify(health(recovery()))
    assert found.verdict == "unknown-issuer"
    assert (found.document()["validFrom"], found.document()["validUntil"]) == ("", "")


def test_of_the_kinds_that_are_signed_here_only_the_yellow_card_is_for_life() -> None:
    tables = read_profiles(resource("config/credentials"))
    assert {table.name for table in tables if not table.ends} == {"icvp", "ddcc", "ddcc-test"}
