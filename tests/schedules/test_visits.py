"""The plan of all coming visits: what the engine says on each day, on session days, in few visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.schedules import read_schedule, to_schedule
from edge.domain.catalogue import Catalogue, Issuer, Programme, Vaccine
from edge.domain.dose import Dose
from edge.domain.schedule.model import Schedule, Subject
from edge.domain.scheduled import Case, due_now, judge
from edge.domain.session_days import EVERY_DAY, WEEKDAYS, SessionDays, session_days
from edge.domain.status import PersonStatus
from edge.domain.turning_days import TurningDays
from edge.domain.visits import PlannedVisit, VisitPlan, plan_visits
from sync.resources import resource

BORN = date(2026, 1, 1)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
SCHEMAS = Path(str(resource("config/schemas")))


@cache
def infant() -> Schedule:
    """Read the infant schedule, not before it is wanted: it takes a second of a processor."""
    return read_schedule(Path(str(resource("config/schedules/who-infant.yaml"))), SCHEMAS)


def case_of(schedule: Schedule, history: Sequence[Dose] = (), **subject: Any) -> Case:
    vaccines = {code: Vaccine(code=code, name=code, manufacturer="") for code in schedule.vaccines}
    programme = Programme(
        id="p", name="P", vaccines=tuple(vaccines), schedule=schedule, start=date(2020, 1, 1)
    )
    return Case(
        subject=Subject(**{"born": BORN, "gender": "Female", **subject}),
        history=history,
        catalogue=Catalogue(
            version="1",
            issuer=Issuer("", "", "", "", ""),
            programmes={"p": programme},
            vaccines=vaccines,
            facilities={},
            staff={},
        ),
        zone=UTC,
    )


def dose_of(vaccine: str, on: date, number: int = 1) -> Dose:
    return Dose(
        id=f"{vaccine}-{on}", person="", programme="p", vaccine=vaccine, number=number, total=1,
        lot="", on=on, facility="", vaccinator="",
    )  # fmt: skip


def given_in(visits: Sequence[PlannedVisit]) -> list[Dose]:
    return [dose_of(one.vaccine, visit.on, one.number) for visit in visits for one in visit.doses]


def late_doses(visits: Sequence[PlannedVisit]) -> int:
    return sum(visit.late(one) for visit in visits for one in visit.doses)


def too_late(case: Case, vaccine: str, number: int, on: date) -> bool:
    """Say whether a dose comes after the age at which the schedule means it to be late."""
    schedule = case.catalogue.programmes["p"].schedule
    age = schedule.antigens[vaccine.lower()].series[0].doses[number - 1].ages[0].latest
    return age is not None and age.after(BORN) - DAY < on


def after(case: Case, visits: Sequence[PlannedVisit]) -> Case:
    return replace(case, history=[*case.history, *given_in(visits)])


lengths = st.integers(0, 26).map(lambda weeks: f"{weeks} weeks")


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draw a schedule of up to four vaccines, some of them live, with up to three doses each."""
    codes = [f"V{place}" for place in range(draw(st.integers(1, 4)))]
    series = []
    for code in codes:
        doses: list[dict[str, Any]] = []
        for number in range(draw(st.integers(1, 3))):
            first = draw(st.integers(0, 30))
            age = {"from": f"{first} weeks"}
            if draw(st.booleans()):
                age["recommended"] = f"{first + draw(st.integers(0, 4))} weeks"
            if draw(st.booleans()):
                age["late"] = f"{first + draw(st.integers(1, 12))} weeks"
            if draw(st.integers(0, 3)) == 0:
                age["until"] = f"{first + draw(st.integers(13, 40))} weeks"
            dose: dict[str, Any] = {"vaccines": [code], "age": age}
            if number:
                dose["after"] = {"previous": f"{draw(st.integers(1, 8))} weeks"}
            doses.append(dose)
        series.append({"name": f"Series {code}", "against": code.lower(), "doses": doses})
    pairs = [(one, other) for one in codes for other in codes if one != other]
    live = draw(st.lists(st.sampled_from(pairs), max_size=2, unique=True)) if pairs else []
    return to_schedule(
        {
            "vaccines": {code: [code.lower()] for code in codes},
            "series": series,
            "live": [
                {"first": first, "then": then, "apart": "4 weeks"}
                for one, other in live
                for first, then in ((one, other), (other, one))
            ],
        }
    )


sessions = st.one_of(
    st.just(EVERY_DAY),
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=3, unique=True).map(session_days),
    st.builds(
        session_days,
        st.just(["Tue"]),
        st.lists(st.integers(0, 400).map(lambda day: (BORN + day * DAY).isoformat()), max_size=20),
    ),
)
days = st.integers(0, 300).map(lambda day: BORN + day * DAY)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Case, date, SessionDays]:
    """Draw a child who has had the first visits of a plan, or not, and a day some time behind."""
    case, kept, today = case_of(draw(schedules())), draw(sessions), draw(days)
    earlier = plan_visits(case, BORN, kept, BORN + 2 * YEAR).visits
    had = [visit for visit in earlier[: draw(st.integers(0, 3))] if visit.on <= today]
    return after(case, had), today, kept


