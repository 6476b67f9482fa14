"""When a site tries again: soon where only the line was away, patiently where many are waiting."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.site.pacing import LEAST, MOST, Pace, wait_after

failures = st.integers(1, 10_000)
chances = st.floats(0, 1, exclude_max=True)


@given(failures, chances)
def test_a_line_that_is_back_for_five_minutes_is_tried_within_two(
    count: int, chance: float
) -> None:
    assert 5 <= wait_after(count, chance, away=True) <= 120


@given(failures, chances)
def test_a_registry_that_refuses_is_spared_and_still_asked_four_times_an_hour(
    count: int, chance: float
) -> None:
    assert 5 <= wait_after(count, chance) <= 900


@pytest.mark.parametrize("away", [False, True])
def test_each_failure_makes_the_wait_longer_until_it_is_longest(away: bool) -> None:
    waits = [wait_after(count, 0.5, away=away) for count in range(1, 20)]
    longest = 90 if away else 675
    assert all(after == 2 * before or after == longest for before, after in pairwise(waits))
    assert waits[-1] == longest


@given(failures, chances, st.floats(0, 86_400), st.booleans())
def test_what_the_registry_asked_for_is_never_undercut(
    count: int, chance: float, asked: float, away: bool
) -> None:
    assert asked <= wait_after(count, chance, asked, away=away) <= asked + 60


def test_the_sites_of_a_nation_do_not_come_back_together() -> None:
    waits = [wait_after(20, place / 1000, away=True) for place in range(1000)]
    assert max(waits) - min(waits) > 50
    assert len(set(waits)) == 1000


@given(st.floats(0.01, 1000))
def test_on_a_steady_line_a_batch_comes_to_take_as_long_as_is_aimed_at(rate: float) -> None:
    """``rate`` is in entries a second: half a minute of them, if a batch may hold as many."""
    pace = Pace()
    for _ in range(20):
        pace = pace.grown(pace.size, pace.size * 400, pace.size / rate)
    assert pace.size == pytest.approx(max(LEAST, min(MOST, rate * 30)), abs=1)


@given(st.lists(st.floats(0.01, 600), max_size=40), st.data())
def test_a_batch_keeps_its_bounds_whatever_the_line_does(
    took: list[float], data: st.DataObject
) -> None:
    pace = Pace()
    for seconds in took:
        before = pace.size
        if data.draw(st.booleans()):
            pace = pace.grown(before, before * 400, seconds)
            assert pace.size <= 2 * before
        else:
            pace = pace.halved()
            assert pace.size == max(LEAST, before // 2)
        assert LEAST <= pace.size <= MOST
