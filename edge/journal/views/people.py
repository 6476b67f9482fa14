"""People, and what was observed of them."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.births import year_span
from edge.domain.people import Address, Person
from edge.domain.search import folded
from edge.journal.views.columns import day_of

if TYPE_CHECKING:
    from sqlite_utils import Database

PERSON_COLUMNS = (
    "id, code, name, gender, birth_date, birth_year, identity, nationality, phone, email, address,"
    " birth_earliest, birth_latest"
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


def find_people(db: Database, text: str, limit: int = 20) -> list[Person]:
    """Find the people every word of the text fits, as the beginning of a word they are filed under.

    A number with spaces or dashes, such as a phone number, is also tried in one piece.
    """
    words = folded(text)[:6]
    digits = "".join(character for character in text if character.isdigit())
    attempts = [words]
    if digits and not set(text) - set("0123456789 +-()./"):
        attempts.append([digits])
    if text.strip() and text.strip().casefold() not in words:
        attempts.append([text.strip().casefold()])
    found: dict[str, Person] = {}
    for attempt in attempts:
        if not attempt:
            continue
        clauses = " INTERSECT ".join(
            "SELECT person FROM person_word WHERE word >= ? AND word < ?" for _ in attempt
        )
        bounds = [bound for word in attempt for bound in (word, word + "\U0010ffff")]
        for row in db.execute(
            f"SELECT {PERSON_COLUMNS} FROM person WHERE id IN ({clauses})"  # noqa: S608
            " ORDER BY name, id LIMIT ?",
            (*bounds, limit),
        ):
            found.setdefault(row[0], person_of(row))
    return list(found.values())[:limit]


def same_name_and_year(db: Database, candidate: Person) -> Person | None:
    """Find somebody already known with the same name and year of birth."""
    wanted = sorted(folded(candidate.name))
    for other in find_people(db, candidate.name, limit=50):
        if _same_years(candidate, other) and sorted(folded(other.name)) == wanted:
            return other
    return None


def _same_years(one: Person, other: Person) -> bool:
    years = [year_span(day.year) for day in (other.born.first, other.born.last)]
    return any(one.born.overlaps(year) for year in years)


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


def observed_by(db: Database, person_id: str, code: str) -> tuple[str, str] | None:
    """Say who recorded an observation that holds, and when (an instant in ISO 8601)."""
    row = db.execute(
        "SELECT json_extract(content, '$.by'), json_extract(content, '$.at') FROM entry"
        " JOIN observation ON observation.position = entry.position"
        " WHERE observation.person = ? AND observation.code = ?",
        (person_id, code),
    ).fetchone()
    return (row[0], row[1]) if row else None


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
        birth_earliest=day_of(row[11]),
        birth_latest=day_of(row[12]),
        identity=row[6],
        nationality=row[7],
        phone=row[8],
        email=row[9],
        address=Address(**address),
    )
