"""The 29th to the 31st, and leap days: the same answers as on the 28th, by CDSi's calendar.

A day that a month does not have becomes the first of the next. What the engine answers hangs on
which of two days comes first and on nothing else: where the order of all days that the rules speak
of is the same as on the 28th, so is every answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.schedules import read_schedule
from edge.domain.schedule.calendar import Period, at_age
from edge.domain.schedule.engine import assess
from edge.domain.schedule.evaluation import age_rule
from edge.domain.schedule.forecast import NOT_COMPLETE
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.schedule.spans import periods_of
from sync.resources import resource
from tests.clinic.oracle import later

NAMES = ("covid-19", "measles-rubella", "who-infant", "yellow-fever")
LATE_DAYS = st.builds(
    lambda year, month, day: last_of(year, month, day),
    st.integers(2023, 2029),
    st.integers(1, 12),
    st.sampled_from([29, 30, 31]),
)


def last_of(year: int, month: int, day: int) -> date:
    """Give a day of a month, or its last where it has no such day."""
    for wanted in range(day, 27, -1):
        try:
            return date(year, month, wanted)
        except ValueError:
            continue
    raise AssertionError((year, month, day))


def back(day: date, months: int) -> date | None:
    """Give the same day of an earlier month; None where that month does not have it."""
    total = day.year * 12 + day.month - 1 - months
    try:
        return date(total // 12, total % 12 + 1, day.day)
    except ValueError:
        return None


def after(period: Period, day: date) -> date:
    """Count a period forward by a calendar that is not the engine's."""
    return later(day, period.years * 12 + period.months, period.days)


@pytest.fixture(scope="module")
def schedules() -> dict[str, Schedule]:
    schemas = resource("config/schemas")
    folder = Path(resource("config/schedules"))
    return {name: read_schedule(folder / f"{name}.yaml", schemas) for name in NAMES}


def order(periods: Sequence[Period], days: Sequence[date]) -> list[int]:
    """Give the place in time of each day, and of the end of every period from it: equals share one."""
    ends = [*days, *(after(period, start) for period in periods for start in days)]
    places = {day: place for place, day in enumerate(sorted(set(ends)))}
    return [places[day] for day in ends]


def answers(schedule: Schedule, born: date, shots: Sequence[Shot], on: date) -> object:
    """Give everything that is said of somebody, without the days themselves."""
    return {
        name: (
            group.forecast.status,
            group.forecast.target,
            group.forecast.place,
            group.forecast.vaccines,
            group.forecast.earliest is not None and group.forecast.earliest <= on,
            group.forecast.past_due is not None and group.forecast.past_due < on,
            [(found.status, found.reason, found.target) for found in group.evaluations],
        )
        for name, group in assess(schedule, Subject(born=born, gender="Female"), shots, on).items()
    }


@pytest.mark.slow
@settings(max_examples=share(300), suppress_health_check=[HealthCheck.filter_too_much])
@given(
    on=LATE_DAYS,
    name=st.sampled_from(NAMES),
    age=st.integers(0, 30) | st.integers(30, 720),
    given_=st.lists(st.tuples(st.integers(0, 11), st.integers(-1, 1), st.integers(0, 20)),
                    max_size=5),
)  # fmt: skip
def test_the_last_days_of_a_month_give_the_answers_of_the_28th_where_no_day_changes_its_place(
    schedules: dict[str, Schedule],
    on: date,
    name: str,
    age: int,
    given_: list[tuple[int, int, int]],
) -> None:
    schedule = schedules[name]
    vaccines = sorted(schedule.vaccines)
    usual = on.replace(day=28)

    def history(today: date) -> tuple[date, list[Shot]] | None:
        born = back(today, age)
        days = [back(today, months) for months, _, _ in given_ if months <= age]
        if born is None or None in days:
            return None
        shots = [
            Shot(day + timedelta(days=near), vaccines[which % len(vaccines)])
            for day, (_, near, which) in zip(
                days, [one for one in given_ if one[0] <= age], strict=True
            )
            if day is not None and born <= day + timedelta(days=near) <= today
        ]
        return born, shots

    late, early = history(on), history(usual)
    assume(late is not None and early is not None and len(late[1]) == len(early[1]))
    assert late is not None
    assert early is not None
    periods = list(dict.fromkeys(periods_of(schedule)))
    found = [
        order(periods, [born, *(shot.on for shot in shots), today])
        for (born, shots), today in ((late, on), (early, usual))
    ]
    assume(found[0] == found[1])
    assert answers(schedule, *late, on) == answers(schedule, *early, usual)


@pytest.mark.slow
@settings(max_examples=share(200))
@given(born=LATE_DAYS, name=st.sampled_from(NAMES))
def test_a_first_dose_is_due_on_the_day_of_its_age_or_on_the_first_of_the_next_month(
    schedules: dict[str, Schedule], born: date, name: str
) -> None:
    schedule, subject = schedules[name], Subject(born=born, gender="Female")
    for group in assess(schedule, subject, [], born).values():
        rules = [age_rule(one.series.doses[0], born) for one in group.chosen.values()]
        ages = [rule.min for rule in rules if rule is not None and rule.min is not None]
        if group.forecast.status != NOT_COMPLETE or len(ages) < len(rules):
            continue
        wanted = min(after(age, born) for age in ages)  # with the first of its diseases
        assert group.forecast.earliest == wanted
        assert wanted in [at_age(born, age) for age in ages]
        for day, due in ((wanted - timedelta(days=1), False), (wanted, True)):
            then = assess(schedule, subject, [], max(day, born))[group.group].forecast
            assert (then.earliest is not None and then.earliest <= day) is due


@given(born=LATE_DAYS, months=st.integers(0, 240))
def test_an_age_in_months_ends_on_the_same_day_or_on_the_first_and_never_earlier(
    born: date, months: int
) -> None:
    reached = Period(months=months).after(born)
    month = born.year * 12 + born.month - 1 + months
    if reached.day == born.day:
        assert reached.year * 12 + reached.month - 1 == month
    else:
        assert (reached.day, reached.year * 12 + reached.month - 1) == (1, month + 1)
        with pytest.raises(ValueError, match="day"):
            date(month // 12, month % 12 + 1, born.day)
