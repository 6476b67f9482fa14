"""All coming visits of a person: as few as the rules allow, none of their doses late if it can be.

Each visit is imagined as made, and the engine is asked again: so what is planned is what the engine
will say on the day, if everything before it is given as planned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from edge.domain.dose import Dose
from edge.domain.outlook import ComingDose, Outlook, UnplannedDose
from edge.domain.schedule.calendar import Period
from edge.domain.scheduled import Case, judge
from edge.domain.session_days import EVERY_DAY, SessionDays

HORIZON = Period(years=20)
"""How far ahead is planned: a newborn's plan reaches to the end of childhood."""
_MOST_DOSES = 120
_MOST_STEPS = 250
_MOST_DAYS = 4
"""Days that are tried for one visit."""
Cost = tuple[int, int, int]
"""Doses that are late, visits, days between each dose and the one it is best on: less is better."""
_NO_COST: Cost = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A day to come on, and what is given: each dose as the engine judges it on that day.

    ``unsure`` are the vaccines that hang on the day of birth, where that is not known.
    """

    on: date
    doses: tuple[ComingDose, ...]
    unsure: frozenset[str] = frozenset()

    def late(self, dose: ComingDose) -> bool:
        """Say whether a dose of the visit comes after the last day on which it is not late."""
        return dose.past_due is not None and dose.past_due < self.on


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPlan:
    """The visits to come as seen on a day; ``unplanned`` is what somebody has to decide first.

    ``more``: doses come after ``until``. ``births`` are the first and the last day on which the
    person may have been born, where that is not known: the visits are then the earliest on which
    all is certain.
    """

    as_of: date
    until: date
    visits: tuple[PlannedVisit, ...] = ()
    unplanned: tuple[UnplannedDose, ...] = ()
    more: bool = False
    births: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class _State:
    """How far the imagination has come: the doses given in it, and its day."""

    given: tuple[Dose, ...]
    on: date


@dataclass(frozen=True, slots=True)
class _Step:
    """One way on from a state: what a day's visit gives; nothing, where only time goes by."""

    after: _State
    doses: tuple[ComingDose, ...] = ()

    @property
    def cost(self) -> Cost:
        on = self.after.on
        late = sum(dose.due_by is not None and dose.due_by < on for dose in self.doses)
        return (
            late,
            int(bool(self.doses)),
            sum(abs((on - dose.recommended).days) for dose in self.doses),
        )


def plan_visits(
    case: Case, today: date, sessions: SessionDays = EVERY_DAY, until: date | None = None
) -> VisitPlan:
    """Plan the visits from a day on; the day itself is one of them where something is due.

    A dose is put off for others only as long as it is not late by that (four weeks where the
    schedule names no last day, one where it is late already), and never planned before the day
    that the rules allow.
    """
    horizon = HORIZON.after(today)
    until = min(until or horizon, horizon)
    first, last = case.subject.born, case.subject.born_last
    if not case.status.here:
        return VisitPlan(as_of=today, until=until)
    if last is not None:
        last = max(first, min(last, today))
    known = replace(case, subject=replace(case.subject, born=last or first, born_last=None))
    search = _Search(Outlook(known, sessions, until))
    steps = list(search.way(_State((), today)))
    visits = [PlannedVisit(on=step.after.on, doses=step.doses) for step in steps if step.doses]
    left, more = search.unplanned(steps, today)
    if last is not None:
        visits = list(_with_doubts(case, visits, steps))
    return VisitPlan(
        as_of=today,
        until=until,
        visits=tuple(visits),
        unplanned=left,
        more=more,
        births=(first, last) if last is not None else None,
    )


