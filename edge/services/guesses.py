"""How many PINs may be tried: by tablet, by account, by site, and whose try is looked at first.

Wrong PINs slow the tablet they are typed at, not the person whose code they are typed with: five
in a quarter of an hour, twenty in a day. Tablets at which nobody gave a right PIN lately are
strangers: all of them together have a limit for an account and for the site, which nobody meets at
another. So have, for an account, those that are known by their address alone: who works here has a
right PIN, and may have as many addresses as it pleases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edge.domain.disk import Purpose
from edge.domain.errors import NotAllowed, Unavailable
from edge.journal import pin_tries
from edge.journal.journal import Journal
from edge.journal.pin_tries import Knowing, Scope
from edge.journal.unit import Unit
from edge.journal.writer import Work
from edge.services.admission import Asker, Places, Turns
from edge.services.tries_in_memory import TriesInMemory
from sync.protocol.counted import Counted
from sync.protocol.instants import instant, read_instant

if TYPE_CHECKING:
    from sqlite_utils import Database

_QUARTER, _DAY = timedelta(minutes=15), timedelta(days=1)
_KNOWN = timedelta(days=7)
"""For how long a right PIN makes a tablet known."""
_WAITING, _OF_AN_ADDRESS, _KNOWN_WAITING, _PATIENCE = 6, 3, 64, 5.0
"""Strangers that may wait for their turn, of one address so many; known tablets; seconds."""


@dataclass(frozen=True, slots=True)
class PinAsker:
    """Where a PIN is typed: a paired tablet by its id, else an address; neither: at the site.

    ``guest``: it is no PIN, but the code on a person's own paper.
    """

    address: str = ""
    device: str = ""
    guest: bool = False

    @property
    def key(self) -> str:
        """Name the tablet, as tries are counted: a guest's are not those of a tablet."""
        if self.guest:
            return f"guest:{self.address}"
        return self.device or f"address:{self.address}"


HERE = PinAsker()
"""The site computer itself: a command."""


@dataclass(frozen=True, slots=True)
class GuessLimit:
    """So many wrong PINs in a span of time, of a tablet or of all that are known alike."""

    scope: Scope
    tries: int
    within: timedelta


LIMITS = (
    GuessLimit("device", 5, _QUARTER),
    GuessLimit("device", 20, _DAY),
    GuessLimit("account", 10, _QUARTER),
    GuessLimit("account", 40, _DAY),
    GuessLimit("site", 30, _QUARTER),
    GuessLimit("addresses", 10, _QUARTER),
    GuessLimit("addresses", 40, _DAY),
    GuessLimit("papers", 10, _QUARTER),
    GuessLimit("papers", 40, _DAY),
)
_MET_BY: Mapping[Knowing, frozenset[Scope]] = {
    "stranger": frozenset({"device", "account", "site"}),
    "address": frozenset({"device", "addresses"}),
    "paired": frozenset({"device"}),
    "guest": frozenset({"device", "papers"}),
}
"""Which limits a tablet meets, by how it is known."""


@dataclass(slots=True)
class PinTry:
    """A try whose PIN is about to be looked at; ``right`` once it was.

    ``known``: at a tablet that is known; ``counted`` unless it was no guess and says nothing of the
    tablet either.
    """

    right: bool = False
    counted: bool = True
    known: bool = False


