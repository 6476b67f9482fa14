"""Brings a database to this version's shape, one recorded step at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sync.protocol.errors import SyncError
from sync.registry.store.sql.database import Database, Session


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: its place in the line, a name, its statements; a released step is not edited."""

    number: int
    name: str
    statements: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The step's fingerprint, recorded with it."""
        return hashlib.sha256(";".join(self.statements).encode()).hexdigest()


def migrate(database: Database, migrations: Sequence[Migration], now: str) -> tuple[str, ...]:
    """Apply what is missing, each step and its record in one transaction; name what was applied.

    Two at once do no harm: the step's record is written first, and the second waits for it.
    Raises :class:`SyncError` ``registry.newer`` or ``registry.other-history``; then nothing was
    changed.
    """
    database.write(
        lambda session: session.run(
            "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY,"
            " name TEXT NOT NULL, digest TEXT NOT NULL, applied_at TEXT NOT NULL)"
        )
    )
    recorded = database.read(_recorded)
    missing = wanting(recorded, migrations)
    applied = (database.write(partial(_apply, step=step, now=now)) for step in missing)
    return tuple(name for name in applied if name)


def wanting(recorded: Mapping[int, str], migrations: Sequence[Migration]) -> list[Migration]:
    """Give the steps that a database lacks, by the digests of those it records."""
    newest = migrations[-1].number
    if recorded and max(recorded) > newest:
        raise SyncError(
            "registry.newer",
            "This registry's database was written by a newer version (step {theirs}; this one"
            " knows {ours}). Install that version again. Nothing was changed.",
            theirs=max(recorded),
            ours=newest,
        )
    for step in migrations:
        if recorded.get(step.number, step.digest) != step.digest:
            raise SyncError(
                "registry.other-history",
                "Step {number} of this registry's database is not the one this version knows."
                " It was written by a changed program. Nothing was changed.",
                number=step.number,
            )
    return [step for step in migrations if step.number not in recorded]


def _recorded(session: Session) -> dict[int, str]:
    return dict(session.rows("SELECT number, digest FROM migration"))


def _apply(session: Session, step: Migration, now: str) -> str:
    new = session.run(
        "INSERT INTO migration (number, name, digest, applied_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (number) DO NOTHING",
        *(step.number, step.name, step.digest, now),
    )
    if not new:
        return ""
    for statement in step.statements:
        session.run(statement)
    return step.name
