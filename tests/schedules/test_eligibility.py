"""Who may be vaccinated, by a campaign's own rules, in its own words."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest

from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.domain.catalogue import Catalogue
from edge.domain.consequences import consequences
from edge.domain.dose import Dose
from edge.domain.people import Address, Person
from edge.domain.recall import calls
from edge.domain.schedule.observed import Seen
from edge.domain.scheduled import Case, DoseJudgement, judge
from edge.web.translations import load_languages
from sync.resources import resource

SCHEMAS, DEMO = resource("config/schemas"), resource("config/demo/campaign")
TODAY = date(2026, 11, 24)
NOTHING: Mapping[str, Seen] = {}
RULES = """
observations:
  pregnant: {title: {en: Pregnant, ar: حامل}, ends: true}
  diabetes: Diabetes
  health-worker: {title: Works in health care, valid: 2 years}
rules:
- code: covid-60
  programmes: [covid-19]
  only:
  - age: {from: 60 years}
  - age: {from: 18 years}
    seen: [diabetes, health-worker]
  says: {en: 'Open to people of 60 and older, and to some from 18 on.', ar: 'للأعمار من 60 سنة فما فوق.'}
- code: no-pregnancy
  vaccines: [adenovax]
  not: [{seen: [pregnant]}]
  otherwise: clinician
  says: Not in pregnancy.
  note: Offer CoviProtect.
- code: delta
  programmes: [yellow-fever]
  only: [{lives_in: {districts: [North  delta]}}]
  otherwise: refuse
  says: Only for those who live in North Delta.
- code: one-before
  programmes: [measles-rubella]
  only: [{doses: {vaccines: [coviprotect], at_least: 1}}]
  otherwise: advise
  says: Better after a dose of CoviProtect.
