"""Rows of doses, and of the stock they are taken from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edge.domain.deliveries import document_key
from edge.domain.lots import lot_key
from edge.journal.entry import Entry
from edge.journal.projections.columns import change_columns, compact_json
from edge.journal.projections.payments import follow_dose
from edge.journal.projections.people import ended_wait

if TYPE_CHECKING:
    from sqlite_utils import Database


def dose_recorded(db: Database, entry: Entry) -> None:
    """Add a dose; one given here leaves the queue and the stock.

    One in the place of another was recorded when that one was.
    """
    body, reported = entry.body, entry.type == "DoseReported"
    at, clock = _first_recorded(db, entry)
    db.execute(
        "INSERT INTO dose (id, person, programme, vaccine, number, total, lot, expiry, given_on,"
        " given_at, clock, facility, vaccinator, reported, effective_until, next_due, overrides,"
        " evidence, replaces, answers, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body["person"],
            body["programme"],
            body["vaccine"],
            body["number"],
            body["total"],
            lot_key(body["lot"]),
            body.get("expiry"),
            body["on"],
            at,
            clock,
            body["facility"],
            body["vaccinator"],
            int(reported),
            body.get("effectiveUntil"),
            body.get("nextDue"),
            compact_json(body.get("overrides", [])),
            compact_json(body["evidence"]) if "evidence" in body else "",
            body.get("replaces", ""),
            compact_json(body["answers"]) if body.get("answers") else "",
            entry.position,
        ),
    )
    if reported:
        return
    if not _came_since(db, body, at):
        ended_wait(db, body["person"], entry.position)
    _take_from_stock(db, body["vaccine"], body["lot"], 1)


def _came_since(db: Database, body: Mapping[str, Any], at: str) -> bool:
    """Say whether somebody waits who came after a dose was recorded, for somebody else."""
    if not body.get("replaces"):
        return False
    row = db.execute(
        "SELECT 1 FROM queue WHERE person = ? AND arrived_at > ?", (body["person"], at)
    ).fetchone()
    return row is not None


def _first_recorded(db: Database, entry: Entry) -> tuple[str, str]:
    now = (entry.document["at"], entry.document["clock"])
    replaced = entry.body.get("replaces")
    if not replaced:
        return now
    row = db.execute("SELECT given_at, clock FROM dose WHERE id = ?", (replaced,)).fetchone()
    return row or now


def _take_from_stock(db: Database, vaccine: str, lot: str, doses: int) -> None:
    db.execute(
        "UPDATE stock SET given = given + ? WHERE vaccine = ? AND lot = ?",
        (doses, vaccine, lot_key(lot)),
    )


def dose_withdrawn(db: Database, entry: Entry) -> None:
    """Keep a dose that was taken back, marked; what was taken from the stock for it is back."""
    body = entry.body
    vaccine, lot, reported, before = db.execute(
        "SELECT vaccine, lot, reported, withdrawn_at FROM dose WHERE id = ?", (body["dose"],)
    ).fetchone()
    db.execute(
        "UPDATE dose SET withdrawn_at = ?, withdrawn_kind = ?, withdrawn_reason = ?,"
        " replaced_by = ? WHERE id = ?",
        (
            entry.document["at"],
            body["kind"],
            body["reason"],
            body.get("replacedBy", ""),
            body["dose"],
        ),
    )
    follow_dose(db, entry)
    if not reported and not before:
        _take_from_stock(db, vaccine, lot, -1)


def dose_corrected(db: Database, entry: Entry) -> None:
    """Change what is said of a dose, and which lot it was taken from."""
    columns = {
        "lot": "lot",
        "expiry": "expiry",
        "on": "given_on",
        "vaccinator": "vaccinator",
        "effectiveUntil": "effective_until",
        "nextDue": "next_due",
        "number": "number",
        "total": "total",
        "statedNumber": "stated_number",
        "answers": "answers",
    }
    dose, changes = entry.body["dose"], dict(entry.body["changes"])
    if "answers" in changes:
        changes["answers"] = compact_json(changes["answers"]) if changes["answers"] else ""
    if changes.get("lot"):
        changes["lot"] = lot_key(changes["lot"])
    vaccine, old, reported = db.execute(
        "SELECT vaccine, lot, reported FROM dose WHERE id = ?", (dose,)
    ).fetchone()
    change_columns(db, "dose", dose, columns, changes)
    if reported:
        return
    _take_from_stock(db, vaccine, old, -1)
    _take_from_stock(db, vaccine, changes.get("lot", old), 1)


def stock_received(db: Database, entry: Entry) -> None:
    """Add a delivery to its lot; doses given of it before it was recorded came out of it."""
    body = entry.body
    db.execute(
        "INSERT INTO stock (vaccine, lot, expiry, received, given)"
        " SELECT :vaccine, :lot, :expiry, :quantity, count(*) FROM dose"
        " WHERE vaccine = :vaccine AND lot = :lot AND reported = 0 AND withdrawn_at = ''"
        " ON CONFLICT (vaccine, lot) DO UPDATE SET"
        " received = received + excluded.received, expiry = excluded.expiry",
        {
            "vaccine": body["vaccine"],
            "lot": lot_key(body["lot"]),
            "expiry": body["expiry"],
            "quantity": body["quantity"],
        },
    )
    db.execute(
        "INSERT INTO delivery_line (id, document, same_as, received, vaccine, lot, expiry,"
        " quantity, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body.get("document", ""),
            document_key(body.get("document", "")),
            body.get("received") or entry.document["at"][:10],
            body["vaccine"],
            body["lot"],
            body["expiry"],
            body["quantity"],
            entry.position,
        ),
    )
