"""Who was merged with whom, and of which it was said that they are not the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.journal.views.certificates import IssuedCertificate, certificate
from edge.journal.views.people import OF_ONE

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = (
    "id, kept, merged, reason, merged_at, merged_by, origin, undone_at, undone_by, undone_for"
)
_IDS = f"SELECT id FROM person WHERE {OF_ONE}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge by its entry's id; instants in ISO 8601, ``undone_at`` empty while it stands.

    ``kept`` and ``merged`` are the ids that were shown then. ``origin`` is the entry of another
    site that told of it, or empty.
    """

    id: str
    kept: str
    merged: str
    reason: str
    merged_at: str
    merged_by: str
    origin: str
    undone_at: str
    undone_by: str
    undone_for: str


def merge(db: Database, id_: str) -> Merge | None:
    """Find a merge by the id of its entry."""
    return next(iter(_merges(db, "id = ?", id_)), None)


def merge_told(db: Database, origin: str) -> Merge | None:
    """Find the merge that an entry of another site told of."""
    return next(iter(_merges(db, "origin = ?", origin)), None)


def newest_merges(db: Database, limit: int) -> list[Merge]:
    """Give merges, undone or not, the newest first."""
    return _merges(db, "1 ORDER BY position DESC LIMIT ?", limit)


def merges_of(db: Database, person: str) -> list[Merge]:
    """Give the merges that stand between the ids of one person, the oldest first."""
    return _merges(
        db,
        f"undone_at = '' AND merged IN ({_IDS}) ORDER BY position",
        person,
    )


def was_parted(db: Database, person: str) -> bool:
    """Say whether a merge of a person with somebody was undone."""
    row = db.execute(
        "SELECT 1 FROM merge WHERE undone_at <> ''"  # noqa: S608
        f" AND (kept IN ({_IDS}) OR merged IN ({_IDS}))",
        (person, person),
    ).fetchone()
    return row is not None


def distinguished_people(db: Database, one: str, other: str) -> bool:
    """Say whether it was said of any ids of two people that they are not the same."""
    row = db.execute(
        "SELECT 1 FROM distinguished WHERE kind = 'person'"  # noqa: S608
        f" AND (one IN ({_IDS}) AND other IN ({_IDS}) OR one IN ({_IDS}) AND other IN ({_IDS}))",
        (one, other, other, one),
    ).fetchone()
    return row is not None


def distinguished_doses(db: Database, person: str) -> set[tuple[str, str]]:
    """Give the pairs of a person's doses of which it was said that both were given."""
    rows = db.execute(
        "SELECT one, other FROM distinguished JOIN dose ON dose.id = one"  # noqa: S608
        f" JOIN person ON person.id = dose.person WHERE kind = 'dose' AND {OF_ONE}",
        (person,),
    ).fetchall()
    return {(one, other) for one, other in rows}


def papers_of_another(db: Database, people: Sequence[str]) -> list[IssuedCertificate]:
    """Give the certificates that count and were signed for one person, for a dose of another.

    Those of all who are shown with any of ``people``.
    """
    marks = ", ".join("?" * len(people))
    rows = db.execute(
        "SELECT certificate.id FROM certificate JOIN dose ON dose.id = certificate.dose"  # noqa: S608
        " JOIN person AS named ON named.id = certificate.person"
        " JOIN person AS given ON given.id = dose.person"
        " WHERE certificate.revoked_at = '' AND named.kept <> given.kept AND given.kept IN"
        f" (SELECT kept FROM person WHERE id IN ({marks})) ORDER BY certificate.position",
        tuple(people),
    ).fetchall()
    found = [certificate(db, id_) for (id_,) in [*rows, *_histories_of_another(db, people, marks)]]
    return [paper for paper in found if paper is not None]


def _histories_of_another(db: Database, people: Sequence[str], marks: str) -> list[tuple[str]]:
    """Give those of a dose of ``people`` that tell of a dose of somebody else as well."""
    return db.execute(
        "SELECT DISTINCT certificate.id FROM dose AS own"  # noqa: S608
        " JOIN person AS named ON named.id = own.person"
        " JOIN certificate ON certificate.dose = own.id"
        " JOIN entry ON entry.position = certificate.position"
        " JOIN json_each(entry.content, '$.body.doses') AS told"
        " JOIN dose AS other ON other.id = told.value"
        " JOIN person AS given ON given.id = other.person"
        " WHERE certificate.revoked_at = '' AND named.kept <> given.kept AND named.kept IN"
        f" (SELECT kept FROM person WHERE id IN ({marks})) ORDER BY certificate.position",
        tuple(people),
    ).fetchall()


def with_told_doses(db: Database, after: str) -> Iterator[str]:
    """Give people behind an id, in order, of whom doses may be recorded twice.

    Those with a dose that was told, and those who are shown under one of several ids.
    """
    rows = db.execute(
        "SELECT DISTINCT kept FROM person WHERE kept > ? AND (others > 0 OR id IN"
        " (SELECT person FROM dose WHERE reported = 1)) ORDER BY kept",
        (after,),
    )
    for (id_,) in rows:
        yield str(id_)


def registered_before(db: Database, before: int, limit: int) -> list[tuple[int, str]]:
    """Give people by the place of their registration, the last first, behind a place (0: all)."""
    rows = db.execute(
        "SELECT position, id FROM person WHERE kept = id AND (? = 0 OR position < ?)"
        " ORDER BY position DESC LIMIT ?",
        (before, before, limit),
    ).fetchall()
    return [(position, id_) for position, id_ in rows]


def _merges(db: Database, where: str, value: str | int) -> list[Merge]:
    rows = db.execute(f"SELECT {_COLUMNS} FROM merge WHERE {where}", (value,)).fetchall()  # noqa: S608
    return [Merge(*row) for row in rows]
