"""What would follow from a request, shown before the tap: it is done and undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge.journal import views
from edge.journal.entry import Entry
from edge.web import calls, hand_over
from edge.web.calls import ApiInput
from edge.web.dose_answers import RehearsalAnswer, RenumberedDoseAnswer

if TYPE_CHECKING:
    from sqlite_utils import Database


def rehearse(call: ApiInput) -> RehearsalAnswer:
    """Say what would follow from a request, and record nothing."""
    command = calls.command(call.body, call.backend.running())
    entries = hand_over.rehearse(call.backend, command, calls.signed_in(call.staff))
    with call.backend.journal.reading() as db:
        return consequences(db, entries)


def consequences(db: Database, entries: Sequence[Entry]) -> RehearsalAnswer:
    """Put together what entries that were not kept would have changed."""
    revoked = [entry.body for entry in entries if entry.type == "CertificateRevoked"]
    return RehearsalAnswer(
        entries=[entry.type for entry in entries],
        revoked=[body["certificate"] for body in revoked],
        renewed=[body["certificate"] for body in revoked if "replacedBy" in body],
        numbers=[
            change
            for entry in entries
            if entry.type == "DoseCorrected" and (change := _change(db, entry)) is not None
        ],
    )


def _change(db: Database, entry: Entry) -> RenumberedDoseAnswer | None:
    changes, record = entry.body["changes"], views.recorded(db, entry.body["dose"])
    if record is None or not changes.keys() & {"number", "total"}:
        return None
    dose = record.dose
    return RenumberedDoseAnswer(
        dose=dose.id,
        programme=dose.programme,
        vaccine=dose.vaccine,
        on=dose.on,
        was=dose.number,
        was_total=dose.total,
        number=changes.get("number", dose.number),
        total=changes.get("total", dose.total),
    )
