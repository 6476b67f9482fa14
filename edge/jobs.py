"""Jobs: what the node does by itself, in threads of its one process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from edge.domain.modules import Needs

_log = logging.getLogger("divoc_edge.jobs")


class Jobs:
    """Runs each job every so many seconds, and at once when it is woken; never twice at a time.

    ``runs`` says whether what a job needs runs now: a job that it does not is not run.
    """

    def __init__(self, runs: Callable[[Needs], bool]) -> None:
        self._runs = runs
        self._jobs: dict[str, tuple[float, Callable[[], object], Needs]] = {}
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def add(self, name: str, needs: Needs, seconds: float, job: Callable[[], object]) -> None:
        """Take a job of the modules that it ``needs`` into the timetable, before the start."""
        self._jobs[name] = (seconds, job, needs)

    def start(self) -> None:
        """Start all of them, the first time at once."""
        self._scheduler.add_executor(ThreadPoolExecutor(len(self._jobs) + 1))
        for name, (seconds, job, needs) in self._jobs.items():
            self._scheduler.add_job(
                _guarded(name, job, partial(self._runs, needs)),
                "interval",
                seconds=seconds,
                id=name,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler.start()

    def wake(self, name: str) -> None:
        """Let a job run now."""
        if self._scheduler.running and self._scheduler.get_job(name):
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Wait for what runs, and start nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)


def _guarded(name: str, job: Callable[[], object], runs: Callable[[], bool]) -> Callable[[], None]:
    """Keep a job alive: what it raises is named in the log, without anybody's data."""

    def run() -> None:
        try:
            if runs():
                job()
        except Exception as error:
            _log.error("the job %s failed: %s", name, type(error).__name__)

    return run
