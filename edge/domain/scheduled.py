"""A dose judged by a schedule: what is due, which number it has, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from edge.domain.cards import counted
from edge.domain.catalogue import Catalogue, Programme, Vaccine
from edge.domain.dose import Dose
from edge.domain.dose_status import Status, status_of
from edge.domain.eligibility import advice, against, in_order
from edge.domain.errors import Refusal
from edge.domain.histories import shots_of
from edge.domain.next_vaccine import next_vaccines
from edge.domain.objections import (
    depends_on_birth,
    no_rule,
    stopped_vaccine,
    without_day,
)
from edge.domain.people import NOWHERE, Address, Person
from edge.domain.people_groups import PersonFacts
from edge.domain.places import place_of
from edge.domain.same_day import given_that_day, same_day
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.forecast import NOT_COMPLETE
from edge.domain.schedule.model import PRIMARY, Schedule, Shot, Subject
from edge.domain.schedule.observed import Seen
from edge.domain.schedule.spans import born_by, for_vaccine, spread, telling_births
from edge.domain.series_numbers import next_free, series_number
from edge.domain.status import HERE, PersonStatus, not_here

_TRIES = 3
"""How often a day to come back on is tried, and found to be too early again."""


def _nothing() -> None:
    """Explain nothing: there is no rule, or it depends on the birth."""


@dataclass(frozen=True, slots=True)
class DoseJudgement:
    """What is said of a dose of one vaccine: its number, what speaks against it, the next.

    ``recommended`` and ``past_due`` are of this dose: the day it is best on, the last on which it
    is not late. ``next_due`` is the day recommended for the one after it. ``group`` is the vaccine
    group that it counts in, or empty; ``before()`` assesses that without this dose, for whoever
    wants an explanation. ``objections`` are gravest first; of
    ``advice`` nobody has to decide anything. ``kind`` is zero, primary, booster or supplementary; a
    dose that is not primary stands outside the total.
    """

    vaccine: str
    number: int
    total: int
    status: Status
    objections: tuple[Refusal, ...] = ()
    recommended: date | None = None
    past_due: date | None = None
    next_due: date | None = None
    group: str = field(default="", compare=False)
    before: Callable[[], GroupAssessment | None] = field(
        default=_nothing, repr=False, compare=False
    )
    kind: str = PRIMARY
    advice: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Whose dose is judged, by what: ``zone`` is the site's, for the time of an earlier dose.

    ``address`` is where the person lives.
    """

    subject: Subject
    history: Sequence[Dose]
    catalogue: Catalogue
    zone: tzinfo
    status: PersonStatus = HERE
    address: Address = NOWHERE

    @classmethod
    def of(
        cls,
        person: Person,
        observations: Mapping[str, Seen] | None,
        history: Sequence[Dose],
        catalogue: Catalogue,
        zone: tzinfo,
    ) -> Case:
        """Put together the case of a person of whom something was observed, and of their doses."""
        return cls(
            subject=subject_of(person, observations),
            history=history,
            catalogue=catalogue,
            zone=zone,
            status=person.status,
            address=person.address,
        )

    @property
    def counted(self) -> list[Dose]:
        """The doses that count: of handwritten cards those that the country believes."""
        return counted(self.history, self.catalogue.cards)


def judge(
    case: Case, programme: Programme, vaccine: Vaccine, on: date, at_least: int = 1
) -> DoseJudgement:
    """Judge a dose of a vaccine on a day as if it had been given.

    Where a span of the birth is known, it is due only if it is for every day of it. ``at_least`` is
    the smallest number that it can have, whatever is on record.
    """
    if case.subject.born_last is not None:
        found = _over_span(case, programme, vaccine, on, at_least)
    else:
        shots, schedule = shots_of(case.counted), for_vaccine(programme.schedule, vaccine.code)
        found = _judge(case, shots, schedule, vaccine, on, at_least)
    return _by_the_rules(case, programme, found, on)


def due_now(case: Case, programme: Programme, on: date) -> list[DoseJudgement]:
    """Judge, for every vaccine group, a dose of the vaccine that would come next."""
    return [_by_the_rules(case, programme, found, on) for found in _due_now(case, programme, on)]


