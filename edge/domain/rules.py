"""The rules of a series: what speaks against a dose of this vaccine on this day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from edge.domain.catalogue import Programme, Vaccine
from edge.domain.dose import Dose
from edge.domain.errors import Refusal
from edge.domain.people import Person


def series_of(history: Sequence[Dose], programme: Programme) -> list[Dose]:
    """Give a person's doses in one programme, in the order they were given."""
    return sorted(
        (dose for dose in history if dose.programme == programme.id),
        key=lambda dose: (dose.on, dose.number),
    )


def doses_counted(series: Sequence[Dose]) -> int:
    """Count the doses of a series; a certificate may tell of dose 2 where dose 1 is not known."""
    return max([len(series), *(dose.number for dose in series)])


def objections(
    person: Person,
    series: Sequence[Dose],
    programme: Programme,
    vaccine: Vaccine,
    on: date,
) -> tuple[Refusal, ...]:
    """Name the rules that speak against a dose on a day, gravest first; none: it is due."""
    found: list[Refusal] = []
    age = person.age_on(on)
    if age < programme.min_age or (programme.max_age and age > programme.max_age):
        sentence = "This programme is for ages {youngest} to {oldest}; this person is {age}."
        if not programme.max_age:
            sentence = "This programme is for ages from {youngest}; this person is {age}."
        found.append(
            Refusal(
                "dose.not-for-this-age",
                sentence,
                field="person",
                overridable=True,
                youngest=programme.min_age,
                oldest=programme.max_age,
                age=age,
            )
        )
    if not series:
        return tuple(found)
    last = series[-1]
    if last.on > on:
        found.append(
            Refusal(
                "dose.before-last",
                "A later dose, of {last}, is already recorded.",
                hint="Check the date of this dose.",
                field="on",
                overridable=True,
                last=last.on,
            )
        )
    elif doses_counted(series) >= vaccine.total_doses:
        found.append(
            Refusal(
                "dose.complete",
                "The series of {total} is complete; the last dose was on {last}.",
                hint="Nothing is due. A supervisor may record a booster.",
                field="person",
                overridable=True,
                total=vaccine.total_doses,
                last=last.on,
            )
        )
    else:
        interval = vaccine.dose_intervals[doses_counted(series) - 1]
        earliest = last.on + timedelta(days=interval.min)
        if on < earliest:
            found.append(
                Refusal(
                    "dose.too-early",
                    "Dose {number} is due on {earliest} at the earliest: {min} days after {last}.",
                    hint="Ask the person to come back on {earliest}.",
                    field="on",
                    overridable=True,
                    earliest=earliest,
                    number=doses_counted(series) + 1,
                    min=interval.min,
                    last=last.on,
                )
            )
        elif interval.max and on > last.on + timedelta(days=interval.max):
            found.append(
                Refusal(
                    "dose.late",
                    "Dose {number} was due by {latest}.",
                    hint="Ask a supervisor whether the series goes on.",
                    field="on",
                    overridable=True,
                    number=doses_counted(series) + 1,
                    latest=last.on + timedelta(days=interval.max),
                )
            )
    if last.vaccine != vaccine.code:
        found.append(
            Refusal(
                "dose.other-vaccine",
                "The last dose was of another vaccine.",
                hint="Give the same vaccine, or ask a supervisor.",
                field="vaccine",
                overridable=True,
            )
        )
    return tuple(found)
