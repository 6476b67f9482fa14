"""When a dose is not needed: every kind of condition, and what is said where nobody can answer."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from shares import share

from edge.campaign.mistakes import CampaignErrors
from edge.campaign.schedules import read_schedule, to_schedule
from edge.domain.catalogue import Catalogue, Issuer, Programme, Vaccine
from edge.domain.certificate_plan import CertificatePlan
from edge.domain.dose import Dose
from edge.domain.people import Person
from edge.domain.recall import calls
from edge.domain.schedule.calendar import Period
from edge.domain.schedule.conditions import CONDITIONS, AddedCondition, answer, joined, missing
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.explanation import explain
from edge.domain.schedule.model import (
    AgeRule,
    Antigen,
    Association,
    Contraindication,
    Holds,
    Immunity,
    IntervalRule,
    Observable,
    Schedule,
    Series,
    Shot,
    Situation,
    Skip,
    SkipCondition,
    SkipSet,
    Subject,
    TargetDose,
    VaccineGroup,
    VaccineRule,
)
from edge.domain.scheduled import Case, DoseJudgement, judge
from sync.resources import resource

SCHEMAS = resource("config/schemas")
BORN = date(2020, 1, 1)
WET = AddedCondition(
    lambda condition, situation: situation.on.month in condition.parameters["months"],
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["months"],
        "properties": {
            "months": {
                "type": "array",
                "minItems": 1,
                "items": {"type": ["integer", "null"], "minimum": 1, "maximum": 12},
            },
            "region": {"enum": [1, "north"]},
            "since": {"type": "string", "pattern": "^20", "description": "A year."},
        },
    },
)
ADDED = {"x-wet": WET}
FILE = """\
schedule: test
title: A test
vaccines:
  A: [ill]
  B: [ill]
  C: [other]
series:
  - name: Usual
    against: ill
    usual: true
    doses:
      - vaccines: [A]
      - vaccines: [A, B]
        after: {previous: 4 weeks}
        skip: SKIP
"""


def written(folder: Path, skip: str, text: str = FILE) -> Path:
    path = folder / "test.yaml"
    path.write_text(text.replace("SKIP", skip))
    return path


def shots(text: str) -> list[Shot]:
    """Read ``A 2024-01-01, B 2024-02-01``."""
    found = [part.split() for part in text.split(",") if part]
    return [Shot(date.fromisoformat(day), vaccine) for vaccine, day in found]


def due(plan: Schedule, history: str, on: str) -> tuple[str, int]:
    """Give the status of the group, and the number of the dose that is due."""
    found = assess(plan, Subject(born=BORN), shots(history), date.fromisoformat(on))["ill"]
    assert not found.forecast.unanswered
    return found.forecast.status, found.forecast.target


OPEN, DONE = ("Not Complete", 2), ("Complete", 0)
ONE_DOSE = "A 2024-01-01"
SAID = [
    ("[{from: 5 years}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{from: 5 years}]", ONE_DOSE, "2025-01-01", DONE),
    ("[{from: 5 years, until: 6 years}]", ONE_DOSE, "2026-01-01", OPEN),
    ("[{interval: 2 years}]", ONE_DOSE, "2025-12-31", OPEN),
    ("[{interval: 2 years}]", ONE_DOSE, "2026-01-01", DONE),
    ("[{interval: 2 years, from: 8 years}]", ONE_DOSE, "2026-01-01", OPEN),
    ("[{interval: 2 years}, {from: 8 years}]", ONE_DOSE, "2026-01-01", DONE),
    ("[{counted: {more_than: 0}}]", ONE_DOSE, "2024-06-01", DONE),
    ("[{counted: {more_than: 1}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {exactly: 1}}]", ONE_DOSE, "2024-06-01", DONE),
    ("[{counted: {exactly: 2}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {less_than: 2}}]", ONE_DOSE, "2024-06-01", DONE),
    ("[{counted: {less_than: 1}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {vaccines: [B], exactly: 0}}]", ONE_DOSE, "2024-06-01", DONE),
    ("[{counted: {vaccines: [A], exactly: 0}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {exactly: 1, from: 4 years}}]", ONE_DOSE, "2024-06-01", DONE),
    ("[{counted: {exactly: 1, from: 4 years + 1 day}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {exactly: 1, until: 4 years}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {exactly: 1, since: 2024-01-01}}]", ONE_DOSE, "2024-06-01", DONE),
    ("[{counted: {exactly: 1, since: 2024-01-02}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {exactly: 1, before: 2024-01-01}}]", ONE_DOSE, "2024-06-01", OPEN),
    ("[{counted: {exactly: 1, before: 2024-01-02}}]", ONE_DOSE, "2024-06-01", DONE),
    # the second dose came too soon and does not count
    ("[{counted: {exactly: 2}}]", "A 2024-01-01, A 2024-01-09", "2024-06-01", DONE),
    ("[{counted: {exactly: 2, valid: true}}]", "A 2024-01-01, A 2024-01-09", "2024-06-01", OPEN),
    ("[{interval: 1 year}]", "A 2024-01-01, A 2024-01-09", "2025-01-01", OPEN),
    ("[{interval: 1 year}]", "A 2024-01-01, A 2024-01-09", "2025-01-09", DONE),
    ("[{x-wet: {months: [6, 7]}}]", ONE_DOSE, "2024-06-30", DONE),
    ("[{x-wet: {months: [6, 7]}}]", ONE_DOSE, "2024-08-01", OPEN),
    ("[{x-wet: {months: [6, 7]}, from: 5 years}]", ONE_DOSE, "2024-06-30", OPEN),
    ("[{x-wet: {months: [6, 7]}}, {from: 5 years}]", ONE_DOSE, "2025-01-01", DONE),
]


@pytest.mark.parametrize(("skip", "history", "on", "wanted"), SAID)
def test_a_schedules_file_says_when_a_dose_is_not_needed(
    tmp_path: Path, skip: str, history: str, on: str, wanted: tuple[str, int]
) -> None:
    assert due(read_schedule(written(tmp_path, skip), SCHEMAS, ADDED), history, on) == wanted


BOOSTER = (
    FILE.replace("skip: SKIP", "group: x").replace("        group: x\n", "")
    + """\
    group: basic
  - name: Booster
    against: ill
    group: booster
    doses:
      - vaccines: [B]
        age: {from: 8 years}
        skip: [{completed: [basic]}]