def facts_of(case: Case) -> PersonFacts:
    """Give what is known of a person whose dose is judged, to a campaign's rules."""
    return PersonFacts(
        subject=case.subject,
        history=case.counted,
        address=case.address,
        observable=case.catalogue.observable,
    )


def _by_the_rules(
    case: Case, programme: Programme, found: DoseJudgement, on: date
) -> DoseJudgement:
    """Add what the campaign's rules of eligibility say of a dose."""
    rules = case.catalogue.eligibility
    if not rules:
        return found
    facts = facts_of(case)
    objections = in_order(
        (*found.objections, *against(rules, programme.id, found.vaccine, facts, on))
    )
    status = found.status
    if objections and objections[:1] != found.objections[:1]:
        status = status_of(objections[0], on)
    told = tuple(advice(rules, programme.id, found.vaccine, facts, on))
    return replace(found, objections=objections, status=status, advice=told)


def _due_now(case: Case, programme: Programme, on: date) -> list[DoseJudgement]:
    shots, vaccines = shots_of(case.counted), case.catalogue.vaccines
    known = [code for code in programme.vaccines if code in vaccines]
    active = [code for code in known if vaccines[code].active]
    subject = case.subject
    if subject.born_last is not None:
        codes = dict.fromkeys(
            code
            for born in spread(subject.born, subject.born_last)
            for code in _next_codes(
                assess(programme.schedule, _born(subject, born), shots, on), active, known
            )
        )
        return [_over_span(case, programme, vaccines[code], on) for code in codes]
    before = assess(programme.schedule, subject, shots, on)
    return [
        _judge(case, shots, programme.schedule, vaccines[code], on)
        for code in _next_codes(before, active, known)
    ]


def _next_codes(
    groups: Mapping[str, GroupAssessment], active: Sequence[str], known: Sequence[str]
) -> list[str]:
    """Name the vaccines of each group that come next.

    One that may not be given is named only where there is no other.
    """
    return list(
        dict.fromkeys(
            code
            for group in groups.values()
            for code in next_vaccines(group, active) or next_vaccines(group, known)
        )
    )


def _born(subject: Subject, day: date) -> Subject:
    return replace(subject, born=day, born_last=None)


def _over_span(
    case: Case, programme: Programme, vaccine: Vaccine, on: date, at_least: int = 1
) -> DoseJudgement:
    """Judge for every day on which somebody may have been born, and say where it depends on it."""
    subject = born_by(case.subject, on)
    if subject is not case.subject:
        case = replace(case, subject=subject)
    found = _for_each_birth(case, programme, vaccine, on, at_least)
    youngest = found[-1]
    number = max(judged.number for judged in found)
    refused = [judged for judged in found if judged.objections]
    if not refused:
        # late is only what is late for every birth
        early = any(judged.status == "due" for judged in found)
        return replace(youngest, number=number, status="due" if early else "overdue")
    if len(refused) == len(found):
        waits = [judged.objections[0].earliest for judged in found]
        if not any(waits):
            return replace(youngest, number=number)
        longest = max(found, key=lambda judged: judged.objections[0].earliest or date.min)
        last = longest.objections[0].earliest
        if all(waits) and last and not _refused_for_any(case, programme, vaccine, last):
            return replace(longest, number=number)
        shared = {judged.objections[0].code for judged in found}
        first = without_day(youngest.objections[0]) if len(shared) == 1 else None
        if first is not None:  # no word of a day that is not certain
            return replace(youngest, number=number, objections=(first,))
    depends = depends_on_birth(case.subject.born, case.subject.born_last or case.subject.born)
    return replace(
        youngest,
        number=number,
        status=status_of(depends, on),
        objections=(depends,),
        group="",
        before=_nothing,
    )


def _refused_for_any(case: Case, programme: Programme, vaccine: Vaccine, on: date) -> bool:
    return any(judged.objections for judged in _for_each_birth(case, programme, vaccine, on))


