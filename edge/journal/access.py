"""Who saw whom: a chain of its own, beside the journal and encrypted with it.

Each record's hash is the SHA-256 of the hash before it and its content, in hex. A day's last hash
stands in an entry of the journal (``AccessCounted``), so that neither chain can be changed alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from edge.journal.settings import keep_setting, setting
from sync.protocol.entries import GENESIS, canonical

if TYPE_CHECKING:
    from sqlite_utils import Database

AccessKind = Literal[
    "person",
    "list",
    "search",
    "certificate",
    "signed-in",
    "wrong-pin",
    "signature",
    "signed-out",
    "sessions-ended",
    "pin-set",
    "sign-in-added",
    "sign-in-removed",
]
ACCESS_KINDS: tuple[AccessKind, ...] = get_args(AccessKind)
SEEING: frozenset[AccessKind] = frozenset({"person", "list", "search", "certificate"})
"""Those in which somebody saw people's data."""
_BASE = "access-base"
"""The setting that says behind which record and hash the chain begins, once it was trimmed."""


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody saw something, or signed in: when (an instant), who, at which tablet, whom, where.

    ``staff`` is empty where nobody of the staff is known; ``place`` is a page or a route.
    """

    at: str
    kind: AccessKind
    staff: str = ""
    device: str = ""
    people: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class AccessRow:
    """A record of the chain with its number."""

    number: int
    access: Access


@dataclass(frozen=True, slots=True)
class AccessCheck:
    """What a walk along the chain found: the first record's number, how many, what is wrong."""

    first: int
    records: int
    reason: str = ""


def append(db: Database, found: Sequence[Access]) -> None:
    """Link records to the end of the chain."""
    number, hash_ = _end(db)
    for access in found:
        content = _content(access)
        number, hash_ = number + 1, _next(hash_, content)
        db.execute(
            "INSERT INTO access (number, at, kind, staff, content, hash) VALUES (?, ?, ?, ?, ?, ?)",
            (number, access.at, access.kind, access.staff, content, hash_),
        )
        for person in dict.fromkeys(access.people):
            db.execute("INSERT INTO shown (person, number) VALUES (?, ?)", (person, number))


def page(
    db: Database,
    *,
    person: str = "",
    staff: str = "",
    kinds: Sequence[AccessKind] = (),
    before: int = 0,
    limit: int = 50,
) -> list[AccessRow]:
    """Give records, newest first: of a person, by somebody, of kinds, before a number (0: all).

    A person is asked for with all the records that were merged into theirs.
    """
    of_person = (
        " AND number IN (SELECT number FROM shown WHERE person IN"
        " (SELECT id FROM person WHERE kept = ? OR id = ?))"
    )
    wanted = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    rows = db.execute(
        "SELECT number, content FROM access WHERE (? = 0 OR number < ?)"  # noqa: S608  (marks only)
        f"{' AND staff = ?' if staff else ''}{of_person if person else ''}{wanted}"
        " ORDER BY number DESC LIMIT ?",
        (
            before,
            before,
            *([staff] if staff else []),
            *([person, person] if person else []),
            *kinds,
            limit,
        ),
    )
    return [AccessRow(number, _access(content)) for number, content in rows]


def counted(db: Database, after: int, until: str) -> tuple[Mapping[str, int], int, str]:
    """Count the records behind a number up to the last before an instant, with its hash.

    What a clock that went back wrote in between is counted with them.
    """
    last = db.execute(
        "SELECT number, hash FROM access WHERE number > ? AND at < ? ORDER BY number DESC LIMIT 1",
        (after, until),
    ).fetchone()
    if last is None:
        return {}, after, ""
    rows = db.execute(
        "SELECT kind, count(*) FROM access WHERE number > ? AND number <= ? GROUP BY kind",
        (after, last[0]),
    )
    return dict(rows.fetchall()), int(last[0]), str(last[1])


