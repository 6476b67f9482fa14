"""What may become a dose in somebody's history: every format, in every state it can be shown in."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import base45
import pytest
from health_cards import card, immunization, observation, patient
from keyring import keyring, signer
from verifying import LATER, StandingVerifier

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.credentials import cbor, cose, hcert
from edge.credentials.issuing import Signers
from edge.credentials.revocation import Lookup, Standing
from edge.credentials.trust import Trust
from edge.credentials.verdict import Verdict
from edge.domain.catalogue import Catalogue
from edge.domain.certificate import Claims
from edge.domain.counting import DOSE, DOSE_NOUGHT, TOTAL, counted
from edge.domain.told_doses import ToldDose, doses_told
from edge.services.certificates.formats import Formats, load_formats
from sync.resources import resource

START = datetime(2026, 11, 1, tzinfo=UTC)
FORMATS = sorted(load_formats().issuing)


class Everything:
    """A list in which every certificate stands."""

    def standing(self, lookup: Lookup) -> Standing:
        return Standing(True, START)


@pytest.fixture(scope="module")
def keys() -> tuple[Signers, Trust]:
    """Keys of a country, whose document signer may sign tests and recoveries too."""
    signers, trust = keyring(START)
    document = signer(START, usages=())
    return replace(signers, document=document), trust.joined(document.trust())


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The demonstration's campaign, with one vaccine that has a code in every system."""
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    found = to_catalogue(body)
    codes = {**found.vaccines["coviprotect"].codes, "icvp": "CoviProduct1", "cvx": "208"}
    covid = replace(found.vaccines["coviprotect"], codes=codes)
    return replace(found, vaccines={**found.vaccines, "coviprotect": covid})


@pytest.fixture(scope="module")
def full(claims: Claims, catalogue: Catalogue) -> Claims:
    covid = catalogue.vaccines["coviprotect"]
    return replace(
        claims,
        vaccine=covid.name,
        codes=covid.codes,
        icd11=covid.icd11,
        issuer_name="Ministry of Health",
        participant="XDM",
        card_issuer="https://moh.demo.example/cards",
    )


def may_become(verdict: Verdict, catalogue: Catalogue, today: date) -> list[ToldDose]:
    """Give what a site would take into a history."""
    return doses_told(verdict.claims, catalogue, today) if verdict.good else []


def dated(claims: Claims, on: date) -> Claims:
    return replace(claims, on=on, given_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC))


