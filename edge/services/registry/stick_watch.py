"""Looks whether a stick was plugged in, and reads and writes it by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.adapters.journal_source import JournalSource
from edge.domain.errors import EdgeError, NotFound, Unavailable
from edge.journal.history_requests import request_mark
from edge.journal.journal import Journal
from edge.services.registry.sticks import SiteSticks
from sync.protocol.errors import SyncError
from sync.protocol.instants import instant

_log = logging.getLogger("divoc_edge")
_AGAIN = 300.0
"""Seconds between two exports to a stick that stays in: flash wears out."""
_RETRY = 60.0
"""Seconds after which an export that failed is tried again."""


@dataclass(frozen=True, slots=True)
class StickTrouble:
    """What a stick came to harm with: templates of a sentence and of what to do about it."""

    sentence: str
    hint: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StickState:
    """What a running site did with sticks.

    ``there``: one is plugged in; ``busy``: it is being read or written and must stay in.
    ``written_at`` is the instant (ISO 8601) at which the last export was on a stick, whole, or
    empty; ``entries`` how many it holds. ``unread`` and ``unwritten`` say what went wrong with the
    stick that is in, or the last one.
    """

    there: bool = False
    busy: bool = False
    written_at: str = ""
    entries: int = 0
    unread: StickTrouble | None = None
    unwritten: StickTrouble | None = None


class StickWatch:
    """Serves one folder where sticks are mounted; a folder on the site's own disk is no stick."""

    def __init__(
        self,
        sticks: SiteSticks,
        journal: Journal,
        folder: Path,
        elapsed: Callable[[], float],
        now: Callable[[], datetime],
        mounted: Callable[[Path], bool] | None = None,
    ) -> None:
        self._sticks = sticks
        self._journal = journal
        self._folder = folder
        self._elapsed = elapsed
        self._now = now
        self._mounted = mounted or on_a_mount
        self._state = StickState()
        self._written: tuple[int, str] | None = None
        self._not_before = 0.0

    def state(self) -> StickState:
        """Say what became of the stick."""
        return self._state

    def run(self) -> None:
        """Read once when a stick comes; write then, and when there is more, but not too often."""
        if not self._mounted(self._folder):
            self._state = replace(self._state, there=False)
            return
        try:
            if not self._state.there:
                self._read()
            waiting = self._waiting()
            if waiting != self._written and self._elapsed() >= self._not_before:
                self._write(waiting)
        finally:
            self._state = replace(self._state, busy=False)

    def _read(self) -> None:
        self._state = StickState(there=True, busy=True)
        self._written, self._not_before = None, 0.0
        self._state = replace(self._state, unread=self._tried(self._take_in))

    def _waiting(self) -> tuple[int, str]:
        """Give the last entry, and which histories were asked for: what an export is made of."""
        with self._journal.reading() as db:
            asked = request_mark(db)
        return JournalSource(self._journal).last(), asked

    def _write(self, waiting: tuple[int, str]) -> None:
        self._state = replace(self._state, busy=True)
        trouble = self._tried(self._export)
        self._written = self._written if trouble else waiting
        self._not_before = self._elapsed() + (_RETRY if trouble else _AGAIN)
        self._state = replace(self._state, unwritten=trouble)

    def _take_in(self) -> None:
        with suppress(NotFound):  # a fresh stick
            self._sticks.take_in(self._folder)

    def _export(self) -> None:
        done = self._sticks.export(self._folder)
        if not self._mounted(self._folder):  # then the end of it may be on the site's own disk
            raise Unavailable(
                "stick.gone", "The stick was pulled out too soon.", hint="Plug it in again."
            )
        written_at = instant(self._now())
        self._state = replace(self._state, written_at=written_at, entries=done.entries)

    def _tried(self, work: Callable[[], None]) -> StickTrouble | None:
        """Do one of both; what is ours goes out even if nothing could be read."""
        try:
            work()
        except (EdgeError, SyncError) as error:
            _log.warning("the stick: %s", error.code)
            hint = error.hint if isinstance(error, EdgeError) else ""
            return StickTrouble(error.sentence, hint, error.values)
        return None


def on_a_mount(folder: Path) -> bool:
    """Say whether a folder is there and on something mounted, other than the root."""
    try:
        return folder.is_dir() and any(
            path.is_mount() for path in (folder, *folder.parents) if path != Path(folder.anchor)
        )
    except OSError:  # it was pulled out, and its mount is still there
        return False
