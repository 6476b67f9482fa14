"""Rows of two who are one, and of two who are said not to be.

Entries that name a person stay with the id they name. Under whom somebody is shown follows from
the merges that stand: from each along ``merged`` to ``kept`` until nobody follows. Undoing a merge
takes one such step away, so everything is as it would be had it never been made.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from edge.journal.entry import Entry

if TYPE_CHECKING:
    from sqlite_utils import Database


def persons_merged(db: Database, entry: Entry) -> None:
    """Show one person under another."""
    body = entry.body
    db.execute(
        "INSERT INTO merge (id, kept, merged, reason, merged_at, merged_by, origin, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.id,
            body["kept"],
            body["merged"],
            body["reason"],
            entry.document["at"],
            entry.document["by"],
            body.get("origin", ""),
            entry.position,
        ),
    )
    _show(db, body["kept"], body["merged"])


def merge_undone(db: Database, entry: Entry) -> None:
    """Show two people apart again; whoever was merged with either stays with that one."""
    body = entry.body
    row = db.execute("SELECT kept, merged FROM merge WHERE id = ?", (body["merge"],)).fetchone()
    if row is None:
        return
    db.execute(
        "UPDATE merge SET undone_at = ?, undone_by = ?, undone_for = ? WHERE id = ?",
        (entry.document["at"], entry.document["by"], body["reason"], body["merge"]),
    )
    _show(db, *row)


def distinguished(db: Database, entry: Entry) -> None:
    """Keep that two people, or two doses, are not the same."""
    kind = "person" if entry.type == "PersonsDistinguished" else "dose"
    one, other = sorted(entry.body[f"{kind}s"])
    db.execute(
        "INSERT OR REPLACE INTO distinguished (kind, one, other, reason, said_at, said_by,"
        " position) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            kind,
            one,
            other,
            entry.body["reason"],
            entry.document["at"],
            entry.document["by"],
            entry.position,
        ),
    )


def _show(db: Database, *people: str) -> None:
    """Bring up to date under whom these are shown, and those who were shown with them."""
    marks = ", ".join("?" * len(people))
    rows = db.execute(
        "SELECT id FROM person WHERE kept IN"  # noqa: S608  (marks only)
        f" (SELECT kept FROM person WHERE id IN ({marks}))",
        people,
    ).fetchall()
    shown = {id_: _kept(db, id_) for (id_,) in rows}
    counts = Counter(shown.values())
    for id_, kept in shown.items():
        db.execute(
            "UPDATE person SET kept = ?, others = ? WHERE id = ?",
            (kept, max(counts[id_] - 1, 0), id_),
        )


def _kept(db: Database, id_: str) -> str:
    """Follow the merges that stand; of a ring, which no desk makes, the first by id is kept."""
    way = [id_]
    while True:
        row = db.execute(
            "SELECT merge.kept FROM merge JOIN person ON person.id = merge.kept"
            " WHERE merged = ? AND undone_at = '' ORDER BY merge.position DESC LIMIT 1",
            (way[-1],),
        ).fetchone()
        if row is None:
            return way[-1]
        if row[0] in way:
            return min(way[way.index(row[0]) :])
        way.append(str(row[0]))
