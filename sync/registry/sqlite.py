"""The embedded store: one SQLite file, for trying out and for small countries' districts."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from sync.entries import Head, Link
from sync.registry.store import (
    Accepted,
    ForkError,
    GapError,
    NodeRecord,
    ParentError,
    StoredEntry,
)

_ENTRY = "node, epoch, number, type, hash, content, received_at"


class SqliteStore:
    """Keeps everything in one file; WAL with ``synchronous=FULL``, one writer at a time."""

    def __init__(self, path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        self._db = Database(connection, execute_plugins=False)
        self._lock = threading.Lock()
        with self._writing():
            self._create()

    def enrol(self, node: str, key: str, facility: str, name: str, now: str) -> None:
        """Remember a node; enrolling the same key again changes nothing but its facility."""
        with self._writing() as db:
            row = {"node": node, "key": key, "facility": facility, "name": name}
            if db.execute("SELECT 1 FROM node WHERE node = ?", (node,)).fetchone():
                db.table("node").update(node, {"facility": facility, "name": name})
            else:
                db.table("node").insert({**row, "enrolled_at": now, "heard_at": ""})

    def node(self, node: str) -> NodeRecord | None:
        """Find a node."""
        return next((one for one in self.nodes() if one.node == node), None)

    def nodes(self) -> list[NodeRecord]:
        """Give every node, the one heard last first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT node, key, facility, name, enrolled_at, heard_at,"
                " (SELECT count(*) FROM entry WHERE entry.node = node.node),"
                " (SELECT count(*) FROM alarm WHERE alarm.node = node.node)"
                " FROM node ORDER BY heard_at DESC, facility"
            ).fetchall()
        return [NodeRecord(*row) for row in rows]

    def accept(self, links: Sequence[tuple[Link, bytes, str]], now: str) -> Accepted:
        """Store a checked batch in one transaction, whatever of it was stored before."""
        first = links[0][0]
        try:
            with self._writing() as db:
                held = self._head(db, first.node, first.epoch)
                last = held.number if held else 0
                if first.number > last + 1:
                    raise GapError(last)
                self._check_join(db, first)
                new = self._insert(db, links, now)
                db.execute("UPDATE node SET heard_at = ? WHERE node = ?", (now, first.node))
                return Accepted(
                    self._head(db, first.node, first.epoch), new, self._count(db, first.node)
                )
        except ForkError as fork:
            with self._writing() as db:
                db.table("alarm").insert(
                    {
                        "node": first.node,
                        "epoch": first.epoch,
                        "number": fork.number,
                        "kind": "fork",
                        "at": now,
                    }
                )
            raise

    def heads(self, node: str) -> list[Head]:
        """Give the last link of every epoch of a node."""
        with self._lock:
            rows = self._db.execute(
                "SELECT epoch, number, hash FROM entry AS one WHERE node = ? AND number ="
                " (SELECT max(number) FROM entry WHERE node = one.node AND epoch = one.epoch)",
                (node,),
            ).fetchall()
        return [Head(*row) for row in rows]

    def count(self, node: str) -> int:
        """Count a node's entries over all epochs."""
        with self._lock:
            return self._count(self._db, node)

    def latest(self, limit: int) -> list[StoredEntry]:
        """Give the entries received last, newest first."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_ENTRY} FROM entry ORDER BY rowid DESC LIMIT ?",  # noqa: S608
                (limit,),
            ).fetchall()
        return [StoredEntry(*row) for row in rows]

    def entries(self, node: str, epoch: str, after: int, limit: int) -> list[StoredEntry]:
        """Give an epoch's entries behind a number."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_ENTRY} FROM entry WHERE node = ? AND epoch = ? AND number > ?"  # noqa: S608
                " ORDER BY number LIMIT ?",
                (node, epoch, after, limit),
            ).fetchall()
        return [StoredEntry(*row) for row in rows]

    def of_type(self, type_: str) -> Iterator[StoredEntry]:
        """Give every entry of a type, of all nodes."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_ENTRY} FROM entry WHERE type = ? ORDER BY node, epoch, number",  # noqa: S608
                (type_,),
            ).fetchall()
        for row in rows:
            yield StoredEntry(*row)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.conn.close()

    def _create(self) -> None:
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS node (node TEXT PRIMARY KEY, key TEXT NOT NULL,"
            " facility TEXT NOT NULL, name TEXT NOT NULL, enrolled_at TEXT NOT NULL,"
            " heard_at TEXT NOT NULL) STRICT"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS entry (node TEXT NOT NULL, epoch TEXT NOT NULL,"
            " number INTEGER NOT NULL, type TEXT NOT NULL, hash TEXT NOT NULL,"
            " content TEXT NOT NULL, received_at TEXT NOT NULL,"
            " PRIMARY KEY (node, epoch, number)) STRICT"
        )
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS alarm (node TEXT NOT NULL, epoch TEXT NOT NULL,"
            " number INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL) STRICT"
        )

    def _check_join(self, db: Database, first: Link) -> None:
        """An epoch's first entry must follow an entry that is held, of the hash it names."""
        if first.number > 1:
            row = db.execute(
                "SELECT hash FROM entry WHERE node = ? AND epoch = ? AND number = ?",
                (first.node, first.epoch, first.number - 1),
            ).fetchone()
            if row[0] != first.previous:
                raise ForkError(first.number - 1)
        elif first.parent is not None:
            row = db.execute(
                "SELECT hash FROM entry WHERE node = ? AND epoch = ? AND number = ?",
                (first.node, first.parent.epoch, first.parent.number),
            ).fetchone()
            if row is None:
                raise ParentError
            if row[0] != first.parent.hash:
                raise ForkError(first.parent.number)

    def _insert(self, db: Database, links: Sequence[tuple[Link, bytes, str]], now: str) -> int:
        new = 0
        for link, content, hash_ in links:
            held = db.execute(
                "SELECT hash FROM entry WHERE node = ? AND epoch = ? AND number = ?",
                (link.node, link.epoch, link.number),
            ).fetchone()
            if held is not None:
                if held[0] != hash_:
                    raise ForkError(link.number)
                continue
            text = content.decode()
            db.execute(
                f"INSERT INTO entry ({_ENTRY})"  # noqa: S608
                " VALUES (?, ?, ?, json_extract(?, '$.type'), ?, ?, ?)",
                (link.node, link.epoch, link.number, text, hash_, text, now),
            )
            new += 1
        return new

    def _head(self, db: Database, node: str, epoch: str) -> Head | None:
        row = db.execute(
            "SELECT epoch, number, hash FROM entry WHERE node = ? AND epoch = ?"
            " ORDER BY number DESC LIMIT 1",
            (node, epoch),
        ).fetchone()
        return Head(*row) if row else None

    def _count(self, db: Database, node: str) -> int:
        row = db.execute("SELECT count(*) FROM entry WHERE node = ?", (node,)).fetchone()
        return int(row[0])

    @contextmanager
    def _writing(self) -> Iterator[Database]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.conn.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
