"""Which series, which vaccine, and what speaks against: the finer rules of the logic."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from edge.domain.schedule.calendar import Period
from edge.domain.schedule.engine import assess
from edge.domain.schedule.explanation import explain
from edge.domain.schedule.forecast import finish
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    Conflict,
    Contraindication,
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

BORN = date(2015, 1, 1)
START = date(2026, 1, 1)
NINE = Period(years=9)


def dose(*gaps: tuple[int, int], cvx: tuple[str, ...] = ("A",)) -> TargetDose:
    """A dose from nine years on; each gap is (from which dose, 0 for the one before; days)."""
    return TargetDose(
        ages=(AgeRule(NINE, NINE, NINE),),
        intervals=tuple(
            IntervalRule(
                from_previous=not target,
                from_target=target,
                absolute_min=Period(days=days),
                min=Period(days=days),
                earliest=Period(days=days),
            )
            for target, days in gaps
        ),
        preferable=tuple(VaccineRule(code, volume=0.5) for code in cvx),
    )


def plan(*series: Series, **more: object) -> Schedule:
    return Schedule(
        antigens={"X": Antigen("X", series, **more)},  # type: ignore[arg-type]
        vaccines={"A": (Association("X"),), "B": (Association("X"),)},
        groups={"X": VaccineGroup("X", ("X",))},
    )


def series(name: str, *doses: TargetDose, preference: int = 1) -> Series:
    return Series(name=name, antigen="X", preference=preference, doses=doses)


def test_of_two_series_begun_the_one_that_can_be_finished_first_is_chosen() -> None:
    """The next dose of the long one is due sooner, but its last one comes later."""
    short = series("short", dose(), dose((0, 150)), preference=2)
    long = series("long", dose(), dose((0, 28)), dose((0, 84), (1, 168)), preference=1)
    found = assess(
        plan(long, short), Subject(born=BORN), [Shot(START, "A")], START + timedelta(days=10)
    )["X"]
    # the short one has fewer open doses and ends after 150 days, the long one after 168
    assert found.chosen["X"].series.name == "short"
    assert found.forecast.earliest == START + timedelta(days=150)


def test_the_end_of_a_series_is_counted_over_all_the_doses_left() -> None:
    long = series("long", dose(), dose((0, 28)), dose((0, 84), (1, 168)))
    found = assess(plan(long), Subject(born=BORN), [Shot(START, "A")], START)["X"]
    chosen = found.chosen["X"]
    end = finish(chosen.progress, chosen.forecast, chosen.context)
    assert end == START + timedelta(days=168)
    assert found.forecast.earliest == START + timedelta(days=28)


def test_a_live_vaccine_that_did_not_count_asks_for_the_longer_distance() -> None:
    """Without grace: 24 days are enough after a dose that counts, 28 after one that does not."""
    conflict = Conflict("A", "A", Period(days=1), Period(days=24), Period(days=28))
    schedule = replace(plan(series("s", dose(), dose())), conflicts={"A": (conflict,)})

    def second(born: date, days: int) -> str:
        shots = [Shot(START, "A"), Shot(START + timedelta(days=days), "A")]
        return (
            assess(schedule, Subject(born=born), shots, date(2027, 1, 1))["X"].evaluations[1].status
        )

    too_young_at_first = date(2017, 1, 10)
    assert second(BORN, 25) == "Valid"
    assert second(too_young_at_first, 25) == "Not Valid"
    assert second(too_young_at_first, 28) == "Valid"


def test_nothing_is_recommended_where_every_dose_is_skipped_and_none_was_given() -> None:
    skip = Skip(True, True, (SkipSet((SkipCondition("age", begin_age=Period(years=10)),)),))
    schedule = plan(series("s", replace(dose(), skips=(skip,))))
    assert assess(schedule, Subject(born=BORN), [], START)["X"].forecast.status == "Not Recommended"
    given = assess(schedule, Subject(born=BORN), [Shot(date(2024, 6, 1), "A")], START)["X"]
    assert given.forecast.status == "Complete"


def test_a_vaccine_that_something_speaks_against_is_not_recommended_but_the_other_is() -> None:
    against = Contraindication(
        seen=frozenset({"080"}), vaccines=frozenset({"A"}), end=Period(years=20)
    )
    schedule = plan(series("s", dose(cvx=("A", "B"))), contraindications=(against,))
    seen = {"080": None}
    assert assess(schedule, Subject(born=BORN), [], START)["X"].forecast.vaccines == ("A", "B")
    found = assess(schedule, Subject(born=BORN, observations=seen), [], START)["X"]
    assert found.forecast.vaccines == ("B",)
    only = plan(series("s", dose()), contraindications=(against,))
    found = assess(only, Subject(born=BORN, observations=seen), [], START)["X"]
    assert found.forecast.status == "Contraindicated"
    old = assess(only, Subject(born=date(2000, 1, 1), observations=seen), [], START)["X"]
    assert old.forecast.status == "Not Complete"


@pytest.mark.parametrize(
    ("volume", "reason"), [(0.25, "Volume: Less Than Recommended"), (0.5, ""), (None, "")]
)
def test_a_dose_with_less_than_the_recommended_volume_counts_and_says_so(
    volume: float | None, reason: str
) -> None:
    shots = [Shot(START, "A", volume=volume)]
    (found,) = assess(plan(series("s", dose())), Subject(born=BORN), shots, START)["X"].evaluations
    assert (found.status, found.reason) == ("Valid", reason)


def test_an_explanation_names_every_rule_that_decided() -> None:
    late = replace(
        dose((0, 28)), ages=(AgeRule(NINE, NINE, NINE, Period(years=12), Period(years=15)),)
    )
    schedule = plan(series("two doses", dose(), late))
    shots = [Shot(START, "A"), Shot(START + timedelta(days=20), "A")]
    found = assess(schedule, Subject(born=BORN), shots, date(2026, 2, 1))["X"]
    assert [str(one) for one in explain(found)] == [
        "X: by the series two doses.",
        "A of 2026-01-01 counts as dose 1.",
        "Old enough: from 2024-01-01 on.",
        "A of 2026-01-21 does not count as dose 2.",
        "Old enough: from 2024-01-01 on.",
        "Young enough: before 2030-01-01.",
        "Too soon after the dose before: not before 2026-01-29.",
        "Dose 2 can be given from 2026-02-18; best on 2026-02-18.",
        "Long enough after the doses before from 2026-02-18 on.",
        "Old enough from 2024-01-01 on.",
        "The last dose was on 2026-01-21.",
        "It is late after 2026-12-31.",
        "It can be given until 2029-12-31.",
    ]


def test_an_explanation_tells_of_doses_that_were_not_needed() -> None:
    skip = Skip(True, True, (SkipSet((SkipCondition("age", begin_age=Period(years=10)),)),))
    schedule = plan(series("s", replace(dose(), skips=(skip,)), dose()))
    told = [
        str(one)
        for one in explain(assess(schedule, Subject(born=BORN), [Shot(START, "A")], START)["X"])
    ]
    assert "Place 1 of the series was not needed." in told
    assert "A of 2026-01-01 counts as dose 1." in told
    assert told[-1] == "The series is complete: nothing is due."
    nobody = assess(schedule, Subject(born=BORN), [], START)["X"]
    assert "Place 1 of the series is not needed any more." in [str(one) for one in explain(nobody)]
