"""Asks before each unit of work whether the disk has room for it, and remembers what failed."""

from __future__ import annotations

from collections.abc import Callable

from edge.domain.disk import (
    DiskLimits,
    DiskSpace,
    DiskState,
    Purpose,
    Trouble,
    disk_state,
    disk_trouble,
    refusal,
)
from edge.domain.errors import Unavailable

_IMMENSE = DiskSpace(2**60)
_NOTHING = 64 * 1024
"""Free bytes with which SQLite cannot begin: the file that readers share is half as large."""


class DiskRoom:
    """What the disk under a journal leaves room for; safe to share.

    ``look`` says how much is free; ``limits`` below what only the essentials are recorded, or none.
    """

    def __init__(
        self,
        look: Callable[[], DiskSpace] = lambda: _IMMENSE,
        limits: DiskLimits = DiskLimits(),  # noqa: B008  (frozen)
    ) -> None:
        self._look = look
        self._limits = limits
        self._trouble: Trouble | None = None

    def check(self, purpose: Purpose) -> None:
        """Raise :class:`Unavailable` in words where there is no room for what is to be written."""
        refused = refusal(self._look(), self._limits, purpose)
        if refused is not None:
            raise refused

    def failed(self, trouble: Trouble) -> None:
        """Remember that the last write was not taken; what the disk says of itself is nearer."""
        space = self._look()
        if space.read_only:
            trouble = "read-only"
        elif space.free < _NOTHING:
            trouble = "full"
        self._trouble = trouble

    def worked(self) -> None:
        """Remember that the last write was taken."""
        self._trouble = None

    def refused(self) -> Unavailable:
        """Say why the last write was not taken."""
        return disk_trouble(self._trouble or "full")

    def state(self) -> DiskState:
        """Say how the disk is."""
        return disk_state(self._look(), self._limits, self._trouble)
