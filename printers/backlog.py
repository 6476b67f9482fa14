"""The bytes that have not left this machine: a printer's time begins when the last one has."""

from __future__ import annotations

from printers.connections import Buffered, Connection


class Backlog:
    """What the system still holds for a printer, as far as its connection knows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last = self.waiting

    @property
    def waiting(self) -> int:
        """Count the bytes; a connection that does not know has none."""
        connection = self._connection
        return connection.unacknowledged() if isinstance(connection, Buffered) else 0

    def moved(self) -> bool:
        """Say whether there are fewer than when it was last looked at: the printer takes them."""
        before, self._last = self._last, self.waiting
        return self._last < before
