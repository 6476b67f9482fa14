"""What is otherwise in one campaign than in another, in words."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from edge.campaign import schedule_diff
from edge.campaign.campaign_diff import campaign_changes
from edge.campaign.field_diff import CampaignChange
from edge.campaign.loader import read_campaign
from edge.campaign.schedules import read_plain
from edge.cli import main
from edge.cli.languages import tell_in
from edge.domain.errors import BadInput
from edge.domain.modules import BY_SITE_ALONE, EVERY
from sync.resources import resource

SCHEMAS = resource("config/schemas")
Body = dict[str, Any]


@cache
def demonstration() -> str:
    return json.dumps(read_campaign(resource("config/demo/campaign"), resource("config/schemas")))


def told(change: Callable[[Body], object], *, back: bool = False) -> list[str]:
    old, new = json.loads(demonstration()), json.loads(demonstration())
    new["version"] = "2026.12"
    change(new)
    return [str(change_) for change_ in campaign_changes(*((new, old) if back else (old, new)))][1:]


def leave(*codes: str) -> Callable[[Body], object]:
    def change(body: Body) -> None:
        body["staff"] = [member for member in body["staff"] if member["code"] not in codes]

    return change


def sooner(body: Body) -> None:
    body["vaccines"][0]["dose_intervals"][0]["min"] = 21


CHANGES: dict[str, tuple[Callable[[Body], object], list[str]]] = {
    "two nurses leave": (
        leave("V1", "V2"),
        ["2 vaccinators leave DEMO01: Asha Verma (V1), José Núñez (V2).",
         "1 vaccinator leaves DEMO02: José Núñez (V2)."],
    ),
    "people of several roles leave": (
        leave("V1", "T1"), ["2 people leave DEMO01: Asha Verma (V1), Kofi Mensah (T1)."],
    ),
    "somebody is active no more": (
        lambda body: body["staff"][1].update(active=False),
        ["1 vaccinator leaves DEMO01: Asha Verma (V1)."],
    ),
    "somebody goes to another facility": (
        lambda body: body["staff"][1].update(facilities=["DEMO02"]),
        ["1 vaccinator leaves DEMO01: Asha Verma (V1).", "1 vaccinator comes to DEMO02: Asha Verma (V1)."],
    ),
    "another PIN is nobody's business": (
        lambda body: body["staff"][1].update(pin="$argon2id$other"), [],
    ),
    "a second dose comes sooner": (
        sooner, ["coviprotect: dose 2 from 28 to 21 days after the dose before."],
    ),
    "a vaccine has three doses": (
        lambda body: body["vaccines"][0]["dose_intervals"].append({"min": 180}),
        ["coviprotect: 3 doses in place of 2."],
    ),
    "a facility closes": (
        lambda body: body["facilities"][1].update(active=False),
        ["1 facility is not active any more: Market Street Clinic (DEMO02)."],
    ),
    "a facility opens again": (
        lambda body: body["facilities"][2].update(active=True),
        ["1 facility is active again: Old Harbour Post (DEMO03)."],
    ),
    "a facility is new": (
        lambda body: body["facilities"].append({"code": "DEMO04", "name": "Hill Post"}),
        ["1 facility is new: Hill Post (DEMO04)."],
    ),
    "session days": (
        lambda body: body["facilities"][0].update(session_days=["Mon", "Thu"]),
        ["Facility DEMO01, session_days: Mon, Thu in place of what is usual."],
    ),
    "a schedule begins sooner": (
        lambda body: body["schedules"]["measles-rubella"]["series"][0]["doses"][0]["age"].update({"from": "9 months"}),
        ["Schedule measles-rubella: measles-rubella, One campaign dose, dose 1: least age: 1 year -> 9 months"],
    ),
    "an age": (
        lambda body: body["programmes"][0].update(min_age=5),
        ["Programme covid-19, min_age: 5 in place of 12."],
    ),
    "formats": (
        lambda body: body["certificates"].update(formats=["divoc"]),
        ["certificates.formats: divoc in place of dcc-1.3, divoc."],
    ),
    "words on paper": (
        lambda body: body["slips"]["certificate"].update(title="Proof"),
        ["Paper, certificate.title: Proof in place of Vaccination certificate."],
    ),
    "a rule of eligibility that is new": (
        lambda body: body.update(eligibility={"rules": [{"code": "covid-60", "says": {"en": "For people of 60 and older."}}], "observations": {"pregnant": "Pregnant"}}),
        ["Rule covid-60 is new (For people of 60 and older.).", "Observation pregnant is new (Pregnant)."],
    ),
    "a question that is new": (
        lambda body: body.update(questions=[{"code": "fever", "asks": "Fever today?"}]),
        ["Question fever is new (Fever today?)."],
    ),
    "how approvals are taken": (
        lambda body: body.update(approval={"unapproved": "refuse"}),
        ["approval.unapproved: refuse in place of what is usual."],
    ),
    "a facility is approved": (
        lambda body: body["facilities"][0].update(programmes=[{"id": "covid-19", "daily_rate": 100}]),
        ["Facility DEMO01, programme covid-19 is new."],
    ),
    "a lot is recalled": (
        lambda body: body.update(lot_recalls=[{"code": "R1", "vaccine": "coviprotect", "lots": ["A"]}]),
        ["Recall of lots R1 is new (A)."],
    ),
    "a type of document": (
        lambda body: body.update(documents={"card": {"name": "Card", "schema": {"type": "object"}}}),
        ["Document card is new (Card)."],
    ),
    "a language": (
        lambda body: body.update(words={"fr": {"name": "Français", "texts": {"Yes": "Oui"}}}),
        ["Language fr is new (texts: 1)."],
    ),
    "a picture, and not its dots": (
        lambda body: body.update(pictures={"logo": "aGVsbG8="}), ["Picture logo is new."],
    ),
    "modules, of which there was every one": (
        lambda body: body.update(modules=[name for name in EVERY - BY_SITE_ALONE if name != "stock"]), ["Modules that would not run: stock."],
    ),
    "a field that only newer software knows": (
        lambda body: body.update(cold_chain={"most": 8}),
        ["cold_chain.most: 8 in place of what is usual."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_campaign_is_told_in_words_and_alone(name: str) -> None:
    change, wanted = CHANGES[name]
    assert told(change) == wanted


@pytest.mark.parametrize("name", CHANGES)
def test_the_way_back_is_told_as_well(name: str) -> None:
    change, wanted = CHANGES[name]
    assert len(told(change, back=True)) == len(wanted)


RULES = [{"code": "covid-60", "otherwise": "refuse"}, {"code": "zone"}]
CARD = {
    "schema": {"properties": {"score": {"maximum": 100}}},
    "form": [{"field": "name"}, {"field": "score"}],
}
RICH: Body = {
    "eligibility": {"rules": RULES},
    "questions": [{"code": "fever", "answers": [{"code": "none"}, {"code": "high"}]}, {"code": "consent"}],
    "documents": {"card": CARD},
    "words": {"fr": {"texts": {"Yes": "Oui"}}},
    "pictures": {"logo": "aGVsbG8="},
}  # fmt: skip
WITHIN: dict[str, tuple[Callable[[Body], object], list[str]]] = {
    "a rule": (
        lambda body: body["eligibility"]["rules"][0].update(otherwise="advise"),
        ["Rule covid-60, otherwise: advise in place of refuse."],
    ),
    "an answer": (
        lambda body: body["questions"][0]["answers"][1].update(against=True),
        ["Question fever, answer high, against: yes in place of what is usual."],
    ),
    "the order of questions": (
        lambda body: body["questions"].reverse(), ["questions: in another order, consent, fever."],
    ),
    "a field of a document": (
        lambda body: body["documents"]["card"]["form"].pop(0), ["Document card, field name is gone."],
    ),
    "the schema of a document": (
        lambda body: body["documents"]["card"]["schema"]["properties"]["score"].update(maximum=90),
        ["Document card, schema.properties.score.maximum: 90 in place of 100."],
    ),
    "a word": (
        lambda body: body["words"]["fr"]["texts"].update(Yes="Ouais"),
        ["Language fr, text Yes: Ouais in place of Oui."],
    ),
    "a picture": (lambda body: body["pictures"].update(logo="aGVsbG8h"), ["Picture logo is another."]),
}  # fmt: skip


@pytest.mark.parametrize("name", WITHIN)
def test_a_change_within_what_a_campaign_may_have_is_told_by_its_name(name: str) -> None:
    old, new = ({**json.loads(demonstration()), **json.loads(json.dumps(RICH))} for _ in range(2))
    change, wanted = WITHIN[name]
    change(new)
    assert [str(change_) for change_ in campaign_changes(old, new)][1:] == wanted
    assert {change_.part for change_ in campaign_changes(old, new)} <= {"campaign", *RICH}


WORD = re.compile(r"[^\W\d_]{2,}")


def every_change() -> Iterator[tuple[str, Body, Body, CampaignChange]]:
    for name, (change, _) in {**CHANGES, **WITHIN}.items():
        old, new = ({**json.loads(demonstration()), **json.loads(json.dumps(RICH))} for _ in "12")
        new["version"] = "2026.12"
        change(new)
        for before, after in ((old, new), (new, old)):
            for found in campaign_changes(before, after):
                yield name, before, after, found
    names = ("who-infant", "measles-rubella", "covid-19", "yellow-fever")
    plain = [
        read_plain(resource("config/schedules") / f"{name}.yaml", SCHEMAS).value for name in names
    ]
    for before, after in permutations(plain, 2):
        for one in schedule_diff.differences(before, after):
            yield (
                "a schedule",
                before,
                after,
                CampaignChange("schedules", "{change}", {"change": one.phrase()}),
            )


@pytest.mark.parametrize("code", ["fr", "ar"])
def test_no_english_is_left_in_a_change_that_is_told_in_another_language(code: str) -> None:
    """What stands in the campaign itself, as its names and its files' fields, stays as it is."""
    tell, seen = tell_in(code, as_json=False), 0
    for name, before, after, change in every_change():
        own = set(WORD.findall(json.dumps([before, after, *EVERY], ensure_ascii=False)))
        said = tell(change.sentence, change.values)
        english = set(WORD.findall(str(change))) - own - SAME[code]
        assert english & set(WORD.findall(said)) == set(), (name, said)
        seen += bool(english)
    assert seen > len(CHANGES)