def plain(case: Case, today: date, kept: SessionDays, until: date) -> tuple[int, int]:
    """Plan as simply as can be: at each session give what is due and recommended by then.

    Gives how many doses are late and how many visits there are.
    """
    late = visits = 0
    programme = case.catalogue.programmes["p"]
    day = today
    while day <= until:
        came = False
        while kept.holds(day):
            due = [
                one
                for one in due_now(case, programme, day)
                if not one.objections
                and (one.recommended is None or day >= (kept.on_or_after(one.recommended) or day))
            ]
            if not due:
                break
            late += too_late(case, due[0].vaccine, due[0].number, day)
            case = replace(
                case, history=[*case.history, dose_of(due[0].vaccine, day, due[0].number)]
            )
            came = True
        visits += came
        day += DAY
    return late, visits


@pytest.mark.slow
@given(situations())
@settings(max_examples=share(80))
def test_each_planned_dose_is_due_on_its_day_once_those_before_it_were_given(
    situation: tuple[Case, date, SessionDays],
) -> None:
    case, today, kept = situation
    planned = plan_visits(case, today, kept, today + 2 * YEAR)
    programme = case.catalogue.programmes["p"]
    for visit in planned.visits:
        for one in visit.doses:
            judged = judge(case, programme, case.catalogue.vaccines[one.vaccine], visit.on)
            assert judged.objections == ()
            assert (judged.number, judged.total) == (one.number, one.total)
            assert one.not_before <= visit.on
            assert (judged.status == "overdue") == visit.late(one)
            case = replace(
                case, history=[*case.history, dose_of(one.vaccine, visit.on, one.number)]
            )


@pytest.mark.slow
@given(situations())
@settings(max_examples=share(60))
def test_visits_are_on_different_session_days_from_today_on(
    situation: tuple[Case, date, SessionDays],
) -> None:
    case, today, kept = situation
    on = [visit.on for visit in plan_visits(case, today, kept, today + 2 * YEAR).visits]
    assert on == sorted(set(on))
    assert all(today <= day <= today + 2 * YEAR and kept.holds(day) for day in on)


@pytest.mark.slow
@given(situations())
@settings(max_examples=share(60))
def test_live_vaccines_go_together_or_far_enough_apart(
    situation: tuple[Case, date, SessionDays],
) -> None:
    case, today, kept = situation
    conflicts = case.catalogue.programmes["p"].schedule.conflicts
    doses = given_in(plan_visits(case, today, kept, today + 2 * YEAR).visits)
    for then in doses:
        for before in (*case.history, *doses):
            for conflict in conflicts.get(before.vaccine, ()):
                if conflict.current == then.vaccine and before.on < then.on:
                    assert then.on >= before.on + timedelta(days=28)


@pytest.mark.slow
@given(situations())
@settings(max_examples=share(25))
def test_no_plan_is_worse_than_giving_everything_at_its_first_session(
    situation: tuple[Case, date, SessionDays],
) -> None:
    case, today, kept = situation
    visits = plan_visits(case, today, kept, today + YEAR).visits
    late = sum(
        too_late(case, one.vaccine, one.number, visit.on) for visit in visits for one in visit.doses
    )
    assert (late, len(visits)) <= plain(case, today, kept, today + YEAR)


@pytest.mark.slow
@given(situations())
@settings(max_examples=share(60))
def test_a_plan_after_the_first_visit_is_the_rest_of_the_plan(
    situation: tuple[Case, date, SessionDays],
) -> None:
    case, today, kept = situation
    until = today + 2 * YEAR
    visits = plan_visits(case, today, kept, until).visits
    for _ in range(3):
        if not visits:
            return
        case = after(case, visits[:1])
        again = plan_visits(case, visits[0].on, kept, until).visits
        assert again == visits[1:]
        visits = again


@pytest.mark.slow
@given(situations())
@settings(max_examples=share(20))
def test_answers_that_are_held_until_a_turning_day_are_those_of_asking_anew_each_day(
    situation: tuple[Case, date, SessionDays],
) -> None:
    case, today, kept = situation
    cases = (case, case_of(infant(), born=today - 60 * DAY))

    def planned() -> list[Any]:
        found = [plan_visits(one, today, kept, today + 2 * YEAR) for one in cases]
        return [
            (plan.visits, plan.more, [(one.vaccine, str(one.why)) for one in plan.unplanned])
            for plan in found
        ]

    held = planned()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TurningDays, "after", lambda self, on, given: on + DAY)
        anew = planned()
    assert held == anew


