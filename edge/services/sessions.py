"""Who is signed in: sessions that end by time, by disuse, and with the role or the PIN."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.disk import Purpose
from edge.domain.errors import Unavailable
from edge.journal import sessions
from edge.journal.journal import Journal
from edge.journal.sessions import SessionRow
from edge.journal.unit import Unit
from edge.ports import Clock, Entropy
from edge.services.catalogue_cache import CatalogueCache
from sync.protocol.instants import instant, read_instant

SESSION = timedelta(hours=12)
_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as it is listed: its name (no secret), whose, from where, since when, last used.

    ``device`` is the paired tablet's id, empty for another.
    """

    name: str
    staff: Staff
    address: str
    since: datetime
    seen: datetime
    device: str = ""


class Sessions:
    """The sessions of one site; safe to share.

    A session is a random token of which only the hash is stored. It ends after twelve hours, after
    the campaign's minutes without a request, when its owner's roles or PIN in the campaign change,
    and when they work here no more. ``works_here`` says who does.
    """

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        clock: Clock,
        entropy: Entropy,
        works_here: Callable[[Staff], bool],
    ) -> None:
        self._journal = journal
        self._catalogues = catalogues
        self._clock = clock
        self._entropy = entropy
        self._works_here = works_here
        self._lock = threading.Lock()
        self._known: dict[str, SessionRow] = {}
        self._used: dict[str, str] = {}
        self._ended = 0

    def open(self, staff: Staff, address: str, device: str = "") -> str:
        """Open a session at an address, on a paired tablet or not; give its token."""
        token = self._entropy.bytes(32).hex()
        now = self._clock.now()
        row = SessionRow(
            _hash(token), staff.code, instant(now), instant(now), _standing(staff), address, device
        )

        def work(unit: Unit) -> None:
            sessions.open_session(unit.db, row)
            sessions.drop_before(unit.db, instant(now - SESSION))

        try:
            self._journal.run(work, Purpose.UPKEEP)
        except Unavailable:  # a disk that takes nothing: it is signed in until this process ends
            with self._lock:
                self._known[row.key] = row
        return token

    def who(self, token: str, device: str = "") -> Staff | None:
        """Give the staff member of a session, which is in use now.

        None: it is over, never was, or is on another tablet than the one that asks.
        """
        key = _hash(token)
        found = self._found(key)
        if found is None or self._is_over(found[0], found[1].idle_minutes):
            return None
        row, catalogue = found
        if row.device != device:
            return None
        staff = catalogue.staff.get(row.staff)
        if staff is None or not self._works_here(staff) or _standing(staff) != row.standing:
            self.close(token)
            return None
        used = instant(self._clock.now())
        with self._lock:
            if key in self._known:
                self._known[key] = replace(row, seen=used)
                self._used[key] = used
        return staff

    def left_idle(self, token: str, device: str = "") -> str:
        """Give whose session it is that ended by disuse on a tablet; empty for another."""
        found = self._found(_hash(token))
        return found[0].staff if found and found[0].device == device else ""

    def close(self, token: str) -> str:
        """End a session; give whose it was, empty for none."""
        return self._close(_hash(token))

    def close_named(self, name: str) -> str:
        """End a session by the name in the list; give whose it was, empty for none."""
        with self._journal.reading() as db:
            keys = [row.key for row in sessions.all_sessions(db) if _name(row.key) == name]
        return self._close(keys[0]) if keys else ""

    def forget_of(self, staff: str) -> None:
        """Forget what is at hand of somebody whose sessions were ended in a unit of work."""
        with self._lock:
            self._ended += 1
            self._known = {key: row for key, row in self._known.items() if row.staff != staff}

    def listed(self) -> list[OpenSession]:
        """List who is signed in, the one seen last first."""
        self.write_used()
        with self._journal.reading() as db:
            catalogue, rows = self._catalogues.current(db), sessions.all_sessions(db)
        found = []
        for row in rows:
            staff = catalogue.staff.get(row.staff)
            if (
                staff is not None
                and self._works_here(staff)
                and _standing(staff) == row.standing
                and not self._is_over(row, catalogue.idle_minutes)
            ):
                since, seen = read_instant(row.since), read_instant(row.seen)
                found.append(
                    OpenSession(_name(row.key), staff, row.address, since, seen, row.device)
                )
        return found

    def write_used(self) -> None:
        """Write down when sessions were last used: a request waits for no disk."""
        with self._lock:
            used, self._used = self._used, {}
        if used:
            with suppress(Unavailable):  # a disk that takes nothing: what is in memory counts
                self._journal.run(lambda unit: sessions.saw_sessions(unit.db, used), Purpose.UPKEEP)

    def _found(self, key: str) -> tuple[SessionRow, Catalogue] | None:
        """Find a session and the catalogue in force; None: there is no such session."""
        with self._lock:
            row, ended = self._known.get(key), self._ended
        catalogue = self._catalogues.cached()
        if row is None or catalogue is None:
            with self._journal.reading() as db:
                row = row or sessions.session(db, key)
                if row is None:
                    return None
                catalogue = self._catalogues.current(db)
            with self._lock:
                if ended == self._ended:  # it was not ended while it was looked up
                    self._known[key] = row
        return row, catalogue

    def _is_over(self, row: SessionRow, idle_minutes: int) -> bool:
        now = self._clock.now()
        idle = timedelta(minutes=idle_minutes) if idle_minutes else SESSION
        return now - read_instant(row.since) > SESSION or now - read_instant(row.seen) > idle

    def _close(self, key: str) -> str:
        def work(unit: Unit) -> str:
            row = sessions.session(unit.db, key)
            sessions.close_session(unit.db, key)
            return row.staff if row else ""

        try:
            staff = self._journal.run(work, Purpose.UPKEEP)
        finally:
            with self._lock:
                self._ended += 1
                kept = self._known.pop(key, None)
                self._used.pop(key, None)
        return staff or (kept.staff if kept else "")


def _standing(staff: Staff) -> str:
    """Digest what a session depends on: who has another role or PIN signs in again."""
    told = "|".join([*sorted(staff.roles), staff.pin])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_NAME_DIGITS]