SAME = {"fr": {"Modules", "site", "dose", "Programme", "programme", "Document", "document", "Question", "question", "formats"},
        "ar": {"formats"}}  # fmt: skip
"""Words that are written alike; formats is a field of a file."""


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"LC_ALL": "fr_FR.UTF-8"}, "Le calendrier measles-rubella est nouveau."),
        ({"LANG": "ar_EG.UTF-8", "LC_ALL": ""}, "الجدول measles-rubella جديد."),
        ({"LC_MESSAGES": "C", "LANG": "fr_FR"}, "The schedule measles-rubella is new."),
        ({"LC_ALL": "tlh"}, "The schedule measles-rubella is new."),
        ({}, "The schedule measles-rubella is new."),
    ],
)
def test_the_command_speaks_the_language_of_the_terminal_and_the_one_it_is_asked_for(
    tmp_path: Path, environment: dict[str, str], words: str
) -> None:
    body = json.loads(demonstration())
    less = {**body, "schedules": {}, "version": "2026.10",
            "programmes": [{key: value for key, value in item.items() if key != "schedule"}
                           for item in body["programmes"]]}  # fmt: skip
    for name, content in (("less", less), ("whole", body)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    bare = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "LANG"))

    def ran(*more: str, **variables: str) -> str:
        call = ["campaign", "diff", str(tmp_path / "less"), str(tmp_path / "whole"), *more]
        done = CliRunner(env={**bare, **variables}).invoke(main, call)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert words in ran(**environment).splitlines()
    asked = ran("--language", "fr", **environment)
    assert "Le calendrier measles-rubella est nouveau." in asked.splitlines()
    told_ = [json.loads(line)["sentence"] for line in ran("--json", **environment).splitlines()]
    assert "The schedule measles-rubella is new." in told_  # scripts read English unless they ask
    assert "est nouveau" in ran("--json", "--language", "fr", **environment)


