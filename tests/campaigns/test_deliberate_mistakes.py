"""Mistakes that a clerk really makes, each in a campaign that was good: what the clerk is told.

The sentence is the whole one, with its file and line, because it is all that the clerk has; and
there is one sentence for one mistake, because a second one for the same would lead astray.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import QUESTIONS, RULES

from edge.campaign.mistakes import CampaignErrors
from edge.campaign.typed_values import dates_meant
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

Change = Callable[[Path], object]


def edit(file: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def recode(file: str, encoding: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / file
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    return change


def rename(file: str, to: str) -> Change:
    return lambda folder: (folder / file).rename(folder / to)


def write(file: str, text: str) -> Change:
    def change(folder: Path) -> None:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")

    return change


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


CODE = "A short code: letters, digits, dot, dash, underscore."
LENGTH = "A length of time, such as 6 weeks or 15 months."
SERIES = "schedules/measles-rubella.yaml"
MISTAKES: dict[str, tuple[Change, list[str]]] = {
    "a tab before a field": (
        edit("vaccines.yaml", "  name: CoviProtect", "\tname: CoviProtect"),
        ["vaccines.yaml, line 2: There is a tab here. Indent with spaces."],
    ),
    "two tabs, both are told": (
        both(edit("vaccines.yaml", "  name: CoviProtect", "\tname: CoviProtect"),
             edit("vaccines.yaml", "  icd11: XM9QW8", "\ticd11: XM9QW8")),
        ["vaccines.yaml, line 2: There is a tab here. Indent with spaces.",
         "vaccines.yaml, line 13: There is a tab here. Indent with spaces."],
    ),
    "a no-break space copied from a web page": (
        edit("staff.yaml", "  name: Asha Verma", "\u00a0\u00a0name: Asha Verma"),
        ["staff.yaml, line 8: This line begins with a blank of another kind. Indent with plain spaces."],
    ),
    "curly quotation marks from a word processor": (
        edit("campaign.yaml", "name: Demoland vaccinates", "name: “Demoland: vaccinates”"),
        ['campaign.yaml, line 4: These are not YAML\'s quotation marks. Write "Demoland: vaccinates".'],
    ),
    "a curly quotation mark around a version": (
        edit("campaign.yaml", 'country: XD', 'country: “XD”'),
        ["campaign.yaml, line 12, issuer.country: country is not in the right form. ISO 3166-1 alpha-2. Did you mean XD?"],
    ),
    "a day as it is written in Dhaka": (
        edit("programmes.yaml", "start: 2026-01-01", "start: 01/02/2026"),
        ["programmes.yaml, line 4, start: start must be a date written as year-month-day. Did you mean 2026-02-01 or 2026-01-02?"],
    ),
    "a day that can be read in one way": (
        edit("programmes.yaml", "start: 2026-01-01", "start: 24/11/2026"),
        ["programmes.yaml, line 4, start: start must be a date written as year-month-day. Did you mean 2026-11-24?"],
    ),
    "a day without its zeros": (
        edit("programmes.yaml", "start: 2026-01-01", "start: 2026-1-5"),
        ["programmes.yaml, line 4, start: start must be a date written as year-month-day. Did you mean 2026-01-05?"],
    ),
    "a day with the name of its month": (
        edit("programmes.yaml", "start: 2026-01-01", "start: 5 January 2026"),
        ["programmes.yaml, line 4, start: start must be a date written as year-month-day. Did you mean 2026-01-05?"],
    ),
    "a day that no calendar has": (
        edit("programmes.yaml", "start: 2026-01-01", "start: 2026-02-30"),
        ["programmes.yaml, line 4, start: start must be a date written as year-month-day. No calendar has the day 2026-02-30."],
    ),
    "a code that a spreadsheet made a number": (
        edit("facilities.yaml", "code: DEMO03", "code: 007"),
        ["facilities.yaml, line 15, code: code must be text; put it in quotation marks. Write \"007\"."],
    ),
    "a code whose zeros a spreadsheet took": (
        both(edit("facilities.yaml", "code: DEMO03", 'code: "007"'),
             edit("staff.yaml", "facilities: [DEMO02]", 'facilities: ["7"]')),
        ["staff.yaml, line 29: The facility 7 is not in facilities.yaml. Did you mean 007?"],
    ),
    "an umlaut in a code": (
        edit("facilities.yaml", "code: DEMO03", "code: Köln-3"),
        [f"facilities.yaml, line 15, code: code is not in the right form. {CODE} Did you mean Koln-3?"],
    ),
    "a blank in a code": (
        edit("vaccines.yaml", "code: amarilia", "code: yellow fever"),
        [f"vaccines.yaml, line 19, code: code is not in the right form. {CODE} Did you mean yellow-fever?",
         "programmes.yaml, line 8: The vaccine amarilia is not in vaccines.yaml."],
    ),
    "a facility in small letters": (
        edit("staff.yaml", "facilities: [DEMO01]", "facilities: [demo01]"),
        ["staff.yaml, line 4: The facility demo01 is not in facilities.yaml. Did you mean DEMO01?"],
    ),
    "a vaccine that is misspelt": (
        edit("programmes.yaml", "[amarilia]", "[amarila]"),
        ["programmes.yaml, line 8: The vaccine amarila is not in vaccines.yaml. Did you mean amarilia?"],
    ),
    "a schedule that is misspelt": (
        edit("programmes.yaml", "schedule: measles-rubella", "schedule: measles-rubela"),
        ["programmes.yaml, line 24: There is no file schedules/measles-rubela.yaml. Did you mean measles-rubella?"],
    ),
    "the same code in capitals": (
        edit("facilities.yaml", "code: DEMO02", "code: Demo01"),
        ["facilities.yaml, line 8: The code Demo01 differs only in capitals from DEMO01 on line 1. Nobody can tell them apart: choose another code.",
         "staff.yaml, line 14: The facility DEMO02 is not in facilities.yaml. Did you mean DEMO01?",
         "staff.yaml, line 19: The facility DEMO02 is not in facilities.yaml. Did you mean DEMO01?",
         "staff.yaml, line 29: The facility DEMO02 is not in facilities.yaml. Did you mean DEMO01?"],
    ),
    "Norway's no for a yes or no": (
        edit("facilities.yaml", "active: false", "active: no"),
        ["facilities.yaml, line 17, active: active must be true or false. Write false."],
    ),
    "a country in small letters": (
        edit("campaign.yaml", "country: XD", "country: no"),
        ["campaign.yaml, line 12, issuer.country: country is not in the right form. ISO 3166-1 alpha-2. Did you mean NO?"],
    ),
    "a version without quotation marks": (
        edit("campaign.yaml", 'version: "2026.11"', "version: 2026.10"),
        ['campaign.yaml, line 3, version: version must be text; put it in quotation marks. Write "2026.10".'],
    ),
    "the same field twice": (
        edit("programmes.yaml", "  min_age: 12", "  name: Again"),
        ["programmes.yaml, line 5: The same field stands here twice. Leave out one of the two name."],
    ),
    "weeks where days are asked for": (
        edit("vaccines.yaml", "{min: 28, max: 84}", "{min: 4 weeks, max: 84}"),
        ["vaccines.yaml, line 8, dose_intervals.min: min must be a whole number. Write 28."],
    ),
    "months where days are asked for": (
        edit("vaccines.yaml", "{min: 28, max: 84}", "{min: 28, max: 3 months}"),
        ["vaccines.yaml, line 8, dose_intervals.max: max must be a whole number."],
    ),
    "two fields on a line": (
        edit(SERIES, "        age: {", "        after: { previous: 4 weeks }, age: {"),
        [f"{SERIES}, line 22: Two fields stand on this line. Put age on its own line, below after."],
    ),
    "a schedule that cannot be read is not missing": (
        edit(SERIES, "        age: {", "       age: {"),
        [f"{SERIES}, line 22: This line begins 7 spaces in, the field above it 8. Put it below."],
    ),
    "an interval without what it is counted from": (
        edit(SERIES, "        age: {", "        after: 12mths\n        age: {"),
        [f"{SERIES}, line 22, series.doses.after: after must be a group of fields, each with its name and a colon or a list, each item on a line of its own with a dash before it. Write {{ previous: 12 months }}."],
    ),
    "answers as words": (
        write("questions.yaml", "- {code: fever, asks: Fever?, answers: [Yes, No]}\n"),
        ["questions.yaml, line 1, answers: answers must be a group of fields, each with its name and a colon."],
    ),
    "approvals in a file of their own": (
        write("approval.yaml", "unapproved: refuse\n"),
        ["approval.yaml, line 1: This file is not part of a campaign. Write it into campaign.yaml, as approval: …"],
    ),
    "lots as numbers": (
        write("lot_recalls.yaml", "- {code: R1, vaccine: adenovax, lots: [AV1, 004417], on: 2026-11-20}\n"),
        ['lot_recalls.yaml, line 1, lots: lots must be text; put it in quotation marks. Write "004417".'],
    ),
    "an age without its unit": (
        write("eligibility.yaml", "rules:\n- {code: old, only: [{age: {from: 18}}], says: Old.}\n- {code: young, only: [{age: {until: '18'}}], says: Young.}\n"),
        [f"eligibility.yaml, line {line}, rules.only.age.{field}: {field} needs a unit. Write what is meant: 18 days, 18 weeks, 18 months or 18 years."
         for line, field in ((2, "from"), (3, "until"))],
    ),
    "a group of everybody": (
        write("eligibility.yaml", "rules:\n- {code: all, not: [{}], says: Nobody.}\n"),
        ["eligibility.yaml, line 2, rules.not: not is empty."],
    ),
    "a rule that leaves out whom it names": (
        write("eligibility.yaml", "rules:\n- {code: old, only: [{age: {from: 60 years}}], not: [{age: {from: 18 years}}], says: Old.}\n"),
        ["eligibility.yaml, line 2: Nobody can meet the rule old: whoever is meant under only is left out under not."],
    ),
    "a rule that leaves everybody out": (
        write("eligibility.yaml", "rules:\n- {code: all, not: [{doses: {at_least: 0}}], says: Nobody.}\n"),
        ["eligibility.yaml, line 2: Nobody can meet the rule all: not leaves everybody out."],
    ),
    "a question with one answer": (
        write("questions.yaml", "- {code: fever, asks: Fever?, answers: [{code: none, words: None}]}\n"),
        ["questions.yaml, line 1, answers: answers has 1, and needs at least 2."],
    ),
    "a language in capitals": (
        write("questions.yaml", "- {code: fever, asks: {EN: Fever?}}\n"),
        ["questions.yaml, line 1, asks.EN: The field EN is not known here. Did you mean en?"],
    ),
    "a document without two fields": (
        write("documents/card.yaml", "active: false\n"),
        ["documents/card.yaml, line 1: The field name is missing.",
         "documents/card.yaml, line 1: The field schema is missing."],
    ),
    "a folder whose name is misspelt": (
        write("schedule/own.yaml", "schedule: own\n"),
        ["schedule, line 1: This folder is not part of a campaign. Did you mean schedules?"],
    ),
    "a translation of what nothing says": (
        write("words/fr.po", 'msgid "Of {people} people"\nmsgstr "Oui"\n'),
        ["words/fr.po, line 1: Nothing says “Of {people} people”. The texts are those that campaign words writes."],
    ),
    "two fields whose names were left out": (
        edit("slips.yaml", "certificate:", "~: 1\n~: 2\ncertificate:"),
        ["slips.yaml, line 2: The same field stands here twice."],
    ),
    "a colon that is missing": (
        edit("facilities.yaml", "  name: Riverside Health Centre", "  name Riverside Health Centre"),
        ["facilities.yaml, line 2: There is no colon behind name. Write name: Riverside Health Centre"],
    ),
    "no blank behind a colon": (
        edit("facilities.yaml", "  name: Riverside Health Centre", "  name:Riverside Health Centre"),
        ["facilities.yaml, line 2: Put a blank behind the colon: name: Riverside Health Centre"],
    ),
    "a colon within a name": (
        edit("facilities.yaml", "name: Old Harbour Post", "name: Old Harbour: Post"),
        ['facilities.yaml, line 16: This text needs quotation marks. Write name: "Old Harbour: Post"'],
    ),
    "a field that stands too far in": (
        edit("staff.yaml", "  name: Kofi Mensah", "    name: Kofi Mensah"),
        ["staff.yaml, line 23: This line begins 4 spaces in, the field above it 2. Put it below."],
    ),
    "a bracket that is not closed": (
        edit("staff.yaml", "roles: [technician]", "roles: [technician"),
        ["staff.yaml, line 25: [ is opened here, and no ] closes it."],
    ),
    "a quotation mark that is not closed": (
        edit("slips.yaml", "title: Vaccination certificate", 'title: "Vaccination certificate'),
        ["slips.yaml, line 2: The quotation mark that is opened here is not closed on this line."],
    ),
    "an age in words": (
        edit(SERIES, "from: 1 year", "from: nine months"),
        [f"{SERIES}, line 22, series.doses.age.from: from is not in the right form. {LENGTH} Did you mean 9 months?"],
    ),
    "an age with a short unit": (
        edit(SERIES, "until: 15 years", "until: 15yrs"),
        [f"{SERIES}, line 22, series.doses.age.until: until is not in the right form. {LENGTH} Did you mean 15 years?"],
    ),
    "an age with its unit where years are asked for": (
        edit("programmes.yaml", "min_age: 12", "min_age: 12 years"),
        ["programmes.yaml, line 5, min_age: min_age must be a whole number. Write 12."],
    ),
    "an interval below nothing": (
        edit("vaccines.yaml", "{min: 28, max: 84}", "{min: -28, max: 84}"),
        ["vaccines.yaml, line 8, dose_intervals.min: min is out of bounds: the least is 0. Did you mean 28?"],
    ),
    "intervals turned round": (
        edit("vaccines.yaml", "{min: 28, max: 84}", "{min: 84, max: 28}"),
        ["vaccines.yaml, line 8: The longest interval is shorter than the shortest."],
    ),
    "a field that is misspelt": (
        edit("vaccines.yaml", "manufacturer: Delta", "manufactorer: Delta"),
        ["vaccines.yaml, line 1: The field manufacturer is missing.",
         "vaccines.yaml, line 3, manufactorer: The field manufactorer is not known here. Did you mean manufacturer?"],
    ),
    "a field of another file": (
        edit("facilities.yaml", "  active: false", "  roles: [vaccinator]"),
        ["facilities.yaml, line 17, roles: The field roles is not known here. Known are: code, name, address, session_days, closed_days, active, kind, run_by, part_of, programmes."],
    ),
    "a role as people call it": (
        edit("staff.yaml", "roles: [registrar]", "roles: [nurse]"),
        ["staff.yaml, line 5, roles: nurse must be one of: registrar, vaccinator, supervisor, clinician, technician. Did you mean vaccinator?"],
    ),
    "somebody without a role": (
        edit("staff.yaml", "roles: [registrar]", "roles: []"),
        ["staff.yaml, line 5, roles: roles is empty. Give at least one of: registrar, vaccinator, supervisor, clinician, technician."],
    ),
    "a role that is not a list": (
        edit("staff.yaml", "roles: [registrar]", "roles: registrar"),
        ["staff.yaml, line 5, roles: roles must be a list, each item on a line of its own with a dash before it. Write [registrar]."],
    ),
    "a name that is left empty": (
        edit("staff.yaml", "name: Meseret Alemu", "name:"),
        ["staff.yaml, line 3, name: name is empty."],
    ),
    "a PIN instead of its verifier": (
        edit("staff.yaml", '"$argon2id$', '"2468'),
        ["staff.yaml, line 6, pin: A PIN does not belong here. Write what divoc-edge staff pin prints for it."],
    ),
    "a web address without its beginning": (
        edit("campaign.yaml", "  url: https://moh.demoland.example/", "  url: moh.demoland.example"),
        ["campaign.yaml, line 9, issuer.url: url is not in the right form. A web address. Did you mean https://moh.demoland.example?"],
    ),
    "a file in an old encoding": (
        recode("staff.yaml", "cp1252"),
        ["staff.yaml, line 1: The file is not UTF-8 text. Save it again as UTF-8."],
    ),
    "a file in UTF-16": (
        recode("staff.yaml", "utf-16"),
        ["staff.yaml, line 1: The file is not UTF-8 text. Save it again as UTF-8. It is UTF-16, which Windows calls Unicode."],
    ),
    "a file that is called .yml": (
        rename("staff.yaml", "staff.yml"),
        ["staff.yaml, line 1: The file is missing. Rename staff.yml to staff.yaml."],
    ),
    "a file with another ending behind its own": (
        rename("slips.yaml", "slips.yaml.txt"),
        ["slips.yaml, line 1: The file is missing. Rename slips.yaml.txt to slips.yaml."],
    ),
    "a file whose name is misspelt": (
        rename("facilities.yaml", "facilites.yaml"),
        ["facilites.yaml, line 1: This file is not part of a campaign. Did you mean facilities.yaml?",
         "facilities.yaml, line 1: The file is missing."],
    ),
    "a schedule that is called .yml": (
        rename(SERIES, "schedules/measles-rubella.yml"),
        ["programmes.yaml, line 24: There is no file schedules/measles-rubella.yaml.",
         "schedules/measles-rubella.yml, line 1: A file here ends with .yaml. Rename it to measles-rubella.yaml."],
    ),
    "a format without the codes it needs": (
        edit("vaccines.yaml", "codes: {icvp: YellowFeverProductAmarilia}", 'codes: {cvx: "37"}'),
        ["programmes.yaml, line 8: The format icvp-2025 needs codes of the vaccine amarilia: icvp."],
    ),
    "a format that is misspelt": (
        edit("programmes.yaml", "formats: [icvp-2025, divoc]", "formats: [icvp2025, divoc]"),
        ["programmes.yaml, line 12, certificates.formats: icvp2025 must be one of: dcc-1.3, icvp-2025, icvp-2026, divoc, divoc-compact, divoc-node, divoc-rsa, divoc-rsa-node, shc, shc-history. Did you mean icvp-2025?"],
    ),
    "a code that does not fit on narrow paper": (
        both(edit("programmes.yaml", "[divoc-compact, shc]", "[divoc-rsa-node, shc]"),
             edit("programmes.yaml", '"58": [divoc-compact]', '"58": [divoc-rsa-node]')),
        ["programmes.yaml, line 19: On paper of 58 mm the format divoc-rsa-node of measles-rubella leaves 2 dots a module; 3 are the least that is read. Leave it to wider paper."],
    ),
    "a dose that is too old before it can be given": (
        edit(SERIES, "age: { from: 1 year, until: 15 years }",
             "age: { from: 1 year, until: 15 years }\n      - { vaccines: [duomorb], after: { previous: 2 years }, age: { until: 18 months } }"),
        [f"{SERIES}, line 23: Dose 2 of One campaign dose can never be given: the ages and intervals before it lead to 1096 days of age, and from 18 months on it is not given any more. Give it a later until, or shorter intervals."],
    ),
    "a ban for everybody": (
        edit(SERIES, "measles-rubella: [pregnant, weak-immunity]", "measles-rubella: [pregnant, { until: 16 years, because: Too young }]"),
        [f"{SERIES}, line 15: This speaks against measles-rubella at every age at which a dose could be given. Give it other ages, or leave out the series."],
    ),
    "a worked case that comes out otherwise": (
        edit("schedules/measles-rubella.cases.yaml", "earliest: 2025-03-01", "earliest: 2025-04-01"),
        ["schedules/measles-rubella.cases.yaml, line 6: A child of two is called: earliest comes out as 2025-03-01, and the case says 2025-04-01. Mend the schedule, or the case."],
    ),
    "a worked case of another vaccine": (
        edit("schedules/measles-rubella.cases.yaml", "2026-11-10 amarilia", "2026-11-10 amarila"),
        ["schedules/measles-rubella.cases.yaml, line 9, doses: amarila is not one of the schedule's vaccines. Did you mean amarilia?"],
    ),
    "a programme that ends before it starts": (
        edit("programmes.yaml", "start: 2026-01-01", "start: 2026-01-01\n  end: 2025-01-01"),
        ["programmes.yaml, line 5: The programme ends before it starts."],
    ),
    "two mistakes in one programme are told at once": (
        both(edit("programmes.yaml", "start: 2026-01-01", "start: 1/2/2026"),
             edit("programmes.yaml", "[coviprotect, adenovax]", "[coviprotec, adenovax]")),
        ["programmes.yaml, line 3: The vaccine coviprotec is not in vaccines.yaml. Did you mean coviprotect?",
         "programmes.yaml, line 4, start: start must be a date written as year-month-day. Did you mean 2026-02-01 or 2026-01-02?"],
    ),
    "a code of a certificate that is left empty is one mistake": (
        edit("vaccines.yaml", "{icvp: YellowFeverProductAmarilia}", '{icvp: ""}'),
        ["vaccines.yaml, line 24, codes.icvp: icvp is empty."],
    ),
    "mistakes in four files are told at once": (
        both(edit("vaccines.yaml", "  name: AdenoVax", "\tname: AdenoVax"),
             edit("staff.yaml", "facilities: [DEMO01]", "facilities: [DEMO1]"),
             edit("programmes.yaml", "min_age: 12", "min_age: twelve"),
             edit("facilities.yaml", "active: false", "active: off")),
        ["facilities.yaml, line 17, active: active must be true or false. Write false.",
         "programmes.yaml, line 5, min_age: min_age must be a whole number. Write 12.",
         "staff.yaml, line 4: The facility DEMO1 is not in facilities.yaml. Did you mean DEMO01?",
         "vaccines.yaml, line 11: There is a tab here. Indent with spaces."],
    ),
}  # fmt: skip


BESIDE = {
    "eligibility.yaml": RULES,
    "questions.yaml": QUESTIONS,
    "lot_recalls.yaml": "- {code: R1, vaccine: adenovax, lots: [AV1], on: 2026-11-20, why: {en: Glass}}\n",
    "words/fr.po": 'msgid "Vaccination certificate"\nmsgstr "Certificat de vaccination"\n',
}
AGE = ("programmes.yaml", "min_age: 12", "min_age: twelve")
TOLD_AGE = "programmes.yaml, line 5, min_age: min_age must be a whole number. Write 12."
ACROSS: dict[str, tuple[list[Change], list[str]]] = {
    "a number in words, and the files beside it": (
        [edit(*AGE),
         edit("questions.yaml", "vaccines: [coviprotect]", "vaccines: [covi]"),
         edit("questions.yaml", "code: guardian", "code: self"),
         edit("eligibility.yaml", "seen: [pregnant]", "seen: [pregnent]"),
         edit("lot_recalls.yaml", "why: {en:", "why: {fr:"),
         edit("words/fr.po", "Vaccination certificate", "Vaccinations certificate")],
        [TOLD_AGE,
         "questions.yaml, line 12: The code self is used twice; first on line 11.",
         "questions.yaml, line 15: covi is not in vaccines.yaml.",
         "eligibility.yaml, line 6: pregnent is no observation of eligibility.yaml, nor of a schedule. Did you mean pregnant?",
         "lot_recalls.yaml, line 1: These words are not in the campaign's own language, en.",
         "words/fr.po, line 1: Nothing says “Vaccinations certificate”. Did you mean “Vaccination certificate”?"],
    ),
    "a mistake in each of the files beside": (
        [edit("questions.yaml", "asks: Remark", "ask: Remark"),
         edit("questions.yaml", "programmes: [covid-19, measles-rubella]", "programmes: [covid]"),
         edit("eligibility.yaml", "says: Not in pregnancy.", "say: Not in pregnancy."),
         edit("lot_recalls.yaml", "on: 2026-11-20", "on: 2026-20-11")],
        ["questions.yaml, line 2: covid is not in programmes.yaml. Did you mean covid-19?",
         "questions.yaml, line 29: The field asks is missing.",
         "questions.yaml, line 30, ask: The field ask is not known here. Did you mean asks?",
         "eligibility.yaml, line 4, rules: The field says is missing.",
         "eligibility.yaml, line 8, rules.say: The field say is not known here. Did you mean says?",
         "lot_recalls.yaml, line 1, on: on must be a date written as year-month-day. No calendar has the day 2026-20-11."],
    ),
    "what follows from a programme without its vaccines is not told": (
        [edit("programmes.yaml", "vaccines: [coviprotect, adenovax]", "vaccines: coviprotect"),
         edit("questions.yaml", "  vaccines: [coviprotect]", "  programmes: [covid-19]\n  vaccines: [coviprotect]")],
        ["programmes.yaml, line 3, vaccines: vaccines must be a list, each item on a line of its own with a dash before it. Write [coviprotect]."],
    ),
    "what follows from observations that cannot be read is not told": (
        [edit("eligibility.yaml", "observations:\n", "observations:\n\t")],
        ["eligibility.yaml, line 2: There is a tab here. Indent with spaces."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACROSS)
def test_mistakes_across_the_files_of_a_campaign_are_told_at_once(folder: Path, name: str) -> None:
    (folder / "words").mkdir()
    for file, text in BESIDE.items():
        (folder / file).write_text(text, encoding="utf-8")
    assert campaign_reader().folder(folder).body["questions"]
    changes, wanted = ACROSS[name]
    for change in changes:
        change(folder)
    with pytest.raises(CampaignErrors) as errors:
        campaign_reader().folder(folder)
    assert sorted(map(str, errors.value.mistakes)) == sorted(wanted)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource("config/demo/campaign"), tmp_path / "campaign"))


@pytest.mark.parametrize("name", MISTAKES)
def test_a_clerks_mistake_is_told_in_the_sentence_that_mends_it(folder: Path, name: str) -> None:
    change, wanted = MISTAKES[name]
    change(folder)
    with pytest.raises(CampaignErrors) as errors:
        campaign_reader().folder(folder)
    assert sorted(map(str, errors.value.mistakes)) == sorted(wanted)


def test_there_are_more_than_thirty_mistakes_and_the_campaign_without_them_is_good(
    folder: Path,
) -> None:
    assert len(MISTAKES) > 30
    assert campaign_reader().folder(folder).body["id"] == "demoland-2026"


def test_a_date_with_a_number_without_end_means_nothing() -> None:
    assert dates_meant("9" * 40 + "-1-1") == ("", {})