"""


def write_rules(folder: Path, text: str) -> Path:
    shutil.copytree(DEMO, folder)
    (folder / "eligibility.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = write_rules(tmp_path_factory.mktemp("rules") / "campaign", RULES)
    body = read_campaign(folder, SCHEMAS)
    assert read_packed(body, SCHEMAS) == body
    return to_catalogue(body)


def person(**fields: Any) -> Person:
    known = {"birth_date": date(1980, 5, 5), "gender": "Female", **fields}
    return Person(id="p", code="C", name="Amina Diallo", **known)


def judged(
    catalogue: Catalogue,
    programme: str,
    vaccine: str,
    who: Person,
    history: tuple[Dose, ...] = (),
    seen: Mapping[str, Seen] = NOTHING,
) -> DoseJudgement:
    case = Case.of(who, seen, history, catalogue, UTC)
    return judge(case, catalogue.programmes[programme], catalogue.vaccines[vaccine], TODAY)


def given(vaccine: str, on: date) -> Dose:
    return Dose(id=f"{vaccine}{on}", person="p", programme="covid-19", vaccine=vaccine, number=1,
                total=2, lot="L", on=on, facility="DEMO01", vaccinator="V1")  # fmt: skip


def test_a_rule_says_no_in_the_campaigns_own_words_and_from_which_day_it_says_yes(
    catalogue: Catalogue,
) -> None:
    found = judged(catalogue, "covid-19", "coviprotect", person())
    (refusal,) = found.objections
    assert (refusal.code, found.status) == ("eligibility.covid-60", "notForThisAge")
    assert refusal.earliest == date(2040, 5, 5)
    language = load_languages(resource("config/locale"))["ar"]
    assert language.say(refusal.sentence, refusal.values) == "للأعمار من 60 سنة فما فوق."
    assert str(refusal) == "Open to people of 60 and older, and to some from 18 on."


def test_one_group_of_several_is_enough_and_what_is_noted_counts_for_as_long_as_it_holds(
    catalogue: Catalogue,
) -> None:
    for seen in ({"diabetes": Seen(date(2020, 1, 1))}, {"health-worker": Seen(date(2025, 12, 1))}):
        assert judged(catalogue, "covid-19", "coviprotect", person(), seen=seen).status == "due"
    long_ago = {"health-worker": Seen(date(2024, 1, 1))}
    assert judged(catalogue, "covid-19", "coviprotect", person(), seen=long_ago).objections
    old = person(birth_date=date(1960, 1, 1))
    assert judged(catalogue, "covid-19", "coviprotect", old).status == "due"
    child = person(birth_date=date(2010, 1, 1))
    (first, *_) = judged(
        catalogue, "covid-19", "coviprotect", child, seen={"diabetes": Seen(TODAY)}
    ).objections
    assert first.earliest == date(2028, 1, 1)


def test_an_observation_that_ends_is_waited_for_and_a_clinician_decides_until_then(
    catalogue: Catalogue,
) -> None:
    seen = {"diabetes": Seen(TODAY), "pregnant": Seen(TODAY, date(2027, 2, 1))}
    found = judged(catalogue, "covid-19", "adenovax", person(), seen=seen)
    (refusal,) = found.objections
    assert (refusal.code, refusal.decides, refusal.overridable) == (
        "eligibility.no-pregnancy", "clinician", True,
    )  # fmt: skip
    assert refusal.earliest == date(2027, 2, 2)
    assert refusal.hint.format(**refusal.values) == "Offer CoviProtect."
    assert not judged(catalogue, "covid-19", "coviprotect", person(), seen=seen).objections


def test_where_somebody_lives_decides_and_a_place_that_is_not_recorded_is_asked_for(
    catalogue: Catalogue,
) -> None:
    here = person(address=Address(district="NORTH DELTA"))
    assert judged(catalogue, "yellow-fever", "amarilia", here).status == "due"
    away = person(address=Address(district="South Delta"))
    found = judged(catalogue, "yellow-fever", "amarilia", away)
    assert (found.status, found.objections[0].overridable) == ("notEligible", False)
    nowhere = judged(catalogue, "yellow-fever", "amarilia", person()).objections[0]
    assert nowhere.values["missing"] == "address.district"
    assert "not recorded" in nowhere.sentence


def test_a_rule_that_only_advises_blocks_nothing_and_is_said(catalogue: Catalogue) -> None:
    child = person(birth_date=date(2018, 1, 1))
    found = judged(catalogue, "measles-rubella", "duomorb", child)
    assert (found.status in ("due", "overdue"), found.objections) == (True, ())
    assert [one.code for one in found.advice] == ["eligibility.one-before"]
    after = (given("coviprotect", date(2026, 5, 1)),)
    assert not judged(catalogue, "measles-rubella", "duomorb", child, after).advice


def test_of_a_birth_that_is_not_known_to_the_day_the_rule_asks_for_it(catalogue: Catalogue) -> None:
    who = person(birth_date=None, birth_year=1966)
    found = judged(catalogue, "covid-19", "coviprotect", who)
    assert found.objections[0].values["missing"] == "birthDate"
    young = person(birth_date=None, birth_year=1990)
    assert judged(catalogue, "covid-19", "coviprotect", young).objections[0].earliest == date(
        2050, 12, 31
    )


def test_nobody_is_called_whom_the_rules_leave_out(catalogue: Catalogue) -> None:
    called = {item.programme for item in calls(person(), (), {}, catalogue, TODAY, TODAY)}
    assert "covid-19" not in called
    assert "yellow-fever" not in called
    told = {"diabetes": Seen(TODAY)}
    assert "covid-19" in {
        item.programme for item in calls(person(), (), told, catalogue, TODAY, TODAY)
    }


def test_a_correction_that_puts_a_dose_against_a_rule_needs_somebody_also_where_nobody_may_give_it(
    catalogue: Catalogue,
) -> None:
    dose = Dose(id="d", person="p", programme="yellow-fever", vaccine="amarilia", number=1, total=1,
                lot="L", on=TODAY, facility="DEMO01", vaccinator="V1")  # fmt: skip
    here, there = [
        Case.of(person(address=Address(district=name)), {}, (dose,), catalogue, UTC)
        for name in ("North Delta", "South Delta")
    ]
    (broken,) = consequences(here, there, TODAY)
    assert (broken.code, broken.overridable) == ("eligibility.delta", True)
    assert consequences(here, here, TODAY) == ()


MISTAKES = [
    ("programmes: [covid-19]", "programmes: [covid-91]", "eligibility.yaml, line 8: covid-91 is not in programmes.yaml. Did you mean covid-19?"),
    ("vaccines: [adenovax]", "vaccines: [adenowax]", "eligibility.yaml, line 15: adenowax is not in vaccines.yaml. Did you mean adenovax?"),
    ("vaccines: [adenovax]", "programmes: [yellow-fever]\n  vaccines: [adenovax]", "eligibility.yaml, line 16: None of these programmes has the vaccine adenovax: this is never asked."),
    ("[{seen: [pregnant]}]", "[{seen: [pregnent]}]", "eligibility.yaml, line 16: pregnent is no observation of eligibility.yaml, nor of a schedule. Did you mean pregnant?"),
    ("age: {from: 60 years}", "age: {from: 60 years, until: 50 years}", "eligibility.yaml, line 10: Nobody is of this age: it is until 50 years, and from 60 years on."),
    ("age: {from: 60 years}", "age: {from: sixty}", "eligibility.yaml, line 10, rules.only.age.from: from is not in the right form. For example 60 years, or 9 months."),
    ("code: delta", "code: covid-60", "eligibility.yaml, line 20: The code covid-60 is used twice; first on line 7."),
    ("at_least: 1}", "at_least: 3, at_most: 2}", "eligibility.yaml, line 27: Nobody has had so many doses: at_most is less than at_least."),
    ("vaccines: [coviprotect], at_least", "vaccines: [covi], at_least", "eligibility.yaml, line 27: covi is not in vaccines.yaml."),
    ("  not: [{seen: [pregnant]}]\n", "", "eligibility.yaml, line 14: The rule no-pregnancy names nobody: write under only who may be vaccinated, or under not who may not."),
    ("  not: [{seen: [pregnant]}]\n", "  not: [{seen: [pregnant]}]\n  only: [{seen: [pregnant]}]\n", "eligibility.yaml, line 14: Nobody can meet the rule no-pregnancy: whoever is meant under only is left out under not."),
    ("{en: 'Open to people of 60 and older, and to some from 18 on.', ar", "{ar", "eligibility.yaml, line 13: These words are not in the campaign's own language, en."),
    ("otherwise: refuse", "otherwise: forbid", "eligibility.yaml, line 23, rules.otherwise: forbid must be one of: advise, supervisor, clinician, refuse."),
    ("  says: Not in pregnancy.\n", "", "eligibility.yaml, line 14, rules: The field says is missing."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), MISTAKES, ids=[case[1] for case in MISTAKES])
def test_each_mistake_in_the_rules_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    assert old in RULES
    folder = write_rules(tmp_path / "campaign", RULES.replace(old, new, 1))
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(folder, SCHEMAS)
    assert [str(one) for one in caught.value.mistakes] == [wanted]
