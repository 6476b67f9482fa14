"""What of a person is shown otherwise since somebody has seen them: corrected, merged, parted."""

from __future__ import annotations

from collections.abc import Iterable

from edge.domain.merging import Record, joined
from edge.domain.people import Person
from edge.journal import merges, views
from edge.journal.entries import entries_of_type
from edge.journal.unit import Unit
from edge.services.people.register_person import person_body
from edge.services.seen import RecordChangedConflict, merges_since


def check_seen_person(
    unit: Unit, seen: int | None, asked: str, person: Person, fields: Iterable[str]
) -> None:
    """Refuse to change fields of a person that are others than those that were seen.

    A merge fills what is empty, and its undoing empties it again.

    ``asked`` is the id under which the person was seen, ``person`` who is shown under it now.
    """
    if seen is None:
        return
    ids, wanted, changed, position = set(views.ids_of(unit.db, asked)), set(fields), set[str](), 0
    for entry in entries_of_type(unit.db, "PersonCorrected", seen):
        if entry.body["person"] in ids and (theirs := wanted & set(entry.body["changes"])):
            changed, position = changed | theirs, entry.position
    for at, merge in merges_since(unit, seen, ids):
        if theirs := wanted & _fields_apart(person, _as_seen(unit, merge, asked, person)):
            changed, position = changed | theirs, max(position, at)
    if changed:
        raise RecordChangedConflict(changed, position)


def _as_seen(unit: Unit, merge: merges.Merge, asked: str, person: Person) -> Person:
    """Give a person as shown before a merge, or before its undoing."""
    if not merge.undone_at:
        (own,) = views.recorded_people(unit.db, [asked])
        return own
    other = merge.merged if person.id == merge.kept else merge.kept
    (theirs,) = views.recorded_people(unit.db, [other])
    kept, merged = (theirs, person) if other == merge.kept else (person, theirs)
    return joined(Record(kept), [Record(merged)])


def _fields_apart(one: Person, other: Person) -> set[str]:
    here, there = person_body(one), person_body(other)
    return {name for name in {*here, *there} if here.get(name) != there.get(name)}
