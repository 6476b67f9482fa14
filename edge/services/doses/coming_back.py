"""Somebody of whom it was said that they are not here is given a dose, or was not after all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.people import Person
from edge.journal import views
from edge.journal.entries import entries_of, entries_of_type
from edge.journal.entries import entry as entry_by_id
from edge.journal.entry import Entry
from edge.journal.unit import Unit
from edge.services.request import Request
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATUS = "PersonStatusRecorded"


def came_back(unit: Unit, request: Request[Any], person: Person, on: date, site: Site) -> None:
    """Say that somebody is here again who was given a dose after it was said that they are not.

    A dose of the very day of a death leaves it as it is: it may have been given before.
    """
    status, today = person.status, site.clock.today()
    returned = status.outlived_by(on) or (status.on == on == today and status.name != "died")
    if status.here or not returned:
        return
    override = request.command.override
    reason = override.reason if override else ""
    unit.append(
        _STATUS,
        {"person": person.id, "status": "active", "on": on.isoformat(), "reason": reason},
        id_=site.ids.new(),
        by=request.actor.code,
        cause=request.id,
    )


def gone_again(unit: Unit, request: Request[Any], record: views.DoseRecord, site: Site) -> None:
    """Say again what was said before a dose that is taken back showed somebody to be here.

    Not where their status was recorded once more since.
    """
    ids = views.ids_of(unit.db, record.person.id)
    shown = {
        entry.id
        for cause in _requests(unit.db, record)
        for entry in entries_of(unit.db, cause)
        if entry.type == _STATUS
    }
    if not shown:
        return
    said = [e for e in entries_of_type(unit.db, _STATUS, 0) if e.body["person"] in ids]
    if len(said) > 1 and said[-1].id in shown and said[-1].body["status"] == "active":
        before: Entry = said[-2]
        told = before.body
        kept = {name: told[name] for name in ("status", "on", "place") if name in told}
        unit.append(
            _STATUS,
            {"person": said[-1].body["person"], **kept, "reason": request.command.reason},
            id_=site.ids.new(),
            by=request.actor.code,
            cause=request.id,
        )


def _requests(db: Database, record: views.DoseRecord) -> Iterator[str]:
    """Give the requests that recorded a dose, and those that it is in the place of."""
    dose = record.dose.id
    while dose:
        entry = entry_by_id(db, dose)
        if entry is None:
            return
        yield entry.document.get("cause") or dose
        dose = entry.body.get("replaces", "")
