"""Whether a clock can be right: by what was written before, and by what others say the time is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

TOLERANCE = timedelta(minutes=5)
"""What clocks that are put right go back by."""
A_DAY = timedelta(days=1)
"""Clocks that differ by less agree: nobody is given a wrong date by more than the next one."""
LONGEST_REST = timedelta(days=120)
"""A site that wrote nothing for longer is asked what day it is."""
LONGEST_SHELF = timedelta(days=5 * 365)
"""A program that has never written anything is hardly set up later than this after it was made."""
_TABLETS = 2


@dataclass(frozen=True, slots=True)
class ClockEvidence:
    """What speaks for and against a clock; moments of others are carried on to now.

    ``built``: when the program was made. ``recorded``: the latest moment that was written under a
    believed clock. ``expected``: where the clock, believed before in this run, would be if nobody
    had set it; ``vouched``: the registry showed the same day then. ``registry``: where the
    registry's clock is. ``tablets``: where those of people who are signed in are, one a person.
    ``confirmed``: where the date is that a supervisor confirmed.
    """

    built: datetime
    recorded: datetime | None = None
    expected: datetime | None = None
    vouched: bool = False
    registry: datetime | None = None
    tablets: Sequence[datetime] = ()
    confirmed: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's clock was set while the node ran: ``seconds`` forward, negative: back."""

    at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Belief:
    """Whether a clock is believed; if not, or if somebody's differs, a sentence says why.

    ``code`` is empty when nothing speaks against it. Values that are dates are the site's.
    """

    believed: bool
    code: str = ""
    sentence: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def believable(now: datetime, evidence: ClockEvidence, zone: tzinfo) -> Belief:
    """Judge a clock that shows ``now`` by the evidence.

    A registry that shows the same day outweighs everything but the date of the program. One that
    shows another day does not outweigh a clock for which it vouched before, nor one that two
    tablets agree with: then it is the registry that is told of. Tablets alone never speak for a
    clock that goes against what was written here, and one alone speaks against none.
    """
    clock = _day(now, zone)
    if now < evidence.built:
        return Belief(False, "clock.before-program", _BEFORE_PROGRAM,
            {"clock": clock, "built": _day(evidence.built, zone)})  # fmt: skip
    if evidence.confirmed and _agree(now, evidence.confirmed):
        return Belief(True)
    if evidence.registry and _agree(now, evidence.registry):
        return Belief(True)
    against = _against_what_is_known(now, evidence, zone)
    if against:
        return against
    tablets = _middle(evidence.tablets)
    if evidence.registry:
        told = {"clock": clock, "registry": _day(evidence.registry, zone)}
        outweighed = evidence.vouched or (tablets is not None and _agree(now, tablets))
        return Belief(outweighed, "clock.registry-differs", _REGISTRY, told)
    if tablets is not None and not _agree(now, tablets):
        told = {"clock": clock, "tablets": _day(tablets, zone)}
        return Belief(evidence.vouched, "clock.tablets-differ", _TABLETS_DIFFER, told)
    return Belief(True)


def _against_what_is_known(now: datetime, evidence: ClockEvidence, zone: tzinfo) -> Belief | None:
    """Say what of this site's own speaks against a clock."""
    clock, latest = _day(now, zone), evidence.recorded
    if latest and now < latest - TOLERANCE:
        told = {"clock": clock, "latest": _day(latest, zone)}
        return Belief(False, "clock.behind", _BEHIND, told)
    if latest and now > latest + LONGEST_REST:
        told = {"clock": clock, "latest": _day(latest, zone)}
        return Belief(False, "clock.ahead", _AHEAD, told)
    if now > evidence.built + LONGEST_SHELF and not latest:
        told = {"clock": clock, "built": _day(evidence.built, zone)}
        return Belief(False, "clock.ahead-of-program", _AHEAD_OF_PROGRAM, told)
    if evidence.expected and not _agree(now, evidence.expected):
        told = {"clock": clock, "before": _day(evidence.expected, zone)}
        return Belief(False, "clock.stepped", _STEPPED, told)
    return None


_BEFORE_PROGRAM = (
    "The clock of this machine says {clock}, which cannot be: this program was made on {built}."
)
_BEHIND = "The clock of this machine says {clock}, which cannot be: it was {latest} here before."
_AHEAD = (
    "The clock of this machine says {clock}, and the last record here is of {latest}: is it right?"
)
_AHEAD_OF_PROGRAM = (
    "The clock of this machine says {clock}, and this program was made on {built}: is it right?"
)
_STEPPED = "The clock of this machine was set to {clock}; by what it said before it is {before}."
_REGISTRY = "The clock of this machine says {clock}, and the registry's says {registry}."
_TABLETS_DIFFER = "The clock of this machine says {clock}, and the tablets say {tablets}."
HINT = "Set the date of the site computer, or let a supervisor confirm today's date."


def _agree(one: datetime, other: datetime) -> bool:
    return abs(one - other) < A_DAY


def _middle(moments: Sequence[datetime]) -> datetime | None:
    """Give the middle one of what tablets say: two say the same, or they say nothing."""
    found = sorted(moments)
    if len(found) < _TABLETS:
        return None
    middle = found[len(found) // 2]
    agreeing = sum(_agree(middle, moment) for moment in found)
    return middle if agreeing >= _TABLETS and 2 * agreeing > len(found) else None


def _day(moment: datetime, zone: tzinfo) -> Any:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()
