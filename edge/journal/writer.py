"""The one writer: a thread that owns the only connection that changes the database.

Many tablets ask at once; the disk is asked once for all of them. Each unit of work has its own
SAVEPOINT, so one that fails undoes only itself, and nobody is answered before the commit.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from edge.domain.disk import Trouble
from edge.domain.errors import Unavailable
from edge.journal.database import (
    DatabaseError,
    OperationalError,
    is_busy,
    was_undone,
    write_trouble,
)
from edge.journal.disk_room import DiskRoom
from edge.journal.unit import Stamp, Tip, Unit

if TYPE_CHECKING:
    from sqlite_utils import Database

T = TypeVar("T")
Work = Callable[[Unit], T]
_GROUP = 64


class Writer:
    """Runs units of work one after another, in groups that share a commit.

    ``die`` ends the process: a commit that failed at bringing to the disk what was written leaves
    open what the disk holds, and only a fresh start, which reads it, can tell. It is never retried.
    A commit whose writing was not taken is undone, and said so.
    """

    def __init__(
        self,
        db: Database,
        tip: Tip,
        stamp: Callable[[], Stamp],
        die: Callable[[BaseException], NoReturn],
        room: DiskRoom,
    ) -> None:
        self._db = db
        self._tip = tip
        self._stamp = stamp
        self._die = die
        self._room = room
        self._waiting: SimpleQueue[tuple[Work[Any], Future[Any]] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    def run(self, work: Work[T]) -> T:
        """Do one unit of work; return, or raise what it raised, once the outcome is on the disk."""
        if self._closed:
            raise Unavailable("journal.closed", "The site computer is shutting down.")
        future: Future[T] = Future()
        self._waiting.put((work, future))
        return future.result()

    def stop(self) -> None:
        """Finish what is waiting, and take nothing more."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()

    def close(self) -> None:
        """Bring all of it into the one file, and close it; the readers are closed before.

        A disk that has no room for that keeps it in the log beside the file, where the next start
        finds it.
        """
        with contextlib.suppress(DatabaseError):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.conn.close()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            stop = False
            while len(group) < _GROUP and not self._waiting.empty():
                following = self._waiting.get()
                if following is None:
                    stop = True
                    break
                group.append(following)
            self._commit_group(group)
            if stop:
                break
        self._refuse_the_rest()

    def _commit_group(self, group: list[tuple[Work[Any], Future[Any]]]) -> None:
        db, tip = self._db, self._tip
        answers: list[Callable[[], None]] = []
        try:
            db.execute("BEGIN IMMEDIATE")
        except OperationalError as error:
            self._answer_nothing_was_saved(group, error)
            return
        for work, future in group:
            db.execute("SAVEPOINT unit")
            unit = Unit(db, tip, self._stamp())
            try:
                answer: Callable[[], None] = partial(future.set_result, work(unit))
                tip = unit.tip
            except Exception as error:
                if not db.conn.in_transaction:  # a full disk: SQLite has undone all of it
                    self._answer_nothing_was_saved(group, error)
                    return
                db.execute("ROLLBACK TO unit")
                answer = partial(future.set_exception, self._in_words(error))
            db.execute("RELEASE unit")
            answers.append(answer)
        try:
            db.execute("COMMIT")
        except BaseException as error:
            self._undo(error)
            self._answer_nothing_was_saved(group, error)
            return
        self._room.worked()
        self._tip = tip
        for answer in answers:
            answer()

    def _undo(self, error: BaseException) -> None:
        """Undo a commit whose writing was not taken; what else may have happened ends us."""
        if not was_undone(error):
            self._die(error)
        try:
            if self._db.conn.in_transaction:
                self._db.execute("ROLLBACK")
        except BaseException as left:
            self._die(left)

    def _answer_nothing_was_saved(
        self, group: list[tuple[Work[Any], Future[Any]]], error: BaseException
    ) -> None:
        for _, future in group:
            future.set_exception(self._in_words(error))

    def _in_words(self, error: BaseException) -> BaseException:
        """Turn what SQLite says of a full or failing disk into a sentence; leave the rest alone."""
        if is_busy(error):
            return Unavailable(
                "journal.busy",
                "Nothing was saved: another program holds the journal of this site.",
                hint="Try again in a moment, and call the technician if it happens again.",
            )
        trouble: Trouble | None = write_trouble(error)
        if trouble is None:
            return error
        self._room.failed(trouble)
        return self._room.refused()

    def _refuse_the_rest(self) -> None:
        while not self._waiting.empty():
            item = self._waiting.get()
            if item is not None:
                item[1].set_exception(
                    Unavailable("journal.closed", "The site computer is shutting down.")
                )
