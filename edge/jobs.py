"""Jobs: what the node does by itself, in threads of its one process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from edge.domain.modules import Needs

_log = logging.getLogger("divoc_edge.jobs")


@dataclass(slots=True)
class _Planned:
    """A job of the timetable: its next run in monotonic seconds, and whether it runs now."""

    needs: Needs
    every: float
    job: Callable[[], object]
    next: float = 0.0
    busy: bool = False


class Timetable:
    """When each job is due, in monotonic seconds: setting the machine's clock moves no job.

    Not to be shared between threads without a lock. A job is due at once at first, then so many
    seconds after it began; one that is still running waits until it is done, and missed runs are
    made up for by one.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, _Planned] = {}

    def add(self, name: str, needs: Needs, seconds: float, job: Callable[[], object]) -> None:
        """Take a job in; due at once."""
        self.jobs[name] = _Planned(needs, seconds, job, next=float("-inf"))

    def take_due(self, now: float) -> list[str]:
        """Name the jobs that are due and not running; they count as running from now on."""
        found = []
        for name, planned in self.jobs.items():
            if not planned.busy and planned.next <= now:
                planned.busy, planned.next = True, now + planned.every
                found.append(name)
        return found

    def done(self, name: str) -> None:
        """Note that a job is not running any more."""
        self.jobs[name].busy = False

    def wake(self, name: str) -> None:
        """Make a job due now; one that runs is run once more: it may have looked already."""
        if name in self.jobs:
            self.jobs[name].next = float("-inf")

    def wait(self, now: float) -> float | None:
        """Give the seconds until the next job is due; None: not before a running one is done."""
        waiting = [planned.next for planned in self.jobs.values() if not planned.busy]
        return max(0.0, min(waiting) - now) if waiting else None


class Jobs:
    """Runs each job every so many seconds, and at once when it is woken; never twice at a time.

    ``runs`` says whether what a job needs runs now: a job that it does not is not run. ``elapsed``
    gives monotonic seconds.
    """

    def __init__(
        self, runs: Callable[[Needs], bool], elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._runs = runs
        self._elapsed = elapsed
        self._timetable = Timetable()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._named: dict[str, str] = {}

    @property
    def names(self) -> frozenset[str]:
        """Name the jobs of the timetable."""
        return frozenset(self._timetable.jobs)

    def add(self, name: str, needs: Needs, seconds: float, job: Callable[[], object]) -> None:
        """Take a job of the modules that it ``needs`` into the timetable, before the start."""
        self._timetable.add(name, needs, seconds, job)

    def start(self) -> None:
        """Start all of them, the first time at once."""
        self._stopping = False
        self._thread = threading.Thread(target=self._keep_time, name="jobs", daemon=True)
        self._thread.start()

    def wake(self, name: str) -> None:
        """Let a job run now."""
        with self._changed:
            self._timetable.wake(name)
            self._changed.notify_all()

    def stop(self) -> None:
        """Wait for what runs, and start nothing more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _keep_time(self) -> None:
        with ThreadPoolExecutor(len(self.names) + 1, thread_name_prefix="job") as pool:
            while True:
                with self._changed:
                    if self._stopping:
                        return
                    due = self._timetable.take_due(self._elapsed())
                    if not due:
                        self._changed.wait(self._timetable.wait(self._elapsed()))
                for name in due:
                    pool.submit(self._run, name)

    def _run(self, name: str) -> None:
        """Run a job; what it raises is named in the log, without anybody's data.

        It is named once until it is another, or the job worked: a full disk is not filled further.
        """
        planned = self._timetable.jobs[name]
        try:
            if self._runs(planned.needs):
                planned.job()
            self._named.pop(name, None)
        except Exception as error:
            what = str(getattr(error, "code", "") or type(error).__name__)
            if self._named.get(name) != what:
                _log.error("the job %s failed: %s", name, what)
            self._named[name] = what
        finally:
            with self._changed:
                self._timetable.done(name)
                self._changed.notify_all()
