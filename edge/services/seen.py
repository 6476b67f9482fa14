"""Two tablets, one record: a correction says what it saw, and brings nothing back unseen."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping

from edge.domain.errors import Conflict
from edge.journal import merges
from edge.journal.entries import entries_of_type
from edge.journal.unit import Unit


class RecordChangedConflict(Conflict):
    """What a correction changes was changed by somebody else since its form was drawn.

    ``fields`` are the names in the entries' bodies, ``position`` the place of the last of those
    changes: whoever has seen them says so with it.
    """

    def __init__(self, fields: Iterable[str], position: int) -> None:
        super().__init__(
            "record.changed",
            "Somebody else has changed this record in between.",
            hint="Look at both, and choose which is right.",
            field="seen",
        )
        self.fields = tuple(sorted(fields))
        self.position = position


def check_seen(
    unit: Unit, seen: int | None, type_: str, about: Mapping[str, str], fields: Iterable[str]
) -> None:
    """Refuse to change fields that others have changed after a position of the journal.

    ``about`` are the fields of an entry's body that say what it is of, with their values. None:
    whoever asks does not say what was seen.
    """
    if seen is None:
        return
    wanted, changed, position = set(fields), set[str](), 0
    for entry in entries_of_type(unit.db, type_, seen):
        body = entry.body
        if all(body.get(name) == value for name, value in about.items()):
            theirs = wanted & set(body.get("changes", wanted))
            changed |= theirs
            position = entry.position if theirs else position
    if changed:
        raise RecordChangedConflict(changed, position)


def merges_since(unit: Unit, seen: int, ids: Container[str]) -> Iterator[tuple[int, merges.Merge]]:
    """Give the merges of any of these people that were made or undone after a position.

    Each with the position of that.
    """
    for type_ in ("PersonsMerged", "MergeUndone"):
        for entry in entries_of_type(unit.db, type_, seen):
            merge = merges.merge(unit.db, entry.body.get("merge", entry.id))
            if merge is not None and (merge.kept in ids or merge.merged in ids):
                yield entry.position, merge
