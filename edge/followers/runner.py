"""Runs one follower: a durable cursor by its name, a verdict for each entry, and tries again.

Entries are given at least once and in order. The cursor moves in the transaction that keeps the
verdicts, after the follower has answered: a process that ends between both gives them again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.domain.errors import EdgeError, Unavailable
from edge.followers.backoff import Backoff
from edge.followers.follower import DELIVERED, LATER, REFUSED, Follower, Result, Verdict
from edge.journal import following
from edge.journal.delivery import delivery
from edge.journal.entries import last_position
from edge.journal.entry import Entry
from edge.journal.following import UndeliveredEntry
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from sync.protocol.instants import instant
from sync.site.pacing import wait_after

_log = logging.getLogger("divoc_edge.followers")
_SPELL = 10.0
"""Seconds a follower goes on at a stretch: a node that is stopped waits no longer."""
_TRIES = 5
"""Times that an entry may bring its follower down before it is refused."""
_LONGEST = timedelta(days=1)
"""The longest an entry is put off."""


@dataclass(frozen=True, slots=True)
class FollowerEnvironment:
    """What a runner needs of the world: monotonic seconds, chance in [0, 1), and now in UTC."""

    elapsed: Callable[[], float]
    chance: Callable[[], float]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Done:
    """What a run came to: entries delivered, refused and put off; what ended it, if anything."""

    delivered: int = 0
    refused: int = 0
    later: int = 0
    trouble: EdgeError | None = None

    def and_(self, verdicts: Sequence[Verdict]) -> Done:
        """Add verdicts."""
        states = [verdict.state for verdict in verdicts]
        return Done(
            self.delivered + states.count(DELIVERED),
            self.refused + states.count(REFUSED),
            self.later + states.count(LATER),
        )


class _Fault(Exception):
    """The follower did what its contract does not know: an entry may have brought it down."""


class Runner:
    """Runs one follower of the journal, under its name in ``site.toml``."""

    def __init__(
        self, name: str, follower: Follower, journal: Journal, ports: FollowerEnvironment
    ) -> None:
        self.name = name
        self.every = follower.every
        self._follower = follower
        self._journal = journal
        self._ports = ports
        self._backoff = Backoff(ports.elapsed, ports.chance)
        self._busy = threading.Lock()
        self._size = max(1, follower.most)
        self._seen = -1

    def run_when_due(self) -> Done | None:
        """Make a run unless a failure speaks against it."""
        return self.run() if self._backoff.due() else None

    def run(self) -> Done:
        """Deliver what there is, for a spell at the most."""
        with self._busy:
            done, until = Done(), self._ports.elapsed() + _SPELL
            try:
                for step in (self._new, self._aside):
                    while (given := step()) is not None:
                        verdicts, trouble = given
                        done = done.and_(verdicts)
                        if trouble is not None:
                            raise trouble
                        if self._ports.elapsed() >= until:
                            break
                self._went_well()
            except EdgeError as error:
                done = Done(done.delivered, done.refused, done.later, error)
                self._failed(error, further=done.delivered + done.refused + done.later > 0)
            return done

    def _new(self) -> tuple[Sequence[Verdict], EdgeError | None] | None:
        """Offer the next entries in line and move behind those that were judged."""
        with self._journal.reading() as db:
            position = max(delivery(db, self.name).delivered, self._seen)
            entries = following.wanted_after(db, position, self._follower.types, self._size)
            last = last_position(db)
        if not entries:
            self._seen = last  # nothing up to there is wanted: look at it once
            return None
        self._seen = -1
        return self._offer(entries, in_line=True)

    def _aside(self) -> tuple[Sequence[Verdict], EdgeError | None] | None:
        """Offer what was put off and is due."""
        now = self._ports.now()
        with self._journal.reading() as db:
            entries = following.due_aside(
                db, self.name, instant(now), instant(now + _LONGEST), self._size
            )
        return self._offer(entries, in_line=False) if entries else None

    def _offer(
        self, entries: Sequence[Entry], *, in_line: bool
    ) -> tuple[Sequence[Verdict], EdgeError | None]:
        try:
            result = self._answer(entries)
        except _Fault as fault:
            return self._after_fault(entries, str(fault), in_line=in_line)
        judged = entries[: len(result.verdicts)]
        if judged:
            self._journal.run(lambda unit: self._keep(unit, judged, result.verdicts, in_line))
        self._size = min(max(1, self._follower.most), 2 * self._size)
        return result.verdicts, result.trouble

    def _answer(self, entries: Sequence[Entry]) -> Result:
        try:
            result = self._follower.deliver(entries)
        except EdgeError as error:
            return Result((), error)
        except OSError as error:
            return Result((), _not_there(self.name, error))
        except Exception as error:
            raise _Fault(type(error).__name__) from error
        if not _is_answer(result, len(entries)):
            raise _Fault("its answer is none")
        return result

    def _after_fault(
        self, entries: Sequence[Entry], reason: str, *, in_line: bool
    ) -> tuple[Sequence[Verdict], EdgeError | None]:
        """Find the entry that brings the follower down: fewer at a time, then one; then refuse."""
        trouble = Unavailable(
            "follower.fault",
            "The follower {name} failed: {reason}. It is tried again.",
            hint="Tell who made it.",
            name=self.name,
            reason=reason,
        )
        if len(entries) > 1:
            self._size = len(entries) // 2
            return (), None
        (entry,) = entries
        with self._journal.reading() as db:
            tried = following.tries(db, self.name, entry.position) + 1
        verdict = Verdict(
            REFUSED, "follower.poison",
            "The follower failed at this entry {count} times: {reason}.",
            {"count": tried, "reason": reason},
        )  # fmt: skip
        if tried >= _TRIES:
            self._journal.run(lambda unit: self._keep(unit, entries, [verdict], in_line))
            return [verdict], None
        state = "trying" if in_line else LATER
        self._journal.run(lambda unit: self._count(unit, entry, state, verdict, tried))
        return (), trouble if in_line else None

    def _keep(
        self, unit: Unit, entries: Sequence[Entry], verdicts: Sequence[Verdict], in_line: bool
    ) -> None:
        for entry, verdict in zip(entries, verdicts, strict=True):
            if verdict.state == DELIVERED:
                following.forget_undelivered(unit.db, self.name, entry.position)
            else:
                tried = following.tries(unit.db, self.name, entry.position) + 1
                self._count(unit, entry, verdict.state, verdict, tried)
        if in_line:
            following.move(unit.db, self.name, entries[-1], instant(self._ports.now()))

    def _count(self, unit: Unit, entry: Entry, state: str, verdict: Verdict, tried: int) -> None:
        now = self._ports.now()
        seconds = verdict.seconds
        if seconds is None or not 1 <= seconds < _LONGEST.total_seconds():
            seconds = wait_after(tried, self._ports.chance())
        following.keep_undelivered(
            unit.db,
            self.name,
            UndeliveredEntry(
                position=entry.position,
                state=state,
                tries=tried,
                code=verdict.code,
                sentence=verdict.sentence,
                values=verdict.values,
                at=instant(now),
                again_at=instant(now + timedelta(seconds=seconds)) if state == LATER else "",
            ),
        )

    def _went_well(self) -> None:
        self._backoff.went_well()
        self._tell({})

    def _failed(self, error: EdgeError, *, further: bool) -> None:
        self._backoff.failed(further=further)
        told = {"code": error.code, "sentence": error.sentence, "values": error.values}
        self._tell({**told, "temporary": error.temporary})

    def _tell(self, told: dict[str, object]) -> None:
        """Keep what is wrong where other processes see it, written down only when it changes."""
        with self._journal.reading() as db:
            known = dict(following.trouble(db, self.name))
        known.pop("at", None)
        if known == told:
            return
        if told:
            _log.warning("the follower %s: %s", self.name, told["code"])
            told = {**told, "at": instant(self._ports.now())}
        try:
            self._journal.run(lambda unit: following.keep_trouble(unit.db, self.name, told))
        except EdgeError:  # the disk is full: the log has it
            return


def _is_answer(result: object, offered: int) -> bool:
    """Say whether a result is what the contract knows: it may come from somebody else's package."""
    if not isinstance(result, Result) or len(result.verdicts) > offered:
        return False
    if not result.verdicts and result.trouble is None:
        return False
    try:
        for item in result.verdicts:
            item.sentence.format(**item.values)
        return {verdict.state for verdict in result.verdicts} <= {DELIVERED, REFUSED, LATER}
    except (AttributeError, LookupError, TypeError, ValueError):
        return False


def _not_there(name: str, error: OSError) -> Unavailable:
    return Unavailable(
        "follower.not-there",
        "The follower {name} cannot write or reach its place: {reason}.",
        hint="It is tried again by itself.",
        name=name,
        reason=error.strerror or type(error).__name__,
    )
