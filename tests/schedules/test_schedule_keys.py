"""What a schedule's file can say: when a series is begun, for whom, who decides, what holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from edge.campaign.mistakes import CampaignErrors
from edge.campaign.schedules import read_schedule
from edge.cli import main
from edge.domain.next_vaccine import next_vaccines
from edge.domain.places import DosePlace, place_of
from edge.domain.schedule.calendar import Period
from edge.domain.schedule.engine import GroupAssessment, assess
from edge.domain.schedule.explanation import explain
from edge.domain.schedule.forecast import AGED_OUT, COMPLETE, CONTRAINDICATED, JUDGEMENT
from edge.domain.schedule.forecast import NOT_COMPLETE as OPEN
from edge.domain.schedule.model import Schedule, Shot, Subject
from edge.domain.scheduled import DoseJudgement
from edge.domain.series_numbers import in_course
from edge.slips.values import number_on_paper
from edge.web.dose_words import called, to_give
from edge.web.translations import load_languages
from sync.resources import resource

BORN = date(2025, 1, 10)


def at(text: str) -> date:
    """Give the day of an age, such as ``9 months``."""
    count, unit = text.split()
    return (
        Period(**{f"{unit.rstrip('s')}s": int(count)}).after(BORN)
        if unit[0] != "w"
        else (BORN + timedelta(weeks=int(count)))
    )


class Plan:
    """A schedule of one file, asked about a child born on ``BORN``."""

    def __init__(self, folder: Path, text: str) -> None:
        self.file = folder / "plan.yaml"
        self.file.write_text(f"schedule: plan\ntitle: Plan\n{text}", encoding="utf-8")
        self.schedule: Schedule = read_schedule(self.file, resource("config/schemas"))

    def asked(
        self, on: str, *given: str, seen: Mapping[str, date | None] | None = None, **more: Any
    ) -> GroupAssessment:
        subject = Subject(born=BORN, gender=more.pop("gender", "Female"), observations=seen or {},
                          **more)  # fmt: skip
        shots = [Shot(at(age), code) for code, _, age in (text.partition("@") for text in given)]
        groups = assess(self.schedule, subject, shots, at(on))
        assert all(str(reason) for group in groups.values() for reason in explain(group))
        (only,) = groups.values()
        return only

    def proposed(
        self, on: str, vaccine: str, seen: Mapping[str, date | None] | None = None, **more: Any
    ) -> DosePlace:
        subject = Subject(born=BORN, gender="Female", observations=seen or {}, **more)
        found = place_of(subject, [], self.schedule, vaccine, at(on))
        assert found is not None
        return found


def dose(vaccine: str, **more: str) -> str:
    fields = ", ".join(f"{name}: {value}" for name, value in more.items())
    return f"{{ vaccines: [{vaccine}]{', ' if fields else ''}{fields} }}"


BEGUN = f"""
vaccines: {{ A: [x] }}
observations: {{ small: Small at birth, risk: At high risk }}
series:
  - {{ name: first year, against: x, usual: true, begin: {{ before: 12 months }}, doses: [
      {dose("A", age="{from: 6 weeks}")},
      {dose("A", after="{previous: 4 weeks}")}, {dose("A", after="{previous: 4 weeks}")}] }}
  - {{ name: second year, against: x, begin: {{ from: 12 months, before: 24 months }}, doses: [
      {dose("A")}, {dose("A", after="{previous: 8 weeks}")}] }}
  - {{ name: later, against: x, begin: {{ from: 24 months, before: 60 months }}, doses: [
      {dose("A")}] }}
  - {{ name: small, against: x, for: [small], begin: {{ before: 12 months }}, doses: [
      {dose("A", age="{from: 6 weeks}")},
      {dose("A", after="{previous: 4 weeks}")}, {dose("A", after="{previous: 4 weeks}")},
      {dose("A", age="{until: 24 months}", after="{previous: 8 weeks}")}] }}
