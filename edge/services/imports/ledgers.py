"""Where an import writes: the journal, or, for a preview, a draft of it that nobody keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from edge.journal import database
from edge.journal.journal import Journal
from edge.journal.schema import migrate
from edge.journal.unit import Stamp, Tip, Unit
from edge.services.imports.books import Books

T = TypeVar("T")
Work = Callable[[Unit, Books], T]


class Ledger(Protocol):
    """Does units of work."""

    def run(self, work: Work[T]) -> T:
        """Do one, with what is known to it."""
        ...

    def close(self) -> None:
        """Let go of what was needed for it."""
        ...


class KeptLedger:
    """Writes to the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def run(self, work: Work[T]) -> T:
        """Do a unit of work that is on the disk when this returns."""
        return self._journal.run(lambda unit: work(unit, Books(unit.db)))

    def close(self) -> None:
        """Nothing is held."""


class DraftLedger:
    """Writes to a database in memory, beside the journal: nothing of it stays.

    What runs is what a real import runs, so that a preview says what would happen. The writer of
    the journal is not asked, and the tablets do not wait.
    """

    def __init__(self, journal: Journal, stamp: Stamp) -> None:
        self._journal = journal
        self._stamp = stamp
        self._db = database.open_draft()
        migrate(self._db, stamp.at)
        self._tip = Tip(node="draft", epoch="0" * 16, position=0)

    def run(self, work: Work[T]) -> T:
        """Do a unit of work in the draft."""
        unit = Unit(self._db, self._tip, self._stamp)
        with self._journal.reading() as db:
            done = work(unit, Books(db, self._db))
        self._tip = unit.tip
        return done

    def close(self) -> None:
        """Forget the draft."""
        self._db.close()
