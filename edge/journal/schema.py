"""Brings a database file to this version's shape, one recorded step at a time."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from edge.domain.errors import EdgeError, Unavailable
from edge.journal.migrations import (
    m0001_first,
    m0002_credentials,
    m0003_observations,
    m0004_mail,
    m0005_letters,
    m0006_missing_letters,
    m0007_followers,
    m0008_withdrawals,
    m0009_search,
    m0010_people,
    m0011_once_in_force,
    m0012_imports,
    m0013_tries,
    m0014_access,
    m0016_devices,
    m0019_observed_until,
    m0020_proofs,
    m0021_carried,
    m0022_answers,
    m0023_documents,
    m0024_appointments,
    m0025_enrolment_lists,
    m0026_invitations,
    m0027_plugins,
    m0028_identity_keys,
    m0030_payments,
    m0032_messages,
    m0036_sign_in_methods,
    m0038_open_payments,
)
from sync import migrations as runner
from sync.migrations import NewerError, OtherHistoryError
from sync.protocol.instants import instant

if TYPE_CHECKING:
    from sqlite_utils import Database

Result = TypeVar("Result")


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

    @property
    def statements(self) -> list[str]:
        """The statements, in order."""
        return _statements(self.sql)


MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, "first", m0001_first.SQL),
    Migration(2, "credentials", m0002_credentials.SQL),
    Migration(3, "observations", m0003_observations.SQL),
    Migration(4, "mail", m0004_mail.SQL),
    Migration(5, "letters", m0005_letters.SQL),
    Migration(6, "missing letters", m0006_missing_letters.SQL),
    Migration(7, "followers", m0007_followers.SQL),
    Migration(8, "withdrawals", m0008_withdrawals.SQL),
    Migration(9, "search", m0009_search.SQL),
    Migration(10, "people", m0010_people.SQL),
    Migration(11, "once in force", m0011_once_in_force.SQL),
    Migration(12, "imports", m0012_imports.SQL),
    Migration(13, "tries", m0013_tries.SQL),
    Migration(14, "access", m0014_access.SQL),
    Migration(16, "devices", m0016_devices.SQL),
    Migration(19, "observed until", m0019_observed_until.SQL),
    Migration(20, "proofs", m0020_proofs.SQL),
    Migration(21, "carried questions", m0021_carried.SQL),
    Migration(22, "answers", m0022_answers.SQL),
    Migration(23, "documents", m0023_documents.SQL),
    Migration(24, "appointments", m0024_appointments.SQL),
    Migration(25, "enrolment lists", m0025_enrolment_lists.SQL),
    Migration(26, "invitations", m0026_invitations.SQL),
    Migration(27, "plug-ins", m0027_plugins.SQL),
    Migration(28, "identity keys", m0028_identity_keys.SQL),
    Migration(30, "payments", m0030_payments.SQL),
    Migration(32, "messages", m0032_messages.SQL),
    Migration(36, "sign-in methods", m0036_sign_in_methods.SQL),
    Migration(38, "open payments", m0038_open_payments.SQL),
)


def migrate(
    db: Database, now: datetime, migrations: Sequence[Migration] = MIGRATIONS
) -> tuple[str, ...]:
    """Apply what is missing, each step and its record in one transaction; name what was applied.

    Raises :class:`EdgeError` ``journal.newer`` for a database that a later version has written,
    and ``journal.other-history`` when a recorded step is not the one this version knows; then
    nothing was changed.
    """
    with _told():
        return runner.migrate(_Journal(db), migrations, instant(now))


def check_shape(db: Database) -> None:
    """Refuse to read a database that is not of this version's shape; raises :class:`EdgeError`."""
    if "migration" in db.table_names():
        with _told():
            recorded = runner.recorded(_Journal(db))
            missing = runner.wanting(recorded, MIGRATIONS)
        if not missing:
            return
    raise Unavailable(
        "journal.older",
        "This journal is of an older version of the program.",
        hint="Start the site once with this version: divoc-edge run brings it up to date.",
    )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except NewerError as error:
        raise EdgeError(
            "journal.newer",
            "This journal was written by a newer version (step {theirs}; this one knows {ours}).",
            hint="Install that version again. Nothing was changed.",
            theirs=error.theirs,
            ours=error.ours,
        ) from None
    except OtherHistoryError as error:
        raise EdgeError(
            "journal.other-history",
            "Step {number} of this journal is not the one this version knows.",
            hint="It was written by a changed program. Nothing was changed.",
            number=error.number,
        ) from None


def has_tables(db: Database) -> bool:
    """Say whether a file has been brought to any version's shape yet."""
    return "entry" in db.table_names()


class _Journal:
    """A journal's connection as the runner uses it: its database, and each transaction on it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def write(self, work: Callable[[_Journal], Result]) -> Result:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = work(self)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.conn.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return result

    def read(self, work: Callable[[_Journal], Result]) -> Result:
        return work(self)

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, parameters).fetchall()

    def run(self, sql: str, *parameters: object) -> int:
        return self._db.execute(sql, parameters).rowcount


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