"""


@pytest.fixture
def begun(tmp_path: Path) -> Plan:
    return Plan(tmp_path, BEGUN)


@pytest.mark.parametrize(
    ("first", "doses"), [("6 weeks", 3), ("11 months", 3), ("12 months", 2), ("23 months", 2),
                         ("24 months", 1), ("50 months", 1)]
)  # fmt: skip
def test_how_many_doses_there_are_follows_the_age_at_the_first_also_years_later(
    begun: Plan, first: str, doses: int
) -> None:
    given = [f"A@{first}"]
    for number in range(1, doses):
        found = begun.asked("58 months", *given).forecast
        assert (found.status, found.place.number, found.place.total) == (OPEN, number + 1, doses)
        given.append(f"A@{55 + number} months")
    assert begun.asked("59 months", *given).forecast.status == COMPLETE


def test_who_has_had_nothing_is_asked_by_the_age_of_today(begun: Plan) -> None:
    for on, total in (("2 months", 3), ("13 months", 2), ("30 months", 1)):
        found = begun.asked(on).forecast
        assert (found.status, found.place.total) == (OPEN, total)
    assert begun.asked("5 years").forecast.status == AGED_OUT


def test_a_first_dose_that_does_not_count_begins_nothing(begun: Plan) -> None:
    found = begun.asked("14 months", "A@1 weeks", "A@13 months").forecast
    assert (found.status, found.place.number, found.place.total) == (OPEN, 2, 2)


def test_a_longer_series_for_a_condition_takes_the_place_of_one_that_is_complete(
    begun: Plan,
) -> None:
    given = ("A@6 weeks", "A@10 weeks", "A@14 weeks")
    assert begun.asked("9 months", *given).forecast.status == COMPLETE
    longer = begun.asked("9 months", *given, seen={"small": None}).forecast
    assert (longer.status, longer.place.number, longer.place.total) == (OPEN, 4, 4)


def test_a_series_for_a_condition_that_comes_too_late_hides_nothing(begun: Plan) -> None:
    given = ("A@6 weeks", "A@10 weeks", "A@14 weeks")
    assert begun.asked("3 years", *given, seen={"small": None}).forecast.status == COMPLETE
    late = begun.asked("30 months", seen={"small": None})
    assert [one.series.name for one in late.chosen.values()] == ["later"]


def test_of_several_conditions_the_one_that_stands_first_decides(tmp_path: Path) -> None:
    series = "\n".join(
        f"  - {{ name: {name}, against: x, for: [{name}], doses: [{', '.join([dose('A')] * count)}] }}"
        for name, count in (("small", 3), ("risk", 2))
    )
    text = f"vaccines: {{ A: [x] }}\nobservations: {{ small: S, risk: R }}\nseries:\n{series}\n"
    both: dict[str, date | None] = {"small": None, "risk": None}
    plan = Plan(tmp_path, text)
    assert plan.asked("1 years", "A@6 weeks", "A@10 weeks", seen=both).forecast.status == OPEN
    assert plan.asked(
        "1 years", "A@6 weeks", "A@10 weeks", seen={"risk": None}
    ).forecast.status == (COMPLETE)


KINDS = f"""
vaccines: {{ A: [x] }}
series:
  - {{ name: s, against: x, usual: true, doses: [
      {
    dose(
        "A",
        kind="zero",
        age="{from: 6 months}",
        skip="[{from: 9 months}]",
        judgement="Only in an outbreak",
    )
},
      {dose("A", age="{from: 9 months}", after="{previous: 4 weeks}")},
      {dose("A", age="{from: 15 months}", skip="[{from: 10 years}]")},
      {dose("A", kind="booster", after="{previous: 1 year, kind: primary}")},
      {dose("A", kind="supplementary", judgement="In a campaign")}] }}