def first_after(db: Database, number: int) -> str:
    """Give the instant of the first record behind a number; empty for none."""
    row = db.execute(
        "SELECT at FROM access WHERE number > ? ORDER BY number LIMIT 1", (number,)
    ).fetchone()
    return str(row[0]) if row else ""


def last_anchor(db: Database) -> int:
    """Give the number up to which the journal knows the chain."""
    (number,) = db.execute("SELECT coalesce(max(number), 0) FROM access_anchor").fetchone()
    return max(int(number), _base(db)[0])


def anchor(db: Database, number: int, at: str, hash_: str) -> None:
    """Remember that an entry of the journal holds the hash of a record."""
    db.execute("INSERT INTO access_anchor (number, at, hash) VALUES (?, ?, ?)", (number, at, hash_))


def trim(db: Database, before: str, most: int) -> int:
    """Drop records up to the last anchor before an instant, or so that ``most`` are left.

    The chain goes on from that anchor's hash. Give how many records were dropped.
    """
    end, _ = _end(db)
    row = db.execute(
        "SELECT number, hash FROM access_anchor WHERE at < ? OR number <= ?"
        " ORDER BY number DESC LIMIT 1",
        (before, end - most),
    ).fetchone()
    if row is None:
        return 0
    number, hash_ = row
    db.execute("DELETE FROM shown WHERE number <= ?", (number,))
    dropped = db.execute("DELETE FROM access WHERE number <= ?", (number,)).rowcount
    db.execute("DELETE FROM access_anchor WHERE number <= ?", (number,))
    keep_setting(db, _BASE, json.dumps([number, hash_]))
    return int(dropped)


def check_access(db: Database) -> AccessCheck:
    """Walk the chain and compare it with what the journal's entries say of it."""
    number, hash_ = _base(db)
    first, count = number + 1, 0
    told = _told(db)
    if told.get(number, hash_) != hash_:
        return AccessCheck(first, 0, "it does not begin where the journal says")
    rows = db.execute("SELECT number, at, kind, staff, content, hash FROM access ORDER BY number")
    for found, at, kind, staff, content, kept in rows:
        access = _access(content)
        hash_ = _next(hash_, content)
        if found != number + 1 or kept != hash_:
            return AccessCheck(first, count, f"record {found} does not follow the one before")
        if (access.at, access.kind, access.staff) != (at, kind, staff):
            return AccessCheck(first, count, f"record {found} has other columns than content")
        if told.get(found, hash_) != hash_:
            return AccessCheck(first, count, f"record {found} is not the one the journal knows")
        number, count = found, count + 1
    if max(told, default=0) > number:
        return AccessCheck(first, count, "records that the journal knows are missing at the end")
    return AccessCheck(first, count)


def _told(db: Database) -> dict[int, str]:
    rows = db.execute(
        "SELECT json_extract(content, '$.body.upTo'), json_extract(content, '$.body.hash')"
        " FROM entry WHERE type = 'AccessCounted'"
    )
    return {int(number): str(hash_) for number, hash_ in rows}


def _base(db: Database) -> tuple[int, str]:
    kept = setting(db, _BASE)
    number, hash_ = json.loads(kept) if kept else (0, GENESIS)
    return int(number), str(hash_)


def _end(db: Database) -> tuple[int, str]:
    row = db.execute("SELECT number, hash FROM access ORDER BY number DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else _base(db)


def _next(before: str, content: str) -> str:
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()


def _content(access: Access) -> str:
    document = {
        "at": access.at,
        "kind": access.kind,
        "staff": access.staff,
        "device": access.device,
        "people": list(access.people),
        "place": access.place,
    }
    return canonical(document).decode()


def _access(content: str) -> Access:
    document = json.loads(content)
    return Access(
        at=document["at"],
        kind=document["kind"],
        staff=document["staff"],
        device=document["device"],
        people=tuple(document["people"]),
        place=document["place"],
    )
