"""How far a person has come in a series: what each dose was, and what became of each target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from edge.domain.schedule.model import (
    PRIMARY,
    ZERO,
    Conflict,
    Holds,
    Series,
    Shot,
    Subject,
)

VALID, NOT_VALID, EXTRANEOUS = "Valid", "Not Valid", "Extraneous"
SATISFIED, SKIPPED = "Satisfied", "Skipped"
TOO_YOUNG, TOO_OLD, TOO_SOON = "Age: Too Young", "Age: Too Old", "Interval: Too Short"
INADVERTENT, CONFLICT = "Inadvertent Vaccine", "Live Virus Conflict"
WRONG_VACCINE, LESS_VOLUME = "Vaccine: Not Allowed", "Volume: Less Than Recommended"
_PLACES = 512


@dataclass(frozen=True, slots=True)
class Place:
    """How a dose is called: the ``number``-th of ``total`` of its kind; a dose zero is number 0.

    Doses that are not needed are not counted. ``course`` is how many primary doses there are.
    """

    kind: str = PRIMARY
    number: int = 0
    total: int = 0
    course: int = 0


NO_PLACE = Place()


@lru_cache(_PLACES)
def _place(kind: str, number: int, total: int, course: int) -> Place:
    """Give one value for all who stand at the same place: there are few, and each dose has one."""
    return Place(kind, number, total, course)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What became of one dose: ``target`` is the target dose it was held against, from 1.

    ``place`` is how that dose is called.
    """

    shot: Shot
    status: str
    reason: str = ""
    target: int = 0
    place: Place = NO_PLACE


@dataclass(frozen=True, slots=True)
class Target:
    """What became of one target dose: satisfied by a shot, or skipped."""

    status: str
    on: date | None = None


@dataclass(slots=True)
class Progress:
    """How far a person has come in one series.

    ``unanswered`` names the conditions it hangs on that nobody here can answer.
    """

    series: Series
    evaluations: list[Evaluation] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)

    @property
    def next_target(self) -> int:
        """The index of the target dose that is open; as many as there are when complete."""
        done = len(self.targets)
        last = len(self.series.doses) - 1
        if last >= 0 and done > last and self.series.doses[last].recurring:
            return last
        return done

    @property
    def valid(self) -> list[Evaluation]:
        """The doses that count."""
        return [evaluation for evaluation in self.evaluations if evaluation.status == VALID]

    @property
    def begun(self) -> date | None:
        """The day of the first dose that counts; None: the series is not begun."""
        for evaluation in self.evaluations:
            if evaluation.status == VALID:
                return evaluation.shot.on
        return None

    def place(self, index: int) -> Place:
        """Say how the open target dose of an index is called, by what was given so far."""
        kinds, given = self._kinds()
        kind, ahead = kinds[index], kinds[index:]
        number = given.count(kind)
        course = given.count(PRIMARY) + ahead.count(PRIMARY)
        return _place(kind, number + (kind != ZERO), number + ahead.count(kind), course)

    @property
    def course(self) -> int:
        """How many primary doses there are: those given, and those still to come."""
        kinds, given = self._kinds()
        return given.count(PRIMARY) + kinds[self.next_target :].count(PRIMARY)

    @property
    def given(self) -> int:
        """How many target doses are satisfied, a dose zero apart."""
        _, given = self._kinds()
        return len(given) - given.count(ZERO)

    def _kinds(self) -> tuple[tuple[str, ...], list[str]]:
        """Give the kinds of the series' doses, and of those that were given."""
        kinds = self.series.kinds
        last = len(kinds) - 1
        given = [
            kinds[min(place, last)]
            for place, target in enumerate(self.targets)
            if target.status == SATISFIED
        ]
        return kinds, given

    @property
    def last(self) -> Evaluation | None:
        """The last dose that was valid or not valid, and not given by mistake."""
        for evaluation in reversed(self.evaluations):
            if evaluation.status in (VALID, NOT_VALID) and evaluation.reason != INADVERTENT:
                return evaluation
        return None

    @property
    def complete(self) -> bool:
        """Whether every target dose is satisfied or skipped."""
        return self.next_target >= len(self.series.doses)


@dataclass(frozen=True, slots=True)
class Context:
    """What is around a series: the person, all their shots, what else is known."""

    subject: Subject
    all_shots: Sequence[Shot]
    conflicts: Mapping[str, tuple[Conflict, ...]] = field(default_factory=dict)
    complete_groups: frozenset[str] = frozenset()
    conditions: Mapping[str, Holds] = field(default_factory=dict)
