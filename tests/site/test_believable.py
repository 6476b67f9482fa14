"""A clock is believed by what was written here and by what others say, and says why it is not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.clock import BUILT, SystemClock
from edge.domain.believable import (
    LONGEST_REST,
    LONGEST_SHELF,
    Belief,
    ClockEvidence,
    believable,
)

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)
DAY, YEAR = timedelta(days=1), timedelta(days=365)
KNOWN = ClockEvidence(built=BUILT, recorded=NOON - DAY)


def judged(now: datetime, **more: object) -> Belief:
    values = {"built": BUILT, "recorded": NOON - DAY, **more}
    return believable(now, ClockEvidence(**values), UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (datetime(1970, 1, 1, 0, 1, tzinfo=UTC), "clock.before-program"),
        (datetime(2020, 1, 1, tzinfo=UTC), "clock.before-program"),
        (NOON - 2 * DAY, "clock.behind"),
        (NOON - DAY - timedelta(minutes=4), ""),
        (NOON, ""),
        (NOON + timedelta(days=118), ""),
        (NOON + LONGEST_REST, "clock.ahead"),
        (datetime(2106, 2, 7, tzinfo=UTC), "clock.ahead"),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "clock.ahead"),
    ],
)
def test_a_clock_that_goes_against_what_was_written_is_not_believed(
    now: datetime, code: str
) -> None:
    found = judged(now)
    assert (found.code, found.believed) == (code, not code)
    assert bool(found.sentence) is bool(code)
    found.sentence.format(**found.values)


def test_an_old_clock_names_itself() -> None:
    found = judged(datetime(2020, 1, 1, 9, tzinfo=UTC))
    assert found.sentence.format(**found.values) == (
        "The clock of this machine says 2020-01-01, which cannot be:"
        " this program was made on 2026-11-01."
    )
    assert all(isinstance(value, date) for value in found.values.values())


def test_a_program_that_never_wrote_anything_goes_by_its_own_date() -> None:
    assert judged(BUILT + LONGEST_SHELF - DAY, recorded=None).believed
    assert judged(BUILT + LONGEST_SHELF + DAY, recorded=None).code == "clock.ahead-of-program"
    assert judged(BUILT, recorded=None).believed


def test_a_registry_of_the_same_day_vouches_for_a_clock_that_rested_long_or_was_ahead() -> None:
    assert judged(NOON + YEAR, registry=NOON + YEAR - timedelta(hours=3)).believed
    assert judged(NOON - 5 * DAY, registry=NOON - 5 * DAY).believed
    old = BUILT - YEAR
    assert judged(old, registry=old, confirmed=old).code == "clock.before-program"


def test_a_clock_that_stood_still_while_the_site_was_off_is_found_out_by_the_registry() -> None:
    """As with fake-hwclock: it looks sane, and is three days behind."""
    found = judged(NOON, registry=NOON + 3 * DAY, expected=NOON)
    assert (found.believed, found.code) == (False, "clock.registry-differs")


@pytest.mark.parametrize("wrong", [YEAR, -YEAR, 3 * DAY])
def test_a_registry_that_is_wrong_poisons_no_site_for_whose_clock_it_vouched_before(
    wrong: timedelta,
) -> None:
    found = judged(NOON, registry=NOON + wrong, expected=NOON, vouched=True)
    assert (found.believed, found.code) == (True, "clock.registry-differs")
    assert judged(NOON, registry=NOON + wrong, confirmed=NOON) == Belief(True)
    assert judged(NOON, registry=NOON + wrong, tablets=(NOON, NOON, NOON)).believed
    assert not judged(NOON, registry=NOON + wrong, tablets=(NOON,)).believed


def test_one_tablet_changes_nothing_and_two_that_agree_ask_a_question() -> None:
    assert judged(NOON, tablets=(NOON + YEAR,)) == Belief(True)
    assert judged(NOON, tablets=(NOON + YEAR, NOON)) == Belief(True)
    assert judged(NOON, tablets=(NOON + YEAR, NOON - YEAR)) == Belief(True)
    found = judged(NOON, tablets=(NOON + 3 * DAY, NOON + 3 * DAY))
    assert (found.believed, found.code) == (False, "clock.tablets-differ")
    assert judged(NOON, tablets=(NOON + YEAR, NOON + YEAR, NOON, NOON)).believed
    assert judged(NOON, tablets=(NOON + YEAR, NOON + YEAR), vouched=True).believed
    assert not judged(NOON - 9 * DAY, tablets=(NOON - 9 * DAY, NOON - 9 * DAY)).believed


class Machine(SystemClock):
    """A machine whose clock and whose elapsed time a test moves."""

    def __init__(self, at: datetime, floor: datetime | None = None, zone: str = "UTC") -> None:
        self.at, self.past = at, 0.0
        super().__init__(zone, floor, lambda: self.past)
        self.observe()

    def _machine(self) -> datetime:
        return self.at

    def goes_on(self, by: timedelta, rate: float = 1.0) -> None:
        self.past += by.total_seconds()
        self.at += by * rate
        self.observe()

    def is_set(self, by: timedelta) -> None:
        self.at += by
        self.observe()


def test_a_day_with_a_clock_that_is_slewed_is_no_step() -> None:
    clock = Machine(NOON)
    for _ in range(24 * 60):
        clock.goes_on(timedelta(minutes=1), rate=1.0005)
    assert clock.step is None
    assert clock.believed()


def test_the_hour_of_summer_time_is_no_step_and_the_night_after_a_pause_none_either() -> None:
    clock = Machine(datetime(2027, 3, 28, 0, 59, tzinfo=UTC), zone="Europe/Berlin")
    clock.goes_on(timedelta(minutes=2))
    clock.goes_on(timedelta(hours=9))
    assert clock.step is None
    assert clock.believed()


def test_a_step_back_is_noticed_and_the_clock_names_the_latest_moment() -> None:
    clock = Machine(NOON)
    clock.goes_on(timedelta(hours=1))
    clock.is_set(-DAY)
    assert clock.step is not None
    assert clock.step.seconds == -86400
    assert clock.belief().code == "clock.behind"
    clock.is_set(DAY)
    assert clock.believed()


def test_a_step_forward_by_days_waits_for_the_registry_or_a_supervisor() -> None:
    clock = Machine(NOON)
    clock.is_set(3 * DAY)
    assert clock.belief().code == "clock.stepped"
    clock.registry_says(NOON + 3 * DAY)
    assert clock.believed()
    clock.registry_says(NOON + YEAR)
    assert clock.believed(), "it vouched for this clock before"
    again = Machine(NOON)
    again.is_set(3 * DAY)
    again.confirm(date(2026, 12, 13))
    assert again.believed()
    assert again.today() == date(2026, 12, 13)


def test_a_board_without_a_clock_starts_at_an_old_date_and_is_set_by_the_network() -> None:
    clock = Machine(datetime(1970, 1, 1, tzinfo=UTC), floor=NOON - DAY)
    assert not clock.believed()
    clock.is_set(NOON - clock.at)
    assert clock.believed()


def test_a_confirmed_date_is_gone_by_until_somebody_sets_the_machine() -> None:
    clock = Machine(datetime(1970, 1, 1, 23, 30, tzinfo=UTC), floor=NOON - DAY)
    clock.confirm(date(2026, 12, 10))
    assert clock.now() == datetime(2026, 12, 10, 23, 30, tzinfo=UTC)
    clock.goes_on(timedelta(hours=1))
    assert clock.today() == date(2026, 12, 11)
    assert clock.believed()
    clock.is_set(datetime(2026, 12, 11, 0, 31, tzinfo=UTC) - clock.at)
    assert clock.today() == date(2026, 12, 11)
    assert clock.believed()


def test_a_date_is_confirmed_by_the_hour_on_the_wall_also_over_summer_time() -> None:
    clock = Machine(datetime(2026, 12, 1, 22, 45, tzinfo=UTC), zone="Europe/Berlin")
    now = clock.confirm(date(2027, 7, 1)).astimezone(ZoneInfo("Europe/Berlin"))
    assert (now.date(), now.hour, now.minute) == (date(2027, 7, 1), 23, 45)


def test_a_tablet_that_says_nonsense_stops_nothing() -> None:
    clock = Machine(NOON)
    for at in (datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)):
        clock.tablet_says("V1", at)
        clock.registry_says(NOON)
        clock.goes_on(timedelta(minutes=5))
        assert clock.believed()
    for number in range(1000):
        clock.tablet_says(f"X{number}", NOON)
    assert len(clock._tablets) <= 200