"""


def test_each_kind_of_dose_is_counted_by_itself(tmp_path: Path) -> None:
    plan = Plan(tmp_path, KINDS)
    calls = []
    given: list[str] = []
    for age in ("7 months", "9 months", "15 months", "4 years", "5 years"):
        place = plan.asked(age, *given).forecast.place
        calls.append((place.kind, place.number, place.total, in_course(place)))
        given.append(f"A@{age}")
    assert calls == [
        ("zero", 0, 1, (0, 2)), ("primary", 1, 2, (1, 2)), ("primary", 2, 2, (2, 2)),
        ("booster", 1, 1, (3, 2)), ("supplementary", 1, 1, (3, 2)),
    ]  # fmt: skip
    assert plan.asked("6 years", *given).forecast.status == COMPLETE


def test_after_a_dose_that_is_skipped_the_next_is_called_by_how_many_were_given(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path, KINDS)
    place = plan.asked("12 years", "A@9 months").forecast.place
    assert (place.kind, place.number, in_course(place)) == ("booster", 1, (2, 1))


def test_whoever_decides_is_asked_from_the_day_on_which_a_dose_could_be_given(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path, KINDS)
    early, now = plan.asked("5 months").forecast, plan.asked("6 months").forecast
    assert (early.status, early.because) == (OPEN, ("Only in an outbreak",))
    assert (now.status, now.because) == (JUDGEMENT, ("Only in an outbreak",))
    asks = plan.proposed("7 months", "A").asks
    assert asks is not None
    assert str(asks) == "A supervisor decides whether this dose is given: Only in an outbreak."
    assert (asks.code, asks.decides) == ("dose.ask-supervisor", "supervisor")
    passed = plan.asked("9 months").forecast
    assert (passed.status, passed.because) == (OPEN, ())


def test_an_interval_may_be_from_the_last_dose_of_certain_vaccines_or_of_a_kind(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path, f"""
vaccines: {{ A: [x], B: [x] }}
series:
  - {{ name: s, against: x, usual: true, doses: [
      {dose("A, B")}, {dose("A, B")},
      {dose("A, B", after="[{previous: 4 weeks}, {previous: 4 months, of: [B]}]")}] }}
""")  # fmt: skip
    assert plan.asked("1 years", "B@2 months", "A@4 months").forecast.earliest == at("6 months")
    assert plan.asked("1 years", "A@2 months", "A@4 months").forecast.earliest == (
        at("4 months") + timedelta(weeks=4)
    )


NEEDS = f"""
vaccines: {{ A: [x] }}
observations:
  negative: {{ title: Test negative, valid: 6 months }}
  positive: Test positive
  ill: {{ title: Acute illness, ends: true }}
  allergy: Allergy
contraindicated:
  x:
    - positive
    - {{ seen: [ill], because: Acute illness }}
    - {{ seen: allergy, judgement: Severe allergy }}
decides: clinician
series:
  - {{ name: birth, against: x, usual: true, begin: {{ before: 29 days }}, doses: [{dose("A")}] }}
  - {{ name: later, against: x, begin: {{ from: 29 days }}, needs: [negative], doses: [
      {dose("A")}] }}
