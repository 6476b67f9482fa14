"""What comes next of every vaccine, once doses were given that are only imagined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edge.domain.catalogue import Programme
from edge.domain.dose import Dose
from edge.domain.errors import Refusal
from edge.domain.histories import shots_of
from edge.domain.next_vaccine import next_vaccine
from edge.domain.plan_parts import PlanPart, parts, turns
from edge.domain.same_day import SAME_DAY
from edge.domain.schedule.calendar import at_age
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.evaluation import age_rule
from edge.domain.schedule.forecast import (
    AGED_OUT,
    COMPLETE,
    IMMUNE,
    NOT_COMPLETE,
    NOT_RECOMMENDED,
)
from edge.domain.schedule.model import Shot
from edge.domain.scheduled import Case, DoseJudgement, judge
from edge.domain.session_days import SessionDays

_WAITS = timedelta(days=28)
"""How long a dose for which the schedule sets no last day may wait for others."""
_LATE_WAITS = timedelta(days=7)
"""How long one may wait that is late, whatever is done."""
_DAY = timedelta(days=1)
_CLOSED = (COMPLETE, IMMUNE, AGED_OUT, NOT_RECOMMENDED)
_NOTHING_DUE = (
    "dose.complete", "dose.immune", "dose.not-recommended", "dose.too-old", "dose.not-for-person",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingDose:
    """The dose that comes next in a vaccine group, as far as a day can tell.

    ``not_before`` is the first day that the rules allow, ``past_due`` the last on which it is not
    late, ``until`` the last of all; ``due_by`` is ``past_due``, or the day before ``not_before`` on
    which it would have been due of somebody who came in time. Of sessions ``day`` is the first
    that the rules allow, ``wanted`` the first from the day recommended on, ``waits_until`` the last
    to which it may be put off for others. ``limits`` are the engine's: what holds it up until when.
    """

    programme: str
    group: str
    series: str
    vaccine: str
    number: int
    total: int
    kind: str
    not_before: date
    recommended: date
    past_due: date | None
    due_by: date | None
    until: date | None
    limits: tuple[tuple[str, date], ...]
    day: date
    wanted: date
    waits_until: date

    @property
    def place(self) -> tuple[str, str]:
        """The programme and the vaccine group that it is of."""
        return self.programme, self.group


@dataclass(frozen=True, slots=True, kw_only=True)
class UnplannedDose:
    """A dose for which no day is planned, because somebody has to decide first, and why."""

    programme: str
    group: str
    vaccine: str
    why: Refusal
    beyond: bool = False
    """It comes after the last day that is planned for."""


class Outlook:
    """Asks the engine what comes next of a person, in an imagined history.

    Birth is one day here. Answers are kept: a group is asked again only where a dose was imagined
    that it hangs on, or from a day on which its answer may be another.
    """

    def __init__(self, case: Case, sessions: SessionDays, until: date) -> None:
        self._case = case
        self._sessions = sessions
        self.until = until
        self._shots = shots_of(case.counted)
        self._parts = tuple(parts(case))
        self._found: dict[object, ComingDose | UnplannedDose | None] = {}
        self._windows: dict[object, list[tuple[date, date, GroupAssessment | None]]] = {}
        self.turns = sorted(set(turns(case)))

    def after(
        self, given: Sequence[Dose], on: date
    ) -> tuple[list[ComingDose], list[UnplannedDose]]:
        """Say as of a day what comes next, and what cannot be planned, once doses were given."""
        found = [self._of(part, given, on) for part in self._parts]
        return (
            [dose for dose in found if isinstance(dose, ComingDose)],
            [dose for dose in found if isinstance(dose, UnplannedDose)],
        )

    def _of(
        self, part: PlanPart, given: Sequence[Dose], on: date
    ) -> ComingDose | UnplannedDose | None:
        key = (
            part.programme.id,
            part.group,
            on,
            tuple(
                (dose.vaccine, dose.on)
                for dose in given
                if part.touches is None or dose.vaccine in part.touches
            ),
        )
        if key not in self._found:
            self._found[key] = self._ask(part, given, on)
        return self._found[key]

    def _ask(
        self, part: PlanPart, given: Sequence[Dose], on: date
    ) -> ComingDose | UnplannedDose | None:
        shots = [
            shot
            for shot in (*self._shots, *(Shot(dose.on, dose.vaccine) for dose in given))
            if part.hangs_on is None or shot.cvx in part.hangs_on
        ]
        apart = [shot for shot in shots if shot.on != on or shot.cvx in part.own]
        if len(apart) < len(shots):  # what else is given on a day holds nothing up on that day
            found = self._answer(part, apart, given, on)
            if isinstance(found, ComingDose) and found.day == on:
                return found
        return self._answer(part, shots, given, on)

    def _answer(
        self, part: PlanPart, shots: Sequence[Shot], given: Sequence[Dose], on: date
    ) -> ComingDose | UnplannedDose | None:
        group = self._assessed(part, shots, on)
        vaccine = self._vaccine(part.programme, group) if group else ""
        if group is None or not vaccine or group.forecast.status in _CLOSED:
            return None
        due = group.forecast
        if due.status != NOT_COMPLETE or due.earliest is None or due.unanswered:
            return self._refused(part, vaccine, self._judged(part, given, vaccine, on))
        not_before = max(due.earliest, part.programme.start)
        day = self._sessions.on_or_after(max(on, not_before))
        judged = None
        if day == on:
            judged = self._judged(part, given, vaccine, on)
            if judged.objections:
                later = self._later(judged.objections[0], on)
                if later is None:
                    return self._refused(part, vaccine, judged)
                not_before = max(not_before, later)
                day, judged = self._sessions.on_or_after(later), None
        return self._placed(part, vaccine, group, judged, not_before, day)

    def _assessed(self, part: PlanPart, shots: Sequence[Shot], on: date) -> GroupAssessment | None:
        """Assess a group, or give what was found for the same doses on a day like this one."""
        told = tuple((shot.on, shot.cvx) for shot in shots)
        windows = self._windows.setdefault((part.programme.id, part.group, told), [])
        for first, end, known in windows:
            if first <= on < end:
                return known
        found = assess(part.schedule, self._case.subject, shots, on).get(part.group)
        end = on + _DAY
        if part.hangs_on is not None:
            end = part.turning.after(on, (day for day, _ in told))
        windows.append((on, end, found))
        return found

    def _placed(
        self,
        part: PlanPart,
        vaccine: str,
        group: GroupAssessment,
        judged: DoseJudgement | None,
        not_before: date,
        day: date | None,
    ) -> ComingDose | UnplannedDose | None:
        due = group.forecast
        end = min(filter(None, (due.latest, part.programme.end)), default=None)
        if day is None or (end and day > end):
            if end and not_before > end:
                return None
            return _unplanned(part, vaccine, _no_session(not_before, end))
        if day > self.until:
            return _unplanned(part, vaccine, _no_session(not_before, end), beyond=True)
        recommended = max(not_before, due.recommended or not_before)
        due_by = self._due_by(group, not_before)
        wanted = self._sessions.on_or_after(max(day, recommended)) or day
        if end and wanted > end:
            wanted = day
        return ComingDose(
            programme=part.programme.id,
            group=part.group,
            series=" / ".join(
                dict.fromkeys(candidate.series.name for candidate in group.chosen.values())
            ),
            vaccine=vaccine,
            number=judged.number if judged else due.place.number,
            total=judged.total if judged else 0,
            kind=judged.kind if judged else due.place.kind,
            not_before=not_before,
            recommended=recommended,
            past_due=due.past_due,
            due_by=due_by,
            until=end,
            limits=due.limits,
            day=day,
            wanted=wanted,
            waits_until=self._waits_until(due_by, wanted, end),
        )

    def _due_by(self, group: GroupAssessment, not_before: date) -> date | None:
        """Give the last day that the schedule means, also where it had passed before the first."""
        due = group.forecast
        if due.past_due is None or due.past_due > not_before:
            return due.past_due
        meant = [due.past_due]
        for candidate in group.chosen.values():
            doses = candidate.series.doses
            rule = age_rule(doses[due.target - 1], not_before) if due.target <= len(doses) else None
            late = at_age(self._case.subject.born, rule.latest) if rule else None
            if late is not None:
                meant.append(late - _DAY)
        return min(meant)

    def _waits_until(self, due_by: date | None, wanted: date, end: date | None) -> date:
        last = due_by
        if last is None:
            last = wanted + _WAITS
        elif last < wanted:
            last = wanted + _LATE_WAITS
        session = self._sessions.on_or_before(min(last, end) if end else last)
        return max(wanted, session or wanted)

    def _vaccine(self, programme: Programme, group: GroupAssessment) -> str:
        known = [code for code in programme.vaccines if code in self._case.catalogue.vaccines]
        active = [code for code in known if self._case.catalogue.vaccines[code].active]
        return next_vaccine(group, active) or next_vaccine(group, known)

    def _judged(
        self, part: PlanPart, given: Sequence[Dose], vaccine: str, on: date
    ) -> DoseJudgement:
        history = [
            dose
            for dose in (*self._case.history, *given)
            if part.touches is None or dose.vaccine in part.touches
        ]
        case = replace(self._case, history=history)
        return judge(case, part.programme, self._case.catalogue.vaccines[vaccine], on)

    def _later(self, against: Refusal, on: date) -> date | None:
        """Give the day from which a dose may be right that is refused; None: waiting is no help."""
        if against.earliest is not None and against.earliest > on:
            return against.earliest
        return on + _DAY if against.code == SAME_DAY else None

    def _refused(self, part: PlanPart, vaccine: str, judged: DoseJudgement) -> UnplannedDose | None:
        """Name what somebody has to decide; nothing where nothing is due."""
        if not judged.objections or judged.objections[0].code in _NOTHING_DUE:
            return None
        return _unplanned(part, vaccine, judged.objections[0])


def _unplanned(
    part: PlanPart, vaccine: str, why: Refusal, *, beyond: bool = False
) -> UnplannedDose:
    return UnplannedDose(
        programme=part.programme.id, group=part.group, vaccine=vaccine, why=why, beyond=beyond
    )


def _no_session(not_before: date, end: date | None) -> Refusal:
    """Say that no session is known on which a dose could be given."""
    if end is not None:
        return Refusal(
            "plan.no-session",
            "It can be given from {earliest} until {last}, and no session is known in that time.",
            hint="Ask where there is a session in that time.",
            field="vaccine",
            earliest=not_before,
            last=end,
        )
    return Refusal(
        "plan.no-session",
        "It can be given from {earliest}, and no session is known from then on.",
        hint="Ask where there is a session.",
        field="vaccine",
        earliest=not_before,
    )