class PinGuard:
    """Counts tries before they are looked at, one at a time; over a restart, too."""

    def __init__(self, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._journal = journal
        self._clock = clock
        places = Places(_WAITING, _OF_AN_ADDRESS, _busy, staff=_KNOWN_WAITING)
        self._in_memory = TriesInMemory()
        self._turns = Turns(places, _PATIENCE, _busy)

    @contextmanager
    def trying(self, asker: PinAsker, account: str) -> Iterator[PinTry]:
        """Hold the turn for one try, which is counted as a wrong one until it was right.

        Raises :class:`NotAllowed` when the tablet or the strangers have had their tries, and
        :class:`Unavailable` when too many wait.
        """
        first = self._goes_first(asker)
        with self._turns.turn(Asker(asker.key, staff=first)):
            # not before: who came later and was let in first counts too
            now = self._clock()
            with self._journal.reading() as db:
                _check(db, asker, account, now)  # costs a flood no write

            def count(unit: Unit) -> int:
                _check(unit.db, asker, account, now)
                known = _known(unit.db, asker, now)
                return pin_tries.record_try(unit.db, asker.key, account, instant(now), known=known)

            try:
                number = self._journal.run(count, Purpose.UPKEEP)
            except Unavailable:  # a disk that takes nothing: who works here can still read
                with self._trying_in_memory(asker, now, first) as one:
                    yield one
                return
            one = PinTry(known=first)
            try:
                yield one
            except BaseException:
                self._afterwards(lambda unit: pin_tries.take_back(unit.db, number))
                raise
            if not one.counted:
                self._afterwards(lambda unit: pin_tries.take_back(unit.db, number))
            if one.right:
                self._afterwards(lambda unit: _right(unit, asker, account, now))

    @contextmanager
    def _trying_in_memory(self, asker: PinAsker, now: datetime, known: bool) -> Iterator[PinTry]:
        if not self._in_memory.count(asker.key, now):
            raise _too_many(asker, _QUARTER // timedelta(minutes=1))
        one = PinTry(known=known)
        try:
            yield one
        except BaseException:
            self._in_memory.take_back(asker.key)
            raise
        if one.right or not one.counted:
            self._in_memory.take_back(asker.key)

    def _afterwards(self, work: Work[None]) -> None:
        """Write what a try came to; a disk that takes it no more lets the try count as wrong."""
        with suppress(Unavailable):
            self._journal.run(work, Purpose.UPKEEP)

    def _goes_first(self, asker: PinAsker) -> bool:
        with self._journal.reading() as db:
            return _known(db, asker, self._clock()) not in ("stranger", "guest")


def waits_until(db: Database, asker: PinAsker, account: str, now: datetime) -> datetime | None:
    """Give from when on a PIN of an account may be tried at a tablet again; None: now."""
    known, found = _known(db, asker, now), []
    for limit in LIMITS:
        if limit.scope not in _MET_BY[known]:
            continue
        span = (instant(now - limit.within), instant(now))
        at = pin_tries.try_that_must_pass(db, limit.scope, asker.key, account, span, limit.tries)
        if at is not None:
            found.append(read_instant(at) + limit.within)
    return max(found, default=None)


def _check(db: Database, asker: PinAsker, account: str, now: datetime) -> None:
    until = waits_until(db, asker, account, now)
    if until is not None:
        raise _too_many(asker, max(1, -(-int((until - now).total_seconds()) // 60)))


def _too_many(asker: PinAsker, minutes: int) -> NotAllowed:
    if asker.guest:
        return NotAllowed(
            "download.locked",
            Counted(
                "Too many wrong codes. You can try again in {minutes} minute.",
                "Too many wrong codes. You can try again in {minutes} minutes.",
            ),
            hint="Or ask at the desk: the certificate can be printed.",
            minutes=minutes,
        )
    return NotAllowed(
        "sign-in.locked",
        Counted(
            "Too many wrong PINs. At this tablet a PIN can be tried again in {minutes} minute.",
            "Too many wrong PINs. At this tablet a PIN can be tried again in {minutes} minutes.",
        ),
        hint="Use another tablet at which somebody signed in before.",
        minutes=minutes,
    )


def _known(db: Database, asker: PinAsker, now: datetime) -> Knowing:
    """Say how a tablet is known: the site's own computer is as good as paired."""
    if asker.guest:
        return "guest"
    if asker == HERE or asker.device:
        return "paired"
    known = pin_tries.known_since(db, asker.key, instant(now - _KNOWN))
    return "address" if known else "stranger"


def _right(unit: Unit, asker: PinAsker, account: str, now: datetime) -> None:
    pin_tries.right_one(unit.db, asker.key, account, instant(now))
    pin_tries.drop_tries_before(unit.db, instant(now - _DAY), instant(now - _KNOWN))


def _busy() -> Unavailable:
    return Unavailable(
        "sign-in.busy",
        "Others are signing in just now.",
        hint="Try again in a moment.",
    )
