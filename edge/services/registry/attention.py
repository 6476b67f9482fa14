"""What the registry does not count as it stands, with the person and the field it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.domain.dose import Dose
from edge.domain.people import Person
from edge.journal import views
from edge.journal.attention import Verdict, verdicts
from edge.journal.entries import entries_of_type, entry
from edge.journal.entry import Entry
from edge.services.people.demographics import differences

if TYPE_CHECKING:
    from sqlite_utils import Database

_CORRECTIONS = {"PersonCorrected": "person", "DoseCorrected": "dose"}

_CORRECTABLE = ("on", "lot", "expiry", "vaccinator")
"""The fields of a dose that the page of its correction has."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record and what the registry makes of it.

    ``state`` is ``rejected`` (somebody must put ``field`` right), ``conflict`` (``facility`` has
    recorded ``theirs``, and somebody must decide) or ``held`` (it waits for another record).
    ``value`` is what stands in the field here, ``sentence`` the registry's own template.
    ``correct`` is the page that corrects it, empty where none does; ``corrected``: that was done,
    and the registry has not answered yet. ``at`` is the verdict's instant in ISO 8601.
    """

    entry: str
    type: str
    state: str
    field: str
    value: str
    sentence: str
    at: str
    person: Person | None
    dose: Dose | None
    correct: str
    corrected: bool
    theirs: str = ""
    facility: str = ""


def attention(db: Database, limit: int = 200) -> list[Item]:
    """Give what needs attention, and behind it what is held; the oldest verdict first.

    A verdict on an entry that is not in this journal (its card was exchanged) is left out.
    """
    told = verdicts(db, limit)
    found = {
        verdict.entry: its
        for verdict in told
        if verdict.state != "conflict" and (its := entry(db, verdict.entry)) is not None
    }
    corrected = _corrected_after(db, list(found.values()))
    items: list[Item] = []
    for verdict in told:
        if verdict.state == "conflict":
            items += _differences(db, verdict)
        elif verdict.entry in found:
            items.append(_item(db, found[verdict.entry], verdict, corrected))
    return items


def _differences(db: Database, verdict: Verdict) -> list[Item]:
    """Show one field of a person, once for each other value."""
    person_id, _, name = verdict.entry.partition(" ")
    person = views.person(db, person_id)
    return [
        Item(
            entry=verdict.entry,
            type="PersonRegistered",
            state=verdict.state,
            field=verdict.field,
            value=difference.ours,
            sentence=verdict.sentence,
            at=verdict.at,
            person=person,
            dose=None,
            correct=f"/people/{person_id}/correct",
            corrected=False,
            theirs=difference.theirs,
            facility=difference.facility,
        )
        for difference in differences(db, person_id)
        if difference.field == name
    ]


def _item(db: Database, entry: Entry, verdict: Verdict, corrected: Mapping[str, int]) -> Item:
    body = entry.body
    told = body.get("person")
    person_id = told.get("id") if isinstance(told, Mapping) else told
    dose_id = entry.id if entry.type in ("DoseGiven", "DoseReported") else body.get("dose")
    record = views.recorded(db, dose_id) if isinstance(dose_id, str) else None
    if isinstance(person_id, str):
        person = views.person(db, person_id)
    else:
        person = record.person if record else None
    return Item(
        entry=entry.id,
        type=entry.type,
        state=verdict.state,
        field=verdict.field,
        value=_value(body, verdict.field),
        sentence=verdict.sentence,
        at=verdict.at,
        person=person,
        dose=record.dose if record else None,
        correct=_way(entry.type, person, record.dose if record else None, verdict.field),
        corrected=corrected.get(entry.id, 0) > entry.position,
    )


def _way(type_: str, person: Person | None, dose: Dose | None, field: str) -> str:
    """Name the page that puts a field right: a site cannot correct where a dose was given."""
    if type_ == "DoseGiven" and dose is not None and field in _CORRECTABLE:
        return f"/doses/{dose.id}/correct"
    if type_ == "PersonRegistered" and person is not None:
        return f"/people/{person.id}/correct"
    return ""


def _corrected_after(db: Database, entries: Sequence[Entry]) -> dict[str, int]:
    """Give the last correction of each record by its place; only what came after is looked at."""
    found: dict[str, int] = {}
    if not entries:
        return found
    first = min(entry.position for entry in entries)
    for type_, name in _CORRECTIONS.items():
        for correction in entries_of_type(db, type_, first):
            found[str(correction.body.get(name))] = correction.position
    return found


def _value(body: Mapping[str, Any], field: str) -> str:
    value: Any = body
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return str(value)[:80] if isinstance(value, str | int) else ""
