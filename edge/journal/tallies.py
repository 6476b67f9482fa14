"""The doses of a day, as a tally counts them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.people import Person
from edge.domain.tally import CountedDose
from edge.journal.views.columns import day_of

if TYPE_CHECKING:
    from sqlite_utils import Database


def counted_on(db: Database, day: date) -> list[CountedDose]:
    """Give what is counted of each dose given here on a day, without who it was."""
    rows = db.execute(
        "SELECT dose.programme, vaccine, number, total, lot, overrides, person.gender,"
        " person.birth_date, person.birth_year, person.birth_earliest,"
        " person.birth_latest FROM dose JOIN person AS own ON own.id = dose.person"
        " JOIN person ON person.id = own.kept"
        " WHERE given_on = ? AND reported = 0 AND withdrawn_at = ''",
        (day.isoformat(),),
    )
    return [
        CountedDose(
            programme=row[0],
            vaccine=row[1],
            number=row[2],
            total=row[3],
            lot=row[4],
            overrides=len(json.loads(row[5])),
            sex=row[6],
            age=_age(row[7:], day),
        )
        for row in rows
    ]


def _age(told: tuple[Any, ...], day: date) -> int:
    born, year, earliest, latest = told
    person = Person(
        id="",
        code="",
        name="",
        gender="Other",
        birth_date=day_of(born),
        birth_year=year,
        birth_earliest=day_of(earliest),
        birth_latest=day_of(latest),
    )
    return max(0, person.age_on(day))
