"""Rows of people: who is known, who waits, what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.people import Address, Person
from edge.domain.search import search_words
from edge.journal.entry import Entry
from edge.journal.projections.columns import change_columns, compact_json

if TYPE_CHECKING:
    from sqlite_utils import Database


def person_registered(db: Database, entry: Entry) -> None:
    """Add somebody, with the words they are found by."""
    body = entry.body
    person = person_from(body["person"])
    db.execute(
        "INSERT INTO person (id, code, name, gender, birth_date, birth_year, birth_earliest,"
        " birth_latest, identity,"
        " nationality, phone, email, address, source, programme, registered_at, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            person.id,
            person.code,
            person.name,
            person.gender,
            person.birth_date.isoformat() if person.birth_date else None,
            person.birth_year,
            person.birth_earliest.isoformat() if person.birth_earliest else None,
            person.birth_latest.isoformat() if person.birth_latest else None,
            person.identity,
            person.nationality,
            person.phone,
            person.email,
            compact_json(body["person"].get("address", {})),
            body["source"],
            body.get("programme", ""),
            entry.document["at"],
            entry.position,
        ),
    )
    for word in sorted(search_words(person)):
        db.execute("INSERT INTO person_word (word, person) VALUES (?, ?)", (word, person.id))


def person_corrected(db: Database, entry: Entry) -> None:
    """Change what is said of somebody, and the words they are found by."""
    columns = {
        "name": "name",
        "gender": "gender",
        "birthDate": "birth_date",
        "birthYear": "birth_year",
        "birthEarliest": "birth_earliest",
        "birthLatest": "birth_latest",
        "identity": "identity",
        "nationality": "nationality",
        "phone": "phone",
        "email": "email",
        "address": "address",
    }
    person, changes = entry.body["person"], dict(entry.body["changes"])
    if "address" in changes:
        changes["address"] = compact_json(changes["address"] or {})
    for field in ("identity", "nationality", "phone", "email"):
        if field in changes:
            changes[field] = changes[field] or ""
    change_columns(db, "person", person, columns, changes)
    row = db.execute(
        "SELECT id, code, name, gender, birth_date, birth_year, identity, phone FROM person"
        " WHERE id = ?",
        (person,),
    ).fetchone()
    names = ("id", "code", "name", "gender", "birthDate", "birthYear", "identity", "phone")
    known = dict(zip(names, row, strict=True))
    db.execute("DELETE FROM person_word WHERE person = ?", (person,))
    words = search_words(person_from({key: value for key, value in known.items() if value}))
    for word in sorted(words):
        db.execute("INSERT INTO person_word (word, person) VALUES (?, ?)", (word, person))


def person_arrived(db: Database, entry: Entry) -> None:
    """Put somebody into the queue."""
    db.execute(
        "INSERT OR REPLACE INTO queue (person, programme, arrived_at, position)"
        " VALUES (?, ?, ?, ?)",
        (entry.body["person"], entry.body["programme"], entry.document["at"], entry.position),
    )


def person_left(db: Database, entry: Entry) -> None:
    """Take somebody out of the queue."""
    db.execute("DELETE FROM queue WHERE person = ?", (entry.body["person"],))


def observation_recorded(db: Database, entry: Entry) -> None:
    """Add what was seen of somebody, or take it away."""
    body = entry.body
    if not body["present"]:
        db.execute(
            "DELETE FROM observation WHERE person = ? AND code = ?", (body["person"], body["code"])
        )
        return
    db.execute(
        "INSERT OR REPLACE INTO observation (person, code, seen_on, position) VALUES (?, ?, ?, ?)",
        (body["person"], body["code"], body["on"], entry.position),
    )


def person_from(body: Mapping[str, Any]) -> Person:
    """Read a person as an entry's body has it; keys this version does not know are left alone."""
    known = Address.__dataclass_fields__
    return Person(
        id=body["id"],
        code=body["code"],
        name=body["name"],
        gender=body["gender"],
        birth_date=_day(body.get("birthDate")),
        birth_year=body.get("birthYear"),
        birth_earliest=_day(body.get("birthEarliest")),
        birth_latest=_day(body.get("birthLatest")),
        identity=body.get("identity", ""),
        nationality=body.get("nationality", ""),
        phone=body.get("phone", ""),
        email=body.get("email", ""),
        address=Address(
            **{key: text for key, text in body.get("address", {}).items() if key in known}
        ),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
