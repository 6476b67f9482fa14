"""What the journal remembers of its followers: how far each is, and what it could not deliver.

The cursor is the follower's row in ``delivery``, and counts only while its hash is ours.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.journal.delivery import delivery
from edge.journal.entry import ENTRY_COLUMNS, Entry
from edge.journal.receipts import keep_receipt
from edge.journal.settings import keep_setting, setting

if TYPE_CHECKING:
    from sqlite_utils import Database

Types = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class UndeliveredEntry:
    """An entry that was not delivered, and why; instants in ISO 8601, ``sentence`` a template."""

    position: int
    state: str
    tries: int
    code: str
    sentence: str
    values: Mapping[str, Any]
    at: str
    again_at: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries behind the cursor that are wanted, kept aside, and refused."""

    waiting: int
    later: int
    refused: int


def wanted_after(db: Database, position: int, types: Types, limit: int) -> list[Entry]:
    """Give entries of some types behind a position, oldest first."""
    among, given = _among(types)
    rows = db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE position > ?{among}"  # noqa: S608
        " ORDER BY position LIMIT ?",
        (position, *given, limit),
    )
    return [Entry.from_row(row) for row in rows]


def due_aside(db: Database, follower: str, now: str, horizon: str, limit: int) -> list[Entry]:
    """Give what was kept aside and is due, oldest first.

    Behind ``horizon`` nothing was ever put off: a clock that was wrong then is right now.
    """
    rows = db.execute(
        f"SELECT {ENTRY_COLUMNS} FROM entry WHERE position IN"  # noqa: S608
        " (SELECT position FROM undelivered WHERE follower = ? AND state = 'later'"
        " AND (again_at <= ? OR again_at > ?) ORDER BY again_at, position LIMIT ?)"
        " ORDER BY position",
        (follower, now, horizon, limit),
    )
    return [Entry.from_row(row) for row in rows]


def undelivered(db: Database, follower: str, limit: int = -1) -> list[UndeliveredEntry]:
    """List what a follower could not deliver, oldest first."""
    rows = db.execute(
        'SELECT position, state, tries, code, sentence, "values", at, again_at FROM undelivered'
        " WHERE follower = ? ORDER BY position LIMIT ?",
        (follower, limit),
    )
    return [
        UndeliveredEntry(position, state, count, code, sentence, json.loads(values), at, again_at)
        for position, state, count, code, sentence, values, at, again_at in rows
    ]


def tries(db: Database, follower: str, position: int) -> int:
    """Say how often an entry was tried in vain."""
    row = db.execute(
        "SELECT tries FROM undelivered WHERE follower = ? AND position = ?", (follower, position)
    ).fetchone()
    return int(row[0]) if row else 0


def counts(db: Database, follower: str, types: Types) -> Counts:
    """Count what a follower has still to do."""
    among, given = _among(types)
    position = delivery(db, follower).delivered
    (waiting,) = db.execute(
        f"SELECT count(*) FROM entry WHERE position > ?{among}",  # noqa: S608
        (position, *given),
    ).fetchone()
    states = dict(
        db.execute(
            "SELECT state, count(*) FROM undelivered WHERE follower = ? GROUP BY state", (follower,)
        )
    )
    return Counts(waiting, states.get("later", 0), states.get("refused", 0))


def move(db: Database, follower: str, entry: Entry, at: str) -> None:
    """Move a follower's cursor to an entry."""
    told = json.dumps({"at": at})
    keep_receipt(db, follower, (entry.epoch, entry.number, entry.hash, told))


def keep_undelivered(db: Database, follower: str, one: UndeliveredEntry) -> None:
    """Remember why an entry was not delivered, in place of what was known."""
    values = json.dumps(dict(one.values), ensure_ascii=False, default=str)
    db.execute(
        "INSERT OR REPLACE INTO undelivered VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (follower, one.position, one.state, one.tries, one.code, one.sentence, values, one.at,
         one.again_at),
    )  # fmt: skip


def forget_undelivered(db: Database, follower: str, position: int) -> None:
    """An entry was delivered after all."""
    db.execute("DELETE FROM undelivered WHERE follower = ? AND position = ?", (follower, position))


def ask_again(db: Database, follower: str) -> int:
    """Let everything that was refused or put off be tried now; count it."""
    found = db.execute(
        "UPDATE undelivered SET state = 'later', tries = 0, again_at = ''"
        " WHERE follower = ? AND state IN ('refused', 'later')",
        (follower,),
    )
    return int(found.rowcount)


def trouble(db: Database, follower: str) -> Mapping[str, Any]:
    """Give what a follower came to harm with last: code, sentence, values, at; empty: nothing."""
    found: dict[str, Any] = json.loads(setting(db, _trouble(follower)) or "{}")
    return found


def keep_trouble(db: Database, follower: str, told: Mapping[str, Any]) -> None:
    """Remember a follower's trouble; empty: forget it."""
    text = json.dumps(dict(told), ensure_ascii=False, default=str) if told else ""
    keep_setting(db, _trouble(follower), text)


def _trouble(follower: str) -> str:
    return f"follower.{follower}.trouble"


def _among(types: Types) -> tuple[str, tuple[str, ...]]:
    if types is None:
        return "", ()
    return f" AND type IN ({', '.join('?' for _ in types)})", tuple(sorted(types))
