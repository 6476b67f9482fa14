"""Brings a database file to this version's shape, one recorded step at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from edge.domain.errors import EdgeError
from edge.journal.migrations import (
    m0001_first,
    m0002_credentials,
    m0003_observations,
    m0004_mail,
    m0005_letters,
    m0006_followers,
)

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its place in the line, a name, and statements separated as SQLite reads them."""

    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        """The step's fingerprint, recorded with it: a released step is never edited."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "first", m0001_first.SQL),
    Migration(2, "credentials", m0002_credentials.SQL),
    Migration(3, "observations", m0003_observations.SQL),
    Migration(4, "mail", m0004_mail.SQL),
    Migration(5, "letters", m0005_letters.SQL),
    Migration(6, "followers", m0006_followers.SQL),
)


def migrate(
    db: Database, now: datetime, migrations: Sequence[Migration] = MIGRATIONS
) -> tuple[str, ...]:
    """Apply what is missing, each step and its record in one transaction; name what was applied.

    Raises :class:`EdgeError` ``journal.newer`` for a database that a later version has written,
    and ``journal.other-history`` when a recorded step is not the one this version knows.
    """
    db.execute(
        "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " digest TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"
    )
    recorded = dict(db.execute("SELECT number, digest FROM migration"))
    newest = migrations[-1].number
    if recorded and max(recorded) > newest:
        raise EdgeError(
            "journal.newer",
            "This journal was written by a newer version (step {theirs}; this one knows {ours}).",
            hint="Install that version again. Nothing was changed.",
            theirs=max(recorded),
            ours=newest,
        )
    applied = []
    for migration in migrations:
        if migration.number in recorded:
            if recorded[migration.number] != migration.digest:
                raise EdgeError(
                    "journal.other-history",
                    "Step {number} of this journal is not the one this version knows.",
                    hint="It was written by a changed program. Nothing was changed.",
                    number=migration.number,
                )
            continue
        _apply(db, migration, now)
        applied.append(migration.name)
    return tuple(applied)


def _apply(db: Database, migration: Migration, now: datetime) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(migration.sql):
            db.execute(statement)
        db.table("migration").insert(
            {
                "number": migration.number,
                "name": migration.name,
                "digest": migration.digest,
                "applied_at": now.isoformat(),
            }
        )
        db.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.execute("ROLLBACK")
        raise


def _statements(sql: str) -> list[str]:
    """Split at the semicolons that end a statement; a trigger's body holds others."""
    from edge.journal.database import sqlite

    statements, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if current.strip() and sqlite.complete_statement(current):
            statements.append(current.strip())
            current = ""
    return statements
