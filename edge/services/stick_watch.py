"""Looks whether a stick was plugged in, and reads and writes it by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from edge.adapters.registry import JournalSource
from edge.domain.errors import EdgeError, NotFound
from edge.journal.journal import Journal
from edge.services.sticks import SiteSticks
from sync.errors import SyncError

_log = logging.getLogger("divoc_edge")
_AGAIN = 300.0
"""Seconds between two exports to a stick that stays in: flash wears out."""


class StickWatch:
    """Serves one folder where sticks are mounted; a folder on the site's own disk is no stick."""

    def __init__(
        self,
        sticks: SiteSticks,
        journal: Journal,
        folder: Path,
        elapsed: Callable[[], float],
        mounted: Callable[[Path], bool] | None = None,
    ) -> None:
        self._sticks = sticks
        self._journal = journal
        self._folder = folder
        self._elapsed = elapsed
        self._mounted = mounted or on_a_mount
        self._in = False
        self._written = -1
        self._not_before = 0.0

    def run(self) -> None:
        """Read once when a stick comes; write then, and when there is more, but not too often."""
        if not self._mounted(self._folder):
            self._in = False
            return
        new = not self._in
        self._in = True
        try:
            if new:
                self._take_in()
            last = JournalSource(self._journal).last()
            if new or (last != self._written and self._elapsed() >= self._not_before):
                self._sticks.export(self._folder)
                self._written = last
                self._not_before = self._elapsed() + _AGAIN
        except (EdgeError, SyncError) as error:
            _log.warning("the stick: %s", error.code)

    def _take_in(self) -> None:
        try:
            self._sticks.take_in(self._folder)
        except NotFound:
            pass  # a fresh stick
        except (EdgeError, SyncError) as error:
            _log.warning("the stick: %s", error.code)  # what is ours goes out all the same


def on_a_mount(folder: Path) -> bool:
    """Say whether a folder is there and on something mounted, other than the root."""
    return folder.is_dir() and any(
        one.is_mount() for one in (folder, *folder.parents) if one != Path(folder.anchor)
    )
