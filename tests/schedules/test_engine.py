"""The engine's rules, one by one, on a schedule small enough to read; and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.domain.schedule.calendar import Period, period
from edge.domain.schedule.engine import GroupAssessment, assess, unknown
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    Conflict,
    Contraindication,
    Immunity,
    Indication,
    IntervalRule,
    Schedule,
    Series,
    Shot,
    Skip,
    SkipCondition,
    SkipSet,
    Subject,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)

BORN = date(2024, 1, 15)
WEEK = timedelta(weeks=1)
YEAR = Period(years=1)


@pytest.mark.parametrize(
    ("start", "text", "wanted"),
    [
        ("2024-01-31", "1 month", "2024-03-01"),
        ("2023-01-31", "1 month", "2023-03-01"),
        ("2024-03-31", "6 months", "2024-10-01"),
        ("2024-02-29", "1 year", "2025-03-01"),
        ("2020-02-29", "4 years", "2024-02-29"),
        ("2024-01-15", "6 weeks - 4 days", "2024-02-22"),
        ("2024-01-15", "8 months + 1 day", "2024-09-16"),
        ("2024-12-15", "16 years - 4 months", "2040-08-15"),
        ("2024-01-15", "0 days", "2024-01-15"),
        ("2024-08-31", "6 yrs - 4 days", "2030-08-27"),
        ("2024-01-15", "8000 years", "9999-12-31"),
    ],
)
def test_dates_are_counted_as_cdsi_counts_them(start: str, text: str, wanted: str) -> None:
    found = period(text)
    assert found
    assert found.after(date.fromisoformat(start)).isoformat() == wanted


def test_a_length_of_time_that_is_none_is_refused() -> None:
    assert period("") is None
    for text in ("soon", "6", "weeks", "6 weeks and a day"):
        with pytest.raises(ValueError, match=r"\w"):
            period(text)


def weeks(count: int, days: int = 0) -> Period:
    return Period(days=7 * count + days)


def dose(
    absolute: Period, usual: Period, interval: tuple[Period, Period] | None = None, **more: Any
) -> TargetDose:
    rules = (IntervalRule(absolute_min=interval[0], min=interval[1]),) if interval else ()
    return TargetDose(
        ages=(
            AgeRule(absolute, usual, usual, Period(days=usual.days + 28), more.pop("max", None)),
        ),
        intervals=rules,
        preferable=(VaccineRule("A"),),
        allowable=(VaccineRule("B", begin=weeks(6)),),
        **more,
    )


FOUR = (weeks(4, -4), weeks(4))
FIRST = dose(weeks(6, -4), weeks(6))
SECOND = dose(weeks(10, -4), weeks(10), FOUR)
THIRD = dose(weeks(14, -4), weeks(14), FOUR)


def schedule(*doses: TargetDose, **more: object) -> Schedule:
    series = Series(name="usual", antigen="X", default=True, doses=doses)
    antigen = Antigen("X", (series,), **more)  # type: ignore[arg-type]
    return Schedule(
        antigens={"X": antigen},
        vaccines={"A": (Association("X"),), "B": (Association("X"),), "L": (Association("Y"),)},
        groups={"X": VaccineGroup("X", ("X",))},
        conflicts={"L": (Conflict("L", "A", Period(days=1), weeks(4, -4), weeks(4)),)},
    )


USUAL = schedule(FIRST, SECOND, THIRD)


def at(*moments: Period | int, cvx: str = "A") -> list[Shot]:
    found = []
    for one in moments:
        length = one if isinstance(one, Period) else weeks(one)
        found.append(Shot(length.after(BORN), cvx))
    return found


def judged(plan: Schedule, shots: list[Shot], on: Period = YEAR, **who: object) -> GroupAssessment:
    subject = Subject(born=BORN, **who)  # type: ignore[arg-type]
    return assess(plan, subject, shots, on.after(BORN))["X"]


def told(found: GroupAssessment) -> list[str]:
    return [f"{one.status} {one.reason}".strip() for one in found.evaluations]


def test_three_doses_in_time_complete_the_series() -> None:
    found = judged(USUAL, at(6, 10, 14))
    assert (found.forecast.status, told(found)) == ("Complete", ["Valid"] * 3)


@pytest.mark.parametrize(
    ("shots", "wanted"),
    [
        (at(weeks(6, -5)), ["Not Valid Age: Too Young"]),
        (at(weeks(6, -4)), ["Valid"]),
        (at(weeks(6, -5), weeks(10, -4)), ["Not Valid Age: Too Young", "Valid"]),
        (at(weeks(6), weeks(10, -5)), ["Valid", "Not Valid Age: Too Young"]),
        (at(weeks(8), weeks(12, -5)), ["Valid", "Not Valid Interval: Too Short"]),
        (at(weeks(8), weeks(12, -4)), ["Valid", "Valid"]),
        (
            at(weeks(8), weeks(12, -5), weeks(16, -6)),
            ["Valid", "Not Valid Interval: Too Short", "Not Valid Interval: Too Short"],
        ),
        (at(6, 10, 14, 18), ["Valid", "Valid", "Valid", "Extraneous"]),
        (at(5, cvx="B"), ["Not Valid Age: Too Young"]),
        (at(weeks(6, -1), cvx="B"), ["Not Valid Vaccine: Not Allowed"]),
        (at(6, cvx="B"), ["Valid"]),
    ],
)
def test_a_dose_is_judged_by_age_interval_grace_and_vaccine(
    shots: list[Shot], wanted: list[str]
) -> None:
    assert told(judged(USUAL, shots)) == wanted


def test_four_days_of_grace_are_not_given_after_a_dose_that_came_too_soon() -> None:
    shots = at(weeks(8), weeks(12, -5), weeks(16, -9))
    assert told(judged(USUAL, shots))[-1] == "Not Valid Interval: Too Short"


def test_the_next_dose_is_due_by_the_later_of_age_and_interval() -> None:
    found = judged(USUAL, at(9), weeks(9)).forecast
    assert (found.status, found.target) == ("Not Complete", 2)
    assert found.earliest == BORN + 13 * WEEK
    assert found.recommended == BORN + 13 * WEEK
    assert found.past_due == BORN + 14 * WEEK - timedelta(days=1)


def test_a_dose_after_the_greatest_age_is_extraneous_and_nothing_more_is_due() -> None:
    plan = schedule(replace(FIRST, ages=(AgeRule(weeks(6), weeks(6), max=weeks(30)),)))
    assert told(judged(plan, at(weeks(30)))) == ["Extraneous Age: Too Old"]
    assert told(judged(plan, at(weeks(30, -1)))) == ["Valid"]
    assert judged(plan, [], weeks(31)).forecast.status == "Aged Out"
    assert judged(plan, [], weeks(29)).forecast.latest == BORN + 30 * WEEK - timedelta(days=1)


def test_a_live_vaccine_too_near_to_another_does_not_count_and_is_waited_for() -> None:
    live = [Shot(BORN + 5 * WEEK, "L")]
    assert told(judged(USUAL, [*live, *at(weeks(9, -5))])) == ["Not Valid Live Virus Conflict"]
    assert told(judged(USUAL, [*live, *at(9)])) == ["Valid"]
    assert judged(USUAL, live, weeks(6)).forecast.earliest == BORN + 9 * WEEK
    same_day = [Shot(BORN + 6 * WEEK, "L"), *at(6)]
    assert told(judged(USUAL, same_day)) == ["Valid"]


def skip(**condition: object) -> Skip:
    return Skip(True, True, (SkipSet((SkipCondition(**condition),)),))  # type: ignore[arg-type]


def test_a_dose_that_is_not_needed_at_an_age_is_skipped() -> None:
    late = replace(SECOND, skips=(skip(kind="age", begin_age=Period(months=12)),))
    plan = schedule(FIRST, late, THIRD)
    found = judged(plan, at(6, Period(months=12)), Period(months=13))
    assert (found.forecast.status, told(found)) == ("Complete", ["Valid", "Valid"])
    soon = judged(plan, at(6, Period(months=11)), Period(months=11))
    assert soon.forecast.target == 3


def test_a_dose_is_skipped_when_it_will_not_be_needed_by_the_time_it_may_be_given() -> None:
    late = replace(SECOND, skips=(skip(kind="age", begin_age=weeks(12)),))
    found = judged(schedule(FIRST, late, THIRD), at(9), weeks(9)).forecast
    assert (found.target, found.earliest) == (3, BORN + 14 * WEEK)


@pytest.mark.parametrize(
    ("count", "logic", "target"),
    [(0, "greater than", 3), (1, "equal to", 3), (1, "greater than", 2)],
)
def test_a_dose_is_skipped_by_how_many_were_given(count: int, logic: str, target: int) -> None:
    rule = skip(kind="vaccine count by age", count=count, logic=logic, valid_only=True)
    plan = schedule(FIRST, replace(SECOND, skips=(rule,)), THIRD)
    assert judged(plan, at(6), weeks(7)).forecast.target == target


def test_an_inadvertent_vaccine_does_not_count_and_is_no_dose_before() -> None:
    plan = schedule(replace(FIRST, inadvertent=frozenset({"B"})), SECOND)
    found = judged(plan, [*at(6, cvx="B"), *at(7)])
    assert told(found) == ["Not Valid Inadvertent Vaccine", "Valid"]


def test_a_recurring_dose_is_due_again_and_again() -> None:
    yearly = replace(SECOND, recurring=True, ages=(), intervals=(
        IntervalRule(absolute_min=Period(years=1, days=-4), min=Period(years=1),
                     earliest=Period(years=1)),))  # fmt: skip
    found = judged(
        schedule(FIRST, yearly), at(6, Period(years=2), Period(years=4)), Period(years=4)
    )
    assert told(found) == ["Valid"] * 3
    assert found.forecast.earliest == date(2029, 1, 15)


def test_immunity_and_contraindication_end_the_forecast() -> None:
    immune = schedule(FIRST, immunity=Immunity(born_before=date(2024, 6, 1)))
    assert judged(immune, []).forecast.status == "Immune"
    seen = schedule(FIRST, immunity=Immunity(observations=frozenset({"020"})))
    assert judged(seen, [], observations={"020": None}).forecast.status == "Immune"
    unwise = schedule(
        FIRST, contraindications=(Contraindication(seen=frozenset({"013"}), end=Period(years=5)),)
    )
    who: dict[str, Any] = {"observations": {"013": None}}
    assert judged(unwise, [], **who).forecast.status == "Contraindicated"
    assert judged(unwise, [], Period(years=6), **who).forecast.status == "Not Complete"


def test_a_series_for_one_gender_is_not_for_another() -> None:
    plan = schedule(FIRST)
    only = replace(plan.antigens["X"].series[0], genders=frozenset({"Female"}))
    plan = replace(plan, antigens={"X": Antigen("X", (only,))})
    assert judged(plan, [], gender="Female").forecast.status == "Not Complete"
    assert assess(plan, Subject(born=BORN, gender="Male"), [], BORN) == {}


def test_a_risk_series_is_for_those_at_risk() -> None:
    usual = USUAL.antigens["X"].series[0]
    risk = replace(usual, name="risk", kind="Risk", group="2", priority="A", default=False,
                   indications=(Indication("001"),), doses=(FIRST,))  # fmt: skip
    plan = replace(USUAL, antigens={"X": Antigen("X", (risk,))})
    assert assess(plan, Subject(born=BORN), [], BORN) == {}
    found = judged(plan, [], observations={"001": None})
    assert found.chosen["X"].series.name == "risk"


def test_of_two_series_the_complete_one_counts() -> None:
    usual = USUAL.antigens["X"].series[0]
    short = replace(usual, name="short", default=False, preference=2, doses=(FIRST, SECOND))
    plan = replace(USUAL, antigens={"X": Antigen("X", (usual, short))})
    assert judged(plan, at(6, 10)).chosen["X"].series.name == "short"
    assert judged(plan, []).chosen["X"].series.name == "usual"


def test_antigens_that_go_together_are_due_together() -> None:
    second = replace(USUAL.antigens["X"].series[0], antigen="Z", doses=(FIRST,))
    plan = replace(
        USUAL,
        antigens={**USUAL.antigens, "Z": Antigen("Z", (second,))},
        vaccines={**USUAL.vaccines, "A": (Association("X"), Association("Z"))},
        groups={"X": VaccineGroup("X", ("X", "Z"), whole=True)},
    )
    found = judged(plan, at(6), weeks(7))
    assert (found.forecast.status, found.forecast.target) == ("Not Complete", 2)
    assert judged(plan, at(6, 10, 14)).forecast.status == "Complete"


def test_a_vaccine_the_schedule_does_not_know_is_said_to_be_unknown() -> None:
    strange = Shot(BORN + 6 * WEEK, "ZZ")
    assert unknown(USUAL, [strange, *at(6)]) == [strange]
    assert judged(USUAL, [strange]).evaluations == ()


histories = st.lists(
    st.tuples(st.integers(0, 800), st.sampled_from(["A", "B", "L", "ZZ"])), max_size=8
).map(lambda found: [Shot(BORN + timedelta(days=days), cvx) for days, cvx in found])


@pytest.mark.slow
@settings(max_examples=share(300))
@given(shots=histories, later=st.integers(0, 900))
def test_dates_never_run_backwards(shots: list[Shot], later: int) -> None:
    found = judged(USUAL, shots, Period(days=later)).forecast
    if found.status != "Not Complete":
        assert found.earliest is None
        return
    assert found.earliest
    assert found.recommended
    assert BORN <= found.earliest <= found.recommended
    assert found.past_due is None or found.past_due >= found.earliest
    assert all(shot.on <= found.earliest for shot in shots if shot.cvx in ("A", "B"))


@pytest.mark.slow
@settings(max_examples=share(300))
@given(shots=histories, seed=st.randoms())
def test_the_order_in_which_a_history_is_told_does_not_matter(
    shots: list[Shot], seed: object
) -> None:
    mixed = list(shots)
    seed.shuffle(mixed)  # type: ignore[attr-defined]
    one, two = judged(USUAL, shots), judged(USUAL, mixed)
    assert (one.forecast, told(one)) == (two.forecast, told(two))


@pytest.mark.slow
@settings(max_examples=share(300))
@given(shots=histories, days=st.integers(0, 400))
def test_a_later_dose_never_makes_an_earlier_one_invalid(shots: list[Shot], days: int) -> None:
    before = judged(USUAL, shots, Period(years=9))
    last = max((shot.on for shot in shots), default=BORN)
    more = judged(USUAL, [*shots, Shot(last + timedelta(days=days + 1), "A")], Period(years=9))
    assert told(more)[: len(told(before))] == told(before)
