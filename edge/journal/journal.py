"""The journal of one node: opened once, written by one thread, read by many."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from edge.domain.disk import Purpose
from edge.domain.errors import EdgeError
from edge.journal import database
from edge.journal.disk_room import DiskRoom
from edge.journal.maintenance import renew
from edge.journal.schema import check_shape, migrate
from edge.journal.unit import Stamp, Tip
from edge.journal.writer import T, Work, Writer
from sync.protocol.entries import Head

if TYPE_CHECKING:
    from sqlite_utils import Database

_READERS = 16


class Readers:
    """Read-only connections, lent for a moment each: a long reader would keep the WAL growing."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._idle: list[Database] = []
        self._closed = False
        self._opened = 0
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Lend a connection with a snapshot that holds still while it is lent."""
        opened = self._opened
        db = self._take()
        try:
            db.execute("BEGIN")
            yield db
        finally:
            with suppress(database.DatabaseError):  # a disk that fails has ended it already
                db.execute("ROLLBACK")
            self._give_back(db, opened)

    def begin_anew(self) -> None:
        """Lend none of those that are open now again: they read a file that does not change."""
        with self._lock:
            self._opened += 1
            while self._idle:
                self._idle.pop().close()

    def close(self) -> None:
        """Close the idle connections; those that are lent are closed as they come back."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> Database:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return database.open_reader(self._path, self._key)

    def _give_back(self, db: Database, opened: int) -> None:
        with self._lock:
            usable = opened == self._opened and not self._closed
            if usable and len(self._idle) < _READERS:
                self._idle.append(db)
                return
        db.close()


class Journal:
    """Everything that happened at this site, in order, and what can be read from it.

    ``epoch`` is a fresh random 64-bit number in hex for this run of the writer: a restored or
    copied database can never continue somebody else's numbering. ``room`` says whether the disk
    has room; without one it is taken to be endless. On a disk that takes nothing the journal is
    read, and :meth:`run` says why nothing is written, until :meth:`try_again` finds that it is; so
    it is while ``pausing`` says that commits failed again and again.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        node: str,
        epoch: str,
        stamp: Callable[[], Stamp],
        die: Callable[[BaseException], NoReturn],
        connect: Callable[[Path, bytes], Database] = database.open_writer,
        room: DiskRoom | None = None,
        pausing: Callable[[], bool] = lambda: False,
    ) -> None:
        self.room = room = room or DiskRoom()
        self._readers = Readers(path, key)

        def begin() -> Writer:
            db = connect(path, key)
            # a disk that failed may have lost parts of the log that are still in memory: nothing
            # that is acknowledged from now on stands behind them
            with suppress(database.DatabaseError):
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            try:
                migrate(db, stamp().at)
                renew(db)
                return Writer(db, last_tip(db, node, epoch), stamp, die, room)
            except BaseException:
                db.conn.close()
                raise

        self._begin = begin
        self._pausing = pausing
        self._writer: Writer
        self.writes = self._start()
        if not self.writes:
            with self._readers.reading() as db:
                check_shape(db)

    def run(self, work: Work[T], purpose: Purpose = Purpose.OTHER) -> T:
        """Do one unit of work and return when it is on the disk.

        Raises :class:`Unavailable` where the disk has no room for what it is for.
        """
        self.room.check(purpose)
        if not self.writes:
            raise self.room.refused()
        return self._writer.run(work)

    def try_again(self) -> None:
        """Begin to write where the disk took nothing before, if it does now."""
        if self.writes:
            return
        self._readers.begin_anew()  # what they share may not be written by who opened it to read
        if self._start():
            self.writes = True
            self._readers.begin_anew()
            self.room.worked()

    def _start(self) -> bool:
        if self._pausing():
            self.room.failed("failing")
            return False
        try:
            self._writer = self._begin()
        except (EdgeError, database.DatabaseError) as error:
            trouble = database.start_trouble(error)
            if trouble is None:
                raise
            self.room.failed(trouble)
            return False
        return True

    def reading(self) -> AbstractContextManager[Database]:
        """Lend a read-only connection (a context manager)."""
        return self._readers.reading()

    def close(self) -> None:
        """Finish what is waiting and close the file, which then holds everything by itself."""
        if self.writes:
            self._writer.stop()
        self._readers.close()
        if self.writes:
            self._writer.close()


def last_tip(db: Database, node: str, epoch: str) -> Tip:
    """Find where a new epoch continues: behind the last entry of the database."""
    row = db.execute(
        "SELECT position, epoch, number, hash FROM entry ORDER BY position DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return Tip(node=node, epoch=epoch, position=0)
    position, last_epoch, number, hash_ = row
    return Tip(node=node, epoch=epoch, position=position, parent=Head(last_epoch, number, hash_))