class _Search:
    """Looks for the best visits: of each, the days are tried that may save a way.

    What follows a day is estimated by the plain plan, that never waits: so nothing is ever worse
    than the plain plan. Each choice hangs on what is given and on the day alone, so that a plan
    made after a visit is the rest of the plan.
    """

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._plain: dict[tuple[object, ...], Cost] = {}

    def way(self, state: _State) -> Iterator[_Step]:
        """Give the steps of the plan."""
        for _ in range(_MOST_STEPS):
            steps = self._ways_on(state)
            if not steps:
                return
            best = steps[0]
            if len(steps) > 1:
                best = min(steps, key=lambda step: _sum(step.cost, self._cost_behind(step.after)))
            yield best
            state = best.after

    def unplanned(
        self, steps: Sequence[_Step], today: date
    ) -> tuple[tuple[UnplannedDose, ...], bool]:
        """Give what no day was found for, and whether doses come after the last day of the plan."""
        found: dict[tuple[str, str], UnplannedDose] = {}
        for state in (_State((), today), *(step.after for step in steps)):
            coming, left = self._outlook.after(state.given, state.on)
            for dose in coming:  # what stood in its way does so no more
                found.pop((dose.programme, dose.vaccine), None)
            for missing in left:
                found.setdefault((missing.programme, missing.vaccine), missing)
        left = list(found.values())
        return tuple(dose for dose in left if not dose.beyond), any(dose.beyond for dose in left)

    def _ways_on(self, state: _State, *, plain: bool = False) -> list[_Step]:
        """Give the ways on that are worth trying, the plain one first; none at the end."""
        coming, _ = self._outlook.after(state.given, state.on)
        first = min((dose.wanted for dose in coming), default=None)
        turn = next((day for day in self._outlook.turns if day > state.on), None)
        if first is None or len(state.given) >= _MOST_DOSES:
            far = turn is None or turn > self._outlook.until or len(state.given) >= _MOST_DOSES
            return [] if far or turn is None else [_Step(_State(state.given, turn))]
        if turn is not None and turn < first:
            return [_Step(_State(state.given, turn))]
        if plain:
            return [self._visit(state, first)]
        last = min(dose.waits_until for dose in coming)
        days = sorted(
            {day for dose in coming for day in (dose.day, dose.wanted) if first <= day <= last}
        )
        if len(days) > _MOST_DAYS:
            days = [*days[: _MOST_DAYS // 2], *days[-_MOST_DAYS // 2 :]]
        steps = [self._visit(state, first)]
        for day in dict.fromkeys((first, *days)):
            allowed = sorted(
                (dose for dose in coming if dose.day <= day < dose.wanted),
                key=lambda dose: dose.wanted,
            )
            for count in sorted({0, len(allowed)}):
                if (day, count) != (first, 0):
                    early = frozenset(dose.place for dose in allowed[:count])
                    steps.append(self._visit(state, day, early))
        return steps

    def _visit(
        self, state: _State, on: date, early: frozenset[tuple[str, str]] = frozenset()
    ) -> _Step:
        """Imagine a visit: what is wanted by then is given, and what may be ``early``."""
        given, doses = state.given, []
        while len(given) < _MOST_DOSES:
            coming, _ = self._outlook.after(given, on)
            ready = [
                dose
                for dose in coming
                if dose.day == on and (dose.wanted == on or dose.place in early)
            ]
            if not ready:
                break
            doses.append(ready[0])
            given = (*given, _imagined(ready[0], on, len(given)))
        return _Step(_State(given, on), tuple(doses))

    def _cost_behind(self, state: _State) -> Cost:
        """Give what the plain plan costs from a state on."""
        passed: list[tuple[tuple[object, ...], Cost]] = []
        cost = _NO_COST
        for _ in range(_MOST_STEPS):
            key = (state.on, *((dose.programme, dose.vaccine, dose.on) for dose in state.given))
            if key in self._plain:
                cost = self._plain[key]
                break
            steps = self._ways_on(state, plain=True)
            passed.append((key, steps[0].cost if steps else _NO_COST))
            if not steps:
                break
            state = steps[0].after
        for key, own in reversed(passed):
            cost = self._plain[key] = _sum(own, cost)
        return cost


def _sum(one: Cost, other: Cost) -> Cost:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _imagined(dose: ComingDose, on: date, place: int) -> Dose:
    return Dose(
        id=f"planned-{place}",
        person="",
        programme=dose.programme,
        vaccine=dose.vaccine,
        number=dose.number,
        total=dose.total,
        lot="",
        on=on,
        facility="",
        vaccinator="",
    )


def _with_doubts(
    case: Case, visits: Sequence[PlannedVisit], steps: Sequence[_Step]
) -> Iterator[PlannedVisit]:
    """Judge each dose for every day on which the person may have been born."""
    given = steps[-1].after.given if steps else ()
    place = 0
    for visit in visits:
        unsure = set()
        for dose in visit.doses:
            then = replace(case, history=[*case.history, *given[:place]])
            programme = case.catalogue.programmes[dose.programme]
            vaccine = case.catalogue.vaccines[dose.vaccine]
            if judge(then, programme, vaccine, visit.on).objections:
                unsure.add(dose.vaccine)
            place += 1
        yield replace(visit, unsure=frozenset(unsure))
