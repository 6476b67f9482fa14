"""People, and what was observed of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edge.domain.guardian import guardian_from
from edge.domain.merging import Record, joined
from edge.domain.people import Address, Person
from edge.domain.schedule.observed import Seen
from edge.domain.status import PersonStatus
from edge.journal.views.columns import day_of, of_table
from sync.protocol.identities import plain_identity

if TYPE_CHECKING:
    from sqlite_utils import Database

PERSON_COLUMNS = (
    "id, code, name, gender, birth_date, birth_year, identity, nationality, phone, email, address,"
    " birth_earliest, birth_latest, guardian, status, status_on, status_place, status_position,"
    " emptied, others, passport_name"
)
OF_ONE = "person.kept = (SELECT kept FROM person WHERE id = ?)"
"""Which rows of ``person`` are of the same person as an id."""
_THE_KEPT = (
    f"SELECT {of_table('person', PERSON_COLUMNS)} FROM person AS own"  # noqa: S608
    " JOIN person ON person.id = own.kept"
)


def person(db: Database, id_: str) -> Person | None:
    """Find a person by id; by that of one who is the same person, the one who is kept."""
    row = db.execute(f"{_THE_KEPT} WHERE own.id = ?", (id_,)).fetchone()
    return person_of(db, row) if row else None


def person_by_code(db: Database, code: str) -> Person | None:
    """Find a person by ``preEnrollmentCode``, also by a code of another who is the same."""
    row = db.execute(f"{_THE_KEPT} WHERE own.code = ?", (code,)).fetchone()
    return person_of(db, row) if row else None


def person_by_identity(db: Database, identity: str) -> Person | None:
    """Find a person by identity URI in any spelling, also by that of another who is the same."""
    row = db.execute(
        f"{_THE_KEPT} WHERE own.identity_key = ? AND own.identity_key <> ''",
        (plain_identity(identity),),
    ).fetchone()
    return person_of(db, row) if row else None


def people_after(db: Database, after: str, most: int) -> list[Person]:
    """Give the people whose id comes after another's, in order of id; each person once."""
    return [
        person_of(db, row)
        for row in db.execute(
            f"SELECT {PERSON_COLUMNS} FROM person WHERE id > ? AND kept = id ORDER BY id LIMIT ?",  # noqa: S608
            (after, most),
        )
    ]


def observations(db: Database, person_id: str) -> dict[str, Seen]:
    """Give what was observed of a person and was not taken back: codes, with the days."""
    last = {
        code: (on, until, present)
        for code, on, until, present in db.execute(
            "SELECT observation.code, seen_on, until, present FROM observation"  # noqa: S608
            " JOIN person ON person.id = observation.person"
            f" WHERE {OF_ONE} ORDER BY observation.position",
            (person_id,),
        )
    }
    return {code: Seen.read(on, until) for code, (on, until, present) in last.items() if present}


def was_observed(db: Database, person_id: str, code: str) -> bool:
    """Say whether something was ever recorded of a code under one id, be it so or not."""
    sql = "SELECT 1 FROM observation WHERE person = ? AND code = ?"
    return db.execute(sql, (person_id, code)).fetchone() is not None


def observed_by(db: Database, person_id: str, code: str) -> tuple[str, str] | None:
    """Say who recorded an observation that holds, and when (an instant in ISO 8601)."""
    row = db.execute(
        "SELECT json_extract(content, '$.by'), json_extract(content, '$.at') FROM entry"  # noqa: S608
        " JOIN observation ON observation.position = entry.position"
        " JOIN person ON person.id = observation.person"
        f" WHERE {OF_ONE} AND observation.code = ? AND present = 1"
        " ORDER BY observation.position DESC LIMIT 1",
        (person_id, code),
    ).fetchone()
    return (row[0], row[1]) if row else None


def ids_of(db: Database, person_id: str) -> list[str]:
    """Give every id of a person, the one that is kept first; none of somebody unknown."""
    rows = db.execute(
        f"SELECT id FROM person WHERE {OF_ONE} ORDER BY id <> kept, position",  # noqa: S608
        (person_id,),
    ).fetchall()
    return [id_ for (id_,) in rows]


def recorded_people(db: Database, ids: Sequence[str]) -> list[Person]:
    """Give people as recorded under each id, in order, whether they are shown under it or not."""
    marks = ", ".join("?" * len(ids))
    rows = db.execute(
        f"SELECT {PERSON_COLUMNS} FROM person WHERE id IN ({marks})",  # noqa: S608
        tuple(ids),
    ).fetchall()
    found = {row[0]: _record(row).person for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def person_of(db: Database, row: tuple[Any, ...]) -> Person:
    """Make a person of a row of ``PERSON_COLUMNS``, with what others add who are the same."""
    kept = _record(row)
    if not row[19]:
        return kept.person
    rows = db.execute(
        f"SELECT {PERSON_COLUMNS} FROM person WHERE kept = ? AND id <> kept ORDER BY position",  # noqa: S608
        (row[0],),
    ).fetchall()
    return joined(kept, [_record(other) for other in rows])


def _record(row: tuple[Any, ...]) -> Record:
    address = {
        key: text
        for key, text in json.loads(row[10]).items()
        if key in Address.__dataclass_fields__
    }
    person = Person(
        id=row[0],
        code=row[1],
        name=row[2],
        gender=row[3],
        birth_date=day_of(row[4]),
        birth_year=row[5],
        birth_earliest=day_of(row[11]),
        birth_latest=day_of(row[12]),
        identity=row[6],
        nationality=row[7],
        phone=row[8],
        email=row[9],
        address=Address(**address),
        guardian=guardian_from(json.loads(row[13])),
        status=PersonStatus(row[14], day_of(row[15]), row[16]),
        passport_name=row[20],
    )
    return Record(person, json.loads(row[18]), row[17])
