"""Doses, alone and as the list of records shows them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from edge.domain.dose import Dose
from edge.domain.merging import told_once
from edge.domain.people import Person
from edge.domain.questions import GivenAnswer
from edge.journal.views.columns import day_of, of_table
from edge.journal.views.people import PERSON_COLUMNS, person_of
from sync.protocol.instants import read_instant

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = (
    "dose.id, own.kept, dose.programme, vaccine, number, total, lot, given_on, facility,"
    " vaccinator, reported, evidence, given_at, clock, dose.position, stated_number, own.id"
)
_OF_PEOPLE = "dose JOIN person AS own ON own.id = dose.person"
_ORDER = "given_on, number, dose.position"
_OWN = 11
"""Columns of a record behind those of its dose and its person."""


@dataclass(frozen=True, slots=True)
class WithdrawalRecord:
    """How a dose was taken back: when (ISO 8601), what it was, why, which dose stands for it."""

    at: str
    kind: str
    reason: str
    replaced_by: str


@dataclass(frozen=True, slots=True)
class DoseRecord:
    """A dose as the list of records shows it, with what became of its paper.

    ``withdrawn`` is there for a dose that was taken back. ``replaces`` is the id of the dose in
    whose place it stands, or empty. ``answers`` are to what was asked before it. ``revoked``: its
    newest certificate counts no longer.
    """

    dose: Dose
    person: Person
    given_at: str
    expiry: date | None
    effective_until: date | None
    next_due: date | None
    certificate: str
    print_job: int | None
    print_state: str
    withdrawn: WithdrawalRecord | None = None
    replaces: str = ""
    answers: tuple[GivenAnswer, ...] = ()
    revoked: bool = False


def history(db: Database, person_id: str) -> list[Dose]:
    """Give a person's doses, oldest first; one that was told twice counts once.

    Those that were taken back are none.
    """
    return told_once(all_doses(db, person_id))


def all_doses(db: Database, person_id: str) -> list[Dose]:
    """Give a person's doses, oldest first, with those that were told again."""
    return [
        _dose(row)
        for row in db.execute(
            f"SELECT {_COLUMNS} FROM {_OF_PEOPLE}"  # noqa: S608
            " WHERE own.kept = (SELECT kept FROM person WHERE id = ?) AND withdrawn_at = ''"
            f" ORDER BY {_ORDER}",
            (person_id,),
        )
    ]


def doses_between(db: Database, first: str, last: str) -> list[Dose]:
    """Give the doses of the people whose ids lie between two, both included."""
    doses = [
        _dose(row)
        for row in db.execute(
            f"SELECT {_COLUMNS} FROM {_OF_PEOPLE} WHERE own.kept BETWEEN ? AND ?"  # noqa: S608
            f" AND withdrawn_at = '' ORDER BY own.kept, {_ORDER}",
            (first, last),
        )
    ]
    people = groupby(doses, key=lambda dose: dose.person)
    return [dose for _, theirs in people for dose in told_once(list(theirs))]


def recorded(db: Database, dose_id: str) -> DoseRecord | None:
    """Find one dose with its paper."""
    return next(iter(_recorded(db, "dose.id = ?", (dose_id,))), None)


def recorded_on(db: Database, day: date) -> list[DoseRecord]:
    """Give the doses given here on a day, newest first, also those that were taken back."""
    return _recorded(
        db, "given_on = ? AND reported = 0 ORDER BY dose.position DESC", (day.isoformat(),)
    )


def _recorded(db: Database, where: str, values: tuple[Any, ...]) -> list[DoseRecord]:
    rows = db.execute(
        f"SELECT {_COLUMNS}, {of_table('person', PERSON_COLUMNS)}, given_at,"  # noqa: S608
        " expiry, effective_until, next_due, withdrawn_at, withdrawn_kind, withdrawn_reason,"
        " replaced_by, replaces, answers,"
        " (SELECT id FROM certificate WHERE dose = dose.id ORDER BY position DESC LIMIT 1) AS paper"
        f" FROM {_OF_PEOPLE} JOIN person ON person.id = own.kept WHERE {where}",
        values,
    ).fetchall()
    return [_with_paper(db, row) for row in rows]


