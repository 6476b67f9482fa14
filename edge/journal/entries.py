"""Reads entries: in order, by their places, by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from edge.journal.entry import ENTRY_COLUMNS, Entry
from edge.journal.settings import keep_setting, setting
from sync.protocol.instants import instant, read_instant

if TYPE_CHECKING:
    from sqlite_utils import Database

Row = tuple[int, str, int, str, str]
"""An entry as it is delivered: position, epoch, number, hash and canonical text, not parsed."""
CONFIRMED = "ClockConfirmed"
"""The type of the entry that says that a supervisor confirmed the date."""
_LATEST = "clock-latest"
_ROW = "position, epoch, number, hash, content"


def entries(db: Database, after: int = 0, limit: int = -1) -> Iterator[Entry]:
    """Give the entries behind a position, oldest first."""
    for row in db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE position > ? ORDER BY position LIMIT ?",  # noqa: S608  (column names only)
        (after, limit),
    ):
        yield Entry.from_row(row)


def entries_of(db: Database, cause: str) -> list[Entry]:
    """Give the entries that one request caused, in order."""
    return [
        Entry.from_row(row)
        for row in db.execute(
            f"SELECT {ENTRY_COLUMNS} FROM entry WHERE cause = ? ORDER BY position",  # noqa: S608
            (cause,),
        )
    ]


def last_place(db: Database) -> tuple[str, int, str] | None:
    """Give epoch, number and hash of the last entry."""
    row = db.execute(
        "SELECT epoch, number, hash FROM entry ORDER BY position DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def latest_instant(db: Database) -> datetime | None:
    """Give the latest moment that was written under a believed clock: no honest one is earlier.

    The latest, and not that of the last entry: a clock that went back does not lower it. Where a
    supervisor confirmed the date, what was written before does not count: it may be of a clock
    that ran ahead.
    """
    position, latest = _kept_latest(db)
    confirmed = newest_of(db, CONFIRMED)
    if confirmed is not None and confirmed.position > position:
        position, latest = confirmed.position - 1, ""
    row = db.execute(
        "SELECT max(json_extract(content, '$.at')) FROM entry"
        " WHERE position > ? AND json_extract(content, '$.clock') = 'believed'",
        (position,),
    ).fetchone()
    latest = max(latest, row[0] or "")
    return read_instant(latest) if latest else None


def keep_latest(db: Database) -> None:
    """Keep the latest moment, so that the next start need not look through the whole journal."""
    latest = latest_instant(db)
    if latest is not None:
        last = db.execute("SELECT max(position) FROM entry").fetchone()[0]
        keep_setting(db, _LATEST, f"{last} {instant(latest)}")


def _kept_latest(db: Database) -> tuple[int, str]:
    position, _, latest = setting(db, _LATEST).partition(" ")
    return (int(position), latest) if latest else (0, "")


def entry(db: Database, id_: str) -> Entry | None:
    """Find an entry by its id."""
    row = db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE id = ?",  # noqa: S608
        (id_,),
    ).fetchone()
    return Entry.from_row(row) if row else None


def newest_of(db: Database, type_: str) -> Entry | None:
    """Find the last entry of a type."""
    row = db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE type = ? ORDER BY position DESC LIMIT 1",  # noqa: S608
        (type_,),
    ).fetchone()
    return Entry.from_row(row) if row else None


def entries_of_type(db: Database, type_: str, after: int) -> Iterator[Entry]:
    """Give the entries of a type behind a position, oldest first."""
    for row in db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE position > ? AND type = ? ORDER BY position",  # noqa: S608
        (after, type_),
    ):
        yield Entry.from_row(row)


def campaign_versions(db: Database, id_: str) -> list[str]:
    """Give every version of a campaign, by its id, that was ever in force."""
    return [
        str(row[0])
        for row in db.execute(
            "SELECT json_extract(content, '$.body.campaign.version') FROM entry"
            " WHERE type = 'CampaignApplied' AND json_extract(content, '$.body.campaign.id') = ?",
            (id_,),
        )
    ]


def count_entries(db: Database) -> int:
    """Count all entries."""
    return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def last_position(db: Database) -> int:
    """Give the position of the last entry; 0 if there is none."""
    return int(db.execute("SELECT ifnull(max(position), 0) FROM entry").fetchone()[0])


def place_at(db: Database, position: int) -> tuple[str, int]:
    """Give the epoch and the number of the entry at a position that there is."""
    epoch, number = db.execute(
        "SELECT epoch, number FROM entry WHERE position = ?", (position,)
    ).fetchone()
    return epoch, number


def find_place(db: Database, epoch: str, number: int) -> tuple[int, str] | None:
    """Give the position and the hash of the entry of a number in an epoch."""
    row = db.execute(
        "SELECT position, hash FROM entry WHERE epoch = ? AND number = ?", (epoch, number)
    ).fetchone()
    return (row[0], row[1]) if row else None


def rows_after(db: Database, position: int, limit: int) -> list[Row]:
    """Give the entries behind a position as they are delivered, oldest first."""
    rows: list[Row] = db.execute(
        f"SELECT {_ROW} FROM entry WHERE position > ? ORDER BY position LIMIT ?",  # noqa: S608
        (position, limit),
    ).fetchall()
    return rows


def rows_of_types(db: Database, types: Sequence[str], position: int, limit: int) -> list[Row]:
    """Give the entries of some types behind a position as they are delivered, oldest first."""
    marks = ", ".join("?" for _ in types)
    rows: list[Row] = db.execute(
        f"SELECT {_ROW} FROM entry WHERE position > ?"  # noqa: S608
        f" AND type IN ({marks}) ORDER BY position LIMIT ?",
        (position, *types, limit),
    ).fetchall()
    return rows
