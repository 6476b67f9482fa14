"""Prints jobs one after another on one printer, and says of each what really became of it.

A job is printed when the printer says so. How it says so is the profile's ``confirmation``: the
answer to ``GS ( H`` function 48 comes when the paper is out, the one to ``GS r 1`` when everything
before it was read, ``DLE EOT`` only tells that the printer is well. No answer is no answer: the
job is ``unknown``, and a person looks.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from printers.connections import Connection
from printers.errors import ConnectionFailed, PrinterError
from printers.profile import Profile
from printers.status import ready_or_cause

MOVES: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"sending", "failed"}),
    "sending": frozenset({"sent", "queued", "unknown", "failed"}),
    "sent": frozenset({"printed", "unknown"}),
    "unknown": frozenset({"printed", "failed"}),
    "printed": frozenset(),
    "failed": frozenset(),
}
"""From which state a job may go to which. Back to ``queued`` only before any byte was accepted."""

_BYTES_PER_ROW = 72


@dataclass(frozen=True, slots=True)
class Job:
    """A slip to print; ``id`` rises from job to job."""

    id: int


class JobStore(Protocol):
    """Where jobs live, so that a restart loses none."""

    def next_job(self) -> Job | None:
        """Give the oldest queued job of this printer."""
        ...

    def in_flight(self) -> list[tuple[Job, str]]:
        """Give the jobs that are ``sending`` or ``sent``, with their state."""
        ...

    def move(self, job: Job, state: str, cause: str, sha256: str) -> None:
        """Record a new state durably, with the code of its cause."""
        ...


@dataclass(frozen=True, slots=True)
class PrinterHealth:
    """How the printer was when it was last spoken to: empty code means well."""

    code: str = ""
    sentence: str = ""


class Spooler:
    """The one owner of one printer."""

    def __init__(
        self,
        profile: Profile,
        store: JobStore,
        render: Callable[[Job], bytes],
        connect: Callable[[], Connection],
        patience: float = 10.0,
    ) -> None:
        self._profile = profile
        self._store = store
        self._render = render
        self._connect = connect
        self._patience = patience
        self._owner = threading.Lock()
        self.health = PrinterHealth()

    def recover(self) -> None:
        """After a restart: what was on its way is unknown, and is never sent again by itself."""
        for job, _ in self._store.in_flight():
            self._store.move(job, "unknown", "restart", "")

    def run(self) -> int:
        """Print until nothing is queued or the printer is not ready; count the jobs."""
        done = 0
        if not self._owner.acquire(blocking=False):
            return done
        try:
            while (job := self._store.next_job()) is not None:
                if not self._print(job):
                    break
                done += 1
        finally:
            self._owner.release()
        return done

    def _print(self, job: Job) -> bool:
        """Print one job; false when the printer is not ready and the job waits."""
        try:
            data = self._render(job)
        except PrinterError as error:
            self._store.move(job, "failed", error.code, "")
            return True
        try:
            connection = self._connect()
        except PrinterError as error:
            self.health = PrinterHealth(error.code, str(error))
            return False
        try:
            cause = ready_or_cause(connection, self._patience) if connection.answers else None
            if cause is not None:
                self.health = PrinterHealth(cause.code, str(cause))
                return False
            self.health = PrinterHealth()
            self._send(job, data, connection)
            return True
        except ConnectionFailed as error:
            self.health = PrinterHealth(error.code, str(error))
            return False
        finally:
            connection.close()

    def _send(self, job: Job, data: bytes, connection: Connection) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        self._store.move(job, "sending", "", sha256)
        try:
            connection.write(data + self._question(job))
        except ConnectionFailed as error:
            back = error.accepted == 0
            self._store.move(job, "queued" if back else "unknown", error.code, sha256)
            raise
        self._store.move(job, "sent", "", sha256)
        try:
            confirmed = self._confirmed(job, connection, len(data))
        except ConnectionFailed as error:
            self._store.move(job, "unknown", error.code, sha256)
            raise
        if confirmed:
            self._store.move(job, "printed", "", sha256)
        else:
            self._store.move(job, "unknown", "no-answer", sha256)

    def _question(self, job: Job) -> bytes:
        match self._profile.confirmation:
            case "process-id":
                return b"\x1d(H\x06\x0000" + _process_id(job)
            case "transmit-status":
                return b"\x1dr1"
        return b""

    def _confirmed(self, job: Job, connection: Connection, size: int) -> bool:
        confirmation = self._profile.confirmation
        if not connection.answers or confirmation == "none":
            return False
        rows = max(200, size // (_BYTES_PER_ROW // 4))
        printing = rows / 8 / self._profile.millimetres_per_second
        if confirmation == "real-time-status":
            time.sleep(printing)
            return ready_or_cause(connection, self._patience) is None
        until, seen = time.monotonic() + printing + self._patience, b""
        while (left := until - time.monotonic()) > 0:
            seen += connection.read(min(left, 1.0))
            if confirmation == "process-id" and b"7\x22" + _process_id(job) + b"\x00" in seen:
                return True
            if confirmation == "transmit-status" and any(byte & 0x90 == 0 for byte in seen):
                return True
        return False


def _process_id(job: Job) -> bytes:
    """Four printable characters that rise with the job, as Epson advises."""
    return f"{job.id % 10_000:04d}".encode()