def _for_each_birth(
    case: Case, programme: Programme, vaccine: Vaccine, on: date, at_least: int = 1
) -> list[DoseJudgement]:
    """Judge for the births that stand for all, earliest first."""
    subject, shots = case.subject, shots_of(case.counted)
    schedule = for_vaccine(programme.schedule, vaccine.code)
    last = subject.born_last or subject.born
    days = {on, *(shot.on for shot in shots)}
    judged = []
    for born in telling_births(schedule, subject.born, last, days):
        one = replace(case, subject=_born(subject, born))
        judged.append(_judge(one, shots, schedule, vaccine, on, at_least))
    return judged


def _judge(
    case: Case,
    shots: list[Shot],
    schedule: Schedule,
    vaccine: Vaccine,
    on: date,
    at_least: int = 1,
) -> DoseJudgement:
    schedule = for_vaccine(schedule, vaccine.code)
    own = place_of(case.subject, shots, schedule, vaccine.code, on)
    if own is None:
        missing = no_rule(known=vaccine.code in schedule.vaccines)
        known = sum(dose.vaccine == vaccine.code and dose.on <= on for dose in case.counted)
        number = next_free(case.counted, {vaccine.code}, on, max(1 + known, at_least))
        found = DoseJudgement(
            vaccine.code, number, vaccine.total_doses, "askSupervisor", (missing,)
        )
        return _beside(case, found, vaccine, on)
    against, asked_then = own.objection, None
    for _ in range(_TRIES):
        if against is None or against.earliest is None:
            break
        # nobody is told to come back on a day on which the dose would be refused again
        then = place_of(case.subject, shots, schedule, vaccine.code, against.earliest)
        if then is None or then.objection is None:
            # what is to be asked on that day is said before: a test takes its time
            asked_then = then.asks if then is not None else None
            break
        against = then.objection
    place = own.evaluation.place if own.evaluation.target else own.due.place
    number, total = series_number(own.group, place, case.counted, on, at_least)
    late = own.due.past_due is not None and own.due.past_due < on
    next_ = own.group.forecast
    every = (own.asks, against, asked_then if own.asks is None else None)
    objections = tuple(refusal for refusal in every if refusal is not None)
    found = DoseJudgement(
        vaccine.code,
        number,
        total,
        status_of(objections[0], on) if objections else "overdue" if late else "due",
        objections,
        own.due.recommended,
        own.due.past_due,
        next_.recommended if next_.status == NOT_COMPLETE else None,
        own.group.group,
        lambda: assess(schedule, case.subject, shots, on).get(own.group.group),
        place.kind,
    )
    return _beside(case, found, vaccine, on)


def _beside(case: Case, found: DoseJudgement, vaccine: Vaccine, on: date) -> DoseJudgement:
    """Add what speaks against a dose beside the schedule, such as another of that day."""
    against = list(_beside_the_schedule(case, found, vaccine, on))
    if not against:
        return found
    status = found.status
    if not found.objections:
        status = status_of(against[0], on)
    return replace(found, status=status, objections=(*against, *found.objections))


def _beside_the_schedule(
    case: Case, found: DoseJudgement, vaccine: Vaccine, on: date
) -> Iterator[Refusal]:
    away = not_here(case.status, on)
    if away is not None:
        yield away
    if not vaccine.active:
        yield stopped_vaccine(vaccine)
    first = given_that_day(case.history, case.catalogue, vaccine.code, on)
    if first is not None:
        other = found.objections[0] if found.objections else None
        yield same_day(
            first,
            case.catalogue,
            case.zone,
            other.earliest if other else None,
            other.hint if other else "",
        )


def subject_of(person: Person, observations: Mapping[str, Seen] | None = None) -> Subject:
    """Give a person as a schedule sees them, with the days on which they may have been born."""
    born, known = person.born, observations or {}
    gender = person.gender if person.gender != "Other" else ""
    return Subject(
        born=born.first,
        born_last=None if born.exact else born.last,
        gender=gender,
        observations={code: seen.on for code, seen in known.items()},
        until={code: seen.until for code, seen in known.items() if seen.until is not None},
    )