def _with_paper(db: Database, row: tuple[Any, ...]) -> DoseRecord:
    count = len(_COLUMNS.split(", "))
    given_at, expiry, until, due, *withdrawn, replaces, answers, paper = row[-_OWN:]
    job = db.execute(
        "SELECT id, state FROM print_job WHERE subject = ?"
        " ORDER BY state = 'unknown' DESC, id DESC LIMIT 1",  # first what a person is to look at
        (paper or "",),
    ).fetchone()
    return DoseRecord(
        dose=_dose(row[:count]),
        person=person_of(db, row[count:-_OWN]),
        given_at=given_at,
        expiry=day_of(expiry),
        effective_until=day_of(until),
        next_due=day_of(due),
        certificate=paper or "",
        print_job=job[0] if job else None,
        print_state=job[1] if job else "",
        withdrawn=WithdrawalRecord(*withdrawn) if withdrawn[0] else None,
        replaces=replaces,
        answers=_answers(answers),
        revoked=bool(paper) and _is_revoked(db, paper),
    )


def _dose(row: tuple[Any, ...]) -> Dose:
    return Dose(
        id=row[0],
        person=row[1],
        programme=row[2],
        vaccine=row[3],
        number=row[4],
        total=row[5],
        lot=row[6],
        on=date.fromisoformat(row[7]),
        facility=row[8],
        vaccinator=row[9],
        reported=bool(row[10]),
        evidence=row[11],
        position=row[14],
        stated_number=row[15],
        at=None if row[10] or row[13] != "believed" else read_instant(row[12]),
        recorded_for="" if row[16] == row[1] else row[16],
    )


def taken_back(db: Database, person_id: str) -> list[DoseRecord]:
    """Give a person's doses that were taken back, oldest first."""
    return _recorded(
        db,
        "own.kept = (SELECT kept FROM person WHERE id = ?) AND withdrawn_at <> ''"
        " ORDER BY given_on, dose.position",
        (person_id,),
    )


def _is_revoked(db: Database, certificate: str) -> bool:
    (at,) = db.execute("SELECT revoked_at FROM certificate WHERE id = ?", (certificate,)).fetchone()
    return bool(at)


def given_on(db: Database, programme: str, facility: str, day: date) -> int:
    """Count the doses of a programme that were given at a facility on a day."""
    (count,) = db.execute(
        "SELECT count(*) FROM dose WHERE programme = ? AND facility = ? AND given_on = ?"
        " AND reported = 0 AND withdrawn_at = ''",
        (programme, facility, day.isoformat()),
    ).fetchone()
    return int(count)


def given_of_lots(db: Database, vaccine: str, lots: Collection[str]) -> list[DoseRecord]:
    """Give the doses of a vaccine that are of certain lots, as lots are compared; newest first."""
    marks = ", ".join("?" * len(lots))
    return _recorded(
        db,
        f"vaccine = ? AND lot IN ({marks}) AND withdrawn_at = ''"
        " ORDER BY given_on DESC, dose.position DESC",
        (vaccine, *sorted(lots)),
    )


def answers_on(db: Database, person_id: str, day: date) -> list[GivenAnswer]:
    """Give what was answered before the doses that a person was given here on a day, last first.

    What was answered otherwise under another name that is theirs too is to be asked again.
    """
    found: dict[str, GivenAnswer] = {}
    said: dict[str, dict[str, str]] = {}
    for own, text in db.execute(
        f"SELECT own.id, answers FROM {_OF_PEOPLE}"  # noqa: S608
        " WHERE own.kept = (SELECT kept FROM person WHERE id = ?) AND given_on = ?"
        " AND withdrawn_at = '' AND answers <> '' ORDER BY dose.position DESC",
        (person_id, day.isoformat()),
    ):
        for answer in _answers(text):
            found.setdefault(answer.question, answer)
            said.setdefault(answer.question, {}).setdefault(own, answer.answer)
    return [answer for code, answer in found.items() if len(set(said[code].values())) == 1]


def _answers(text: str) -> tuple[GivenAnswer, ...]:
    return tuple(
        GivenAnswer(
            item["question"],
            item["answer"],
            item.get("asked", item["question"]),
            item.get("said", item["answer"]),
        )
        for item in (json.loads(text) if text else ())
    )


def overrides_of(db: Database, dose_id: str) -> list[str]:
    """Give the codes of the rules that were set aside for a dose."""
    row = db.execute("SELECT overrides FROM dose WHERE id = ?", (dose_id,)).fetchone()
    return list(json.loads(row[0])) if row else []
