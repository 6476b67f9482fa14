"""The office says the mistakes of the four files of a country's systems in the officer's language."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from asking import write_campaign
from paying import PAYMENTS

from edge.campaign.new_parts import part_files
from edge.office import beginning
from edge.office.tools import tools
from edge.office.wording import OfficeText
from sync.registry.drafts.tools import FileMistake

WRONG = {
    "identities": """\
types:
- {type: xd.id, name: Number, read_by: nothing-like-it}
- {type: xd.id, name: Again, pattern: '[', kept: keyed, shown: whole}
- {type: xd.other, name: Other}
""",
    "payments": PAYMENTS.replace("KES", "KEX").replace("- code: employer\n", "- code: x-own\n"),
    "distribution": """\
channels: [sms]
texts:
  certificate: "{name} has had Amarilia."
  due: "On {day"
reminders: [3]
stop: "..."
""",
    "sign_in": """\
roles:
- {role: vaccinator, methods: [oidc]}
- {role: registrar, methods: [badge], then: [badge]}
""",
}


def mistakes(folder: Path, language: str, **files: str) -> list[FileMistake]:
    campaign = write_campaign(folder, **files)
    found = {
        path.relative_to(campaign).as_posix(): path.read_bytes()
        for path in campaign.rglob("*")
        if path.is_file()
    }
    return list(tools().check(found, language).mistakes)


@pytest.mark.parametrize("name", WRONG)
def test_mistakes_of_these_files_are_said_in_the_officers_language(
    tmp_path: Path, name: str
) -> None:
    said = {
        language: mistakes(tmp_path / language, language, **{name: WRONG[name]})
        for language in ("en", "fr", "ar")
    }
    assert said["en"]
    for language in ("fr", "ar"):
        pairs = list(zip(said["en"], said[language], strict=True))
        assert [one.line for one, _ in pairs] == [other.line for _, other in pairs]
        same = [one.sentence for one, other in pairs if one.sentence == other.sentence]
        assert same == []


def test_the_office_offers_the_four_files_to_a_new_campaign_and_adds_those_that_are_wanted() -> (
    None
):
    language = OfficeText().language("fr")
    asked = {question.name: question for question in beginning.questions(language)}
    assert asked["payments"].label == "Dire qui paie une dose"
    answers = {
        "like": "yellow-fever", "country": "SN", "ministry": "M", "web": "https://m.example",
        "title": "T", "facility": "DK1", "facility_name": "Dakar", "district": "Dakar",
        "sign_in": "yes", "payments": "yes", "distribution": "",
    }  # fmt: skip
    files = beginning.begun(answers, date(2026, 11, 30), language)
    assert files["sign_in.yaml"].decode() == part_files(["sign_in"], "SN")["sign_in.yaml"]
    assert b"HARBOUR" in files["payments.yaml"]  # the shipped one, not a new one
    assert "distribution.yaml" not in files
