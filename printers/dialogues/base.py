"""A dialogue with one printer over one open connection; this one with a printer that is mute."""

from __future__ import annotations

from collections.abc import Callable

from printers.condition import SILENT, Condition
from printers.connections import Connection
from printers.profile import Profile

Clock = Callable[[], float]
"""Gives seconds that only rise, as :func:`time.monotonic` does."""


class Dialogue:
    """What the spooler asks of every printer. The mute one says nothing: a person looks.

    ``speaks``: the printer is expected to answer; one that does not is off.
    """

    speaks = False

    def __init__(self, profile: Profile, connection: Connection, clock: Clock) -> None:
        self.profile = profile
        self.connection = connection
        self.clock = clock

    def look(self, seconds: float) -> Condition:
        """Find out how the printer is, as soon as it answers, in so many seconds at most."""
        if seconds > 0:
            self.connection.read(seconds)
        return SILENT

    def listen(self, seconds: float) -> Condition:
        """Take in what the printer says by itself while it is sent a slip, and ask nothing.

        A question between the bytes of a picture is a part of the picture for many printers
        (Epson, ESC/POS application programming guide, notes to ``DLE EOT``).
        """
        self.connection.read(seconds)
        return SILENT

    def watch(self, seconds: float) -> Condition:
        """Wait for what the printer says by itself while it prints, and give how it is."""
        return self.look(seconds)

    def dressed(self, data: bytes, job: int) -> bytes:  # noqa: ARG002
        """Give a slip's bytes with what makes the printer tell of it."""
        return data

    def printed(self, job: int, expected: float) -> bool:  # noqa: ARG002
        """Say whether the printer has answered that the slip is out.

        ``expected``: when a printer that is well should have finished it.
        """
        return False

    def resynchronise(self, seconds: float) -> bool:  # noqa: ARG002
        """Bring a printer back that was cut off in the middle; false: it does not follow."""
        return True
