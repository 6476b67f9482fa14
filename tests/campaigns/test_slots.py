"""The slots of a day, and what is said of a dose to somebody who is expected another time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.domain.catalogue import Facility, Programme
from edge.domain.eligibility import Otherwise
from edge.domain.expected import Expectation, against_appointments
from edge.domain.facility_programmes import FacilityProgramme, OpeningTime
from edge.domain.schedule.simple import simple_schedule
from edge.domain.session_days import session_days
from edge.domain.slots import Slot, SlotState, next_with_room, slots_on, unkept

MONDAY = date(2026, 11, 30)
COVID = Programme(
    id="covid-19", name="COVID-19", vaccines=(), start=date(2026, 1, 1), end=date(2026, 12, 31),
    schedule=simple_schedule("covid-19", [], 0, 0),
)  # fmt: skip
EVERY_DAY = frozenset(range(7))


def opening(opens: int, room: int | None = None, days: frozenset[int] = EVERY_DAY) -> OpeningTime:
    rooms = dict.fromkeys(days, room) if room is not None else {}
    return OpeningTime(days=days, opens=time(opens), closes=time(opens + 1), rooms=rooms)


def centre(*slots: OpeningTime, **said: object) -> Facility:
    plan = FacilityProgramme(appointments=slots, **said)  # type: ignore[arg-type]
    return Facility(code="A", name="A", programmes={"covid-19": plan})


def test_a_day_has_the_slots_of_its_weekday_earliest_first() -> None:
    facility = centre(opening(11, 5), opening(9, 3, frozenset({0})), opening(10))
    found = slots_on(facility, COVID, MONDAY)
    assert [(slot.hours, slot.room) for slot in found] == [
        ("09:00-10:00", 3), ("10:00-11:00", None), ("11:00-12:00", 5),
    ]  # fmt: skip
    assert len(slots_on(facility, COVID, MONDAY + timedelta(days=1))) == 2


def test_a_day_without_a_session_or_an_approval_has_no_slot() -> None:
    facility = centre(opening(10))
    assert slots_on(replace(facility, sessions=session_days(["Tue"])), COVID, MONDAY) == ()
    assert slots_on(replace(facility, active=False), COVID, MONDAY) == ()
    assert slots_on(replace(facility, programmes={}), COVID, MONDAY) == ()
    assert slots_on(facility, COVID, date(2027, 1, 4)) == ()
    assert slots_on(centre(opening(10), last=MONDAY), COVID, MONDAY + timedelta(days=1)) == ()
    (day,) = slots_on(Facility(code="B", name="B"), COVID, MONDAY)
    assert (day.hours, day.room, day.is_over(datetime(2026, 11, 30, 23, 59, tzinfo=UTC))) == (
        "",
        None,
        False,
    )


@pytest.mark.parametrize(
    ("moment", "over"),
    [
        # 04:30 UTC is ten o'clock in Kolkata: DIVOC's own day began there five hours and a half late
        (datetime(2026, 11, 30, 4, 29, tzinfo=UTC), False),
        (datetime(2026, 11, 30, 5, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 19, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 30, 18, 31, tzinfo=UTC), True),
    ],
)
def test_a_slot_is_over_by_the_sites_own_day_and_hour(moment: datetime, over: bool) -> None:
    (slot,) = slots_on(centre(opening(10)), COVID, MONDAY)
    assert slot.is_over(moment.astimezone(ZoneInfo("Asia/Kolkata"))) is over


def test_an_hour_that_comes_twice_or_never_is_one_slot_of_the_clock_on_the_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    autumn = slots_on(centre(opening(2, 1)), COVID, date(2026, 10, 25))[0]
    for hour in (0, 1):  # 02:30 in summer time, and an hour later 02:30 again
        moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC).astimezone(berlin)
        assert autumn.holds(moment)
        assert not autumn.is_over(moment)
    assert autumn.is_over(datetime(2026, 10, 25, 2, 0, tzinfo=UTC).astimezone(berlin))
    spring = slots_on(centre(opening(2, 1)), COVID, date(2026, 3, 29))[0]
    before, after = (
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC).astimezone(berlin),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC).astimezone(berlin),
    )
    assert (spring.is_over(before), spring.is_over(after)) == (False, True)


@dataclass(frozen=True)
class Appointment:
    on: date
    hours: str
    position: int


def test_of_a_slot_that_shrank_those_who_were_booked_last_are_named() -> None:
    slot = Slot(on=MONDAY, opens=time(10), closes=time(11), room=2)
    booked = [Appointment(MONDAY, "10:00-11:00", place) for place in (7, 3, 9)]
    gone = Appointment(MONDAY, "08:00-09:00", 1)
    assert unkept([*booked, gone], {slot.key: slot}) == [(gone, "gone"), (booked[2], "over")]
    assert unkept(booked, {slot.key: replace(slot, room=None)}) == []


def test_the_next_slot_with_room_is_the_first_that_is_not_full_or_over() -> None:
    slots = [Slot(on=MONDAY, opens=time(h), closes=time(h + 1), room=1) for h in (8, 9, 10, 11)]
    states = [SlotState(slot, booked) for slot, booked in zip(slots, (0, 1, 1, 0), strict=True)]
    now = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
    found = next_with_room(states, now, (MONDAY, ""))
    assert found == states[3]
    assert next_with_room(states, now, slots[3].key) is None


NOW = datetime(2026, 11, 30, 10, 30, tzinfo=UTC)
FULL = SlotState(Slot(on=MONDAY, opens=time(10), closes=time(11), room=1), 1)
HERE = Expectation(MONDAY, "10:00-11:00", True, "A")


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ([HERE], []),
        ([replace(HERE, hours="")], []),
        ([replace(HERE, hours="08:00-09:00")], ["appointment.other-time"]),
        ([replace(HERE, hours="08:00-09:00"), HERE], []),
        ([replace(HERE, on=MONDAY + timedelta(days=1))], ["appointment.other-day", "appointment.no-room"]),
        ([replace(HERE, here=False)], ["appointment.elsewhere", "appointment.no-room"]),
        ([], ["appointment.no-room"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("otherwise", ["advise", "supervisor", "refuse"])
def test_who_is_expected_another_time_is_told_and_held_up_only_where_the_campaign_says_so(
    expected: list[Expectation], told: list[str], otherwise: Otherwise
) -> None:
    found = against_appointments(expected, NOW, [FULL], otherwise, walk_ins_take_room=True)
    held = found.advice if otherwise == "advise" else found.objections
    assert [refusal.code for refusal in held] == told
    assert (found.objections if otherwise == "advise" else found.advice) == ()
    assert all(refusal.overridable is (otherwise == "supervisor") for refusal in held)


def test_walk_ins_are_told_of_a_full_hour_only_where_they_take_room() -> None:
    assert against_appointments([], NOW, [FULL], "advise", walk_ins_take_room=False).advice == ()
    half = [FULL, SlotState(replace(FULL.slot, room=3), 1)]
    assert against_appointments([], NOW, half, "advise", walk_ins_take_room=True).advice == ()
