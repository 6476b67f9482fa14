"""A schedule as data: antigens, their series, and the rules of each target dose."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from edge.domain.schedule.calendar import Period

STANDARD, RISK, EVALUATION_ONLY = "Standard", "Risk", "Evaluation Only"
ZERO, PRIMARY, BOOSTER, SUPPLEMENTARY = "zero", "primary", "booster", "supplementary"
"""What kind of dose one is: each kind is counted by itself."""


@dataclass(frozen=True, slots=True)
class AgeRule:
    """The ages of a target dose, in force from ``effective`` until before ``cessation``."""

    absolute_min: Period | None = None
    min: Period | None = None
    earliest: Period | None = None
    latest: Period | None = None
    max: Period | None = None
    effective: date | None = None
    cessation: date | None = None


@dataclass(frozen=True, slots=True)
class IntervalRule:
    """The time since something: the dose before, a target dose, the most recent of vaccines.

    ``from_target`` counts target doses from 1; ``from_kind`` is the last dose of that kind in the
    series.
    """

    from_previous: bool = True
    from_target: int = 0
    from_kind: str = ""
    from_most_recent: frozenset[str] = frozenset()
    from_observation: str = ""
    absolute_min: Period | None = None
    min: Period | None = None
    earliest: Period | None = None
    latest: Period | None = None
    effective: date | None = None
    cessation: date | None = None


@dataclass(frozen=True, slots=True)
class VaccineRule:
    """A vaccine that may be used: its CVX code, from and until which age, from which maker.

    ``forecast``: the one to recommend, where a dose has several. ``volume`` in millilitres.
    """

    cvx: str
    begin: Period | None = None
    end: Period | None = None
    mvx: str = ""
    forecast: bool = False
    volume: float = 0


@dataclass(frozen=True, slots=True)
class SkipCondition:
    """One condition of a skip.

    ``kind`` is CDSi's, in small letters, or one that a package adds, with ``parameters`` as they
    stand in the schedule's file.
    """

    kind: str
    begin_age: Period | None = None
    end_age: Period | None = None
    start: date | None = None
    end: date | None = None
    interval: Period | None = None
    count: int = 0
    valid_only: bool = False
    logic: str = ""
    vaccines: frozenset[str] = frozenset()
    series_groups: frozenset[str] = frozenset()
    parameters: Any = None


@dataclass(frozen=True, slots=True)
class SkipSet:
    """Conditions that hold together: all of them, or any."""

    conditions: tuple[SkipCondition, ...]
    any_of: bool = False
    effective: date | None = None
    cessation: date | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """When a target dose is not needed: on evaluation, in a forecast, or both."""

    evaluation: bool
    forecast: bool
    sets: tuple[SkipSet, ...]
    any_of: bool = True


@dataclass(frozen=True, slots=True)
class TargetDose:
    """One dose of a series. ``season`` are the first and last day of a seasonal recommendation.

    ``judgement`` says why a clinician decides whether it is given; ``needs`` are observations of
    which one has to hold. ``source`` says where the rule stands.
    """

    ages: tuple[AgeRule, ...] = ()
    intervals: tuple[IntervalRule, ...] = ()
    allowable_intervals: tuple[IntervalRule, ...] = ()
    preferable: tuple[VaccineRule, ...] = ()
    allowable: tuple[VaccineRule, ...] = ()
    inadvertent: frozenset[str] = frozenset()
    skips: tuple[Skip, ...] = ()
    recurring: bool = False
    season: tuple[date | None, date | None] = (None, None)
    kind: str = PRIMARY
    needs: frozenset[str] = frozenset()
    judgement: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Indication:
    """An observation that makes a risk series relevant, between two ages."""

    code: str
    begin: Period | None = None
    end: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One way to be protected against an antigen's disease.

    ``min_start`` and ``max_start`` are the ages between which it is begun. ``by_begin``: a dose
    that began another series of the group before ``min_start`` rules this one out.
    """

    name: str
    antigen: str
    kind: str = STANDARD
    genders: frozenset[str] = frozenset()
    default: bool = False
    product_path: bool = False
    group: str = "1"
    priority: str = "A"
    preference: int = 1
    min_start: Period | None = None
    max_start: Period | None = None
    equivalent_groups: frozenset[str] = frozenset()
    indications: tuple[Indication, ...] = ()
    doses: tuple[TargetDose, ...] = ()
    by_begin: bool = False
    source: str = ""
    kinds: tuple[str, ...] = field(init=False, repr=False, compare=False)
    conditions: tuple[SkipCondition, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Keep the kinds and the conditions of all doses: they are asked for with each person."""
        object.__setattr__(self, "kinds", tuple(dose.kind for dose in self.doses))
        sets = (each for dose in self.doses for skip in dose.skips for each in skip.sets)
        conditions = tuple(condition for each in sets for condition in each.conditions)
        object.__setattr__(self, "conditions", conditions)


@dataclass(frozen=True, slots=True)
class Immunity:
    """Evidence of immunity: birth before a day, or an observation."""

    born_before: date | None = None
    observations: frozenset[str] = frozenset()
    exclusions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contraindication:
    """What speaks against vaccines between two ages: one of ``seen``, or (none) the age alone.

    ``vaccines``: these alone; none: all against the antigen. ``judgement``: a clinician decides.
    ``because`` says why, ``source`` where the rule stands.
    """

    seen: frozenset[str] = frozenset()
    begin: Period | None = None
    end: Period | None = None
    vaccines: frozenset[str] = frozenset()
    judgement: bool = False
    because: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Antigen:
    """An antigen with its series and what makes them unnecessary or unwise."""

    name: str
    series: tuple[Series, ...]
    immunity: Immunity = field(default_factory=Immunity)
    contraindications: tuple[Contraindication, ...] = ()


@dataclass(frozen=True, slots=True)
class Association:
    """An antigen that a vaccine carries, between two ages."""

    antigen: str
    begin: Period | None = None
    end: Period | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A live vaccine must keep its distance from one given before."""

    previous: str
    current: str
    begin: Period
    min_end: Period
    end: Period


@dataclass(frozen=True, slots=True)
class VaccineGroup:
    """Antigens that are forecast together; ``whole``: only all of them at once."""

    name: str
    antigens: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Observable:
    """What a schedule asks about a person: words for it, and how long it holds.

    ``valid`` counts from the day it was seen; ``ends``: whoever notes it says its last day.
    """

    title: str
    valid: Period | None = None
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything a country has decided about who is vaccinated with what, and when.

    ``conflicts`` are found by the vaccine that was given before. ``observations`` are what it asks
    about a person, by code. ``conditions`` are those that packages add, by kind. ``decides`` is the
    role of whoever decides where a clinician's judgement is needed. ``parts`` keeps what one
    vaccine is judged by, and ``lengths`` every length of time in it: both are worked out when first
    asked for, by :mod:`edge.domain.schedule.spans`, and do not change with who is judged.
    ``places`` keeps where doses count, by all that it hangs on (:mod:`edge.domain.places`).
    """

    antigens: Mapping[str, Antigen]
    vaccines: Mapping[str, tuple[Association, ...]]
    groups: Mapping[str, VaccineGroup]
    conflicts: Mapping[str, tuple[Conflict, ...]] = field(default_factory=dict)
    observations: Mapping[str, Observable] = field(default_factory=dict)
    conditions: Mapping[str, Holds] = field(default_factory=dict)
    decides: str = "supervisor"
    parts: dict[str, Schedule] = field(default_factory=dict, init=False, repr=False, compare=False)
    lengths: list[Period] = field(default_factory=list, init=False, repr=False, compare=False)
    places: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Shot:
    """A vaccine somebody was given: CVX code, day, the maker's MVX code and mL where known.

    ``proposed``: one that is about to be given; it comes after the others of its day. ``place`` is
    the position in the history, from 0, and is set where a history is assessed: two shots of one
    vaccine and day are two.
    """

    on: date
    cvx: str
    mvx: str = ""
    volume: float | None = None
    proposed: bool = False
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The person a schedule is applied to; ``observations`` are codes with their dates.

    ``until`` are the last days of those that end. :func:`edge.domain.schedule.observed.as_of`
    leaves out what does not hold any more.
    ``born_last`` is the last day on which they may have been born, ``born`` then the first; None:
    ``born`` is the day. The engine assesses one birth at a time.
    """

    born: date
    born_last: date | None = None
    gender: str = ""
    observations: Mapping[str, date | None] = field(default_factory=dict)
    until: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a condition is asked about: a person on a day, and how far they are in a series.

    ``shots`` are those against the series' disease so far, in order, and ``valid`` the ones that
    count; ``last`` is the day of the last that was not given by mistake. ``history`` is everything
    the person was given, ``complete_groups`` the groups of series that are complete.
    """

    on: date
    subject: Subject
    shots: Sequence[Shot]
    valid: Sequence[Shot]
    last: date | None
    history: Sequence[Shot]
    complete_groups: frozenset[str] = frozenset()


Holds = Callable[[SkipCondition, Situation], bool]
"""Says of a condition whether it holds in a situation, by these two alone."""