def test_a_language_that_nobody_translated_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"There is no language tlh\. Known are: en, ar, fr"):
        tell_in("tlh", as_json=True)


def test_an_edition_that_no_site_would_take_is_told_first() -> None:
    body = json.loads(demonstration())
    other = {**body, "name": "Another"}
    assert str(campaign_changes(body, other)[0]).startswith("Both are version 2026.11")
    assert campaign_changes(body, body) == []
    older = {**body, "version": "2026.9"}
    assert "2026.9 is older than 2026.11" in str(campaign_changes(body, older)[0])
    assert str(campaign_changes(older, body)[0]) == "Version 2026.11 follows 2026.9."


@pytest.mark.parametrize("name", ["routine-immunisation", "hpv-in-schools"])
@pytest.mark.slow
def test_a_folder_as_an_editor_on_windows_saves_it_and_its_packed_file_say_the_same(
    tmp_path: Path, name: str
) -> None:
    folder = Path(shutil.copytree(resource("config/campaigns") / name, tmp_path / "folder"))
    packed = tmp_path / "packed.json"

    def ran(*words: object) -> str:
        done = CliRunner().invoke(main, ["campaign", *map(str, words)])
        assert done.exit_code == 0, done.output
        return done.stdout

    ran("pack", folder, "--out", packed)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    again = tmp_path / "again.json"
    ran("pack", folder, "--out", again)
    assert again.read_bytes() == packed.read_bytes()
    assert ran("diff", folder, packed) == ran("diff", packed, again) == "Nothing is otherwise.\n"
