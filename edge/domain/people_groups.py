"""Groups of people as a campaign describes them, and whether somebody is of one on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from edge.domain.dose import Dose
from edge.domain.people import NOWHERE, Address
from edge.domain.schedule.calendar import Period
from edge.domain.schedule.model import Observable, Subject
from edge.domain.schedule.observed import still_held

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseCount:
    """How many doses so far, of certain vaccines or (none named) of any; ``most`` None: any."""

    vaccines: frozenset[str] = frozenset()
    least: int = 0
    most: int | None = None

    def holds(self, history: Sequence[Dose], on: date) -> bool:
        """Say whether so many were given before a day."""
        count = sum(
            dose.on < on and (not self.vaccines or dose.vaccine in self.vaccines)
            for dose in history
        )
        return self.least <= count and (self.most is None or count <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleGroup:
    """People of whom everything is so that is said here; what is left out is not asked.

    ``from_age`` is the first age and ``until_age`` the first that is outside. Of ``seen``, codes of
    observations, one is enough; so is one of ``states`` or ``districts``, in small letters.
    """

    from_age: Period | None = None
    until_age: Period | None = None
    gender: str = ""
    seen: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    doses: DoseCount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """What is known of a person where a group is asked about.

    ``observable`` says how long an observation counts.
    """

    subject: Subject
    history: Sequence[Dose] = ()
    address: Address = NOWHERE
    observable: Mapping[str, Observable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """Whether somebody is of a group: yes, no, or (None) what is ``missing`` decides.

    ``turns`` is the day on which the answer is another with time alone, where that is known.
    ``missing`` are the fields of a person that are not known well enough.
    """

    holds: bool | None
    turns: date | None = None
    missing: tuple[str, ...] = ()


YES, NO = GroupAnswer(True), GroupAnswer(False)


def is_of(group: PeopleGroup, facts: PersonFacts, on: date) -> GroupAnswer:
    """Say whether somebody is of a group on a day."""
    return _all_of(
        [
            _age(group, facts.subject, on),
            _gender(group, facts.subject),
            _seen(group, facts, on),
            _place(group, facts.address),
            YES if group.doses is None or group.doses.holds(facts.history, on) else NO,
        ]
    )


def is_of_any(groups: Iterable[PeopleGroup], facts: PersonFacts, on: date) -> GroupAnswer:
    """Say whether somebody is of one of several groups on a day."""
    found = [is_of(group, facts, on) for group in groups]
    if any(answer.holds for answer in found):
        ends = [answer.turns for answer in found if answer.holds]
        return GroupAnswer(True, max(filter(None, ends)) if all(ends) else None)
    open_ = [answer for answer in found if answer.holds is None]
    begins = min((answer.turns for answer in found if answer.turns), default=None)
    if open_:
        return GroupAnswer(None, begins, _together(open_))
    return GroupAnswer(False, begins)


def _all_of(found: Sequence[GroupAnswer]) -> GroupAnswer:
    """Give the answer of what must hold together."""
    no = [answer for answer in found if answer.holds is False]
    if no:
        begins = [answer.turns for answer in no]
        wait = max(filter(None, begins)) if all(begins) else None
        ends = [answer.turns for answer in found if answer.holds and answer.turns]
        return GroupAnswer(False, None if wait and any(wait >= end for end in ends) else wait)
    open_ = [answer for answer in found if answer.holds is None]
    if open_:
        begins = [answer.turns for answer in open_]
        return GroupAnswer(
            None, max(filter(None, begins)) if all(begins) else None, _together(open_)
        )
    return GroupAnswer(True, min((answer.turns for answer in found if answer.turns), default=None))


def _together(found: Iterable[GroupAnswer]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for answer in found for name in answer.missing))


def _age(group: PeopleGroup, subject: Subject, on: date) -> GroupAnswer:
    first, last = subject.born, subject.born_last or subject.born
    begins = group.from_age.after(last) if group.from_age else None
    ends = group.until_age.after(last) if group.until_age else None
    if group.until_age and ends and on >= group.until_age.after(first):
        return NO if on >= ends else GroupAnswer(None, None, ("birthDate",))
    if group.from_age and begins and on < begins:
        if group.until_age and begins >= group.until_age.after(first):
            begins = None  # by then the other end of the span is too old
        old = on >= group.from_age.after(first)
        return GroupAnswer(None, begins, ("birthDate",)) if old else GroupAnswer(False, begins)
    return GroupAnswer(True, ends)


def _gender(group: PeopleGroup, subject: Subject) -> GroupAnswer:
    if not group.gender or group.gender == subject.gender:
        return YES
    return NO if subject.gender else GroupAnswer(None, None, ("gender",))


def _seen(group: PeopleGroup, facts: PersonFacts, on: date) -> GroupAnswer:
    if not group.seen:
        return YES
    held = still_held(facts.observable, facts.subject, on)
    codes = group.seen & held.observations.keys()
    if not codes:
        return NO
    ends = [held.until.get(code) for code in codes]
    last = max(filter(None, ends)) if all(ends) else None
    return GroupAnswer(True, last + _DAY if last and last < date.max else None)


def _place(group: PeopleGroup, address: Address) -> GroupAnswer:
    if not (group.states or group.districts):
        return YES
    state, district = folded_place(address.state), folded_place(address.district)
    if state in group.states or district in group.districts:
        return YES
    missing = [
        name
        for name, wanted, known in (
            ("address.state", group.states, state),
            ("address.district", group.districts, district),
        )
        if wanted and not known
    ]
    return GroupAnswer(None, None, tuple(missing)) if missing else NO


def folded_place(name: str) -> str:
    """Give the name of a place as places are compared: in small letters, with single blanks."""
    return " ".join(name.casefold().split())
