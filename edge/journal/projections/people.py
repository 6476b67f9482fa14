"""Rows of people: who is known, who waits, what was observed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.guardian import guardian_from
from edge.domain.people import Address, Person
from edge.journal.entry import Entry
from edge.journal.projections.appointments import came, freed_places
from edge.journal.projections.columns import change_columns, compact_json
from edge.journal.projections.search import file_person, file_person_again
from sync.protocol.identities import plain_identity

if TYPE_CHECKING:
    from sqlite_utils import Database


def person_registered(db: Database, entry: Entry) -> None:
    """Add somebody, with the keys they are found by."""
    body = entry.body
    person = person_from(body["person"])
    db.execute(
        "INSERT INTO person (id, code, name, gender, birth_date, birth_year, birth_earliest,"
        " birth_latest, identity,"
        " nationality, phone, email, address, guardian, source, programme, registered_at, kept,"
        " passport_name, position, identity_key)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            compact_json(body["person"].get("guardian", {})),
            body["source"],
            body.get("programme", ""),
            entry.document["at"],
            person.id,
            person.passport_name,
            entry.position,
            plain_identity(person.identity),
        ),
    )
    file_person(db, person, entry.position)


def enrolment_changed(db: Database, entry: Entry) -> None:
    """Have somebody expected no longer, or again; the record stays."""
    body = entry.body
    now = ("enrolment", body["programme"]) if body["expected"] else ("withdrawn", "")
    db.execute("UPDATE person SET source = ?, programme = ? WHERE id = ?", (*now, body["person"]))


def person_corrected(db: Database, entry: Entry) -> None:
    """Change what is said of somebody, and the keys they are found by."""
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
        "guardian": "guardian",
        "passportName": "passport_name",
        "identityKey": "identity_key",
    }
    person, changes = entry.body["person"], dict(entry.body["changes"])
    _note_emptied(db, person, changes)
    for field in ("address", "guardian"):
        if field in changes:
            changes[field] = compact_json(changes[field] or {})
    for field in ("identity", "nationality", "phone", "email", "passportName"):
        if field in changes:
            changes[field] = changes[field] or ""
    if "identity" in changes:
        changes["identityKey"] = plain_identity(changes["identity"])
    change_columns(db, "person", person, columns, changes)
    file_person_again(db, person)


def _note_emptied(db: Database, person: str, changes: Mapping[str, Any]) -> None:
    """Keep the names of the fields that were emptied: another record does not fill those."""
    (known,) = db.execute("SELECT emptied FROM person WHERE id = ?", (person,)).fetchone()
    emptied = set(json.loads(known)) - changes.keys()
    emptied |= {name for name, value in changes.items() if not value}
    db.execute(
        "UPDATE person SET emptied = ? WHERE id = ?", (compact_json(sorted(emptied)), person)
    )


def person_status_recorded(db: Database, entry: Entry) -> None:
    """Say whether somebody still comes here; who does not, waits no longer."""
    body = entry.body
    db.execute(
        "UPDATE person SET status = ?, status_on = ?, status_place = ?, status_position = ?"
        " WHERE id = ?",
        (body["status"], body["on"], body.get("place", ""), entry.position, body["person"]),
    )
    if body["status"] != "active":
        ended_wait(db, body["person"], entry.position)
    if body["status"] in ("died", "moved"):
        freed_places(db, entry)


def person_arrived(db: Database, entry: Entry) -> None:
    """Put somebody into the queue."""
    db.execute(
        "INSERT OR REPLACE INTO queue (person, programme, arrived_at, position, waits)"
        " VALUES (?, ?, ?, ?, 1)",
        (entry.body["person"], entry.body["programme"], entry.document["at"], entry.position),
    )
    came(db, entry)


def person_left(db: Database, entry: Entry) -> None:
    """Take somebody out of the queue."""
    ended_wait(db, entry.body["person"], entry.position)


def ended_wait(db: Database, person: str, position: int) -> None:
    """Note that somebody waits no longer, also of one who was not seen to wait."""
    db.execute(
        "INSERT OR REPLACE INTO queue (person, programme, arrived_at, position, waits)"
        " VALUES (?, '', '', ?, 0)",
        (person, position),
    )


def observation_recorded(db: Database, entry: Entry) -> None:
    """Note what was seen of somebody, or that it is so no more."""
    body = entry.body
    db.execute(
        "INSERT OR REPLACE INTO observation (person, code, seen_on, position, present, until)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            body["person"],
            body["code"],
            body["on"],
            entry.position,
            int(body["present"]),
            body.get("until", ""),
        ),
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
        passport_name=body.get("passportName", ""),
        address=Address(
            **{key: text for key, text in body.get("address", {}).items() if key in known}
        ),
        guardian=guardian_from(body.get("guardian")),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
