"""A campaign's identities.yaml: what it says, and each mistake in it with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import write_campaign

from edge.campaign.campaign_diff import campaign_changes
from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import read_campaign, read_packed
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.parts import named_in
from edge.domain.identities import IdentityRule
from sync.resources import resource

SCHEMAS = resource("config/schemas")
FILE = """\
key: 0123456789abcdef
types:
- type: in.gov.uidai.aadhaar
  name: {en: Aadhaar number, fr: Numéro Aadhaar}
  kept: keyed
- type: in.gov.uidai.secureqr
  name: Aadhaar card
  read_by: aadhaar-qr
  kept: keyed
  shown: hidden
- type: demo.birth
  name: Birth registration
  pattern: '[A-Z]{2}-[0-9]{6}'
  example: DL-123456
- {type: demo.passport, name: Passport, read_by: passport, issued_by: XDX, needed_from: 18}
- {type: demo.club, name: Club card, read_by: x-club}
- {type: none, name: No papers}
"""


def test_a_campaign_says_what_is_asked_for_and_how_it_is_kept_and_shown(tmp_path: Path) -> None:
    body = read_campaign(write_campaign(tmp_path / "campaign", identities=FILE), SCHEMAS)
    assert read_packed(body, SCHEMAS) == body
    assert named_in(body)["identities"][0] == "in.gov.uidai.aadhaar"
    rules = to_catalogue(body).identities
    assert rules.key == "0123456789abcdef"
    by_type: dict[str, IdentityRule] = {rule.type: rule for rule in rules.types}
    aadhaar = by_type["in.gov.uidai.aadhaar"]
    assert (aadhaar.read_by, aadhaar.kept, aadhaar.shown) == (
        "in.gov.uidai.aadhaar",
        "keyed",
        "last_four",
    )
    assert aadhaar.words.in_language("fr") == "Numéro Aadhaar"
    assert by_type["in.gov.uidai.secureqr"].shown == "hidden"
    assert (by_type["demo.birth"].read_by, by_type["demo.birth"].shown) == ("pattern", "whole")
    assert by_type["demo.passport"].needed_from == 18
    assert by_type["demo.club"].read_by == "x-club"


def test_a_campaign_without_the_file_asks_for_nothing(tmp_path: Path) -> None:
    body = read_campaign(write_campaign(tmp_path / "campaign"), SCHEMAS)
    assert "identities" not in named_in(body)
    assert to_catalogue(body).identities.types == ()


MISTAKES = [
    ("read_by: passport", "read_by: pasport", "identities.yaml, line 15: Nothing reads numbers of the kind pasport. Did you mean passport?"),
    ("  pattern: '[A-Z]{2}-[0-9]{6}'\n", "", "identities.yaml, line 11: Nothing says what a number of demo.birth looks like: write read_by or pattern."),
    ("'[A-Z]{2}-[0-9]{6}'", "'[A-Z'", "identities.yaml, line 13: The pattern is no regular expression: unterminated character set."),
    ("'[A-Z]{2}-[0-9]{6}'", "'(?u)(?a)[A-Z]'", "identities.yaml, line 13: The pattern is no regular expression: ASCII, LOCALE and UNICODE flags are mutually incompatible."),
    ("  shown: hidden", "  shown: whole", "identities.yaml, line 10: A number that is kept as keyed is not known here, and cannot be shown whole. Write last_four or hidden."),
    ("  kept: keyed\n  shown: hidden", "", "identities.yaml, line 6: The reference of an Aadhaar card is not to be kept. Write kept: keyed."),
    ("type: demo.birth", "type: demo.passport", "identities.yaml, line 15: The code demo.passport is used twice; first on line 11."),
    ("key: 0123456789abcdef\n", "", "identities.yaml, line 1: The field key is missing."),
    ("type: demo.club", 'type: "demo.club\\n"', "identities.yaml, line 16, types.type: type is not in the right form."),
    ("key: 0123456789abcdef", "key: secret", "identities.yaml, line 1, key: "),
    ("{en: Aadhaar number, fr", "{fr", "identities.yaml, line 4: These words are not in the campaign's own language, en."),
    ("needed_from: 18", "needed_from: 18 years", "identities.yaml, line 15, types.needed_from: "),
    ("kept: keyed", "kept: hashed", "identities.yaml, line 5, types.kept: hashed must be one of: whole, keyed."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "wanted"), MISTAKES, ids=[case[1][:30] for case in MISTAKES]
)
def test_each_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    text = FILE.replace(old, new, 1)
    assert text != FILE
    with pytest.raises(CampaignErrors) as caught:
        read_campaign(write_campaign(tmp_path / "campaign", identities=text), SCHEMAS)
    told = [str(mistake) for mistake in caught.value.mistakes]
    assert any(sentence.startswith(wanted) for sentence in told), told


def test_what_is_otherwise_is_told_by_the_kind_of_identity(tmp_path: Path) -> None:
    old, new = (
        read_campaign(write_campaign(tmp_path / name, identities=text), SCHEMAS)
        for name, text in (
            ("old", FILE),
            ("new", FILE.replace("needed_from: 18", "needed_from: 16")),
        )
    )
    told = [str(change) for change in campaign_changes(old, new)]
    assert any("demo.passport" in text and "16 in place of 18" in text for text in told), told