"""


def test_what_a_dose_needs_is_asked_for_until_it_is_noted_and_again_when_it_is_too_old(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path, NEEDS)
    assert plan.asked("2 weeks").forecast.status == OPEN
    missing = plan.asked("9 months").forecast
    assert (missing.status, missing.needs) == (JUDGEMENT, ("negative",))
    asks = plan.proposed("9 months", "A").asks
    assert asks is not None
    assert (asks.code, asks.decides) == ("dose.ask-clinician", "clinician")
    assert str(asks) == "This dose needs first: Test negative. Without it a clinician decides."
    seen: dict[str, date | None] = {"negative": at("3 months")}
    fresh = plan.asked("8 months", seen=seen).forecast
    assert (fresh.status, fresh.needs) == (OPEN, ())
    assert plan.asked("9 months", seen=seen).forecast.status == JUDGEMENT
    contrary = plan.asked("9 months", seen={"positive": None}).forecast
    assert contrary.status == CONTRAINDICATED


def test_what_ends_on_a_known_day_is_waited_for(tmp_path: Path) -> None:
    plan, day = Plan(tmp_path, NEEDS), timedelta(days=1)
    ill: dict[str, Any] = {"seen": {"ill": at("1 weeks")}, "until": {"ill": at("2 weeks")}}
    found = plan.asked("2 weeks", **ill).forecast
    assert (found.status, found.earliest) == (OPEN, at("2 weeks") + day)
    refused = plan.proposed("2 weeks", "A", **ill).objection
    assert refused is not None
    assert (refused.code, refused.earliest) == ("dose.contraindicated", at("2 weeks") + day)
    assert plan.asked("3 weeks", **ill).forecast.earliest == BORN
    assert plan.proposed("3 weeks", "A", **ill).objection is None
    forever = plan.asked("2 weeks", seen={"ill": at("1 weeks")}).forecast
    assert (forever.status, forever.because) == (CONTRAINDICATED, ("Acute illness",))


def test_what_is_to_be_judged_does_not_hide_what_speaks_against_it_outright(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path, NEEDS)
    judged = plan.asked("2 weeks", seen={"allergy": None}).forecast
    assert (judged.status, judged.because) == (JUDGEMENT, ("Severe allergy",))
    both = plan.proposed("2 weeks", "A", seen={"allergy": None, "positive": None})
    assert (both.asks, both.objection and both.objection.code) == (None, "dose.contraindicated")


LIMITED = f"""
vaccines: {{ OPV: [x], IPV: [x] }}
observations: {{ weak: Weak immunity }}
contraindicated:
  x:
    - {{ seen: weak, vaccines: [OPV], because: Weak immunity }}
    - {{ until: 6 months, because: Too young }}
    - {{ from: 6 months, until: 9 months, judgement: Only in an epidemic }}
    - {{ from: 60 years, judgement: First dose at this age }}
series:
  - {{ name: s, against: x, usual: true, doses: [
      {dose("OPV, IPV", age="{from: 9 months}")}] }}
"""


def test_a_contraindication_may_be_of_certain_ages_alone(tmp_path: Path) -> None:
    plan = Plan(tmp_path, LIMITED)
    for age, code in (("5 months", "dose.contraindicated"), ("7 months", "dose.ask-supervisor"),
                      ("9 months", ""), ("59 years", ""), ("60 years", "dose.ask-supervisor")):  # fmt: skip
        found = plan.proposed(age, "IPV")
        first = found.asks or found.objection
        assert (first.code if first else "") == code, age
    young = plan.asked("5 months").forecast
    assert (young.status, young.earliest) == (OPEN, at("9 months"))
    assert plan.asked("60 years").forecast.status == JUDGEMENT
    assert plan.asked("60 years", "IPV@9 months").forecast.status == COMPLETE


def test_a_contraindication_of_one_vaccine_leaves_the_other(tmp_path: Path) -> None:
    plan, weak = Plan(tmp_path, LIMITED), {"weak": None}
    found = plan.asked("1 years", seen=weak).forecast
    assert (found.status, found.vaccines) == (OPEN, ("IPV",))
    against = plan.proposed("1 years", "OPV", weak).objection
    assert against is not None
    assert str(against) == "Something speaks against this vaccine: Weak immunity."
    assert plan.proposed("1 years", "IPV", weak).objection is None


def test_two_vaccines_of_a_group_that_are_due_on_one_day_are_given_at_one_visit(
    tmp_path: Path,
) -> None:
    plan = Plan(tmp_path, f"""
vaccines: {{ OPV: [oral], IPV: [inactivated] }}
groups: {{ polio: [oral, inactivated] }}
series:
  - {{ name: oral, against: oral, usual: true, doses: [{dose("OPV", age="{from: 6 weeks}")},
      {dose("OPV", after="{previous: 4 weeks}")}] }}
  - {{ name: inactivated, against: inactivated, usual: true, doses: [
      {dose("IPV", age="{from: 14 weeks}")}, {dose("IPV", after="{previous: 16 weeks}")}] }}
