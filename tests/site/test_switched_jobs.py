"""A job of a module that does not run is not run, and is once the module does."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from edge.domain.modules import ALWAYS, REGISTRY, met
from edge.jobs import Jobs

WAIT = 20.0


def test_a_job_is_run_while_the_modules_that_it_needs_run() -> None:
    running = {"vaccination"}
    jobs = Jobs(lambda needs: met(needs, running))
    ran: list[str] = []
    always, switched = Event(), Event()

    def job(name: str, done: Event) -> Callable[[], None]:
        def run() -> None:
            ran.append(name)
            done.set()

        return run

    jobs.add("sync", REGISTRY, 3600, job("sync", switched))
    jobs.add("access", ALWAYS, 3600, job("access", always))
    jobs.start()
    try:
        assert always.wait(WAIT)
        jobs.stop()  # what began is finished
        assert ran == ["access"]
    finally:
        jobs.stop()
    running.add("registry")
    later = Jobs(lambda needs: met(needs, running))
    later.add("sync", REGISTRY, 3600, job("sync", switched))
    later.start()
    try:
        assert switched.wait(WAIT)
    finally:
        later.stop()
