"""How long the audit is kept: lines that are older than the rule says are forgotten, once a day.

Who looked at what is personal of the operators, and names sites and people's ids.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sync.protocol.errors import SyncError
from sync.protocol.instants import instant
from sync.registry.store.interface import Store
from sync.registry.store.records import AuditLine

_log = logging.getLogger("divoc_registry.audit")
_DAY = 86400.0


def trim(store: Store, days: int, who: str, now: datetime) -> int:
    """Forget the lines older than so many days, and write down that it was done; how many.

    With them go the tries of the days that are over: of each, too, is kept whom it was for.
    """
    store.forget_tries(instant(now)[:10])
    before = instant(now - timedelta(days=days))
    line = AuditLine(instant(now), who, "trimmed the audit", f"< {before[:10]} ({days} d)")
    return store.trim_audit(before, line)


class AuditWorker:
    """Trims the audit in a thread of its own: at its start, and once a day."""

    def __init__(
        self,
        store: Store,
        days: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: float = _DAY,
    ) -> None:
        self._store, self._days, self._now, self._pause = store, days, now, pause
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and wait for what it is doing."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                trim(self._store, self._days, "divoc-registry", self._now())
            except SyncError as error:  # the database is away: tomorrow again
                _log.warning("The audit was not trimmed: %s", error.code)
            if self._stopping.wait(self._pause):
                return
