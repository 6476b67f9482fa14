"""Brings a database to a version's shape, one recorded step at a time.

Whose database it is, and in which words it is refused, the journal and the registry's store say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")
_TABLE = (
    "CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " digest TEXT NOT NULL, applied_at TEXT NOT NULL)"
)
_RECORD = (
    "INSERT INTO migration (number, name, digest, applied_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (number) DO NOTHING"
)


class Step(Protocol):
    """One step: its place in the line, a name, its statements; a released one is not edited."""

    @property
    def number(self) -> int:
        """Counted from 1."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def statements(self) -> Sequence[str]:
        """What is run, in order."""
        ...

    @property
    def digest(self) -> str:
        """The step's fingerprint, recorded with it."""
        ...


@dataclass(frozen=True, slots=True)
class Migration:
    """A step whose statements are written one by one."""

    number: int
    name: str
    statements: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The step's fingerprint, recorded with it."""
        return hashlib.sha256(";".join(self.statements).encode()).hexdigest()


class Session(Protocol):
    """One transaction; parameters are written ``?``."""

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Give every row."""
        ...

    def run(self, sql: str, *parameters: object) -> int:
        """Change something; how many rows were changed."""
        ...


class Database(Protocol):
    """What runs work in a transaction: all of it, or nothing."""

    def write(self, work: Callable[[Any], Result]) -> Result:
        """Run work in a transaction that waits for every other that writes, and commit it."""
        ...

    def read(self, work: Callable[[Any], Result]) -> Result:
        """Run work that changes nothing."""
        ...


class NewerError(Exception):
    """A later version has written the database: its last step, and the last one known here."""

    def __init__(self, theirs: int, ours: int) -> None:
        super().__init__(f"step {theirs} of {ours}")
        self.theirs = theirs
        self.ours = ours


class OtherHistoryError(Exception):
    """A recorded step is not the one that this version has under its number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"step {number}")
        self.number = number


def migrate(database: Database, steps: Sequence[Step], now: str) -> tuple[str, ...]:
    """Apply what is missing, each step and its record in one transaction; name what was applied.

    Two at once do no harm: the step's record is written first, and the second waits for it.
    ``now`` is an instant. Raises what :func:`wanting` raises; then nothing was changed.
    """
    database.write(lambda session: session.run(_TABLE))
    missing = wanting(database.read(recorded), steps)
    applied = (database.write(partial(_apply, step=step, now=now)) for step in missing)
    return tuple(name for name in applied if name)


def wanting(recorded: Mapping[int, str], steps: Sequence[Step]) -> list[Step]:
    """Give the steps that a database lacks, by the digests of those it records.

    Raises :class:`NewerError` or :class:`OtherHistoryError`.
    """
    newest = steps[-1].number
    if recorded and max(recorded) > newest:
        raise NewerError(max(recorded), newest)
    for step in steps:
        if recorded.get(step.number, step.digest) != step.digest:
            raise OtherHistoryError(step.number)
    return [step for step in steps if step.number not in recorded]


def recorded(session: Session) -> dict[int, str]:
    """Give the digests of the steps that a database records, by their numbers."""
    return dict(session.rows("SELECT number, digest FROM migration"))


def _apply(session: Session, step: Step, now: str) -> str:
    if not session.run(_RECORD, step.number, step.name, step.digest, now):
        return ""
    for statement in step.statements:
        session.run(statement)
    return step.name
