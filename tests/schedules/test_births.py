"""A birth of which only a span is known: judged over the whole of it, told as people tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.domain.births import (
    AGE_UNITS,
    Age,
    AgeUnit,
    BirthSpan,
    month_span,
    months_between,
    span_of_age,
    told_span,
    year_span,
)
from edge.domain.catalogue import Catalogue
from edge.domain.consequences import consequences
from edge.domain.dose import Dose
from edge.domain.errors import BadInput
from edge.domain.people import Person, check_person
from edge.domain.recall import calls
from edge.domain.schedule.model import Immunity
from edge.domain.schedule.spans import for_vaccine, telling_births
from edge.domain.scheduled import Case, DoseJudgement, due_now, judge, subject_of
from sync.resources import resource
from tests.schedules.test_in_the_doses_way import with_infants

TODAY = date(2026, 11, 29)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = with_infants(tmp_path_factory.mktemp("births") / "campaign")
    return to_catalogue(read_campaign(folder, resource("config/schemas")))


def person(**born: object) -> Person:
    return Person(id="p", code="P", name="N", gender="Female", **born)  # type: ignore[arg-type]


def of_span(span: BirthSpan) -> Person:
    return person(birth_earliest=span.first, birth_latest=span.last)


def case(catalogue: Catalogue, who: Person, *history: Dose) -> Case:
    return Case(subject=subject_of(who), history=history, catalogue=catalogue, zone=UTC)


def dose(code: str, on: date, number: int = 1, **more: object) -> Dose:
    fields = {"id": f"{code}{on}{number}", "person": "p", "programme": "any", "total": 1,
              "lot": "L", "facility": "DEMO01", "vaccinator": "V1", **more}  # fmt: skip
    return Dose(vaccine=code, on=on, number=number, **fields)  # type: ignore[arg-type]


def judged(catalogue: Catalogue, who: Person, code: str, *history: Dose) -> DoseJudgement:
    programme = next(one for one in catalogue.programmes.values() if code in one.vaccines)
    return judge(case(catalogue, who, *history), programme, catalogue.vaccines[code], TODAY)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("born", "code", "status"),
    [
        (person(birth_year=2012), "duomorb", "due"),  # 13 or 14 years old: under 15 on every day
        (person(birth_year=2011), "duomorb", "askBirth"),
        (person(birth_year=2010), "duomorb", "notForThisAge"),
        (person(birth_year=2026), "duomorb", "notYet"),  # at most 11 months old
        (person(birth_year=2025), "duomorb", "askBirth"),
        (person(birth_year=2026), "MR", "askBirth"),
        (of_span(span_of_age(9, "months", TODAY)), "MR", "due"),
        (of_span(span_of_age(8, "months", TODAY)), "MR", "notYet"),
        (of_span(span_of_age(5, "weeks", TODAY)), "OPV", "notYet"),
        (of_span(span_of_age(6, "weeks", TODAY)), "OPV", "due"),
        (of_span(span_of_age(5, "years", TODAY)), "BCG", "notForThisAge"),
        (person(birth_year=1960), "coviprotect", "due"),
        (person(birth_year=2014), "coviprotect", "askBirth"),
    ],
)
def test_what_is_due_is_due_for_every_day_of_a_span_and_else_the_month_is_asked_for(
    catalogue: Catalogue, born: Person, code: str, status: str
) -> None:
    found = judged(catalogue, born, code)
    assert found.status == status
    assert bool(found.objections) is (status != "due")
    if status == "askBirth":
        (objection,) = found.objections
        assert (objection.code, objection.overridable) == ("dose.depends-on-birth", True)
        assert "month" in objection.hint


CODES = ["BCG", "OPV", "IPV", "Penta", "Rota", "MR", "duomorb", "amarilia", "coviprotect"]


@st.composite
def spans(draw: st.DrawFn) -> tuple[BirthSpan, list[Dose]]:
    """Give a span near ages that matter, and doses on days in and around it."""
    age = draw(st.one_of(st.integers(0, 900), st.integers(900, 6000), st.integers(6000, 30000)))
    length = draw(st.sampled_from([1, 6, 29, 30, 120]))
    last = TODAY - age * DAY
    told = draw(st.lists(st.tuples(st.sampled_from(CODES), st.integers(0, 500)), max_size=4))
    doses = [dose(code, TODAY - ago * DAY, place + 1) for place, (code, ago) in enumerate(told)]
    return BirthSpan(last - length * DAY, last), doses


@pytest.mark.slow
@settings(max_examples=share(10))
@given(told=spans())
def test_a_verdict_over_a_span_is_that_of_its_days_one_by_one(
    catalogue: Catalogue, told: tuple[BirthSpan, list[Dose]]
) -> None:
    span, history = told
    over = case(catalogue, of_span(span), *history)
    for code in CODES:
        programme = next(one for one in catalogue.programmes.values() if code in one.vaccines)
        vaccine = catalogue.vaccines[code]
        found = judge(over, programme, vaccine, TODAY)
        days = [span.first + place * DAY for place in range((span.last - span.first).days + 1)]
        each = [
            judge(case(catalogue, person(birth_date=day), *history), programme, vaccine, TODAY)
            for day in days
        ]
        due = [not one.objections for one in each]
        assert (not found.objections) is all(due), code
        if any(due) and not all(due):
            assert found.status == "askBirth"
        for objection in found.objections:
            if objection.earliest:
                for day in days:
                    who = case(catalogue, person(birth_date=day), *history)
                    assert not judge(who, programme, vaccine, objection.earliest).objections


def test_only_who_was_past_every_age_at_each_dose_is_judged_by_a_single_birth(
    catalogue: Catalogue,
) -> None:
    plan = for_vaccine(catalogue.programmes["covid-19"].schedule, "coviprotect")
    first, last = date(1980, 1, 1), date(1980, 12, 31)
    assert telling_births(plan, first, last, [TODAY]) == [last]
    at_twelve = date(1992, 7, 1)  # the youngest age for it
    told = telling_births(plan, first, last, [TODAY, at_twelve])
    assert {date(1980, 7, 1), date(1980, 7, 2)} < set(told)
    by_a_package = replace(plan, conditions={"odd birthday": lambda *_: False})
    assert telling_births(by_a_package, first, last, [TODAY]) == [first, date(1980, 7, 1), last]


@pytest.mark.parametrize(
    ("day", "born"),
    [
        (date(1980, 1, 1), [date(1980, 12, 31)]),  # nobody of that year is immune
        (date(1980, 1, 2), [date(1980, 1, 1), date(1980, 12, 31)]),
        (date(1980, 12, 31), [date(1980, 1, 1), date(1980, 12, 31)]),
        (date(1981, 1, 1), [date(1980, 12, 31)]),  # all of them are
    ],
)
def test_who_is_immune_by_birth_is_told_apart_at_any_age(
    catalogue: Catalogue, day: date, born: list[date]
) -> None:
    plan = for_vaccine(catalogue.programmes["covid-19"].schedule, "coviprotect")
    antigens = {
        name: replace(antigen, immunity=Immunity(born_before=day))
        for name, antigen in plan.antigens.items()
    }
    by_birth = replace(plan, antigens=antigens)
    assert telling_births(by_birth, date(1980, 1, 1), date(1980, 12, 31), [TODAY]) == born


def test_what_a_vaccine_is_judged_by_is_worked_out_once_and_only_for_one_that_is_known(
    catalogue: Catalogue,
) -> None:
    schedule = catalogue.programmes["infants"].schedule
    assert for_vaccine(schedule, "MR") is for_vaccine(schedule, "MR")
    part = for_vaccine(schedule, "MR")
    assert for_vaccine(part, "MR") is part
    before = len(schedule.parts)
    assert not for_vaccine(schedule, "of another country").groups
    assert len(schedule.parts) == before
    assert replace(schedule, antigens={}).parts == {}  # of another schedule nothing is kept


def test_a_dose_of_the_day_is_told_of_whatever_the_birth_was(catalogue: Catalogue) -> None:
    who = person(birth_earliest=TODAY.replace(year=2024) + DAY, birth_latest=date(2024, 12, 29))
    before = judged(catalogue, who, "Rota")
    assert before.status == "overdue"
    found = judged(catalogue, who, "Rota", dose("Rota", TODAY))
    (objection,) = found.objections
    assert (objection.code, objection.earliest) == ("dose.same-day", None)


def test_what_comes_next_is_listed_for_a_span_as_for_a_day(catalogue: Catalogue) -> None:
    infants = catalogue.programmes["infants"]
    about = due_now(case(catalogue, of_span(span_of_age(7, "weeks", TODAY))), infants, TODAY)
    known = due_now(case(catalogue, person(birth_date=TODAY - 52 * DAY)), infants, TODAY)
    due = {one.vaccine for one in known if not one.objections}
    assert {one.vaccine for one in about if not one.objections} == due
    assert {"OPV", "Penta", "PCV", "Rota"} <= due


def test_nobody_of_whom_a_span_is_known_is_called_before_they_are_old_enough_for_certain(
    catalogue: Catalogue,
) -> None:
    for unit, count, called in (("months", 9, True), ("months", 8, False)):
        who = of_span(span_of_age(count, unit, TODAY))  # type: ignore[arg-type]
        found = {one.vaccine for one in calls(who, [], {}, catalogue, TODAY, TODAY)}
        assert ("MR" in found) is called


def test_to_know_a_birth_better_needs_no_supervisor_and_to_know_it_otherwise_does(
    catalogue: Catalogue,
) -> None:
    before = case(catalogue, person(birth_year=2025))
    better = case(catalogue, person(birth_date=date(2025, 1, 5)))
    other = case(catalogue, person(birth_date=date(2024, 12, 31)))
    assert not consequences(before, better, TODAY)
    assert [one.code for one in consequences(before, other, TODAY)] == ["correction.makes-due"]
    same = replace(before, subject=replace(before.subject, gender="Male"))
    assert not consequences(before, same, TODAY)


@given(
    st.integers(0, 240), st.sampled_from(AGE_UNITS), st.dates(date(2010, 1, 1), date(2040, 12, 31))
)
def test_who_is_so_old_on_a_day_has_completed_so_many_of_the_unit_and_no_more(
    count: int, unit: AgeUnit, today: date
) -> None:
    count = min(count, 120) if unit == "years" else count
    span = span_of_age(count, unit, today)

    def completed(born: date) -> int:
        days, months = (today - born).days, months_between(born, today)
        return {"days": days, "weeks": days // 7, "months": months, "years": months // 12}[unit]

    assert completed(span.first) == completed(span.last) == count
    assert completed(span.first - DAY) == count + 1
    assert span.last == today or completed(span.last + DAY) == count - 1
    assert not count or str(Age(count, unit, about=True)).startswith("about ")


@pytest.mark.parametrize("unit", AGE_UNITS)
@pytest.mark.parametrize("count", [0, 1, 5])
def test_an_age_that_was_told_is_shown_as_it_was_told(count: int, unit: AgeUnit) -> None:
    shown = of_span(span_of_age(count, unit, TODAY)).age(TODAY)
    assert shown.about
    if unit in ("weeks", "days") and count:
        days = count * (7 if unit == "weeks" else 1)
        assert shown == Age(
            *((days // 7, "weeks") if days >= 28 else (days, "days")), about=True
        ) or (unit == "weeks" and shown.unit == "days" and days <= shown.count < days + 7)
    if unit == "months" and count == 5:
        assert str(shown) == "about 5 months"
    if unit == "years" and count == 5:
        assert str(shown) == "about 5 years"


@pytest.mark.parametrize(
    ("born", "shown"),
    [
        (TODAY, "0 days"), (TODAY - 27 * DAY, "27 days"), (TODAY - 28 * DAY, "4 weeks"),
        (TODAY - 90 * DAY, "12 weeks"), (TODAY - 92 * DAY, "3 months"),
        (date(2024, 11, 30), "23 months"), (date(2024, 11, 29), "2 years"),
        (date(1990, 11, 30), "35 years"),
    ],
)  # fmt: skip
def test_an_infants_age_is_told_in_days_weeks_and_months(born: date, shown: str) -> None:
    assert str(person(birth_date=born).age(TODAY)) == shown


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2026-02-10", BirthSpan(date(2026, 2, 10), date(2026, 2, 10))),
        ("2024-02", month_span(2024, 2)),
        ("2024", year_span(2024)),
        ("2026-01-05/2026-02-04", BirthSpan(date(2026, 1, 5), date(2026, 2, 4))),
        ("2026-02-04/2026-01-05", None), ("", None), ("26", None), ("2026-13", None), ("x/y", None),
        ("2026-02-30", None),
    ],
)  # fmt: skip
def test_a_birth_is_read_as_papers_tell_it(text: str, span: BirthSpan | None) -> None:
    assert told_span(text) == span


@pytest.mark.parametrize(
    ("born", "field"),
    [
        ({}, "birthDate"),
        ({"birth_earliest": TODAY}, "birthLatest"),
        ({"birth_latest": TODAY}, "birthEarliest"),
        ({"birth_earliest": TODAY, "birth_latest": TODAY - DAY}, "birthEarliest"),
        ({"birth_earliest": TODAY, "birth_latest": TODAY + DAY}, "birthLatest"),
        ({"birth_earliest": date(1800, 1, 1), "birth_latest": TODAY}, "birthEarliest"),
        ({"birth_earliest": TODAY, "birth_latest": TODAY, "birth_year": 2026}, "birthEarliest"),
    ],
)
def test_a_span_that_cannot_be_is_refused(born: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_person(person(**born), TODAY)
    assert refused.value.field == field


@pytest.mark.parametrize("unit", AGE_UNITS)
def test_an_age_of_one_is_told_in_the_singular(unit: AgeUnit) -> None:
    assert str(Age(1, unit, about=False)) == f"1 {unit.removesuffix('s')}"
    assert str(Age(1, unit, about=True)) == f"about 1 {unit.removesuffix('s')}"
    assert str(Age(2, unit, about=False)) == f"2 {unit}"
