"""Looks after the journal's file: what was used last at each start, every page once a day."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime

from edge.domain.disk import Purpose
from edge.domain.errors import EdgeError
from edge.journal.journal import Journal
from edge.journal.kept_checks import KEPT, JournalCheck, is_due, kept_check
from edge.journal.maintenance import check_latest
from edge.journal.pages import PageCheck
from edge.journal.settings import keep_setting, setting
from edge.ports import Clock
from sync.protocol.instants import instant

_LATEST = 2000
"""Entries whose links are looked at when the site starts: those that were written last."""
_log = logging.getLogger("divoc_edge.journal")


class JournalHealth:
    """Reads the journal's pages by itself and keeps what it found; safe to share."""

    def __init__(self, journal: Journal, check: Callable[[], PageCheck], clock: Clock) -> None:
        self.journal = journal
        self._check = check
        self._clock = clock
        self._looked = False
        self._found = JournalCheck()

    def run(self) -> None:
        """Look at what was used, the first time; read every page when that is due."""
        if not self._looked:
            self._looked = True
            self._look_at_latest()
        now = self._clock.now()
        if is_due(self.state(), now, now.astimezone(self._clock.zone).hour):
            self._keep(self._check(), now)

    def state(self) -> JournalCheck:
        """Give the last result."""
        if self._found.trouble:
            return self._found
        with self.journal.reading() as db:
            return kept_check(setting(db, KEPT))

    def _look_at_latest(self) -> None:
        with self.journal.reading() as db:
            broken = check_latest(db, _LATEST).broken
        if broken is not None:
            told = f"Broken at position {broken.position}: {broken.reason}."
            self._found = JournalCheck(instant(self._clock.now()), told)
            _log.critical("the journal is damaged. %s", told)

    def _keep(self, found: PageCheck, now: datetime) -> None:
        check = JournalCheck(instant(now), "" if found.good else found.told(), found.pages)
        if check.trouble:
            _log.critical("the journal is damaged. %s", check.trouble)
            self._found = check
        told = json.dumps({"at": check.at, "trouble": check.trouble, "pages": check.pages})
        try:
            self.journal.run(lambda unit: keep_setting(unit.db, KEPT, told), Purpose.UPKEEP)
        except EdgeError:
            self._found = check  # a disk that takes nothing: known as long as this process runs
