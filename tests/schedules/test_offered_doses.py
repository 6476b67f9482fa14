"""What is offered against an oracle of dates and counts only, written apart from the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shares import share

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign
from edge.domain.catalogue import Catalogue, Programme, Vaccine
from edge.domain.consequences import consequences
from edge.domain.dose import Dose
from edge.domain.schedule.calendar import Period
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    Contraindication,
    Schedule,
    Series,
    Subject,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)
from edge.domain.schedule.simple import SimpleSeries, simple_schedule
from edge.domain.scheduled import Case, DoseJudgement, due_now, judge
from sync.resources import resource
from tests.clinic.oracle import ORACLE, oracle, related
from tests.schedules.test_in_the_doses_way import with_infants

pytestmark = pytest.mark.slow  # a thousand histories, day by day


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = with_infants(tmp_path_factory.mktemp("offered") / "campaign")
    return to_catalogue(read_campaign(folder, resource("config/schemas")))


def dose(code: str, on: date, **more: object) -> Dose:
    fields = {"id": f"{code}{on}", "person": "p", "programme": "any", "number": 1, "total": 1,
              "lot": "L", "facility": "DEMO01", "vaccinator": "V1", **more}  # fmt: skip
    return Dose(vaccine=code, on=on, **fields)  # type: ignore[arg-type]


def case(catalogue: Catalogue, born: date, history: Sequence[Dose], gender: str = "Female") -> Case:
    subject = Subject(born=born, gender=gender)
    return Case(subject=subject, history=history, catalogue=catalogue, zone=UTC)


def offered(found: Case, on: date) -> list[tuple[Programme, DoseJudgement]]:
    return [
        (programme, judged)
        for programme in found.catalogue.programmes.values()
        for judged in due_now(found, programme, on)
        if judged.status in ("due", "overdue")
    ]


TODAY = st.dates(date(2026, 3, 1), date(2027, 12, 31))
INFANTS = ["BCG", "OPV", "IPV", "Penta", "PCV", "Rota", "MR", "duomorb", "amarilia"]
ADULTS = ["coviprotect", "adenovax", "amarilia", "duomorb"]


@st.composite
def histories(draw: st.DrawFn, *, evidence: bool = False) -> tuple[date, list[Dose], date]:
    """Give a birth, doses on or near the days that matter, and today."""
    today, infant = draw(TODAY), draw(st.booleans())
    age = draw(st.integers(0, 2000) if infant else st.integers(2000, 30_000))
    born, codes = today - timedelta(days=age), INFANTS if infant else ADULTS
    near = st.sampled_from([0, 0, 1, 24, 27, 28, 29, 55, 56, 57, 120])
    days = st.one_of(near, st.integers(0, min(age, 700)))
    told = draw(st.lists(st.tuples(st.sampled_from(codes), days), max_size=7))
    doses = [
        dose(code, today - timedelta(days=ago), number=1 + place % 3, reported=draw(st.booleans()),
             evidence="{}" if evidence and draw(st.booleans()) else "")
        for place, (code, ago) in enumerate(told)
        if ago <= age
    ]  # fmt: skip
    return born, doses, today


@settings(max_examples=share(400))
@given(told=histories())
def test_what_is_offered_and_what_is_not_is_what_dates_and_counts_say(
    catalogue: Catalogue, told: tuple[date, list[Dose], date]
) -> None:
    born, history, today = told
    given_ = [(one.vaccine, one.on) for one in history]
    found = case(catalogue, born, history)
    on_offer = {one.vaccine: one for _, one in offered(found, today)}
    for code in [*ORACLE]:
        other = related(code) - {code}
        if any(vaccine in other for vaccine, _ in given_):
            continue  # two vaccines against one disease: see the next test
        wanted = oracle(code, born, given_, today)
        programme = next(one for one in found.catalogue.programmes.values() if code in one.vaccines)
        judged = judge(found, programme, found.catalogue.vaccines[code], today)
        assert (judged.status in ("due", "overdue")) is bool(wanted), (code, judged)
        assert bool(judged.objections) is not bool(wanted)
        held = {one.number for one in history if one.vaccine == code}
        free = next(number for number in count(wanted) if number not in held)
        if wanted:
            assert judged.number == free
        if code in on_offer:
            assert on_offer[code].number == free
        else:
            assert not wanted or other & on_offer.keys(), code


@settings(max_examples=share(400))
@given(told=histories(evidence=True))
def test_a_dose_that_was_given_is_not_offered_again_that_day_and_others_are_as_before(
    catalogue: Catalogue, told: tuple[date, list[Dose], date]
) -> None:
    born, history, today = told
    at = datetime.combine(today, time(9, 30), UTC)
    before = offered(case(catalogue, born, history), today)
    for programme, judged in before:
        given_ = dose(judged.vaccine, today, programme=programme.id, at=at, number=judged.number)
        after = case(catalogue, born, [*history, given_])
        family = related(judged.vaccine)
        assert all(one.on < today for one in history if one.vaccine in family)
        left = {one.vaccine for _, one in offered(after, today)}
        assert left == {one.vaccine for _, one in before} - family
        for code in family:
            again = judge(after, programme, catalogue.vaccines[code], today)
            assert again.status not in ("due", "overdue")
            first = again.objections[0]
            assert (first.code, first.overridable) == ("dose.same-day", True)
            values = first.values
            assert (values["vaccinator"], values["time"], values["day"]) == (
                catalogue.staff["V1"].name, "09:30", today,
            )  # fmt: skip


@settings(max_examples=share(300))
@given(told=histories(evidence=True), back=st.integers(0, 60))
def test_every_day_that_a_refusal_names_is_a_day_of_a_dose_or_one_on_which_it_is_accepted(
    catalogue: Catalogue, told: tuple[date, list[Dose], date], back: int
) -> None:
    born, history, today = told
    on = max(born, today - timedelta(days=back))
    found = case(catalogue, born, history)
    for programme in catalogue.programmes.values():
        for code in programme.vaccines:
            judged = judge(found, programme, catalogue.vaccines[code], on)
            own = [one.on for one in history if one.vaccine in related(code)]
            assert judged.objections or judged.status in ("due", "overdue")
            for one in judged.objections:
                str(one)
                one.hint.format(**one.values)
                last = one.values.get("last")
                if one.code == "dose.same-day":
                    assert one.values["day"] == on
                    assert on in own
                elif one.code == "dose.before-last":
                    assert last == max(own) > on
                elif last is not None:
                    assert last == max(own) <= on
                if one.earliest:
                    assert one.earliest > on
                    then = judge(found, programme, catalogue.vaccines[code], one.earliest)
                    told_now = {refusal.code for refusal in judged.objections}
                    for refusal in then.objections:  # what is to be found out is said before
                        assert refusal.code == "dose.ask-supervisor", (code, one.code, refusal)
                        assert refusal.code in told_now


def combined(*, gender: str = "") -> Catalogue:
    """A campaign of one schedule: Penta against three diseases, HepB against one of them."""
    ages = (AgeRule(min=Period(days=42)),)

    def antigen(name: str, *vaccines: str, gender: str = "") -> Antigen:
        rules = tuple(VaccineRule(code) for code in vaccines)
        doses = (TargetDose(ages=ages, preferable=rules),) * 2
        genders = frozenset([gender] if gender else [])
        return Antigen(name, (Series(name=name, antigen=name, doses=doses, genders=genders),))

    antigens = {
        "dtp": antigen("dtp", "Penta"),
        "hib": antigen("hib", "Penta"),
        "hepatitis-b": antigen("hepatitis-b", "Penta", "HepB"),
        "hpv": antigen("hpv", "HPV", gender=gender),
    }
    plan = Schedule(
        antigens=antigens,
        vaccines={
            "Penta": tuple(Association(one) for one in ("dtp", "hib", "hepatitis-b")),
            "HepB": (Association("hepatitis-b"),),
            "HPV": (Association("hpv"),),
        },
        groups={name: VaccineGroup(name, (name,)) for name in antigens},
    )
    codes = ("Penta", "HepB", "HPV", "Other")
    programme = Programme(
        id="all", name="All", vaccines=codes, schedule=plan, start=date(2020, 1, 1)
    )
    vaccines = {code: Vaccine(code=code, name=code, manufacturer="Delta") for code in codes}
    return Catalogue(
        version="1",
        issuer=None,  # type: ignore[arg-type]
        programmes={"all": programme},
        vaccines=vaccines,
        facilities={},
        staff={},
    )


ON, BORN = date(2026, 11, 24), date(2026, 1, 1)


@pytest.mark.parametrize(
    ("first", "then", "refused"),
    [
        ("Penta", "HepB", True),
        ("HepB", "Penta", True),
        ("Penta", "Penta", True),
        ("HPV", "Penta", False),
        ("Penta", "HPV", False),
    ],
)
def test_a_combination_vaccine_of_the_day_keeps_out_what_shares_an_antigen_and_nothing_else(
    first: str, then: str, refused: bool
) -> None:
    found = case(combined(), BORN, [dose(first, ON, facility="Hill Post", vaccinator="")])
    judged = judge(found, found.catalogue.programmes["all"], found.catalogue.vaccines[then], ON)
    assert [one.code for one in judged.objections][:1] == ["dose.same-day"] * refused
    if refused:
        assert str(judged.objections[0]) == (
            f"{first} was given on 2026-11-24 at Hill Post: no second dose on one day."
        )
        assert judged.status == "conflict"


def test_a_vaccine_for_which_the_schedule_has_no_rule_is_never_due() -> None:
    catalogue = combined(gender="Female")
    programme = catalogue.programmes["all"]
    for code, gender, objection, status in (
        ("Other", "Female", "dose.no-schedule", "askSupervisor"),
        ("HPV", "Male", "dose.not-for-person", "askSupervisor"),
        ("HPV", "", "dose.depends-on-sex", "askSex"),
    ):
        found = case(catalogue, BORN, [], gender)
        judged = judge(found, programme, catalogue.vaccines[code], ON)
        assert [one.code for one in judged.objections] == [objection]
        assert (judged.status, judged.objections[0].overridable) == (status, True)


def test_a_vaccine_that_may_not_be_given_at_present_is_never_due() -> None:
    catalogue = combined()
    stopped = {code: replace(one, active=False) for code, one in catalogue.vaccines.items()}
    found = case(replace(catalogue, vaccines=stopped), BORN, [])
    told = due_now(found, found.catalogue.programmes["all"], ON)
    assert {one.vaccine for one in told} == {"Penta", "HPV"}
    assert {one.objections[0].code for one in told} == {"vaccine.stopped"}
    other = {**stopped, "HepB": catalogue.vaccines["HepB"]}
    found = case(replace(catalogue, vaccines=other), BORN, [])
    due = [
        one for one in due_now(found, found.catalogue.programmes["all"], ON) if not one.objections
    ]
    assert [one.vaccine for one in due] == ["HepB"]


def test_extra_doses_of_a_complete_series_are_numbered_on(catalogue: Catalogue) -> None:
    programme, vaccine = catalogue.programmes["yellow-fever"], catalogue.vaccines["amarilia"]
    history: list[Dose] = []
    for number in range(1, 5):
        found = judge(case(catalogue, date(1990, 1, 1), history), programme, vaccine, ON)
        assert found.number == number
        history.append(dose("amarilia", ON, number=number))


def test_what_speaks_against_one_antigen_speaks_against_the_whole_vaccine() -> None:
    catalogue = combined()
    programme = catalogue.programmes["all"]
    plan = programme.schedule
    hib = replace(
        plan.antigens["hib"], contraindications=(Contraindication(seen=frozenset({"allergy"})),)
    )
    plan = replace(plan, antigens={**plan.antigens, "hib": hib})
    programme = replace(programme, schedule=plan)
    subject = Subject(born=BORN, observations={"allergy": ON})
    found = replace(case(catalogue, BORN, []), subject=subject)
    judged = judge(found, programme, catalogue.vaccines["Penta"], ON)
    assert [one.code for one in judged.objections] == ["dose.contraindicated"]
    assert not judge(found, programme, catalogue.vaccines["HepB"], ON).objections


def test_a_programme_of_two_vaccines_without_a_schedule_offers_one_of_them_a_day() -> None:
    catalogue = combined()
    simple = simple_schedule(
        "flu", [SimpleSeries("Penta", "a", ((28, 0),)), SimpleSeries("HPV", "b", ())]
    )
    programme = Programme(
        id="flu", name="Flu", vaccines=("Penta", "HPV"), schedule=simple, start=date(2020, 1, 1)
    )
    catalogue = replace(catalogue, programmes={"flu": programme})
    found = case(catalogue, BORN, [dose("HPV", ON)])
    for code in ("Penta", "HPV"):
        judged = judge(found, programme, catalogue.vaccines[code], ON)
        assert judged.objections[0].code == "dose.same-day"


def test_to_learn_a_sex_needs_nobodys_word_and_to_change_it_does() -> None:
    catalogue = combined(gender="Female")
    unknown, girl, boy = (case(catalogue, BORN, [], sex) for sex in ("", "Female", "Male"))
    assert consequences(unknown, girl, ON) == ()
    assert consequences(unknown, boy, ON) == ()
    (against,) = consequences(boy, girl, ON)
    assert against.code == "correction.makes-due"
