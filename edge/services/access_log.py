"""Notes who saw whom: at once in memory, within a second on the disk.

Nobody who reads waits for a disk. A power cut loses what was noted in its last second; when more
waits than fits, the one who reads writes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from edge.domain.disk import Purpose
from edge.domain.errors import Unavailable
from edge.journal import access
from edge.journal.access import Access, AccessKind
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.ports import Clock
from edge.services.site import IdSource
from sync.protocol.instants import instant, local_day

_MOST_WAITING, _MOST_IN_TROUBLE = 2000, 20_000
"""Notes in memory; the second is for a disk that takes nothing, on which people read on."""
_MOST_PEOPLE = 500
KEPT_DAYS, KEPT_RECORDS = 400, 1_000_000
"""What the site keeps as detail: the rest is in the journal as counts."""


class AccessLog:
    """The chain of who saw whom; safe to share."""

    def __init__(self, journal: Journal, clock: Clock, ids: IdSource) -> None:
        self._journal = journal
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[Access] = []

    def note(
        self,
        kind: AccessKind,
        staff: str = "",
        device: str = "",
        people: Sequence[str] = (),
        place: str = "",
    ) -> None:
        """Note that somebody saw something, or signed in.

        Raises what the journal raises while nothing can be written and no more fits: what cannot be
        noted is not to be shown.
        """
        one = Access(
            instant(self._clock.now()), kind, staff, device, tuple(people)[:_MOST_PEOPLE], place
        )
        with self._lock:
            self._waiting.append(one)
            many = len(self._waiting) >= _MOST_WAITING
        if not many:
            return
        try:
            self.flush()
        except BaseException as error:
            with self._lock:
                if isinstance(error, Unavailable) and len(self._waiting) < _MOST_IN_TROUBLE:
                    return
                self._waiting = [waiting for waiting in self._waiting if waiting is not one]
            raise

    def flush(self) -> None:
        """Write what was noted."""
        with self._writing:
            with self._lock:
                found, self._waiting = self._waiting, []
            if not found:
                return
            try:
                self._journal.run(lambda unit: access.append(unit.db, found), Purpose.UPKEEP)
            except BaseException:
                with self._lock:
                    self._waiting = found + self._waiting
                raise

    def settle(self) -> None:
        """Tell the journal of each day that is over, in counts, and trim what is old."""
        self.flush()
        while self._journal.run(self._count_a_day, Purpose.UPKEEP):
            pass
        now = self._clock.now()
        before = instant(now - timedelta(days=KEPT_DAYS))
        self._journal.run(lambda unit: access.trim(unit.db, before, KEPT_RECORDS), Purpose.UPKEEP)

    def _count_a_day(self, unit: Unit) -> bool:
        last = access.last_anchor(unit.db)
        first = access.first_after(unit.db, last)
        if not first:
            return False
        zone = self._clock.zone
        day = local_day(first, zone)
        if day >= self._clock.today():
            return False
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        counts, number, hash_ = access.counted(unit.db, last, instant(end))
        body = {"day": day.isoformat(), "counts": counts, "upTo": number, "hash": hash_}
        unit.append("AccessCounted", body, id_=self._ids.new(), by="site")
        access.anchor(unit.db, number, instant(end), hash_)
        return True
