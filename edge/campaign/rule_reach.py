"""Rules of eligibility that nobody can meet: alone, with another, or with a schedule's ages.

People who might meet them are tried, one of each kind that the rules tell apart: ages on both sides
of each that is named, each sex, each observation, place and number of doses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, product
from typing import Any

from edge.campaign.merging import vaccine_of
from edge.campaign.people_groups import to_group
from edge.domain.dose import Dose
from edge.domain.people import Address
from edge.domain.people_groups import PeopleGroup, PersonFacts, is_of_any
from edge.domain.schedule.calendar import period
from edge.domain.schedule.model import Subject

Condition = tuple[Sequence[PeopleGroup], Sequence[PeopleGroup]]
"""Groups of which one is enough (none: everybody), and groups of which nobody may be."""
_BIRTH = date(1900, 1, 1)
_DAY = timedelta(days=1)
_MOST_PEOPLE = 20_000
"""People that are tried; where more would have to be, somebody is believed to meet the rules."""
_MOST_VACCINES = 3
"""Vaccines whose doses are counted; with more of them nobody is tried."""
_ELSEWHERE = "elsewhere"


def condition_of(rule: Mapping[str, Any]) -> Condition:
    """Give what a rule demands of people."""
    only, excluded = (tuple(map(to_group, rule.get(name, ()))) for name in ("only", "not"))
    return only, excluded


def of_schedule(schedule: Mapping[str, Any], vaccines: Iterable[str]) -> Condition:
    """Give of which ages and sex people may be given one of certain vaccines by a schedule."""
    wanted = set(vaccines)
    return [
        PeopleGroup(
            from_age=period(dose.get("age", {}).get("from", "")),
            until_age=period(dose.get("age", {}).get("until", "")),
            gender=series.get("gender", ""),
        )
        for series in schedule["series"]
        for dose in series["doses"]
        if wanted & {vaccine_of(item) for item in dose["vaccines"]}
    ], ()


def met_by_somebody(*conditions: Condition) -> bool:
    """Say whether somebody can meet all of these together."""
    named = [group for only, excluded in conditions for group in (*only, *excluded)]
    if len(_counted(named)) > _MOST_VACCINES:
        return True
    people = chain.from_iterable(
        _people(chosen, named)
        for chosen in product(*(only or [PeopleGroup()] for only, _ in conditions))
    )
    for number, (facts, on) in enumerate(people):
        if number == _MOST_PEOPLE or all(
            (not only or is_of_any(only, facts, on).holds)
            and is_of_any(excluded, facts, on).holds is False
            for only, excluded in conditions
        ):
            return True
    return False


def _people(
    chosen: Sequence[PeopleGroup], named: Sequence[PeopleGroup]
) -> Iterator[tuple[PersonFacts, date]]:
    """Give people who may be of all chosen groups, each on a day; ``named`` are all groups."""
    for on, sex, seen, (state, district), history in product(
        [day for day in _days(named) if all(_in_age(group, day) for group in chosen)],
        [sex for group in chosen if (sex := group.gender)][:1] or ["Female", "Male", "Other"],
        product(*(sorted(group.seen) for group in chosen if group.seen)),
        _places(chosen),
        _histories(named),
    ):
        subject = Subject(born=_BIRTH, gender=sex, observations=dict.fromkeys(seen, on))
        address = Address(state=state, district=district)
        yield PersonFacts(subject=subject, history=history, address=address), on


def _days(named: Sequence[PeopleGroup]) -> list[date]:
    ages = [
        age.after(_BIRTH) for group in named for age in (group.from_age, group.until_age) if age
    ]
    return sorted({_BIRTH + _DAY, *ages, *(day - _DAY for day in ages if day > _BIRTH + _DAY)})


def _in_age(group: PeopleGroup, day: date) -> bool:
    return not (
        (group.from_age and day < group.from_age.after(_BIRTH))
        or (group.until_age and day >= group.until_age.after(_BIRTH))
    )


def _places(chosen: Sequence[PeopleGroup]) -> list[tuple[str, str]]:
    states = {_ELSEWHERE, *(state for group in chosen for state in group.states)}
    districts = {_ELSEWHERE, *(district for group in chosen for district in group.districts)}
    return list(product(sorted(states), sorted(districts)))


def _counted(named: Sequence[PeopleGroup]) -> list[str]:
    return sorted({code for group in named if group.doses for code in group.doses.vaccines})


def _histories(named: Sequence[PeopleGroup]) -> list[tuple[Dose, ...]]:
    counts = [group.doses for group in named if group.doses is not None]
    if not counts:
        return [()]
    vaccines = [*_counted(named), _ELSEWHERE]
    numbers = {0, 1}
    for count in counts:
        numbers |= {count.least, count.most if count.most is not None else count.least}
    return [
        tuple(_dose(code) for code, many in zip(vaccines, each, strict=True) for _ in range(many))
        for each in product(sorted(numbers), repeat=len(vaccines))
    ]


def _dose(vaccine: str) -> Dose:
    return Dose(
        id="", person="", programme="", vaccine=vaccine, number=1, total=1, lot="", on=_BIRTH,
        facility="", vaccinator="",
    )  # fmt: skip
