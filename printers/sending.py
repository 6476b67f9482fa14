"""One slip on its way to a printer: its bytes are sent, and the end of it is waited for."""

from __future__ import annotations

from collections.abc import Callable

from printers.backlog import Backlog
from printers.condition import Condition
from printers.connections import Buffered, Connection
from printers.dialogues.base import Clock, Dialogue
from printers.errors import ConnectionFailed
from printers.jobs import Job
from printers.patience import Patience
from printers.profile import Profile

_PIECE = 1024
_BYTES_PER_ROW, _ROWS = 18, 1000
"""So few bytes are behind a row of dots, so many rows behind text: a slip's time, at the most."""
_SLOWEST_LINE = 960
"""Bytes a second at 9600 baud: so slowly a box on the network may give on what it took at once."""
_STALLED = 20.0
"""Seconds without a byte taken and without a cause, after which a printer has stopped."""
_GLANCE = 0.5


class Sending:
    """Sends a job's slip over a dialogue.

    ``held`` takes how the printer is meanwhile, and says whether that holds the slip up.
    ``patience``: seconds to wait for a confirmation beyond the paper's time.
    """

    def __init__(
        self,
        job: Job,
        dialogue: Dialogue,
        profile: Profile,
        held: Callable[[Condition], bool],
        patience: float,
        clock: Clock,
    ) -> None:
        self._job = job
        self._dialogue = dialogue
        self._profile = profile
        self._held = held
        self._patience = patience
        self._clock = clock

    def write(self, data: bytes) -> None:
        """Send all of it; see :func:`send_all`."""
        send_all(self._dialogue, data, self._held, self._clock)

    def confirmed(self, size: int) -> bool:
        """Wait until the printer says that a slip of so many bytes came out; false: it does not."""
        dialogue, job = self._dialogue, self._job
        if not dialogue.connection.answers or self._profile.confirmation == "none":
            return False
        rows = _ROWS + size / _BYTES_PER_ROW
        printing = rows / 8 / self._profile.millimetres_per_second
        expected = self._clock() + printing
        behind = size / _SLOWEST_LINE if _relayed(dialogue.connection) else 0
        patience = Patience(printing + behind + self._patience, self._clock)
        backlog = Backlog(dialogue.connection)
        for left in patience.looks():
            if dialogue.printed(job.id, expected):
                return True
            held = self._held(dialogue.watch(min(left, 1.0)))
            # the printer has its time from when the last byte left this machine
            if backlog.moved() or held:
                expected = self._clock() + printing
                patience.restart()
        return dialogue.printed(job.id, expected)


def send_all(
    dialogue: Dialogue, data: bytes, held: Callable[[Condition], bool], clock: Clock
) -> None:
    """Send bytes in pieces; a printer that says why it stands still is waited for.

    So is one whose line still carries away what the system took before. ``held`` as in
    :class:`Sending`. Raises :class:`ConnectionFailed` with the number of bytes accepted.
    """
    sent, since, backlog = 0, clock(), Backlog(dialogue.connection)
    while sent < len(data):
        piece, begun = data[sent : sent + _PIECE], clock()
        try:
            dialogue.connection.write(piece)
            sent, since = sent + len(piece), clock()
        except ConnectionFailed as error:
            sent += error.accepted
            if error.code != "printer.stalled":
                raise _after(error, sent) from None
            moved = backlog.moved() or error.accepted > 0
            if _held_after(dialogue, held, sent) or moved:
                since = clock()
            elif begun - since > _STALLED:  # it was tried once more after that time
                raise _after(error, sent) from None


def _held_after(dialogue: Dialogue, held: Callable[[Condition], bool], sent: int) -> bool:
    """Look why a printer stands still; one that is lost meanwhile has had ``sent`` bytes."""
    try:
        return held(dialogue.listen(_GLANCE))
    except ConnectionFailed as error:
        raise _after(error, sent) from None


def _relayed(connection: Connection) -> bool:
    return isinstance(connection, Buffered) and connection.relayed


def _after(error: ConnectionFailed, accepted: int) -> ConnectionFailed:
    """Give the same failure, with all the bytes counted that were taken before."""
    return ConnectionFailed(error.code, error.sentence, accepted, **error.values)
