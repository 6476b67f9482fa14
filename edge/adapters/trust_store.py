"""What others told this site: whose signatures count, and what they have revoked.

A database of its own, not encrypted and not part of the journal: all of it is public, can be
large, and is replaced whole when a newer list comes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.adapters.key_texts import key_text, read_key
from edge.adapters.list_sources import Provenance, Source
from edge.credentials.revocation import Lookup, Standing
from edge.credentials.revocation_entries import RevocationKeys
from edge.credentials.trust import Trust, TrustedKey
from edge.domain.errors import BadInput
from edge.journal.database import read_trouble

_SCHEMA = """
CREATE TABLE IF NOT EXISTS source (
  name TEXT PRIMARY KEY, kind TEXT NOT NULL, imported_at TEXT NOT NULL, count INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS trusted (source TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS code (source TEXT NOT NULL, code TEXT NOT NULL, display TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS list (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, scope TEXT NOT NULL, issued_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS signed (
  source TEXT PRIMARY KEY, publisher TEXT NOT NULL, officer TEXT NOT NULL, version TEXT NOT NULL,
  sequence INTEGER NOT NULL, good_until TEXT NOT NULL, digest TEXT NOT NULL, key TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS context (source TEXT NOT NULL, address TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pinned_context (address TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS from_campaign (source TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS revoked (
  key BLOB NOT NULL, source INTEGER NOT NULL, before TEXT, until TEXT, PRIMARY KEY (key, source)
) WITHOUT ROWID;
"""
_CACHE_KIB = 4096


class TrustStore:
    """Keeps trusted keys, revoked certificates and the names of codes; safe to share.

    On a disk that takes nothing it is read; what would change it raises SQLite's error.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(_SCHEMA)
            self._add_until()
        except sqlite3.OperationalError as error:
            if read_trouble(error) is None:
                raise
            self._db.close()
            self._db = _read_only(path)
        self._db.execute("PRAGMA temp_store = FILE")
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")

    def _add_until(self) -> None:
        """Bring a file of before batches could expire up to date; its entries never do."""
        with self.at_once():
            columns = {row[1] for row in self._db.execute("PRAGMA table_info(revoked)")}
            if "until" not in columns:
                self._db.execute("ALTER TABLE revoked ADD COLUMN until TEXT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Change what is changed within as one: all of it is on the disk, or nothing."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def version(self) -> int:
        """Give a number that changes when anybody changes anything, also another process."""
        with self._lock:
            other = int(self._db.execute("PRAGMA data_version").fetchone()[0])
            return other * 1_000_000 + self._db.total_changes % 1_000_000

    def put_trust(self, source: str, keys: Iterable[TrustedKey], now: datetime) -> int:
        """Replace what a source says whose signatures count; how many keys that are."""
        rows = [(source, key_text(key)) for key in keys]
        with self.at_once():
            self._empty(source)
            self._db.executemany("INSERT INTO trusted (source, body) VALUES (?, ?)", rows)
            self._remember(source, "trust", len(rows), now)
        return len(rows)

    def trust(self) -> Trust:
        """Trust every key of every source."""
        with self._lock:
            rows = self._db.execute("SELECT body FROM trusted").fetchall()
            contexts = self._db.execute(
                "SELECT address, body FROM pinned_context"
                " WHERE address IN (SELECT address FROM context)"
            ).fetchall()
        known = {address: json.loads(body) for address, body in contexts}
        return Trust.of((read_key(row[0]) for row in rows), known)

    def put_contexts(self, source: str, contexts: Mapping[str, Any], now: datetime) -> int:
        """Replace the contexts of a source, by their addresses.

        What an address stands for never changes, whatever becomes of the list: papers that exist
        would be read wrongly. Raises :class:`BadInput` for another content.
        """
        with self.at_once():
            self._empty(source)
            for address, document in contexts.items():
                body = json.dumps(document, sort_keys=True)
                self._pin(address, body)
                self._db.execute("INSERT INTO context VALUES (?, ?)", (source, address))
            self._remember(source, "contexts", len(contexts), now)
        return len(contexts)

    def _pin(self, address: str, body: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO pinned_context VALUES (?, ?)", (address, body))
        sql = "SELECT 1 FROM pinned_context WHERE address = ? AND body = ?"
        if self._db.execute(sql, (address, body)).fetchone() is None:
            raise BadInput(
                "contexts.changed",
                "The context {address} says other things than before: papers that exist would be"
                " read wrongly.",
                hint="Give it a new address, such as one that ends with v2.",
                address=address,
            )

    def put_codes(self, source: str, names: Mapping[str, str], now: datetime) -> int:
        """Replace what a value set calls its codes."""
        rows = [(source, code, display) for code, display in names.items()]
        with self.at_once():
            self._empty(source)
            self._db.executemany("INSERT INTO code VALUES (?, ?, ?)", rows)
            self._remember(source, "codes", len(rows), now)
        return len(rows)

    def codes(self) -> dict[str, str]:
        """Give the name of every code."""
        with self._lock:
            return dict(self._db.execute("SELECT code, display FROM code").fetchall())

    def put_revocations(
        self,
        source: str,
        scopes: Iterable[str],
        entries: Iterable[RevocationKeys],
        issued_at: datetime,
        now: datetime,
    ) -> int:
        """Replace a revocation list; entries may be any number, and are sorted on disk."""
        with self.at_once():
            number = self._number(source)
            self._empty(source)
            self._db.execute(
                "CREATE TEMP TABLE coming (key BLOB NOT NULL, before TEXT, until TEXT)"
            )
            try:
                self._db.executemany(
                    "INSERT INTO coming VALUES (?, ?, ?)",
                    ((entry.key, _text(entry.before), _text(entry.until)) for entry in entries),
                )
                self._db.execute(
                    # of an entry that stands there twice, what revokes more counts
                    "INSERT INTO revoked (key, source, before, until) SELECT key, ?,"
                    " CASE WHEN count(before) = count(*) THEN max(before) END,"
                    " CASE WHEN count(until) = count(*) THEN max(until) END"
                    " FROM coming GROUP BY key ORDER BY key",
                    (number,),
                )
                count = int(self._db.execute("SELECT count(*) FROM coming").fetchone()[0])
            finally:
                self._db.execute("DROP TABLE coming")
            self._db.executemany(
                "INSERT INTO list (source, scope, issued_at) VALUES (?, ?, ?)",
                [(source, scope, issued_at.isoformat()) for scope in scopes],
            )
            self._remember(source, "revocations", count, now)
        return count

    def standing(self, lookup: Lookup) -> Standing:
        """Look a certificate up (a :class:`Revocations`)."""
        with self._lock:
            lists = self._db.execute("SELECT scope, issued_at FROM list").fetchall()
            marks = ", ".join("?" * len(lookup.keys))
            found = self._db.execute(
                f"SELECT before, until FROM revoked WHERE key IN ({marks})",  # noqa: S608  (marks only)
                lookup.keys,
            ).fetchall()
        ages = [datetime.fromisoformat(at) for scope, at in lists if lookup.scope.startswith(scope)]
        before, until = (_latest([row[place] for row in found]) for place in (0, 1))
        return Standing(bool(found), min(ages, default=None), before, until)

    def sources(self) -> list[Source]:
        """List what was imported, newest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT name, kind, imported_at, count FROM source ORDER BY imported_at DESC, name"
            ).fetchall()
        return [Source(name, kind, datetime.fromisoformat(at), n) for name, kind, at, n in rows]

    def provenance(self, source: str) -> Provenance | None:
        """Say whose a list is; None for one that nobody signed, or that is not here."""
        return self.signed().get(source)

    def signed(self) -> dict[str, Provenance]:
        """Give every signed list by its name, whose it is, also those that were withdrawn."""
        with self._lock:
            rows = self._db.execute(
                "SELECT source, publisher, officer, version, sequence, good_until, digest, key"
                " FROM signed ORDER BY source"
            ).fetchall()
        return {
            source: Provenance(
                publisher=publisher,
                officer=officer,
                version=version,
                sequence=sequence,
                good_until=datetime.fromisoformat(until),
                digest=digest,
                key=key,
            )
            for source, publisher, officer, version, sequence, until, digest, key in rows
        }

    def put_provenance(self, source: str, found: Provenance | None) -> None:
        """Remember whose a list is, or that nobody has signed it."""
        with self.at_once():
            for table in ("signed", "from_campaign"):
                self._db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608
            if found is not None:
                self._db.execute(
                    "INSERT INTO signed VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        source,
                        found.publisher,
                        found.officer,
                        found.version,
                        found.sequence,
                        found.good_until.isoformat(),
                        found.digest,
                        found.key,
                    ),
                )

    def mark_campaign(self, source: str) -> None:
        """Remember that the ministry's signed campaign names a list: it may withdraw it."""
        with self.at_once():
            self._db.execute("INSERT OR IGNORE INTO from_campaign VALUES (?)", (source,))

    def of_campaign(self) -> frozenset[str]:
        """Give the lists that a signed campaign named when it was last here."""
        with self._lock:
            rows = self._db.execute("SELECT source FROM from_campaign").fetchall()
        return frozenset(row[0] for row in rows)

    def forget(self, source: str) -> bool:
        """Drop everything a source said; whether there was anything."""
        with self.at_once():
            known = self._db.execute("SELECT 1 FROM source WHERE name = ?", (source,)).fetchone()
            self._empty(source)
            for table in ("signed", "from_campaign"):
                self._db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608
            self._db.execute("DELETE FROM source WHERE name = ?", (source,))
        return known is not None

    def _empty(self, source: str) -> None:
        """Drop what a source said, of whatever kind it was before."""
        number = "(SELECT rowid FROM source WHERE name = ?)"
        self._db.execute(f"DELETE FROM revoked WHERE source = {number}", (source,))  # noqa: S608
        for table in ("trusted", "code", "list", "context"):
            self._db.execute(f"DELETE FROM {table} WHERE source = ?", (source,))  # noqa: S608

    def _remember(self, source: str, kind: str, count: int, now: datetime) -> None:
        self._db.execute(
            "INSERT INTO source (name, kind, imported_at, count) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind,"
            " imported_at = excluded.imported_at, count = excluded.count",
            (source, kind, now.astimezone(UTC).isoformat(), count),
        )

    def _number(self, source: str) -> int:
        """Give a source's row: entries carry it instead of the name, millions of times."""
        self._db.execute(
            "INSERT OR IGNORE INTO source (name, kind, imported_at, count) VALUES (?, '', '', 0)",
            (source,),
        )
        row = self._db.execute("SELECT rowid FROM source WHERE name = ?", (source,)).fetchone()
        return int(row[0])


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _latest(texts: list[str | None]) -> datetime | None:
    """Give the latest of some moments; None where one of them is without."""
    moments = [text for text in texts if text is not None]
    return datetime.fromisoformat(max(moments)) if moments and len(moments) == len(texts) else None


def _read_only(path: Path) -> sqlite3.Connection:
    """Open the lists on a disk that takes nothing: as they are, without the file readers share."""
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?{mode}",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
        )
        try:
            db.execute("SELECT count(*) FROM source").fetchone()
        except sqlite3.OperationalError:
            db.close()
        else:
            return db
    empty = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    empty.executescript(_SCHEMA)
    return empty
