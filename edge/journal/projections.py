"""What can be read from the journal: each type of entry, and the rows it leaves behind.

The live path and ``journal rebuild`` go through the same function, so the tables are what the
journal says and nothing else. Types this version does not know leave no rows: they came from
newer software, stay in the journal, and count when that software rebuilds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import LIST_KEYS
from edge.domain.people import Address, Person
from edge.domain.search import search_words
from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database

TABLES: Mapping[str, str] = {
    "catalogue": "kind, code",
    "person": "id",
    "person_word": "word, person",
    "dose": "id",
    "certificate": "id",
    "credential": "certificate, format",
    "revocation": "key",
    "stock": "vaccine, lot",
    "queue": "person",
    "pin": "staff",
    "observation": "person, code",
}
"""Every projected table, with the columns that order it."""


def project(db: Database, entry: Entry) -> None:
    """Bring the tables up to date with one entry."""
    make = _PROJECTIONS.get(entry.type)
    if make is not None:
        make(db, entry)


def _campaign_applied(db: Database, entry: Entry) -> None:
    campaign = entry.body["campaign"]
    db.execute("DELETE FROM catalogue WHERE source = 'campaign'")
    general = {key: value for key, value in campaign.items() if key not in LIST_KEYS}
    _catalogue_row(db, entry, "general", "", general, "campaign")
    for kind, key in LIST_KEYS.items():
        for item in campaign.get(kind, ()):
            _catalogue_row(db, entry, kind, item[key], item, "campaign")


def _catalogue_recorded(db: Database, entry: Entry) -> None:
    kind = entry.body["kind"]
    for item in entry.body["items"]:
        _catalogue_row(db, entry, kind, item[LIST_KEYS[kind]], item, "import")


def _catalogue_row(
    db: Database, entry: Entry, kind: str, code: str, item: Mapping[str, Any], source: str
) -> None:
    db.execute(
        "INSERT OR REPLACE INTO catalogue (kind, code, body, source, position)"
        " VALUES (?, ?, ?, ?, ?)",
        (kind, code, _json(item), source, entry.position),
    )


def _person_registered(db: Database, entry: Entry) -> None:
    body = entry.body
    person = person_from(body["person"])
    db.execute(
        "INSERT INTO person (id, code, name, gender, birth_date, birth_year, identity,"
        " nationality, phone, email, address, source, programme, registered_at, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            person.id,
            person.code,
            person.name,
            person.gender,
            person.birth_date.isoformat() if person.birth_date else None,
            person.birth_year,
            person.identity,
            person.nationality,
            person.phone,
            person.email,
            _json(body["person"].get("address", {})),
            body["source"],
            body.get("programme", ""),
            entry.document["at"],
            entry.position,
        ),
    )
    for word in sorted(search_words(person)):
        db.execute("INSERT INTO person_word (word, person) VALUES (?, ?)", (word, person.id))


def _person_arrived(db: Database, entry: Entry) -> None:
    db.execute(
        "INSERT OR REPLACE INTO queue (person, programme, arrived_at, position)"
        " VALUES (?, ?, ?, ?)",
        (entry.body["person"], entry.body["programme"], entry.document["at"], entry.position),
    )


def _person_left(db: Database, entry: Entry) -> None:
    db.execute("DELETE FROM queue WHERE person = ?", (entry.body["person"],))


def _dose_recorded(db: Database, entry: Entry) -> None:
    body, reported = entry.body, entry.type == "DoseReported"
    db.execute(
        "INSERT INTO dose (id, person, programme, vaccine, number, total, lot, expiry, given_on,"
        " given_at, clock, facility, vaccinator, reported, effective_until, next_due, overrides,"
        " evidence, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body["person"],
            body["programme"],
            body["vaccine"],
            body["number"],
            body["total"],
            body["lot"],
            body.get("expiry"),
            body["on"],
            entry.document["at"],
            entry.document["clock"],
            body["facility"],
            body["vaccinator"],
            int(reported),
            body.get("effectiveUntil"),
            body.get("nextDue"),
            _json(body.get("overrides", [])),
            _json(body["evidence"]) if "evidence" in body else "",
            entry.position,
        ),
    )
    if reported:
        return
    db.execute("DELETE FROM queue WHERE person = ?", (body["person"],))
    db.execute(
        "UPDATE stock SET given = given + 1 WHERE vaccine = ? AND lot = ?",
        (body["vaccine"], body["lot"]),
    )


def _certificate_issued(db: Database, entry: Entry) -> None:
    body = entry.body
    db.execute(
        "INSERT INTO certificate (id, dose, person, issued_at, replaces, position)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            body["certificate"],
            body["dose"],
            body["person"],
            entry.document["at"],
            body.get("replaces", ""),
            entry.position,
        ),
    )
    # entries of the first version have one format, in two fields
    first = [{key: body[key] for key in ("format", "credential") if key in body}]
    for place, one in enumerate(body.get("credentials", first)):
        db.execute(
            "INSERT INTO credential (certificate, format, text, place) VALUES (?, ?, ?, ?)",
            (body["certificate"], one["format"], one["credential"], place),
        )


def _certificate_revoked(db: Database, entry: Entry) -> None:
    body = entry.body
    db.execute(
        "UPDATE certificate SET revoked_at = ?, reason = ?, replaced_by = ? WHERE id = ?",
        (entry.document["at"], body["reason"], body.get("replacedBy", ""), body["certificate"]),
    )
    for key in body["keys"]:
        db.execute(
            "INSERT OR IGNORE INTO revocation (key, certificate) VALUES (?, ?)",
            (key, body["certificate"]),
        )


def _person_corrected(db: Database, entry: Entry) -> None:
    columns = {
        "name": "name",
        "gender": "gender",
        "birthDate": "birth_date",
        "birthYear": "birth_year",
        "identity": "identity",
        "nationality": "nationality",
        "phone": "phone",
        "email": "email",
        "address": "address",
    }
    person, changes = entry.body["person"], dict(entry.body["changes"])
    if "address" in changes:
        changes["address"] = _json(changes["address"] or {})
    for field in ("identity", "nationality", "phone", "email"):
        if field in changes:
            changes[field] = changes[field] or ""
    _change(db, "person", person, columns, changes)
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


def _dose_corrected(db: Database, entry: Entry) -> None:
    columns = {
        "lot": "lot",
        "expiry": "expiry",
        "on": "given_on",
        "vaccinator": "vaccinator",
        "effectiveUntil": "effective_until",
        "nextDue": "next_due",
    }
    dose, changes = entry.body["dose"], entry.body["changes"]
    vaccine, old, reported = db.execute(
        "SELECT vaccine, lot, reported FROM dose WHERE id = ?", (dose,)
    ).fetchone()
    _change(db, "dose", dose, columns, changes)
    if reported:
        return
    for lot, step in ((old, -1), (changes.get("lot", old), 1)):
        db.execute(
            "UPDATE stock SET given = given + ? WHERE vaccine = ? AND lot = ?", (step, vaccine, lot)
        )


def _change(
    db: Database, table: str, id_: str, columns: Mapping[str, str], changes: Mapping[str, Any]
) -> None:
    """Set the columns of the fields that changed; a field newer software knows is left alone."""
    for field, column in columns.items():
        if field in changes:
            db.execute(
                f"UPDATE {table} SET {column} = ? WHERE id = ?",  # noqa: S608  (our own names)
                (changes[field], id_),
            )


def _stock_received(db: Database, entry: Entry) -> None:
    body = entry.body
    db.execute(
        "INSERT INTO stock (vaccine, lot, expiry, received, given) VALUES (?, ?, ?, ?, 0)"
        " ON CONFLICT (vaccine, lot) DO UPDATE SET"
        " received = received + excluded.received, expiry = excluded.expiry",
        (body["vaccine"], body["lot"], body["expiry"], body["quantity"]),
    )


def _observation_recorded(db: Database, entry: Entry) -> None:
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


def _pin_set(db: Database, entry: Entry) -> None:
    db.execute(
        "INSERT OR REPLACE INTO pin (staff, verifier, position) VALUES (?, ?, ?)",
        (entry.body["staff"], entry.body["verifier"], entry.position),
    )


_PROJECTIONS: Mapping[str, Callable[[Database, Entry], None]] = {
    "CampaignApplied": _campaign_applied,
    "CatalogueRecorded": _catalogue_recorded,
    "PersonRegistered": _person_registered,
    "PersonArrived": _person_arrived,
    "PersonLeft": _person_left,
    "DoseGiven": _dose_recorded,
    "DoseReported": _dose_recorded,
    "CertificateIssued": _certificate_issued,
    "CertificateRevoked": _certificate_revoked,
    "PersonCorrected": _person_corrected,
    "DoseCorrected": _dose_corrected,
    "StockReceived": _stock_received,
    "ObservationRecorded": _observation_recorded,
    "PinSet": _pin_set,
}


def person_from(body: Mapping[str, Any]) -> Person:
    """Read a person as an entry's body has it; keys this version does not know are left alone."""
    known = Address.__dataclass_fields__
    born = body.get("birthDate")
    return Person(
        id=body["id"],
        code=body["code"],
        name=body["name"],
        gender=body["gender"],
        birth_date=date.fromisoformat(born) if born else None,
        birth_year=body.get("birthYear"),
        identity=body.get("identity", ""),
        nationality=body.get("nationality", ""),
        phone=body.get("phone", ""),
        email=body.get("email", ""),
        address=Address(
            **{key: text for key, text in body.get("address", {}).items() if key in known}
        ),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
