"""Where a dose counts is worked out once for all who stand just there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from site_factory import demonstration

from edge.campaign.catalogue import to_catalogue
from edge.domain.places import place_of
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.schedule.spans import for_vaccine

TODAY = date(2026, 11, 29)
DAY = timedelta(days=1)


@pytest.fixture
def plan() -> Schedule:
    schedule = to_catalogue(demonstration().body).programmes["covid-19"].schedule
    return for_vaccine(replace(schedule), "coviprotect")


def test_where_a_dose_counts_is_kept_for_whoever_stands_just_there(plan: Schedule) -> None:
    day, own = date(1980, 3, 1), Subject(born=date(1980, 3, 1))
    first = [Shot(TODAY - 60 * DAY, "coviprotect")]
    found = place_of(own, [], plan, "coviprotect", TODAY)
    assert found is not None
    assert place_of(Subject(born=day), [], plan, "coviprotect", TODAY) is found
    others = [
        place_of(own, first, plan, "coviprotect", TODAY),
        place_of(own, [], plan, "coviprotect", TODAY + DAY),
        place_of(Subject(born=day - DAY), [], plan, "coviprotect", TODAY),
        place_of(Subject(born=day, gender="Female"), [], plan, "coviprotect", TODAY),
        place_of(Subject(born=day, observations={"any": TODAY}), [], plan, "coviprotect", TODAY),
    ]
    assert all(other is not None and other is not found for other in others)
    assert others[0] is not None
    assert others[0].evaluation.target == 2
    assert len(plan.places) == 5  # what was observed is not among them
    too_soon = [Shot(TODAY - DAY, "coviprotect")]
    told = place_of(own, too_soon, plan, "coviprotect", TODAY)
    assert told is not None
    assert told.objection is not None
    assert len(plan.places) == 5  # an objection is raised, and belongs to its request


def test_no_more_places_are_kept_than_a_day_needs(plan: Schedule) -> None:
    for days in range(300):
        own = Subject(born=date(1960, 1, 1) + days * DAY)
        place_of(own, [], plan, "coviprotect", TODAY)
    assert 0 < len(plan.places) <= 256
