"""Print jobs of the database, as the spooler of one printer sees them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from edge.domain.disk import Purpose
from edge.journal import print_jobs
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from printers.jobs import IN_FLIGHT, MOVES, ForbiddenMoveError, Job, PrintState
from sync.protocol.instants import instant


class _Now(Protocol):
    def now(self) -> datetime: ...


class PrintStore:
    """The jobs of one printer; every move is durable, and only allowed ones happen."""

    def __init__(self, journal: Journal, printer: str, clock: _Now) -> None:
        self._journal = journal
        self._printer = printer
        self._clock = clock

    def next_job(self) -> Job | None:
        """Give the oldest queued job."""
        with self._journal.reading() as db:
            queued = print_jobs.in_state(db, self._printer, PrintState.QUEUED)
        return Job(queued[0].id) if queued else None

    def in_flight(self) -> list[Job]:
        """Give the jobs that are on their way."""
        with self._journal.reading() as db:
            found = print_jobs.in_state(db, self._printer, *IN_FLIGHT)
        return [Job(job.id) for job in found]

    def torn(self) -> bool:
        """Say whether no answer confirmed the end of the last slip that was sent."""
        with self._journal.reading() as db:
            last = print_jobs.last_sent(db, self._printer)
        return last is not None and (
            last.state is PrintState.UNKNOWN or last.cause == print_jobs.SETTLED
        )

    def hold(self, job: Job, cause: str) -> None:
        """Record what holds a job up, unless that is known already."""
        now = instant(self._clock.now())

        def work(unit: Unit) -> None:
            current = print_jobs.job(unit.db, job.id)
            if current is not None and current.printer == self._printer and MOVES[current.state]:
                print_jobs.hold(unit.db, job.id, cause, now)

        with self._journal.reading() as db:
            current = print_jobs.job(db, job.id)
        if current is not None and current.printer == self._printer and current.cause != cause:
            self._journal.run(work, Purpose.ESSENTIAL)

    def move(self, job: Job, state: PrintState, cause: str, sha256: str) -> bool:
        """Record a new state, if the job may go there.

        A job that another printer has taken over meanwhile is none of this one's.
        """
        now = instant(self._clock.now())

        def work(unit: Unit) -> bool:
            if not self._has(unit, job):
                return False
            try:
                print_jobs.move(unit.db, job.id, state, cause, now, sha256 or None)
            except ForbiddenMoveError:
                return False
            return True

        return self._journal.run(work, Purpose.ESSENTIAL)

    def remark_missing_letters(self, job: Job) -> None:
        """Record that some letters of a job are boxes on its paper."""

        def work(unit: Unit) -> None:
            if self._has(unit, job):
                print_jobs.remark_missing_letters(unit.db, job.id)

        self._journal.run(work, Purpose.ESSENTIAL)

    def _has(self, unit: Unit, job: Job) -> bool:
        current = print_jobs.job(unit.db, job.id)
        return current is not None and current.printer == self._printer
