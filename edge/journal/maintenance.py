"""Proves the journal, and makes again what is read from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from edge.domain.errors import EdgeError
from edge.journal import database
from edge.journal.entries import entries
from edge.journal.entry import ENTRY_COLUMNS, Entry
from edge.journal.projections import TABLES, VERSION, project
from edge.journal.projections.search import empty_index
from sync.protocol.entries import GENESIS, canonical, chain_hash
from sync.protocol.errors import EntryError

if TYPE_CHECKING:
    from sqlite_utils import Database

Progress = Callable[[int], None]


def _silently(_: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the journal does not hold together, and what is wrong there."""

    position: int
    epoch: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a walk along the chain found: how many entries, the last hash, the first fault."""

    entries: int
    head: str
    broken: BrokenLink | None


def check_chain(db: Database, progress: Progress = _silently) -> ChainCheck:
    """Walk the whole chain: every hash, every number, every link between epochs."""
    return _walk(db, 0, progress)


def check_latest(db: Database, count: int) -> ChainCheck:
    """Walk the last links of the chain, so many at the most."""
    (top,) = db.execute("SELECT coalesce(max(position), 0) FROM entry").fetchone()
    return _walk(db, max(0, top - count), _silently)


def _walk(db: Database, after: int, progress: Progress) -> ChainCheck:
    last: Entry | None = None
    count = 0
    sql = f"SELECT {ENTRY_COLUMNS} FROM entry WHERE position >= ? ORDER BY position"  # noqa: S608
    with database.any_text(db):
        for row in db.execute(sql, (after,)):
            entry, reason = _read(row)
            if not (last is None and after):  # the one before the first is where the walk begins
                reason = reason or _fault(entry, last)
            if reason:
                broken = BrokenLink(entry.position, entry.epoch, entry.number, reason)
                return ChainCheck(count, last.hash if last else GENESIS, broken)
            last, count = entry, count + 1
            progress(count)
    return ChainCheck(count, last.hash if last else GENESIS, None)


def _read(row: tuple[Any, ...]) -> tuple[Entry, str]:
    """Make an entry of a row, or say why it is none: whoever changes one may write anything."""
    try:
        entry = Entry.from_row(row)
        if canonical(entry.document) == entry.content.encode():
            return entry, ""
        reason = "its content is not in canonical form"
    except (ValueError, TypeError, AttributeError, RecursionError, EntryError):
        reason = "its content is not what an entry holds"
    if _hash(row[-1]) != row[-2]:
        reason = "its hash is not the hash of its content"
    position, epoch, number = row[:3]
    told = str(epoch).encode("utf-8", "backslashreplace").decode()
    return Entry(position, told, number, "", "", "", "", "", {}), reason


def _hash(content: object) -> str:
    text = (
        content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogateescape")
    )
    return chain_hash(text)


def _fault(entry: Entry, last: Entry | None) -> str:
    document = entry.document
    if _hash(entry.content) != entry.hash:
        return "its hash is not the hash of its content"
    columns = (entry.epoch, entry.number, entry.id, entry.type, entry.cause)
    if not isinstance(document, Mapping) or columns != tuple(
        document.get(key) for key in ("epoch", "number", "id", "type", "cause")
    ):
        return "its columns do not say what its content says"
    if last is None:
        expected: tuple[Any, ...] = (1, 1, GENESIS, None)
    elif entry.epoch == last.epoch:
        expected = (last.position + 1, last.number + 1, last.hash, None)
    else:
        parent = {"epoch": last.epoch, "number": last.number, "hash": last.hash}
        expected = (last.position + 1, 1, last.hash, parent)
    found = (entry.position, entry.number, document.get("previous"), document.get("parent"))
    names = ("its position", "its number", "the hash before it", "its parent")
    for name, is_, should in zip(names, found, expected, strict=True):
        if is_ != should:
            return f"{name} does not continue the entry before"
    return ""


def rebuild(db: Database, progress: Progress = _silently) -> int:
    """Empty every projected table and make it again from the journal, in one transaction.

    Raises :class:`EdgeError` with the place where the journal does not hold together, if it is
    for that that no table can be made of it.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        for table in TABLES:
            db.execute(f"DELETE FROM {table}")  # noqa: S608  (our own table names)
        empty_index(db)
        count = 0
        for count, entry in enumerate(entries(db), start=1):
            project(db, entry)
            progress(count)
        db.execute("UPDATE projection SET version = ?", (VERSION,))
        db.execute("COMMIT")
    except BaseException as error:
        broken = check_chain(db).broken if isinstance(error, Exception) else None
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        if broken is None:
            raise
        raise EdgeError(
            "journal.broken",
            "The journal is broken at position {position} (epoch {epoch}, number {number}):"
            " {reason}.",
            hint="Keep a copy of the folder for whoever looks into this, and bring the site back"
            " from a backup.",
            **asdict(broken),
        ) from error
    return count


def renew(db: Database) -> None:
    """Make the projected tables anew where an older version of this software made them."""
    (made,) = db.execute("SELECT version FROM projection").fetchone()
    if made < VERSION:
        rebuild(db)


def fingerprint(db: Database) -> str:
    """Hash every projected row in order: equal fingerprints are equal tables, byte for byte."""
    digest = hashlib.sha256()
    with database.any_text(db):
        for table, order in TABLES.items():
            digest.update(table.encode())
            for row in db.execute(f"SELECT * FROM {table} ORDER BY {order}"):  # noqa: S608
                told = json.dumps(row, ensure_ascii=False)
                digest.update(told.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