""")  # fmt: skip
    codes = ["OPV", "IPV"]
    assert next_vaccines(plan.asked("14 weeks"), codes) == ["OPV", "IPV"]
    assert next_vaccines(plan.asked("14 weeks"), ["IPV"]) == ["IPV"]
    assert next_vaccines(plan.asked("8 months", "IPV@14 weeks", "IPV@7 months"), codes) == ["OPV"]
    early = plan.proposed("7 weeks", "IPV").objection
    assert early is not None
    assert (early.code, early.earliest) == ("dose.too-young", at("14 weeks"))
    assert plan.proposed("7 weeks", "OPV").objection is None


def test_a_rule_for_one_sex_is_asked_where_the_sex_is_not_known(tmp_path: Path) -> None:
    plan = Plan(tmp_path, f"""
vaccines: {{ A: [x] }}
series:
  - {{ name: girls, against: x, usual: true, gender: Female, doses: [
      {dose("A", age="{from: 9 years}")}] }}
""")  # fmt: skip
    young, now = plan.asked("8 years", gender=""), plan.asked("9 years", gender="")
    assert (young.forecast.status, young.forecast.by_sex) == (OPEN, False)
    assert (now.forecast.status, now.forecast.by_sex) == (JUDGEMENT, True)
    done = plan.asked("10 years", "A@9 years", gender="")
    assert done.forecast.status == COMPLETE
    found = place_of(Subject(born=BORN), [], plan.schedule, "A", at("9 years"))
    assert found is not None
    assert found.asks is not None
    assert found.asks.code == "dose.depends-on-sex"


def test_a_vaccine_may_be_for_a_dose_between_two_ages(tmp_path: Path) -> None:
    plan = Plan(tmp_path, f"""
vaccines: {{ DTP: [x], Td: [x] }}
series:
  - {{ name: s, against: x, usual: true, doses: [
      {dose("{vaccine: DTP, until: 7 years}, {vaccine: Td, from: 7 years}")},
      {dose("{vaccine: DTP, until: 7 years}, {vaccine: Td, from: 7 years}")}] }}
""")  # fmt: skip
    assert plan.asked("6 years", "DTP@2 months").forecast.vaccines == ("DTP",)
    assert plan.asked("7 years", "DTP@2 months").forecast.vaccines == ("Td",)
    assert plan.asked("8 years", "DTP@2 months", "DTP@7 years").forecast.status == OPEN
    assert plan.asked("8 years", "DTP@2 months", "Td@7 years").forecast.status == COMPLETE


def test_where_no_series_is_for_somebody_an_explanation_says_so_and_why(tmp_path: Path) -> None:
    Plan(tmp_path, f"""
vaccines: {{ A: [x], B: [y] }}
observations: {{ risk: At high risk }}
series:
  - {{ name: Girls, against: x, usual: true, gender: Female, doses: [{dose("A")}] }}
  - {{ name: Few, against: y, for: [risk], doses: [{dose("B")}] }}
""")  # fmt: skip
    words = ["schedule", "explain", "--schedule", str(tmp_path / "plan.yaml"),
             "--born", "2025-01-10", "--on", "2026-01-10", "--gender", "Male"]  # fmt: skip
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "x: no series is for this person",
        "  Girls is for another sex.",
        "y: no series is for this person",
        "  Few is only for people of whom one of this is noted: At high risk.",
    ]
    one = CliRunner().invoke(main, [*words, "--group", "y", "--json"])
    (line,) = [json.loads(line) for line in one.output.splitlines()]
    assert (line["group"], line["status"], len(line["reasons"])) == ("y", "", 1)
    wrong = CliRunner().invoke(main, [*words, "--group", "z"])
    assert (wrong.exit_code, "no vaccine group z" in wrong.output) == (1, True)


def test_live_vaccines_of_a_list_keep_apart_from_each_other(tmp_path: Path) -> None:
    plan = Plan(tmp_path, f"""
vaccines: {{ A: [x], B: [y], C: [z] }}
groups: {{ all: [x, y, z] }}
series:
  - {{ name: a, against: x, usual: true, doses: [{dose("A")}] }}
  - {{ name: b, against: y, usual: true, doses: [{dose("B")}] }}
  - {{ name: c, against: z, usual: true, doses: [{dose("C")}] }}
