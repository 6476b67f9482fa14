"""The jobs of a printer: their states, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

MOVES: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"sending", "failed"}),
    "sending": frozenset({"sent", "queued", "unknown", "failed"}),
    "sent": frozenset({"printed", "unknown"}),
    "unknown": frozenset({"printed", "failed"}),
    "printed": frozenset(),
    "failed": frozenset(),
}
"""From which state a job may go to which. Back to ``queued`` only before any byte was accepted."""

MOVABLE = ("queued",)
"""States in which another printer may take a job over: not one byte of it was accepted."""


@dataclass(frozen=True, slots=True)
class Job:
    """A slip to print; ``id`` rises from job to job."""

    id: int


class JobStore(Protocol):
    """Where jobs live, so that a restart loses none."""

    def next_job(self) -> Job | None:
        """Give the oldest queued job of this printer."""
        ...

    def in_flight(self) -> list[Job]:
        """Give the jobs that are ``sending`` or ``sent``."""
        ...

    def torn(self) -> bool:
        """Say whether the end of the last slip that was sent to this printer was not confirmed."""
        ...

    def move(self, job: Job, state: str, cause: str, sha256: str) -> bool:
        """Record a new state durably, with the code of its cause.

        False: it may not go there, or another printer has taken it over; nothing was recorded.
        """
        ...

    def hold(self, job: Job, cause: str) -> None:
        """Record what holds a job up in the state it is in; empty: nothing any more."""
        ...


def settle(store: JobStore, cause: str) -> int:
    """Let what was on its way be unknown, as it is never sent again by itself; count the jobs."""
    left = store.in_flight()
    for job in left:
        store.move(job, "unknown", cause, "")
    return len(left)
