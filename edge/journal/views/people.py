"""People, and what was observed of them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.people import Address, Person
from edge.journal.views.columns import day_of

if TYPE_CHECKING:
    from sqlite_utils import Database

PERSON_COLUMNS = (
    "id, code, name, gender, birth_date, birth_year, identity, nationality, phone, email, address"
)


def person(db: Database, id_: str) -> Person | None:
    """Find a person by id."""
    row = db.execute(f"SELECT {PERSON_COLUMNS} FROM person WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return person_of(row) if row else None


def person_by_code(db: Database, code: str) -> Person | None:
    """Find a person by ``preEnrollmentCode``."""
    row = db.execute(f"SELECT {PERSON_COLUMNS} FROM person WHERE code = ?", (code,)).fetchone()  # noqa: S608
    return person_of(row) if row else None


def person_by_identity(db: Database, identity: str) -> Person | None:
    """Find a person by identity URI."""
    row = db.execute(
        f"SELECT {PERSON_COLUMNS} FROM person WHERE identity = ? AND identity <> ''",  # noqa: S608
        (identity,),
    ).fetchone()
    return person_of(row) if row else None


def people_after(db: Database, after: str, most: int) -> list[Person]:
    """Give the people whose id comes after another's, in order of id."""
    return [
        person_of(row)
        for row in db.execute(
            f"SELECT {PERSON_COLUMNS} FROM person WHERE id > ? ORDER BY id LIMIT ?",  # noqa: S608
            (after, most),
        )
    ]


def observations(db: Database, person_id: str) -> dict[str, date | None]:
    """Give what was observed of a person and still holds: codes, with the day."""
    return {
        code: date.fromisoformat(on)
        for code, on in db.execute(
            "SELECT code, seen_on FROM observation WHERE person = ?", (person_id,)
        )
    }


def person_of(row: tuple[Any, ...]) -> Person:
    """Make a person of a row of ``PERSON_COLUMNS``."""
    address = {
        key: text
        for key, text in json.loads(row[10]).items()
        if key in Address.__dataclass_fields__
    }
    return Person(
        id=row[0],
        code=row[1],
        name=row[2],
        gender=row[3],
        birth_date=day_of(row[4]),
        birth_year=row[5],
        identity=row[6],
        nationality=row[7],
        phone=row[8],
        email=row[9],
        address=Address(**address),
    )
