"""The jobs of a printer: their states, and where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from printers.errors import PrinterError


class PrintState(StrEnum):
    """How far a job is; the values are what is stored and what the API answers."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    PRINTED = "printed"
    FAILED = "failed"


_S = PrintState
MOVES: Mapping[PrintState, frozenset[PrintState]] = {
    _S.QUEUED: frozenset({_S.SENDING, _S.FAILED}),
    _S.SENDING: frozenset({_S.SENT, _S.QUEUED, _S.UNKNOWN, _S.FAILED}),
    _S.SENT: frozenset({_S.PRINTED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.PRINTED, _S.FAILED}),
    _S.PRINTED: frozenset(),
    _S.FAILED: frozenset(),
}
"""From which state a job may go to which. Back to ``queued`` only before any byte was accepted."""

MOVABLE = (PrintState.QUEUED,)
"""States in which another printer may take a job over: not one byte of it was accepted."""
IN_FLIGHT = (PrintState.SENDING, PrintState.SENT)
"""States of a job that is on its way: after a restart nobody knows its end."""
PENDING = (*MOVABLE, *IN_FLIGHT)
"""States that a job leaves by itself, without a person."""


class ForbiddenMoveError(PrinterError):
    """A job cannot go from the state it is in to the one that was asked for."""

    def __init__(self, state: str, to: str) -> None:
        super().__init__(
            "print.forbidden-move",
            "A print that is “{state}” cannot become “{to}”.",
            state=state,
            to=to,
        )


def moved(state: str, to: str) -> PrintState:
    """Give the state a job is in after a move; raises :class:`ForbiddenMoveError`."""
    if to not in MOVES[PrintState(state)]:
        raise ForbiddenMoveError(state, to)
    return PrintState(to)


@dataclass(frozen=True, slots=True)
class Job:
    """A slip to print; ``id`` rises from job to job."""

    id: int


@dataclass(frozen=True, slots=True)
class RenderedSlip:
    """A slip as a printer is sent it; ``missing_letters``: boxes stand in place of some letters."""

    data: bytes
    missing_letters: bool = False


class JobStore(Protocol):
    """Where jobs live, so that a restart loses none."""

    def next_job(self) -> Job | None:
        """Give the oldest queued job of this printer."""
        ...

    def in_flight(self) -> list[Job]:
        """Give the jobs that are ``IN_FLIGHT``."""
        ...

    def torn(self) -> bool:
        """Say whether the end of the last slip that was sent to this printer was not confirmed."""
        ...

    def move(self, job: Job, state: PrintState, cause: str, sha256: str) -> bool:
        """Record a new state durably, with the code of its cause.

        False: it may not go there, or another printer has taken it over; nothing was recorded.
        """
        ...

    def hold(self, job: Job, cause: str) -> None:
        """Record what holds a job up in the state it is in; empty: nothing any more."""
        ...

    def remark_missing_letters(self, job: Job) -> None:
        """Record that some letters of a job are boxes on its paper, whatever becomes of it."""
        ...


def settle(store: JobStore, cause: str) -> int:
    """Let what was on its way be unknown, as it is never sent again by itself; count the jobs."""
    left = store.in_flight()
    for job in left:
        store.move(job, PrintState.UNKNOWN, cause, "")
    return len(left)
