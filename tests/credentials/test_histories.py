"""A credential of many doses: each is judged by itself, and no code holds more than it can."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from health_cards import ISSUER, card, immunization, patient
from keyring import signer
from verifying import LATER, StandingVerifier

from edge.credentials.issuing import Signers
from edge.credentials.verdict import CheckError
from edge.domain.certificate import Claims, OtherDose
from edge.services.certificates.formats import Formats
from printers.qr import fits

DOCUMENT = signer(LATER.replace(month=1))
DAYS = [f"2026-0{month}-04" for month in range(1, 6)]


def others(count: int, random: Random) -> tuple[OtherDose, ...]:
    """Doses that compress badly: lots of any letters, each at a place of its own."""
    return tuple(
        OtherDose(
            vaccine="",
            icd11="",
            codes={"cvx": str(random.randrange(100, 230))},
            lot=f"{random.getrandbits(48):012X}",
            on=date(2020, 1, 1) + timedelta(days=29 * number),
            facility=f"Clinic {random.getrandbits(24):06x}",
        )
        for number in range(count)
    )


def test_every_dose_of_a_history_is_told_once_in_the_order_of_its_day(
    formats: Formats, claims: Claims
) -> None:
    row = formats.issuing["shc-history"]
    whole = replace(
        claims,
        card_issuer=ISSUER,
        codes={"cvx": "208"},
        others=others(39, Random(1)),
        on=date(2026, 11, 24),
    )
    payload = row.payload(row.issue(whole, Signers(document=DOCUMENT)))
    found = StandingVerifier(formats, DOCUMENT.trust()).verify(payload)
    assert found.verdict == "valid"
    told = [(dose["date"], dose["lot"]) for dose in found.claims["doses"]]
    assert told[:-1] == [(dose.on.isoformat(), dose.lot) for dose in whole.others]
    assert told[-1] == (whole.on.isoformat(), whole.lot)
    assert "notCounted" not in found.claims
    assert fits(payload, 576)
    alone = formats.issuing["shc"]
    one = alone.payload(alone.issue(whole, Signers(document=DOCUMENT)))
    assert "doses" not in StandingVerifier(formats, DOCUMENT.trust()).verify(one).claims


def test_more_doses_than_a_code_holds_are_refused_and_never_cut(
    formats: Formats, claims: Claims
) -> None:
    row, signers = formats.issuing["shc-history"], Signers(document=DOCUMENT)
    with pytest.raises(CheckError, match="form") as refused:
        row.issue(replace(claims, others=others(150, Random(2))), signers)
    assert "more doses than one code can hold" in refused.value.reason
    sizes = []
    for count in range(40, 150, 5):
        try:
            sizes.append(
                row.payload(row.issue(replace(claims, others=others(count, Random(3))), signers))
            )
        except CheckError:
            break
    assert all(fits(payload, 576) for payload in sizes[-2:])
    assert len(sizes) < 20


def test_of_five_doses_the_one_in_error_does_not_count_and_the_one_told_twice_counts_once(
    formats: Formats,
) -> None:
    doses = [immunization(occurrenceDateTime=day, lotNumber=f"L{day}") for day in DAYS]
    doses[2]["status"] = "entered-in-error"
    shown = card(DOCUMENT, LATER, patient(), *doses, doses[0])
    found = StandingVerifier(formats, DOCUMENT.trust()).verify(shown)
    assert [dose["date"] for dose in found.claims["doses"]] == [*DAYS[:2], *DAYS[3:]]
    assert [dose["date"] for dose in found.claims["notCounted"]] == [DAYS[2]]
    assert "Not everything on it counts" in found.reason


def test_of_two_patients_in_one_bundle_only_the_first_ones_doses_count(formats: Formats) -> None:
    mine = immunization(occurrenceDateTime=DAYS[0])
    theirs = immunization(occurrenceDateTime=DAYS[1], patient={"reference": "resource:1"})
    other = patient(name=[{"family": "Somebody"}], birthDate="2020-01-01")
    shown = card(DOCUMENT, LATER, patient(), other, mine, theirs)
    claims = StandingVerifier(formats, DOCUMENT.trust()).verify(shown).claims
    assert (claims["date"], "doses" in claims) == (DAYS[0], False)
    assert [dose["reason"] for dose in claims["notCounted"]] == ["It is of another person."]
