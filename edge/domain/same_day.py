"""A second dose against the same disease on one day: who gave the first, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, tzinfo

from edge.domain.catalogue import Catalogue
from edge.domain.dose import Dose
from edge.domain.errors import Refusal

SAME_DAY = "dose.same-day"


def given_that_day(
    history: Iterable[Dose], catalogue: Catalogue, vaccine: str, on: date
) -> Dose | None:
    """Find the first dose of a day that shares an antigen with a vaccine, or is of it.

    Whoever gave it, here or elsewhere, for whichever programme.
    """
    found = [dose for dose in history if dose.on == on and alike(catalogue, dose.vaccine, vaccine)]
    return min(found, key=lambda dose: (dose.at is None, _instant(dose)), default=None)


def alike(catalogue: Catalogue, one: str, other: str) -> bool:
    """Say whether two vaccines (by their codes) share an antigen, or are the same."""
    return one == other or bool(antigens_of(catalogue, one) & antigens_of(catalogue, other))


def told_again(catalogue: Catalogue, one: str, other: str) -> bool:
    """Say whether a paper that names both of one day tells of one dose.

    It does where they are the same, or where one is a part of the other (hepatitis B of a
    pentavalent vaccine). Two products against one disease, such as the oral and the inactivated
    polio vaccine, are two doses.
    """
    first, second = antigens_of(catalogue, one), antigens_of(catalogue, other)
    return one == other or bool(first and second and (first < second or second < first))


def same_day(
    first: Dose, catalogue: Catalogue, zone: tzinfo, earliest: date | None, hint: str
) -> Refusal:
    """Refuse another dose on the day of ``first``; ``earliest`` and ``hint`` say what to do."""
    vaccine = catalogue.find_vaccine(first.vaccine)
    staff = catalogue.find_staff(first.vaccinator)
    facility = catalogue.find_facility(first.facility)
    moment = first.at.astimezone(zone) if first.at else None
    # a dose that was entered on another day has no time of day
    known = moment is not None and moment.date() == first.on
    vaccinator = staff.name if staff else first.vaccinator
    place = facility.name if facility else first.facility
    return Refusal(
        SAME_DAY,
        _sentence(vaccinator, place, timed=known),
        hint=hint or "Look at the doses so far, or ask a supervisor.",
        field="vaccine",
        overridable=True,
        earliest=earliest,
        vaccine=vaccine.name if vaccine else first.vaccine,
        day=first.on,
        time=f"{moment:%H:%M}" if moment and known else "",
        vaccinator=vaccinator,
        facility=place,
    )


def _sentence(vaccinator: str, place: str, *, timed: bool) -> str:
    if vaccinator and timed:
        return "{vaccinator} gave {vaccine} on {day} at {time}: no second dose on one day."
    if vaccinator:
        return "{vaccinator} gave {vaccine} on {day}: no second dose on one day."
    if place:
        return "{vaccine} was given on {day} at {facility}: no second dose on one day."
    return "{vaccine} was given on {day}: no second dose on one day."


def antigens_of(catalogue: Catalogue, vaccine: str) -> frozenset[str]:
    """Give what a vaccine protects against, as any schedule of the campaign has it or had."""
    return frozenset(
        association.antigen
        for programme in (*catalogue.ever.programmes.values(), *catalogue.programmes.values())
        for association in programme.schedule.vaccines.get(vaccine, ())
    )


def _instant(dose: Dose) -> float:
    return dose.at.timestamp() if dose.at else 0.0