STATES: dict[str, tuple[Callable[[Claims], Claims], dict[str, Any], bool, str]] = {
    "good": (lambda one: one, {}, True, "valid"),
    "a dose zero": (lambda one: replace(one, dose=0), {}, True, "valid"),
    "a booster after one dose": (
        lambda one: replace(one, dose=2, total_doses=1), {}, True, "valid",
    ),
    "given today": (lambda one: dated(one, LATER.date()), {}, True, "valid"),
    "given on the day of birth": (
        lambda one: replace(one, birth_date=one.on), {}, True, "valid",
    ),
    "revoked": (lambda one: one, {"revocations": Everything()}, False, "revoked"),
    "of an unknown issuer": (lambda one: one, {"trust": Trust()}, False, "unknown-issuer"),
    "not yet valid": (lambda one: one, {"after": timedelta(days=-10)}, False, "not-yet-valid"),
    "given next month": (
        lambda one: dated(one, date(2026, 12, 12)), {}, False, "valid",
    ),
    "given before birth": (
        lambda one: replace(one, birth_date=date(2026, 11, 25)), {}, False, "valid",
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", FORMATS)
def test_a_certificate_becomes_a_dose_only_when_it_was_given_and_is_good(
    formats: Formats,
    keys: tuple[Signers, Trust],
    full: Claims,
    catalogue: Catalogue,
    name: str,
    state: str,
) -> None:
    change, how, counts, word = STATES[state]
    row, (signers, trust) = formats.issuing[name], keys
    more = {"revocations": how["revocations"]} if "revocations" in how else {}
    verifier = StandingVerifier(formats, how.get("trust", trust), **more)
    payload = row.payload(row.issue(change(full), signers))
    verdict = verifier.verify(payload, how.get("after", timedelta()))
    assert verdict.verdict == word
    told = may_become(verdict, catalogue, LATER.date())
    assert [one.vaccine for one in told] == ["coviprotect"] * counts
    if word == "valid":
        assert (verdict.claims["kind"] == "vaccination") is counts
        assert bool(verdict.claims.get("notCounted")) is not counts


def message(claims: dict[Any, Any], signers: Signers) -> bytes:
    assert signers.document
    claims = {1: "XD", 6: int(LATER.timestamp()) - 60, 4: int(LATER.timestamp()) + 9000, **claims}
    return cose.sign(cbor.dumps(claims), signers.document)


def digital_certificate(signers: Signers, **groups: Any) -> bytes:
    person = {"ver": "1.3.0", "dob": "1996-02-29", "nam": {"fn": "Tesfaye", "fnt": "TESFAYE"}}
    return hcert.encode(message({-260: {1: {**person, **groups}}}, signers)).encode()


def vaccination(**more: Any) -> dict[str, Any]:
    return {"tg": "840539006", "vp": "1119349007", "mp": "XD-COVIPROTECT", "ma": "ORG-XD-DELTA",
            "dn": 1, "sd": 2, "dt": "2026-11-20", "co": "XD", "is": "MoH", "ci": "URN:UVCI:01:XD:1",
            **more}  # fmt: skip


TESTED = {"tg": "840539006", "tt": "LP6464-4", "sc": "2026-11-20T10:00:00Z", "tr": "260415000",
          "co": "XD", "is": "MoH", "ci": "URN:UVCI:01:XD:2", "ma": "XD-COVIPROTECT"}  # fmt: skip
RECOVERED = {"tg": "840539006", "fr": "2026-11-01", "co": "XD", "is": "MoH", "df": "2026-11-12",
             "du": "2027-05-01", "ci": "URN:UVCI:01:XD:3"}  # fmt: skip
OLD = {"name": "Almaz Tesfaye", "birthDate": "1996-02-29"}
KINDS: dict[str, tuple[Callable[[Signers], bytes], str, int]] = {
    "a dose": (lambda of: digital_certificate(of, v=[vaccination()]), "vaccination", 1),
    "a test": (lambda of: digital_certificate(of, t=[TESTED]), "test", 0),
    "a recovery": (lambda of: digital_certificate(of, r=[RECOVERED]), "recovery", 0),
    "dose nought": (lambda of: digital_certificate(of, v=[vaccination(dn=0)]), "uncounted", 0),
    "of nought doses": (lambda of: digital_certificate(of, v=[vaccination(sd=0)]), "uncounted", 0),
    "dose nought in words": (
        lambda of: hcert.encode(message({**OLD, "vaccine": "XM1NL1", "brand": "CoviProtect", "dose": " 00 ",
                                         "date": "2026-11-20"}, of)).encode(), "uncounted", 0,
    ),
    "dose 10 in words": (
        lambda of: hcert.encode(message({**OLD, "vaccine": "XM1NL1", "brand": "CoviProtect", "dose": "10",
                                         "date": "2026-11-20"}, of)).encode(), "vaccination", 1,
    ),
    "two doses": (lambda of: digital_certificate(of, v=[vaccination(), vaccination(dn=2)]), "", 0),
    "no dose": (lambda of: digital_certificate(of, v=[]), "", 0),
    "a dose and a test": (
        lambda of: digital_certificate(of, v=[vaccination()], t=[TESTED]), "", 0,
    ),
    "a dose of another product": (
        lambda of: digital_certificate(of, v=[vaccination(mp="208", vp="X", tg="Y")]), "vaccination", 0,
    ),
    "a dose against another disease": (
        lambda of: digital_certificate(of, v=[vaccination(mp="X", tg="14189004")]), "vaccination", 0,
    ),
    "WHO's old dose": (
        lambda of: hcert.encode(message({**OLD, "vaccine": "XM1NL1", "brand": "CoviProtect",
                                         "date": "2026-11-20"}, of)).encode(), "vaccination", 1,
    ),
    "WHO's old dose without a day": (
        lambda of: hcert.encode(message({**OLD, "vaccine": "XM1NL1", "brand": "CoviProtect",
                                         "date": "2026"}, of)).encode(), "uncounted", 0,
    ),
    "WHO's old test": (
        lambda of: hcert.encode(message({**OLD, "result": "CoviProtect", "date": "2026-11-20",
                                         "brand": "CoviProtect"}, of)).encode(), "test", 0,
    ),
    "an identity": (
        lambda of: base45.b45encode(zlib.compress(message(
            {169: {4: "Almaz Tesfaye", 8: "19960229"}}, of))), "identity", 0,
    ),
    "a card": (
        lambda of: card(of.document, LATER, patient(), immunization()), "vaccination", 1,  # type: ignore[arg-type]
    ),
    "a card of two people": (
        lambda of: card(of.document, LATER, patient(), patient(), immunization(),  # type: ignore[arg-type]
                        immunization(patient={"reference": "resource:1"},
                                     occurrenceDateTime="2026-06-01")), "vaccination", 1,
    ),
    "a card of the same dose twice": (
        lambda of: card(of.document, LATER, patient(), immunization(), immunization()),  # type: ignore[arg-type]
        "vaccination", 1,
    ),
    "a card of a result": (
        lambda of: card(of.document, LATER, patient(), observation()), "test", 0,  # type: ignore[arg-type]
    ),
    "a card of a dose not done": (
        lambda of: card(of.document, LATER, patient(), immunization(status="not-done")),  # type: ignore[arg-type]
        "uncounted", 0,
    ),
    **{
        f"a card of a dose {name}: {value!r}": (
            lambda of, told={name: value}: card(  # type: ignore[misc]
                of.document, LATER, patient(), immunization(protocolApplied=[told])
            ), kind, count,
        )
        for name, value, kind, count in [
            ("doseNumberPositiveInt", 0, "uncounted", 0), ("doseNumberPositiveInt", -1, "uncounted", 0),
            ("doseNumberPositiveInt", 0.0, "uncounted", 0), ("doseNumberPositiveInt", -0.5, "vaccination", 1),
            ("doseNumberString", "0", "uncounted", 0), ("doseNumberString", "-3", "uncounted", 0),
            ("doseNumberPositiveInt", 1, "vaccination", 1), ("doseNumberPositiveInt", 0.5, "vaccination", 1),
            ("doseNumberPositiveInt", False, "vaccination", 1), ("doseNumberString", "booster", "vaccination", 1),
            ("doseNumberString", "10", "vaccination", 1), ("seriesDosesPositiveInt", 0, "vaccination", 1),
        ]
    },
    "a card of a person": (lambda of: card(of.document, LATER, patient()), "", 0),  # type: ignore[arg-type]
}  # fmt: skip


@pytest.mark.parametrize("what", KINDS)
def test_only_a_vaccination_of_one_person_becomes_a_dose(
    formats: Formats, keys: tuple[Signers, Trust], catalogue: Catalogue, what: str
) -> None:
    make, kind, count = KINDS[what]
    verdict = StandingVerifier(formats, keys[1]).verify(make(keys[0]))
    assert (verdict.claims.get("kind", ""), verdict.good) == (kind, bool(kind) or "card" in what)
    assert len(may_become(verdict, catalogue, LATER.date())) == count


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31T00:00:00Z"])
def test_a_date_that_a_system_could_not_read_is_no_day(day: str) -> None:
    found = counted({"kind": "vaccination", "date": day}, LATER)
    assert (found["kind"], found["notCounted"][0]["reason"]) == (
        "uncounted",
        "The day is not said.",
    )


@pytest.mark.parametrize("number", [0, -1])
def test_a_dose_nought_is_no_dose_whatever_format_tells_of_it(number: int) -> None:
    one = {"date": "2026-05-04", "vaccine": "CoviProtect", "dose": number}
    for claims in ({"kind": "vaccination", **one}, {"doses": [one]}):
        found = counted(claims, LATER)
        assert (found["kind"], len(found["notCounted"])) == ("uncounted", 1)


def test_a_total_of_nought_is_no_dose_only_where_a_format_begins_with_one() -> None:
    claims = {"kind": "vaccination", "date": "2026-05-04", "dose": 1, "totalDoses": 0}
    for told in (claims, {"doses": [claims]}):
        assert counted(told, LATER)["kind"] == "vaccination"
        found = counted(told, LATER, (DOSE, TOTAL))
        assert (found["kind"], found["notCounted"][0]["reason"]) == ("uncounted", DOSE_NOUGHT)


def test_a_result_is_shown_in_words_beside_its_code(
    formats: Formats, keys: tuple[Signers, Trust]
) -> None:
    verdict = StandingVerifier(formats, keys[1]).verify(digital_certificate(keys[0], t=[TESTED]))
    assert (verdict.claims["result"], verdict.claims["resultCode"]) == ("Not detected", "260415000")


@pytest.mark.parametrize("name", ["divoc", "shc"])
def test_a_name_of_a_health_certificates_code_is_not_put_in_place_of_another_systems(
    formats: Formats, keys: tuple[Signers, Trust], full: Claims, catalogue: Catalogue, name: str
) -> None:
    signers, trust = keys
    row, sets = formats.issuing[name], {"91": "CoviProtect"}
    other = replace(full, vaccine="91", codes={"cvx": "91"})
    verdict = StandingVerifier(formats, trust, value_sets=sets).verify(
        row.payload(row.issue(other, signers))
    )
    assert (verdict.claims["vaccine"], verdict.claims["kind"]) == ("91", "vaccination")
    assert may_become(verdict, catalogue, LATER.date()) == []
