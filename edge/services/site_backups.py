"""Backs the site up by itself while the medium is there, and tries the last backup each night."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from edge.adapters.backups.making import make_backup
from edge.adapters.backups.state import backup_state, keep_backup_state
from edge.adapters.backups.trying import try_backup
from edge.adapters.keys import FileKeys
from edge.adapters.settings import Settings
from edge.domain.backups import BackupState, Standing
from edge.domain.errors import EdgeError, Unavailable
from edge.journal.entries import count_entries
from edge.journal.journal import Journal
from edge.ports import Clock

_log = logging.getLogger("divoc_edge.backup")


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """The last backup, and how it stands, as pages show it."""

    state: BackupState
    standing: Standing


class SiteBackups:
    """Makes and tries a site's backups; ``device`` tells on which medium a folder is."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        keys: FileKeys,
        journal: Journal,
        clock: Clock,
        device: Callable[[Path], int] = lambda path: path.stat().st_dev,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._keys = keys
        self._journal = journal
        self._clock = clock
        self._device = device

    def run(self) -> None:
        """Make a backup when one is due, and try the last one when that is due."""
        if not self._settings.backup:
            return
        before, now = backup_state(self._folder), self._clock.now()
        try:
            self._check_medium()
            state = before
            if before.is_due(now, self._entries(), self._settings.backup_minutes):
                state = self._make()
            if state.is_trial_due(now, now.astimezone(self._clock.zone).hour):
                state = self._try(state)
        except EdgeError as error:
            _log.error("no backup: %s", error)
            state = replace(before, trouble=str(error), hint=error.hint)
        if state != before:
            keep_backup_state(self._folder, state)

    def shown(self) -> BackupStatus:
        """Say how the last backup stands."""
        state = backup_state(self._folder)
        set_up = bool(self._settings.backup and self._settings.recovery)
        return BackupStatus(
            state, state.standing(self._clock.now(), self._entries(), set_up=set_up)
        )

    def _entries(self) -> int:
        with self._journal.reading() as db:
            return count_entries(db)

    def _make(self) -> BackupState:
        settings, now = self._settings, self._clock.now()
        path, manifest = make_backup(
            self._folder,
            self._keys,
            settings.recovery,
            Path(settings.backup),
            settings.facility,
            now,
            settings.backup_keep,
        )
        tried = backup_state(self._folder).tried
        return BackupState(now, str(path), manifest.entries, tried)

    def _try(self, state: BackupState) -> BackupState:
        now = self._clock.now()
        try:
            try_backup(Path(state.file), self._keys, self._folder)
        except (EdgeError, OSError) as error:
            _log.error("the last backup cannot be restored: %s", error)
            hint = error.hint if isinstance(error, EdgeError) else ""
            return replace(state, tried=None, trouble=str(error), hint=hint)
        return replace(state, tried=now, trouble="", hint="")

    def _check_medium(self) -> None:
        """Look whether the folder is on another medium: without one it is on the site's disk."""
        where = Path(self._settings.backup)
        try:
            away = self._device(where) == self._device(self._folder)
        except OSError:
            away = True
        if away:
            raise Unavailable(
                "backup.medium-away",
                "The medium for backups is not plugged in: {folder} is not on a medium of its own.",
                hint="Plug it in. Backups go on by themselves.",
                folder=where,
            )
