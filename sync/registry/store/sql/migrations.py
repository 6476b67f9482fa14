"""Brings the registry's database to this version's shape, or says in words why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sync import migrations
from sync.migrations import Migration, NewerError, OtherHistoryError, Step
from sync.protocol.errors import SyncError
from sync.registry.store.sql.database import Database


def migrate(database: Database, steps: Sequence[Migration], now: str) -> tuple[str, ...]:
    """Apply what is missing; name what was applied.

    Raises :class:`SyncError` ``registry.newer`` or ``registry.other-history``; then nothing was
    changed.
    """
    with _in_words():
        return migrations.migrate(database, steps, now)


def wanting(recorded: Mapping[int, str], steps: Sequence[Migration]) -> list[Step]:
    """Give the steps that a database lacks, by the digests of those it records."""
    with _in_words():
        return migrations.wanting(recorded, steps)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except NewerError as error:
        raise SyncError(
            "registry.newer",
            "This registry's database was written by a newer version (step {theirs}; this one"
            " knows {ours}). Install that version again. Nothing was changed.",
            theirs=error.theirs,
            ours=error.ours,
        ) from None
    except OtherHistoryError as error:
        raise SyncError(
            "registry.other-history",
            "Step {number} of this registry's database is not the one this version knows."
            " It was written by a changed program. Nothing was changed.",
            number=error.number,
        ) from None