windows = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda one: (one[0], one[0] + one[1])),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@given(windows)
@settings(max_examples=share(80))
def test_single_doses_need_as_few_visits_as_can_be_with_none_late(
    found: list[tuple[int, int]],
) -> None:
    schedule = to_schedule(
        {
            "vaccines": {f"V{place}": [f"v{place}"] for place in range(len(found))},
            "series": [
                {
                    "name": f"S{place}",
                    "against": f"v{place}",
                    "doses": [
                        {
                            "vaccines": [f"V{place}"],
                            "age": {"from": f"{first} days", "late": f"{last + 1} days"},
                        }
                    ],
                }
                for place, (first, last) in enumerate(found)
            ],
        }
    )
    visits = plan_visits(case_of(schedule), BORN).visits
    assert late_doses(visits) == 0
    tried = sorted({day for window in found for day in window})
    fewest = next(
        count
        for count in range(1, len(found) + 1)
        if any(
            all(any(first <= day <= last for day in chosen) for first, last in found)
            for chosen in combinations(tried, count)
        )
    )
    assert len(visits) == fewest


@pytest.mark.slow
@pytest.mark.parametrize("told", [[], ["Mon", "Thu"], ["Wed"]])
def test_a_newborn_gets_the_whole_infant_schedule_in_as_many_visits_as_it_has_days(
    told: list[str],
) -> None:
    visits = plan_visits(case_of(infant()), BORN, session_days(told)).visits
    assert len(visits) <= 6 + bool(told)  # birth, 6, 10, 14 weeks, 9 and 15 months
    assert sum(len(visit.doses) for visit in visits) == 17


def test_the_plan_of_a_complete_child_is_empty() -> None:
    case = case_of(infant())
    done = after(case, plan_visits(case, BORN).visits)
    assert plan_visits(done, BORN + 2 * YEAR) == VisitPlan(
        as_of=BORN + 2 * YEAR, until=date(2048, 1, 1)
    )


def test_nothing_is_planned_for_somebody_who_moved_away() -> None:
    case = replace(case_of(infant()), status=PersonStatus("moved", BORN))
    assert plan_visits(case, BORN).visits == ()


YEARLY: dict[str, Any] = {
    "vaccines": {"Flu": ["influenza"]},
    "series": [
        {
            "name": "Influenza, each year",
            "against": "influenza",
            "doses": [
                {"vaccines": ["Flu"], "age": {"from": "6 months"}},
                {"vaccines": ["Flu"], "after": {"previous": "1 year"}, "again": True},
            ],
        }
    ],
}


def test_a_dose_of_each_year_is_planned_until_the_last_day_of_the_plan_and_no_further() -> None:
    planned = plan_visits(case_of(to_schedule(YEARLY)), BORN, until=date(2029, 7, 1))
    assert [visit.on for visit in planned.visits] == [
        date(year, 7, 1) for year in (2026, 2027, 2028, 2029)
    ]
    assert planned.more
    assert planned.unplanned == ()


def test_what_is_contraindicated_is_named_and_not_planned() -> None:
    body = {
        "vaccines": {"BCG": ["tuberculosis"], "MR": ["measles"]},
        "observations": {"weak": "Weak immunity"},
        "contraindicated": {"tuberculosis": ["weak"]},
        "series": [
            {"name": code, "against": against, "doses": [{"vaccines": [code]}]}
            for code, against in (("BCG", "tuberculosis"), ("MR", "measles"))
        ],
    }
    planned = plan_visits(case_of(to_schedule(body), observations={"weak": None}), BORN)
    assert [one.vaccine for visit in planned.visits for one in visit.doses] == ["MR"]
    assert [(one.vaccine, one.why.code) for one in planned.unplanned] == [
        ("BCG", "dose.contraindicated")
    ]


def test_a_dose_that_has_no_session_in_its_time_is_named_with_the_days_it_could_be_given() -> None:
    kept = session_days(["2026-03-02"])
    planned = plan_visits(case_of(infant()), BORN, kept)
    assert [visit.on for visit in planned.visits] == [date(2026, 3, 2)]
    without = {one.vaccine: one.why for one in planned.unplanned}
    assert without["HepB-birth"].code == "plan.no-session"
    assert without["HepB-birth"].values["last"] == date(2026, 1, 14)
    assert without["MR"].earliest == date(2026, 10, 1)


def test_no_visit_is_before_a_child_is_old_enough_however_late_in_the_span_it_was_born() -> None:
    first, last = BORN, BORN + timedelta(days=30)
    span = case_of(infant(), born=first, born_last=last)
    planned = plan_visits(span, date(2026, 2, 3))
    youngest = plan_visits(case_of(infant(), born=last), date(2026, 2, 3))
    assert planned.births == (first, last)
    assert [visit.on for visit in planned.visits] == [visit.on for visit in youngest.visits]
    assert "HepB-birth" in planned.visits[0].unsure or not any(
        one.vaccine == "HepB-birth" for one in planned.visits[0].doses
    )
    for visit in planned.visits:
        for one in visit.doses:
            if one.vaccine == "Penta" and one.number == 1:
                assert visit.on >= last + timedelta(weeks=6)
                assert "Penta" not in visit.unsure
