"""What a campaign says and hardly means is told, and hinders nothing; what nobody can meet is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from asking import QUESTIONS, RULES, write_campaign
from click.testing import CliRunner

from edge.campaign.reach import unreachable
from edge.campaign.yaml_files import YamlFile
from edge.cli import main
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

TODAY = date(2026, 11, 30)
Change = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("config/demo/campaign"), tmp_path / "campaign"))


def edit(file: str, old: str, new: str, times: int = 1) -> Change:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, times), encoding="utf-8")

    return change


def write(file: str, text: str) -> Change:
    return lambda folder: (folder / file).write_text(text, encoding="utf-8")


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


REMARKS: dict[str, tuple[Change, list[str]]] = {
    "a facility where nobody works": (
        edit("facilities.yaml", "  active: false\n", ""),
        ["facilities.yaml, line 15: Nobody in staff.yaml works at DEMO03: a site there would refuse this campaign. Give it somebody, or write active: false."],
    ),
    "a facility without a vaccinator": (
        edit("staff.yaml", "vaccinator]", "registrar]", 9),
        ["facilities.yaml, line 1: Nobody at DEMO01 is a vaccinator: no dose could be recorded there.",
         "facilities.yaml, line 8: Nobody at DEMO02 is a vaccinator: no dose could be recorded there."],
    ),
    "a facility without a supervisor": (
        edit("staff.yaml", "roles: [supervisor, vaccinator]", "roles: [vaccinator]"),
        ["facilities.yaml, line 1: Nobody at DEMO01 is a supervisor: PINs could not be given there, and no rule set aside.",
         "facilities.yaml, line 8: Nobody at DEMO02 is a supervisor: PINs could not be given there, and no rule set aside."],
    ),
    "somebody of a closed facility": (
        edit("staff.yaml", "facilities: [DEMO02]", "facilities: [DEMO03]"),
        ["staff.yaml, line 29: V3 works only at facilities that are not active, and can sign in nowhere."],
    ),
    "sessions that are over": (
        edit("facilities.yaml", "  name: Riverside Health Centre", "  name: Riverside Health Centre\n  session_days: [2026-01-05]"),
        ["facilities.yaml, line 3: DEMO01 has no session from 2026-11-30 on: its session days are over or closed."],
    ),
    "no vaccine that is active": (
        edit("vaccines.yaml", "- code: amarilia", "- code: amarilia\n  active: false"),
        ["programmes.yaml, line 8: No vaccine of yellow-fever is active: nobody could be vaccinated."],
    ),
    "a programme that is over": (
        edit("programmes.yaml", "  min_age: 12", "  min_age: 12\n  end: 2026-06-30"),
        ["programmes.yaml, line 6: covid-19 has been over since 2026-06-30."],
    ),
    "a programme shorter than its vaccine": (
        edit("programmes.yaml", "  start: 2026-01-01\n  min_age: 12", "  start: 2026-11-01\n  min_age: 12\n  end: 2026-12-10"),
        ["programmes.yaml, line 6: covid-19 lasts 39 days, and the last dose of adenovax is 56 days after the first at the earliest."],
    ),
    "doses that count later than the programme starts": (
        edit("programmes.yaml", "  min_age: 12", "  min_age: 12\n  counts_from: 2026-03-01"),
        ["programmes.yaml, line 6: Doses given elsewhere before 2026-03-01 would not count for covid-19, though it starts on 2026-01-01."],
    ),
    "an age beside a schedule": (
        edit("programmes.yaml", "  schedule: measles-rubella", "  schedule: measles-rubella\n  min_age: 1"),
        ["programmes.yaml, line 25: min_age is not asked about here: schedules/measles-rubella.yaml says the ages of measles-rubella."],
    ),
    "a vaccine of no programme": (
        edit("programmes.yaml", "[coviprotect, adenovax]", "[coviprotect]"),
        ["vaccines.yaml, line 10: adenovax is in no programme: nobody could be given it."],
    ),
    "a language without words": (
        both(
            edit("campaign.yaml", "name: Demoland vaccinates", "name: Demoland vaccinates\nlanguage: sw"),
            lambda folder: (folder / "distribution.yaml").unlink(),  # its texts are in English
        ),
        ["campaign.yaml, line 5: The words on paper are not translated into sw: they would be English. Known are: ar, en, fr."],
    ),
    "a schedule of no programme": (
        lambda folder: shutil.copy(resource("config/schedules/yellow-fever.yaml"), folder / "schedules"),
        ["schedules/yellow-fever.yaml, line 1: No programme names this schedule. Write schedule: yellow-fever in programmes.yaml, or take the file away."],
    ),
    "a schedule that asks a clinician": (
        edit("schedules/measles-rubella.yaml", "title:", "decides: clinician\ntitle:"),
        ["schedules/measles-rubella.yaml, line 4: This schedule leaves decisions to a clinician, and nobody in staff.yaml has that role."],
    ),
    "a vaccine twice in a programme": (
        edit("programmes.yaml", "[duomorb]", "[duomorb, duomorb]"),
        ["programmes.yaml, line 18: duomorb stands twice in vaccines. Leave it out once, or write what is meant in its place."],
    ),
    "a programme that no facility is approved for": (
        edit("facilities.yaml", "  address:", "  programmes: [{id: covid-19}, {id: yellow-fever}, {id: measles-rubella, until: 2026-10-31}]\n  address:", 2),
        ["programmes.yaml, line 16: No facility in facilities.yaml is approved for measles-rubella any more: every dose would be one without approval."],
    ),
    "a certification that is over": (
        edit("staff.yaml", "  roles: [vaccinator]", "  roles: [vaccinator]\n  certified: [{programmes: [covid-19], until: 2026-11-29}, {programmes: [yellow-fever, measles-rubella]}]", 3),
        ["programmes.yaml, line 3: Nobody is certified to give coviprotect.",
         "programmes.yaml, line 3: Nobody is certified to give adenovax.",
         "staff.yaml, line 11: V1 was certified until 2026-11-29, and that is over.",
         "staff.yaml, line 17: V2 was certified until 2026-11-29, and that is over.",
         "staff.yaml, line 19: S1 is a vaccinator and certified for nothing, as others are: each dose of theirs would be one without approval.",
         "staff.yaml, line 33: V3 was certified until 2026-11-29, and that is over."],
    ),
    "a number that everybody must have": (
        write("identities.yaml", "types:\n- {type: demo.id, name: Number, read_by: luhn, needed_from: 18}\n"),
        ["identities.yaml, line 2: Whoever is 18 years old and has none of these papers cannot be registered. Write {type: none, name: No papers} among the types, if that is not meant."],
    ),
    "an example that does not fit": (
        write("identities.yaml", "types:\n- type: demo.id\n  name: Number\n  pattern: '[0-9]{4}'\n  example: A1234\n"),
        ["identities.yaml, line 5: The example A1234 does not fit the pattern: people would copy a number that is refused."],
    ),
    "a lot that two recalls name": (
        write("lot_recalls.yaml", "- {code: R1, vaccine: adenovax, lots: [A-1], on: 2026-11-20}\n- {code: R2, vaccine: adenovax, lots: [B2, a-1], on: 2026-11-20}\n"),
        ["lot_recalls.yaml, line 2: Lot a-1 of adenovax is recalled by R1 already."],
    ),
    "a recall of a day to come": (
        write("lot_recalls.yaml", "- {code: R1, vaccine: adenovax, lots: [A-1], on: 2026-12-20}\n"),
        ["lot_recalls.yaml, line 1: R1 is recalled on 2026-12-20, which is after today, and holds from now on all the same."],
    ),
    "a country that there is not": (
        edit("campaign.yaml", "country: XD", "country: UK"),
        ["campaign.yaml, line 12: ISO 3166-1 has no country UK: certificates would name none. The United Kingdom is GB."],
    ),
    "a schedule called otherwise than its file": (
        edit("schedules/measles-rubella.yaml", "schedule: measles-rubella", "schedule: mr"),
        ["schedules/measles-rubella.yaml, line 3: This file says schedule: mr, and programmes find it by its name, measles-rubella. Write schedule: measles-rubella."],
    ),
    "two rules that nobody can meet": (
        write("eligibility.yaml", "rules:\n- {code: old, programmes: [covid-19], only: [{age: {from: 60 years}}], says: Old.}\n- {code: young, vaccines: [adenovax], not: [{age: {from: 40 years}}], says: Young.}\n- {code: word, only: [{age: {from: 99 years}}], otherwise: advise, says: A word.}\n- {code: other, vaccines: [amarilia], not: [{age: {from: 40 years}}], says: Young.}\n"),
        ["eligibility.yaml, line 3: Nobody can meet both this rule, young, and old on line 2; both are about adenovax of covid-19. Name the groups under only of one rule."],
    ),
    "a rule for other ages than the schedule's": (
        write("eligibility.yaml", "rules:\n- {code: adults, vaccines: [duomorb], only: [{age: {from: 18 years}}], says: Adults.}\n- {code: girls, vaccines: [duomorb], only: [{sex: female, age: {until: 2 years}}], says: Girls.}\n"),
        ["eligibility.yaml, line 2: Nobody to whom schedules/measles-rubella.yaml gives duomorb can meet the rule adults: compare its ages and its sex.",
         "eligibility.yaml, line 3: Nobody can meet both this rule, girls, and adults on line 2; both are about duomorb of measles-rubella. Name the groups under only of one rule."],
    ),
    "a district that is misspelt": (
        write("eligibility.yaml", "rules:\n- {code: here, only: [{lives_in: {districts: [north delta, Suoth Delta, Hills]}}], says: Here.}\n"),
        ["eligibility.yaml, line 2: No facility is in Suoth Delta. Did you mean South Delta?"],
    ),
    "decisions left to a clinician": (
        both(write("eligibility.yaml", "rules:\n- {code: girls, only: [{sex: female}], otherwise: clinician, says: Girls.}\n"),
             write("questions.yaml", "- {code: fever, asks: Fever?, otherwise: clinician}\n"),
             edit("campaign.yaml", "name: Demoland", "approval: {recalled_lot: clinician}\nname: Demoland")),
        [f"{where}: This is left to a clinician, and nobody in staff.yaml has that role: nobody could decide."
         for where in ("campaign.yaml, line 4", "eligibility.yaml, line 2", "questions.yaml, line 1")],
    ),
    "a dose that is late before it is due": (
        edit("schedules/measles-rubella.yaml", "from: 1 year, until: 15 years", "from: 1 year, late: 9 months, until: 15 years"),
        ["schedules/measles-rubella.yaml, line 21: Dose 1 of One campaign dose: late (9 months) comes before from (1 year)."],
    ),
    "a second dose of a vaccine that the programme does not have": (
        both(edit("schedules/measles-rubella.yaml", "until: 15 years }", "until: 15 years }\n      - { vaccines: [other], after: { previous: 4 weeks } }"),
             edit("schedules/measles-rubella.yaml", "  duomorb: [measles-rubella]", "  duomorb: [measles-rubella]\n  other: [measles-rubella]")),
        ["programmes.yaml, line 18: measles-rubella could complete nobody against measles-rubella: of dose 2 of One campaign dose it has no active vaccine (other)."],
    ),
    "curly quotation marks": (
        edit("facilities.yaml", "name: Market Street Clinic", "name: “Market Street Clinic”"),
        ['facilities.yaml, line 9: These are not YAML\'s quotation marks. Write "Market Street Clinic".'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REMARKS)
def test_what_is_hardly_meant_is_told_with_its_line_and_the_campaign_is_in_order(
    folder: Path, name: str
) -> None:
    change, wanted = REMARKS[name]
    change(folder)
    reader = campaign_reader()
    checked = reader.folder(folder)
    assert [str(remark) for remark in reader.remarks(checked, TODAY)] == wanted


def test_of_many_alike_the_last_says_how_many_more(folder: Path) -> None:
    rows = "".join(f"- {{code: F{number}, name: Post {number}}}\n" for number in range(50))
    with (folder / "facilities.yaml").open("a") as file:
        file.write(rows)
    reader = campaign_reader()
    remarks = reader.remarks(reader.folder(folder), TODAY)
    assert len(remarks) == 20
    assert str(remarks[-1]).endswith("And 30 more like this.")


def test_a_remark_ends_with_one_where_it_is_asked_to_and_else_with_nothing(folder: Path) -> None:
    edit("programmes.yaml", "[coviprotect, adenovax]", "[coviprotect]")(folder)
    plain = CliRunner().invoke(main, ["campaign", "check", str(folder)])
    assert (plain.exit_code, "Look at vaccines.yaml, line 10: adenovax" in plain.stderr) == (
        0,
        True,
    )
    strict = CliRunner().invoke(main, ["campaign", "check", str(folder), "--strict", "--json"])
    assert strict.exit_code == 1
    assert '"code": "vaccine.unused"' in strict.stdout


def test_check_counts_every_part_that_a_campaign_has(tmp_path: Path) -> None:
    parts = {"questions": QUESTIONS, "eligibility": RULES}
    folder = write_campaign(tmp_path / "campaign", **parts)
    edit("campaign.yaml", "name: Demoland", "modules: [stock]\nname: Demoland")(folder)
    (folder / "words").mkdir()
    text = 'msgid "Vaccination certificate"\nmsgstr "Certificat"\n'
    (folder / "words/fr.po").write_text(text, encoding="utf-8")
    told = CliRunner().invoke(main, ["campaign", "check", str(folder)]).stdout
    counts = "eligibility 2, questions 5, distribution 3, schedules 1, words 1, modules 1."
    assert f"is in order: programmes 3, vaccines 4, facilities 3, staff 6, {counts}" in told
    as_json = CliRunner().invoke(main, ["campaign", "check", str(folder), "--json"]).stdout
    assert json.loads(as_json)["questions"] == 5


def schedule(*doses: dict[str, Any], **more: Any) -> YamlFile:
    series = {"name": "S", "against": "x", "doses": [{"vaccines": ["v"], **one} for one in doses]}
    body = {"series": [{**series, **more.pop("series", {})}], **more}
    return YamlFile("s.yaml", body, body)


FROM = {"from": "6 weeks"}
REACH: list[tuple[YamlFile, int]] = [
    (schedule({"age": {**FROM, "until": "6 weeks + 1 days"}}), 0),
    (schedule({"age": {**FROM, "until": "6 weeks"}}), 1),
    (schedule({"age": FROM}, {"after": {"previous": "4 weeks"}, "age": {"until": "10 weeks + 1 days"}}), 0),
    (schedule({"age": FROM}, {"after": {"previous": "4 weeks"}, "age": {"until": "10 weeks"}}), 1),
    (schedule({"age": FROM}, {"after": {"first": "4 weeks"}, "age": {"until": "10 weeks"}}), 1),
    (schedule({"age": FROM}, {"after": [{"previous": "4 weeks", "of": ["w"]}], "age": {"until": "10 weeks"}}), 0),
    (schedule({"age": FROM}, {"after": [{"previous": "4 weeks", "kind": "booster"}], "age": {"until": "10 weeks"}}), 0),
    (schedule({"age": FROM, "skip": [{"from": "1 year"}]}, {"after": {"previous": "1 year"}, "age": {"until": "6 months"}}), 0),
    (schedule({"age": {"until": "1 year"}}, series={"begin": {"from": "12 months"}}), 1),
    (schedule({"age": FROM}, contraindicated={"x": [{"from": "5 weeks"}]}), 1),
    (schedule({"age": FROM}, contraindicated={"x": [{"from": "7 weeks"}]}), 0),
    (schedule({"age": FROM}, contraindicated={"x": [{"from": "5 weeks", "judgement": "?"}]}), 0),
    (schedule({"age": FROM}, contraindicated={"x": ["pregnant"]}), 0),
]  # fmt: skip


@pytest.mark.parametrize(("file", "found"), REACH)
def test_a_dose_or_a_ban_that_leaves_nobody_is_found_to_the_day(file: YamlFile, found: int) -> None:
    assert len(list(unreachable(file))) == found
