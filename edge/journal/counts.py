"""How many there are: read without anything of what a person or a dose is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def count_people(db: Database) -> int:
    """Count everybody; two who are one are one."""
    return int(db.execute("SELECT count(*) FROM person WHERE kept = id").fetchone()[0])


def count_given_here(db: Database) -> int:
    """Count the doses given at this site; those that were taken back are none."""
    row = db.execute(
        "SELECT count(*) FROM dose WHERE reported = 0 AND withdrawn_at = ''"
    ).fetchone()
    return int(row[0])
