"""Prints jobs one after another on one printer, and says of each what really became of it.

A job is printed when the printer says so, in the way its profile names. Paper that ran out or an
open cover holds a job, also in the middle; it goes on by itself. No answer is no answer: the job
is ``unknown``, and a person looks. A job that may have come out is never sent again.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from printers.condition import SILENT, Condition
from printers.connections import Connection
from printers.dialogues import Begin, begin
from printers.dialogues.base import Clock, Dialogue
from printers.errors import ConnectionFailed, PrinterError
from printers.jobs import Job, JobStore, PrintState, RenderedSlip, settle
from printers.profile import Profile
from printers.sending import Sending, send_all

_log = logging.getLogger("printers")
_LOOK_AGAIN = 15.0
"""Seconds between looks at a printer that has nothing to print."""


@dataclass(frozen=True, slots=True)
class PrinterHealth:
    """How the printer was when it was last spoken to; an empty code: it is well.

    ``held``: it prints nothing until that is put right; otherwise it is a warning.
    """

    code: str = ""
    sentence: str = ""
    held: bool = False


class _Stopping(Exception):
    """The node is being stopped: what is on its way stays so, and is unknown after the start."""


class Spooler:
    """The one owner of one printer.

    ``owner`` keeps other processes away while it is held; entering it raises
    :class:`PrinterError`. ``patience``: seconds to wait for a confirmation beyond the paper's time.
    """

    def __init__(
        self,
        profile: Profile,
        store: JobStore,
        render: Callable[[Job], RenderedSlip],
        connect: Callable[[], Connection],
        patience: float = 10.0,
        clock: Clock = time.monotonic,
        owner: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
        begin: Begin = begin,
    ) -> None:
        self._begin = begin
        self._profile = profile
        self._store = store
        self._render = render
        self._connect = connect
        self._patience = patience
        self._clock = clock
        self._owner = owner
        self._busy = threading.Lock()
        self._stopping = threading.Event()
        self._torn = False
        self._looked: float | None = None
        self.health = PrinterHealth()

    def use(self, profile: Profile) -> None:
        """Take what was found out about the printer; it counts from the next slip on."""
        self._profile = profile

    def recover(self) -> None:
        """After a restart: what was on its way is unknown, and is never sent again by itself.

        A printer that was cut off in the middle of a slip still waits for the rest of it.
        """
        self._settle("restart")
        self._torn |= self._store.torn()

    def _settle(self, cause: str) -> None:
        self._torn |= settle(self._store, cause) > 0

    def look_soon(self) -> None:
        """Look at an idle printer at the next run: something was plugged in."""
        self._looked = None

    def stop(self) -> None:
        """Let go soon, also of a printer that holds a slip for want of paper."""
        self._stopping.set()

    def run(self) -> int:
        """Print until nothing is queued or the printer is not ready; count the jobs."""
        done = 0
        if not self._busy.acquire(blocking=False):
            return done
        try:
            self._settle("print.interrupted")  # nothing else sends: that one's end was not recorded
            while not self._stopping.is_set() and (job := self._store.next_job()) is not None:
                if not self._print(job):
                    return done
                done += 1
            if not done:
                self._look()
        except _Stopping:
            pass
        finally:
            self._busy.release()
        return done

    def print_at_once(self, data: bytes) -> None:
        """Print what is no job, such as a calibration slip; raises :class:`PrinterError` in words.

        What was cut off by a failure does not spoil the next slip.
        """
        if not self._busy.acquire(blocking=False):
            raise PrinterError(
                "printer.busy",
                "The printer is printing a slip just now. Try again in a moment.",
                temporary=True,
            )
        try:
            with self._spoken_to() as dialogue:
                if not self._ready(dialogue):
                    raise PrinterError(self.health.code, self.health.sentence, temporary=True)
                self._whole_again(dialogue)
                self._torn = True  # until all of it has gone
                send_all(dialogue, data, self._refused, self._clock)
                self._torn = False
        finally:
            self._busy.release()

    def _look(self) -> None:
        """Find out how an idle printer is, now and then."""
        now = self._clock()
        if self._looked is not None and now - self._looked < _LOOK_AGAIN:
            return
        self._looked = now
        with contextlib.suppress(PrinterError), self._spoken_to() as dialogue:
            self._ready(dialogue)

    @contextlib.contextmanager
    def _spoken_to(self) -> Iterator[Dialogue]:
        """Hold the printer and a connection to it; what fails is its health, and raised."""
        failed: PrinterError | None = None
        try:
            with self._owner():
                connection = self._connect()
                try:
                    yield self._begin(self._profile, connection, self._clock)
                finally:
                    connection.close()
        except PrinterError as error:
            failed = error
            raise
        except _Stopping:
            raise
        except Exception:
            failed = PrinterError(
                "printer.software",
                "The site computer's software failed while it used this printer. Tell the"
                " technician.",
            )
            self._looked = None
            raise
        finally:
            if failed is not None:
                self.health = PrinterHealth(failed.code, str(failed), held=True)

    def _print(self, job: Job) -> bool:
        """Print one job; false when the printer is not ready and the job waits."""
        try:
            with self._spoken_to() as dialogue:
                self._looked = self._clock()
                if not self._ready(dialogue):
                    self._store.hold(job, self.health.code)
                    return False
                self._whole_again(dialogue)
                made = self._made(job)
                if made is not None:
                    self._send(job, made, dialogue)
        except PrinterError as error:
            if not isinstance(error, _Settled):
                self._store.hold(job, error.code)
            return False
        return True

    def _made(self, job: Job) -> RenderedSlip | None:
        """Make the slip, now that the printer is ready; none: it cannot be made, and has failed."""
        try:
            return self._render(job)
        except PrinterError as error:
            self._store.move(job, PrintState.FAILED, error.code, "")
        except Exception as error:
            # the next in the queue can be made, perhaps, and this one never
            _log.error("slip %d cannot be made: %s", job.id, type(error).__name__)
            self._store.move(job, PrintState.FAILED, "print.cannot-be-made", "")
        return None

    def _ready(self, dialogue: Dialogue) -> bool:
        """Say whether the printer would print now."""
        condition = dialogue.look(4.0) if dialogue.speaks else SILENT
        if dialogue.speaks and not condition.heard:
            raise PrinterError(
                "printer.silent",
                "The printer does not answer. Is it switched on? Another computer may hold it.",
                temporary=True,
            )
        self._tell(condition)
        return condition.cause is None

    def _whole_again(self, dialogue: Dialogue) -> None:
        """After a slip that was cut off, bring the printer back before the next one."""
        if self._torn and not dialogue.resynchronise(self._patience):
            raise PrinterError(
                "printer.stuck",
                "The printer answers but does not print. Switch it off and on.",
                temporary=True,
            )
        self._torn = False

    def _send(self, job: Job, made: RenderedSlip, dialogue: Dialogue) -> None:
        data, sha256 = made.data, hashlib.sha256(made.data).hexdigest()
        if not self._store.move(job, PrintState.SENDING, "", sha256):
            return
        if made.missing_letters:
            self._store.remark_missing_letters(job)
        sent, sending = False, self._sending(job, dialogue)
        try:
            sending.write(dialogue.dressed(data, job.id))
            if self.health.held:
                self._tell(Condition(heard=True))
            self._store.move(job, PrintState.SENT, "", sha256)
            sent = True
            confirmed = sending.confirmed(len(data))
        except _Stopping:
            raise
        except Exception as error:
            none = isinstance(error, ConnectionFailed) and error.accepted == 0 and not sent
            self._torn |= not none
            code = error.code if isinstance(error, PrinterError) else "print.interrupted"
            state = PrintState.QUEUED if none else PrintState.UNKNOWN
            self._store.move(job, state, code, sha256)
            if isinstance(error, PrinterError):
                raise _Settled(error) from None
            raise
        if confirmed:
            self._store.move(job, PrintState.PRINTED, "", sha256)
        else:
            self._torn |= dialogue.speaks
            self._store.move(job, PrintState.UNKNOWN, "no-answer", sha256)

    def _sending(self, job: Job, dialogue: Dialogue) -> Sending:
        held = partial(self._held, job)
        return Sending(job, dialogue, self._profile, held, self._patience, self._clock)

    def _held(self, job: Job, condition: Condition) -> bool:
        """Tell how the printer is while a job is on its way; true: it says why it stands still."""
        if self._stopping.is_set():
            raise _Stopping
        before = self.health
        self._tell(condition)
        if self.health != before:
            self._store.hold(job, condition.cause.code if condition.cause else "")
        return condition.cause is not None

    def _refused(self, condition: Condition) -> bool:
        """Say why a printer stands still to whoever waits for it; raises what holds it up."""
        self._tell(condition)
        if condition.cause is not None:
            raise condition.cause
        return False

    def _tell(self, condition: Condition) -> None:
        found = condition.cause or condition.warning
        if not condition.heard and found is None and not self.health.held:
            return  # a printer that says nothing takes no warning back
        self.health = (
            PrinterHealth(found.code, str(found), held=condition.cause is not None)
            if found
            else PrinterHealth()
        )


class _Settled(PrinterError):
    """What failed, after the job's new state was recorded."""

    def __init__(self, error: PrinterError) -> None:
        super().__init__(error.code, error.sentence, temporary=error.temporary, **error.values)
