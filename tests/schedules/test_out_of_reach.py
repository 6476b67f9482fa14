"""What nobody could be on is not evaluated, and changes nothing of what is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.schedules import read_schedule
from edge.domain.schedule import engine
from edge.domain.schedule.beginning import antigens_in_question
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.evaluation import evaluate
from edge.domain.schedule.forecast import NOT_COMPLETE, Forecast
from edge.domain.schedule.model import Schedule, Series, Shot, Subject
from edge.domain.schedule.progress import Context, Progress
from sync.resources import resource

TODAY = date(2026, 11, 30)


@pytest.fixture(scope="module")
def schedules() -> list[Schedule]:
    """The shipped schedules."""
    return [
        read_schedule(path, resource("config/schemas"))
        for path in sorted(resource("config/schedules").glob("*.yaml"))
        if not path.stem.endswith(".cases")
    ]


def by_begin(plan: Schedule) -> Iterator[bool]:
    return (series.by_begin for antigen in plan.antigens.values() for series in antigen.series)


def said(found: dict[str, GroupAssessment]) -> object:
    return [
        (name, group.forecast, group.evaluations, [c.series.name for c in group.chosen.values()])
        for name, group in found.items()
    ]


def somebody(plan: Schedule, data: st.DataObject) -> tuple[Subject, list[Shot]]:
    """Draw a child with any history, in any order, some of it still to come."""
    observed = data.draw(
        st.sets(st.sampled_from(sorted(plan.observations) or ["none"]), max_size=2)
    )
    subject = Subject(
        born=TODAY - timedelta(days=data.draw(st.integers(0, 3000))),
        gender=data.draw(st.sampled_from(["Female", "Male", ""])),
        observations=dict.fromkeys(observed),
    )
    days = st.integers(0, max(1, (TODAY - subject.born).days + 40))
    given_ = st.lists(st.tuples(days, st.sampled_from(sorted(plan.vaccines))), max_size=8)
    return subject, [
        Shot(subject.born + timedelta(days=day), vaccine) for day, vaccine in data.draw(given_)
    ]


@pytest.mark.slow
@settings(max_examples=share(300))
@given(data=st.data())
def test_what_is_left_out_changes_nothing_of_what_is_said(
    schedules: list[Schedule], data: st.DataObject
) -> None:
    plan = data.draw(st.sampled_from([plan for plan in schedules if any(by_begin(plan))]))
    subject, shots = somebody(plan, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "out_of_reach", lambda *_: False)
        whole = said(assess(plan, subject, shots, TODAY))
    assert said(assess(plan, subject, shots, TODAY)) == whole


@pytest.mark.slow
@settings(max_examples=share(300))
@given(data=st.data(), days=st.integers(0, 400))
def test_an_antigen_that_is_not_in_question_has_no_dose_due_by_then(
    schedules: list[Schedule], data: st.DataObject, days: int
) -> None:
    plan, until = data.draw(st.sampled_from(schedules)), TODAY + timedelta(days=days)
    subject, shots = somebody(plan, data)

    def due(found: dict[str, GroupAssessment]) -> dict[str, Forecast]:
        return {
            name: group.forecast
            for name, group in found.items()
            if group.forecast.status == NOT_COMPLETE
            and group.forecast.recommended
            and group.forecast.recommended <= until
        }

    asked = antigens_in_question(plan, subject.born, shots, TODAY, until)
    some = assess(plan, subject, shots, TODAY, asked)
    assert due(some) == due(assess(plan, subject, shots, TODAY))


def test_a_newborn_is_asked_about_what_comes_in_the_first_weeks_alone(
    schedules: list[Schedule],
) -> None:
    (plan,) = (each for each in schedules if "Penta" in each.vaccines)
    asked = antigens_in_question(plan, TODAY, [], TODAY, TODAY + timedelta(days=28))
    assert "tuberculosis" in asked
    assert not asked & {"measles", "rubella"}
    (shot,) = [Shot(TODAY, "MR")]
    assert {"measles", "rubella"} <= antigens_in_question(plan, TODAY, [shot], TODAY, TODAY)


def test_an_infant_is_not_held_against_the_series_of_those_who_begin_later(
    schedules: list[Schedule], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[str] = []

    def noted(series: Series, shots: Sequence[Shot], context: Context) -> Progress:
        evaluated.append(series.name)
        return evaluate(series, shots, context)

    monkeypatch.setattr(engine, "evaluate", noted)
    (plan,) = (each for each in schedules if "Penta" in each.vaccines)
    assess(plan, Subject(born=TODAY - timedelta(days=60)), [], TODAY)
    later = {
        series.name
        for antigen in plan.antigens.values()
        for series in antigen.series
        if series.by_begin and series.min_start and series.min_start.years
    }
    assert later
    assert not later & set(evaluated)