"""
)


def test_a_dose_is_not_needed_when_a_group_of_series_is_complete(tmp_path: Path) -> None:
    plan = read_schedule(written(tmp_path, "", BOOSTER), SCHEMAS)
    both = "A 2024-01-01, A 2024-03-01"
    assert due(plan, both, "2024-06-01") == DONE
    assert due(plan, ONE_DOSE, "2024-06-01") == OPEN
    always = BOOSTER.replace("        skip: [{completed: [basic]}]\n", "")
    plan = read_schedule(written(tmp_path, "", always), SCHEMAS)
    # each group is needed: the booster comes when the basic series is complete
    assert due(plan, ONE_DOSE, "2024-06-01") == OPEN
    assert due(plan, both, "2024-06-01") == ("Not Complete", 1)


def test_of_groups_that_are_open_the_first_of_the_file_is_due(tmp_path: Path) -> None:
    for first, then in (("a", "b"), ("b", "a")):
        text = BOOSTER.replace("group: basic", f"group: {first}").replace("booster", then)
        text = text.replace("        skip: [{completed: [basic]}]\n", "")
        plan = read_schedule(written(tmp_path, "", text), SCHEMAS)
        found = assess(plan, Subject(born=BORN), [], date(2024, 6, 1))["ill"]
        assert found.chosen["ill"].series.name == "Usual"


WRONG = [
    ("[{x-gone: {}}]", "line 15", "No package that is installed here adds the condition x-gone. Install"),
    ("[{x-gone: {}}]", "line 15", "divoc-edge plugins"),
    ("[{x-wte: {months: [1]}}]", "line 15", "Did you mean x-wet?"),
    ("\n          - {from: 1 year}\n          - x-wet: {months: [13]}", "line 17", "the most is 12"),
    ("[{x-wet: }]", "line 15", "x-wet is empty"),
    ("[{x-wet: {}}]", "line 15", "The field months is missing."),
    ("[{x-wet: {months: [1], regio: 1}}]", "line 15", "The field regio is not known here. Did you mean region?"),
    ("[{x-wet: {months: [a]}}]", "line 15", "months must be a whole number or null"),
    ("[{x-wet: {months: [1], region: south}}]", "line 15", "south must be one of: 1, north."),
    ("[{x-wet: {months: [1], since: '1999'}}]", "line 15", "since is not in the right form. A year."),
    ("[{y-wet: {months: [1]}}]", "line 15", "The field y-wet is not known here."),
    ("[{x-wet: {months: [1]}, y: 1}]", "line 15", "The field y is not known here."),
    ("[{counted: {}}]", "line 15", "need one of: more_than, exactly, less_than"),
    ("[{counted: {exactly: 1, more_than: 1}}]", "line 15", "need one of: more_than"),
    ("[{counted: {exactly: 1, vaccines: [Z]}}]", "line 15", "Z is not one of the vaccines."),
    ("[{counted: {exactly: 1, vaccines: [C]}}]", "line 15", "C does not protect against ill."),
    ("[{counted: {exactly: -1}}]", "line 15", "the least is 0"),
    ("[{counted: {exactly: 1, since: 2024}}]", "line 15", "since must be text"),
    ("[{completed: [basic]}]", "line 15", "basic is not the group of a series against ill."),
    ("[{interval: soon}]", "line 15", "interval is not in the right form."),
]  # fmt: skip


@pytest.mark.parametrize(("skip", "place", "sentence"), WRONG)
def test_a_wrong_condition_is_a_mistake_with_its_place_and_what_to_do(
    tmp_path: Path, skip: str, place: str, sentence: str
) -> None:
    with pytest.raises(CampaignErrors) as raised:
        read_schedule(written(tmp_path, skip), SCHEMAS, ADDED)
    (mistake,) = raised.value.mistakes
    assert place in str(mistake)
    assert "test.yaml" in str(mistake)
    assert sentence in str(mistake)


def test_a_condition_without_a_schema_takes_what_is_written(tmp_path: Path) -> None:
    seen: list[object] = []

    def holds(condition: SkipCondition, situation: Situation) -> bool:
        seen.append(condition.parameters)
        return True

    for text, value in (("7", 7), ("", None), ("[a]", ["a"]), ("2024-01-01", "2024-01-01")):
        path = written(tmp_path, f"[{{x-any: {text}}}]")
        plan = read_schedule(path, SCHEMAS, {"x-any": AddedCondition(holds)})
        assert due(plan, ONE_DOSE, "2024-06-01") == DONE
        assert seen.pop() == value


@pytest.mark.slow
@settings(max_examples=share(200))
@given(
    st.recursive(
        st.booleans() | st.none(),
        lambda inner: st.tuples(st.booleans(), st.lists(inner, max_size=3)),
        max_leaves=6,
    )
)
def test_an_answer_is_given_exactly_when_every_answer_to_what_is_open_would_lead_to_it(
    asked: Any,
) -> None:
    def value(node: Any, open_: list[bool]) -> bool | None:
        if isinstance(node, tuple):
            return joined((value(inner, open_) for inner in node[1]), any_of=node[0])
        return open_.pop() if node is None and open_ else node

    count = str(asked).count("None")
    whole = {value(asked, list(case)) for case in itertools.product((True, False), repeat=count)}
    found = value(asked, [])
    assert found is None or whole == {found}
    # each question is asked once here, so what is left open could really be either
    assert found is not None or whole == {True, False}


# What is said where nobody can answer.


def plan_of(*doses: TargetDose, **more: Any) -> Schedule:
    series = Series(name="usual", antigen="ill", default=True, doses=doses)
    return Schedule(
        antigens={"ill": Antigen("ill", (series, *more.pop("series", ())), **more)},
        vaccines={
            "A": (Association("ill"),),
            "B": (Association("ill"), Association("other")),
            "C": (Association("other"),),
        },
        groups={"ill": VaccineGroup("ill", ("ill",))},
        observations={"seen": Observable("Seen")},
    )


PLAIN = TargetDose(
    preferable=(VaccineRule("A"), VaccineRule("B")),
    intervals=(
        IntervalRule(absolute_min=Period(days=28), min=Period(days=28), earliest=Period(days=28)),
    ),
)


def skipping(*conditions: SkipCondition, any_of: bool = False) -> TargetDose:
    return replace(PLAIN, skips=(Skip(True, True, (SkipSet(conditions, any_of),)),))


GONE = SkipCondition("x-gone")
ASKED = skipping(GONE)


def catalogue_of(plan: Schedule) -> Catalogue:
    vaccines = {
        code: Vaccine(code=code, name=code, manufacturer="Delta", dose_intervals=(),
                      effective_until=0, icd11="", prophylaxis="")
        for code in "ABC"
    }  # fmt: skip
    programme = Programme(id="p", name="p", vaccines=("A", "B", "C"), start=date(2020, 1, 1),
                          end=None, certificates=CertificatePlan(), schedule=plan)  # fmt: skip
    return Catalogue(version="", issuer=Issuer("", "", "", "", ""), programmes={"p": programme},
                     vaccines=vaccines, facilities={}, staff={})  # fmt: skip


def given_dose(shot: Shot) -> Dose:
    return Dose(id=f"{shot.cvx}{shot.on}", person="p", programme="p", vaccine=shot.cvx, number=1,
                total=1, lot="L", on=shot.on, facility="F", vaccinator="V")  # fmt: skip


def judged(
    plan: Schedule, history: list[Shot], vaccine: str, on: date, **who: Any
) -> DoseJudgement:
    catalogue = catalogue_of(plan)
    case = Case(
        subject=Subject(born=BORN, **who),
        history=[given_dose(shot) for shot in history],
        catalogue=catalogue,
        zone=UTC,
    )
    return judge(case, catalogue.programmes["p"], catalogue.vaccines[vaccine], on)


def code(found: DoseJudgement) -> str:
    return found.objections[0].code if found.objections else ""


JUNE = date(2024, 6, 1)


def always(plan: Schedule, value: Any) -> Schedule:
    def holds(condition: SkipCondition, situation: Situation) -> bool:
        if value is None:
            raise ZeroDivisionError
        answered: bool = value
        return answered

    return replace(plan, conditions={"x-gone": holds})


def test_a_dose_that_hangs_on_a_condition_nobody_answers_asks_a_supervisor() -> None:
    plan = plan_of(PLAIN, ASKED, PLAIN)
    found = judged(plan, shots(ONE_DOSE), "A", JUNE)
    assert (found.status, code(found)) == ("askSupervisor", "dose.not-judged")
    assert found.objections[0].overridable
    assert "x-gone" in str(found.objections[0])
    assert "tell the technician" in found.objections[0].hint
    # as if it were needed: a supervisor's dose has its number, and the next its day
    assert (found.number, found.total, found.next_due) == (2, 3, JUNE + timedelta(days=28))


@pytest.mark.parametrize("value", [None, 1, "yes", [], date(2024, 1, 1)])
def test_a_condition_that_fails_or_answers_anything_else_has_not_answered(value: Any) -> None:
    plan = always(plan_of(PLAIN, ASKED), value)
    assert code(judged(plan, shots(ONE_DOSE), "A", JUNE)) == "dose.not-judged"
    assert answer(GONE, situation(), plan.conditions) is None


def situation() -> Situation:
    return Situation(on=JUNE, subject=Subject(born=BORN), shots=(), valid=(), last=None, history=())


def test_with_its_package_the_same_dose_is_judged_as_it_says() -> None:
    plan = plan_of(PLAIN, ASKED)
    assert code(judged(always(plan, value=False), shots(ONE_DOSE), "A", JUNE)) == ""
    found = judged(always(plan, value=True), shots(ONE_DOSE), "A", JUNE)
    assert (found.status, code(found)) == ("complete", "dose.complete")


def test_a_dose_before_or_beside_the_condition_is_judged_as_ever() -> None:
    plan = plan_of(PLAIN, ASKED)
    assert code(judged(plan, [], "A", JUNE)) == ""  # the first dose asks nothing
    other = Series(
        name="other", antigen="other", doses=(TargetDose(preferable=(VaccineRule("C"),)),)
    )
    both = replace(
        plan,
        antigens={**plan.antigens, "other": Antigen("other", (other,))},
        groups={**plan.groups, "other": VaccineGroup("other", ("other",))},
    )
    history = shots(ONE_DOSE)
    assert code(judged(both, history, "C", JUNE)) == ""
    # B is against both: what one of them cannot judge is not given for the other
    either = replace(other, doses=(TargetDose(preferable=(VaccineRule("C"), VaccineRule("B"))),))
    both = replace(both, antigens={**both.antigens, "other": Antigen("other", (either,))})
    assert code(judged(both, history, "B", JUNE)) == "dose.not-judged"
    assert code(judged(always(both, value=False), history, "B", JUNE)) == ""


def test_what_is_decided_without_the_condition_needs_no_answer() -> None:
    old = SkipCondition("age", begin_age=Period(years=4))
    young = SkipCondition("age", end_age=Period(years=4))
    history = shots(ONE_DOSE)
    for asked, wanted in (
        (skipping(GONE, young), ""),  # together with one that does not hold
        (skipping(GONE, old, any_of=True), "dose.complete"),  # beside one that holds
        (skipping(GONE, old), "dose.not-judged"),
        (skipping(GONE, young, any_of=True), "dose.not-judged"),
    ):
        assert code(judged(plan_of(PLAIN, asked), history, "A", JUNE)) == wanted
    expired = Skip(True, True, (SkipSet((GONE,), cessation=date(2024, 1, 1)),))
    plan = plan_of(PLAIN, replace(PLAIN, skips=(expired,)))
    assert code(judged(plan, history, "A", JUNE)) == ""


def test_who_is_immune_or_must_not_have_it_is_told_so_without_the_condition() -> None:
    immune = plan_of(PLAIN, ASKED, immunity=Immunity(observations=frozenset({"seen"})))
    against = plan_of(PLAIN, ASKED, contraindications=(Contraindication(seen=frozenset({"seen"})),))
    seen = {"seen": None}
    found = judged(immune, shots(ONE_DOSE), "A", JUNE, observations=seen)
    assert code(found) == "dose.immune"
    found = judged(against, shots(ONE_DOSE), "A", JUNE, observations=seen)
    assert code(found) == "dose.contraindicated"


def test_where_a_condition_decides_between_two_series_neither_is_taken_for_certain() -> None:
    """With the answer yes the second series is not needed, and a dose of the first is due."""
    interval = SkipCondition("interval", interval=Period(days=28))
    only_b = replace(
        PLAIN,
        preferable=(VaccineRule("B"),),
        skips=(Skip(False, True, (SkipSet((GONE, interval)),)),),
    )
    second = Series(name="second", antigen="ill", group="2", preference=1, doses=(only_b,))
    only_a = replace(PLAIN, preferable=(VaccineRule("A"),))
    plan = plan_of(only_a, series=(second,))
    assert code(judged(always(plan, value=True), [], "A", JUNE)) == ""
    assert code(judged(always(plan, value=False), [], "A", JUNE)) == "dose.other-vaccine"
    assert code(judged(plan, [], "A", JUNE)) == "dose.not-judged"


def assessed(plan: Schedule, history: str) -> GroupAssessment:
    return assess(plan, Subject(born=BORN), shots(history), JUNE)["ill"]


def test_the_explanation_names_the_condition_that_nobody_answers() -> None:
    told = [str(reason) for reason in explain(assessed(plan_of(PLAIN, ASKED), ONE_DOSE))]
    assert any("can answer the condition x-gone" in line for line in told)
    with_it = always(plan_of(PLAIN, ASKED), value=False)
    assert not any("x-gone" in str(reason) for reason in explain(assessed(with_it, ONE_DOSE)))


def test_who_may_need_a_dose_that_nobody_can_judge_is_called() -> None:
    person = Person(id="p", code="P", name="Alma Demo", gender="Female", birth_date=BORN)
    catalogue = catalogue_of(plan_of(PLAIN, ASKED))
    history = [given_dose(shot) for shot in shots(ONE_DOSE)]
    (found,) = calls(person, history, {}, catalogue, JUNE, JUNE)
    assert (found.vaccine, found.number) == ("A", 2)


def test_what_a_schedule_asks_and_nobody_answers_is_named() -> None:
    plan = plan_of(PLAIN, skipping(GONE, SkipCondition("age")), skipping(SkipCondition("x-a")))
    assert missing(plan) == ["x-a", "x-gone"]
    assert missing(always(plan, value=True)) == ["x-a"]
    assert all(not kind.startswith("x-") for kind in CONDITIONS)


def test_a_field_of_newer_software_in_a_campaign_in_force_is_not_taken_for_any_age() -> None:
    text = FILE.replace("SKIP", "[{born_in: north}]")
    plan = to_schedule(YAML(typ="safe").load(text))
    assert code(judged(plan, shots(ONE_DOSE), "A", JUNE)) == "dose.not-judged"


# Without a package nothing is said for certain that any package would deny.

lengths = st.sampled_from([Period(days=28), Period(days=90), Period(years=1)])
ages = st.sampled_from([None, Period(years=1), Period(years=3), Period(years=5)])
conditions = st.one_of(
    st.just(GONE),
    st.builds(SkipCondition, kind=st.just("age"), begin_age=ages, end_age=ages),
    st.builds(SkipCondition, kind=st.just("interval"), interval=lengths),
    st.builds(
        SkipCondition,
        kind=st.just("vaccine count by age"),
        count=st.integers(0, 3),
        logic=st.sampled_from(["greater than", "equal to", "less than"]),
        valid_only=st.booleans(),
    ),
)
skip_sets = st.builds(
    SkipSet, st.lists(conditions, min_size=1, max_size=3).map(tuple), st.booleans()
)
skips = st.builds(
    Skip,
    st.booleans(),
    st.booleans(),
    st.lists(skip_sets, min_size=1, max_size=2).map(tuple),
    st.booleans(),
)


@st.composite
def target_doses(draw: st.DrawFn) -> TargetDose:
    age, gap = draw(ages), draw(lengths)
    return TargetDose(
        ages=(AgeRule(age, age, age, max=draw(st.sampled_from([None, Period(years=6)]))),),
        intervals=(IntervalRule(absolute_min=gap, min=gap, earliest=gap),),
        preferable=tuple(VaccineRule(one) for one in draw(st.sampled_from(["A", "AB", "B"]))),
        skips=tuple(draw(st.lists(skips, max_size=1))),
        recurring=False,
    )


@st.composite
def plans(draw: st.DrawFn) -> Schedule:
    series = tuple(
        Series(
            name=f"series {number}",
            antigen="ill",
            default=number == 0,
            group=draw(st.sampled_from(["1", "2"])),
            preference=number,
            doses=tuple(draw(st.lists(target_doses(), min_size=1, max_size=4))),
        )
        for number in range(draw(st.integers(1, 2)))
    )
    plan = plan_of()
    return replace(plan, antigens={"ill": Antigen("ill", series)})


histories = st.lists(st.tuples(st.integers(0, 2000), st.sampled_from("AB")), max_size=4).map(
    lambda found: [Shot(BORN + timedelta(days=days), cvx) for days, cvx in found]
)


def certain(found: DoseJudgement, told: DoseJudgement) -> Mapping[str, object]:
    """Give what is certain of a judgement: a day only where one is told."""
    return {
        "number": found.number if not found.objections else 0,
        "status": found.status,
        "objection": str(found.objections[0]) if found.objections else "",
        "earliest": found.objections[0].earliest if found.objections else None,
        "recommended": found.recommended if told.recommended else None,
    }


def answering(seed: int) -> Holds:
    """Make a function that answers each situation in its own way, and always alike."""
    return lambda _, asked: bool(hash((seed, asked.on.toordinal(), len(asked.shots))) & 4)


@pytest.mark.slow
@settings(max_examples=share(150))
@given(plans(), histories, st.integers(0, 2200), st.sampled_from("AB"), st.integers(0, 1 << 30))
def test_what_is_said_without_a_package_is_what_every_package_would_have_said(
    plan: Schedule, history: list[Shot], days: int, vaccine: str, seed: int
) -> None:
    on = BORN + timedelta(days=days)
    alone = judged(plan, history, vaccine, on)
    if any(refusal.code == "dose.not-judged" for refusal in alone.objections):
        return
    functions: list[Callable[..., bool]] = [
        lambda *_: True,
        lambda *_: False,
        *(answering(seed + number) for number in range(4)),
    ]
    for holds in functions:
        with_it = judged(replace(plan, conditions={"x-gone": holds}), history, vaccine, on)
        assert certain(with_it, alone) == certain(alone, alone)
