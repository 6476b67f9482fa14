"""A series that nobody could be on is not evaluated: what is said is what all of them would say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.schedules import read_schedule
from edge.domain.schedule import engine
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.evaluation import evaluate
from edge.domain.schedule.model import Schedule, Series, Shot, Subject
from edge.domain.schedule.progress import Context, Progress
from sync.resources import resource

TODAY = date(2026, 11, 30)


@pytest.fixture(scope="module")
def schedules() -> list[Schedule]:
    """The shipped schedules in which a series is for those who begin at an age."""
    found = [
        read_schedule(path, resource("config/schemas"))
        for path in sorted(resource("config/schedules").glob("*.yaml"))
        if not path.stem.endswith(".cases")
    ]
    return [plan for plan in found if any(by_begin(plan))]


def by_begin(plan: Schedule) -> Iterator[bool]:
    return (series.by_begin for antigen in plan.antigens.values() for series in antigen.series)


def said(found: dict[str, GroupAssessment]) -> object:
    return [
        (name, group.forecast, group.evaluations, [c.series.name for c in group.chosen.values()])
        for name, group in found.items()
    ]


@settings(max_examples=share(300), deadline=None)
@given(data=st.data())
def test_what_is_left_out_changes_nothing_of_what_is_said(
    schedules: list[Schedule], data: st.DataObject
) -> None:
    plan = data.draw(st.sampled_from(schedules))
    observed = data.draw(
        st.sets(st.sampled_from(sorted(plan.observations) or ["none"]), max_size=2)
    )
    subject = Subject(
        born=TODAY - timedelta(days=data.draw(st.integers(0, 3000))),
        gender=data.draw(st.sampled_from(["Female", "Male", ""])),
        observations=dict.fromkeys(observed),
    )
    days = st.integers(0, max(1, (TODAY - subject.born).days + 40))
    shots = [
        Shot(subject.born + timedelta(days=day), vaccine)
        for day, vaccine in data.draw(
            st.lists(st.tuples(days, st.sampled_from(sorted(plan.vaccines))), max_size=8)
        )
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "out_of_reach", lambda *_: False)
        whole = said(assess(plan, subject, shots, TODAY))
    assert said(assess(plan, subject, shots, TODAY)) == whole


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