live: [{{ vaccines: [A, B, C], apart: 4 weeks }}]
""")  # fmt: skip
    pairs = {(first, rule.current) for first, rules in plan.schedule.conflicts.items()
             for rule in rules}  # fmt: skip
    assert pairs == {(a, b) for a in "ABC" for b in "ABC" if a != b}


WRONG = {
    "begin: {}": ("field.empty", "begin"),
    "begin: {from: soon}": ("field.form", "from"),
    "begin: {from: 2 years, before: 24 months}": ("schedule.span", "before 24 months"),
    "kind: third": ("field.value", "third"),
    "needs: [nothing]": ("schedule.observation", "nothing"),
    "for: [nothing]": ("schedule.observation", "nothing"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_series_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    series = f"""vaccines: {{ A: [x] }}
series:
  - name: s
    against: x
    {text}
    doses: [{dose("A")}]
"""
    with pytest.raises(CampaignErrors) as refused:
        Plan(tmp_path, series)
    (mistake,) = refused.value.mistakes
    assert (mistake.code, mistake.line) == (WRONG[text][0], 7)
    assert WRONG[text][1] in str(mistake)


AGAINST = {
    "nothing": "schedule.observation",
    "{ seen: [nothing] }": "schedule.observation",
    "{ because: Always }": "schedule.of-whom",
    "{ from: 2 years, until: 1 year }": "schedule.span",
    "{ from: 1 year, because: Old, judgement: Old }": "schedule.because",
    "{ from: 1 year, vaccines: [B] }": "schedule.protects",
    "{ from: 1 year, vaccines: [Z] }": "schedule.vaccine",
    "{ from: 1 year, reason: Old }": "field.unknown",
    "{ from: one year }": "field.form",
    "7": "field.type",
}


@pytest.mark.parametrize("item", AGAINST)
def test_a_contraindication_that_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, item: str
) -> None:
    text = f"""vaccines: {{ A: [x], B: [y] }}
series: [{{ name: s, against: x, doses: [{dose("A")}] }}]
contraindicated:
  x:
    - {item}
"""
    with pytest.raises(CampaignErrors) as refused:
        Plan(tmp_path, text)
    (mistake,) = refused.value.mistakes
    assert (mistake.code, mistake.line) == (AGAINST[item], 7)


def test_what_a_schedule_says_of_its_sources_is_kept(tmp_path: Path) -> None:
    text = YAML(typ="safe").load(f"""
vaccines: {{ A: [x] }}
observations: {{ seen: Seen }}
contraindicated: {{ x: [{{ seen: seen, source: Table 3 }}] }}
series:
  - {{ name: s, against: x, source: Table 1, doses: [{dose("A", source="Table 2")}] }}
""")
    lines = tmp_path / "said.yaml"
    YAML().dump(text, lines)
    antigen = Plan(tmp_path, lines.read_text()).schedule.antigens["x"]
    (series,), (against,) = antigen.series, antigen.contraindications
    assert (series.source, series.doses[0].source, against.source) == (
        "Table 1", "Table 2", "Table 3",
    )  # fmt: skip


def test_a_dose_is_called_by_its_kind_on_the_screen_and_on_paper() -> None:
    english = load_languages(resource("config/locale"))["en"]
    calls = [("zero", 0, 2, "dose 0", "Give MR, dose 0", "Dose 0"),
             ("primary", 2, 2, "2", "Give MR dose 2", "2 / 2"),
             ("booster", 3, 2, "booster 1", "Give MR, booster 1", "Booster"),
             ("supplementary", 4, 2, "supplementary dose 2", "Give MR, supplementary dose 2",
              "Supplementary dose")]  # fmt: skip
    for kind, number, total, name, tap, paper in calls:
        judged = DoseJudgement("MR", number, total, "due", kind=kind)
        assert (called(english, judged), to_give(english, "MR", judged)) == (name, tap)
        assert number_on_paper(number, total, kind, english.gettext) == paper
