"""The whole store in one SQLite file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sync.migrations import Migration
from sync.protocol.instants import instant
from sync.registry.store.sql.drafts import Drafts
from sync.registry.store.sql.enrolment_lists import EnrolmentLists
from sync.registry.store.sql.fleet import Fleet
from sync.registry.store.sql.intake import Intake
from sync.registry.store.sql.judging import Judging
from sync.registry.store.sql.mailbox import Mailbox
from sync.registry.store.sql.migrations import migrate
from sync.registry.store.sql.office import Office
from sync.registry.store.sql.presence import Presence
from sync.registry.store.sql.reading import Reading
from sync.registry.store.sql.second_factors import SecondFactors
from sync.registry.store.sql.signing import Signing
from sync.registry.store.sqlite.database import SqliteDatabase
from sync.registry.store.sqlite.schema import MIGRATIONS


class SqliteStore(
    Intake,
    Fleet,
    Reading,
    Mailbox,
    Judging,
    Office,
    SecondFactors,
    Presence,
    Drafts,
    Signing,
    EnrolmentLists,
):
    """Keeps everything in one file, and brings it up to date when it is opened.

    ``key`` is 32 bytes (:func:`~sync.registry.store.sqlite.key.file_key`); without one the file is
    plain, for what nobody keeps.
    """

    def __init__(self, path: Path, key: bytes | None = None) -> None:
        database = SqliteDatabase(path, key=key)
        super().__init__(database)
        try:
            migrate(database, MIGRATIONS, instant(datetime.now(UTC)))
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def migrate_sqlite(
    path: Path,
    now: str,
    migrations: Sequence[Migration] = MIGRATIONS,
    key: bytes | None = None,
) -> tuple[str, ...]:
    """Bring a file up to date; name the steps that were applied."""
    database = SqliteDatabase(path, key=key)
    try:
        return migrate(database, migrations, now)
    finally:
        database.close()
