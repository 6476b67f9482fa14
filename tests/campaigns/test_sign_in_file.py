"""A campaign's sign_in.yaml: each mistake in it with its line, and what nobody should write."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import write_campaign

from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.yaml_files import MOST_MISTAKES
from sync.resources import resource

SCHEMAS = resource("config/schemas")
FILE = """\
roles:
- role: registrar
  methods: [password, pin]
- role: vaccinator
  methods: [badge, passkey]
  signs: [passkey, pin]
- role: supervisor
  methods: [passkey, badge]
  then: [pin]
  signs: [pin, passkey]
- role: technician
  methods: [oidc, pin]
  offline_days: 7
claims:
  facility: facility_code
  roles: {supervisor: [facility-admin]}
"""
PASSKEYS_ALONE = """\
roles:
- {role: registrar, methods: [passkey], signs: [passkey]}
- {role: vaccinator, methods: [passkey], signs: [passkey]}
- {role: supervisor, methods: [passkey], signs: [passkey]}
- {role: clinician, methods: [passkey], signs: [passkey]}
- {role: technician, methods: [passkey], signs: [passkey]}
"""
NOBODY = (
    "At DEMO01 nobody could sign for the first password, passkey or badge: nobody there signs with"
    " a PIN. Let one of their roles sign with pin as well."
)


def told(folder: Path, text: str) -> list[str]:
    """Give the mistakes of Demoland's campaign with this file."""
    try:
        read_campaign(write_campaign(folder / "campaign", sign_in=text), SCHEMAS)
    except CampaignErrors as caught:
        return [str(mistake) for mistake in caught.mistakes]
    return []


def test_a_file_that_says_it_well_has_no_mistake(tmp_path: Path) -> None:
    assert told(tmp_path, FILE) == []


MISTAKES = [
    ("methods: [password, pin]", "methods: [pin]\n  then: [pin]", "sign_in.yaml, line 4: pin cannot go with itself: name another method for registrar."),
    ("methods: [oidc, pin]\n  offline_days: 7", "methods: [oidc]", "sign_in.yaml, line 11: Without a line nobody who is technician could sign in. Write offline_days, or name another method as well."),
    ("methods: [passkey, badge]", "methods: [password]", "staff.yaml, line 20: S1 could not sign in: in sign_in.yaml the roles supervisor, vaccinator have no method in common."),
    ("role: registrar", "role: supervisor", "sign_in.yaml, line 7: The code supervisor is used twice; first on line 2."),
    ("methods: [oidc, pin]", "methods: [oidcc]", "sign_in.yaml, line 12, "),
    ("methods: [oidc, pin]", "methods: pin", "sign_in.yaml, line 12, "),
    ("methods: [oidc, pin]", "methods: []", "sign_in.yaml, line 12, "),
    ("methods: [oidc, pin]", "methods: [x-" + "a" * 1000 + "]", "sign_in.yaml, line 12, "),
    ("methods: [oidc, pin]", 'methods: [oidc, "pin\\n"]', "sign_in.yaml, line 12, roles.methods: methods is not in the right form."),
    ("methods: [oidc, pin]", "methods: [pin, oidc, pin]", "sign_in.yaml, line 12, roles.methods: methods names something twice."),
    ("{supervisor: [facility-admin]}", '{"supervisor\\n": [facility-admin]}', "sign_in.yaml, line 16, "),
    ("offline_days: 7", "offline_days: 91", "sign_in.yaml, line 13, "),
    ("offline_days: 7", "offline_days: a week", "sign_in.yaml, line 13, "),
    ("facility: facility_code", "facility: ''", "sign_in.yaml, line 15, "),
    ("{supervisor: [facility-admin]}", "{director: [facility-admin]}", "sign_in.yaml, line 16, "),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), MISTAKES)
def test_each_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, wanted: str
) -> None:
    text = FILE.replace(old, new, 1)
    assert text != FILE
    found = told(tmp_path, text)
    assert any(sentence.startswith(wanted) for sentence in found), found


def test_a_facility_where_nobody_signs_with_a_pin_is_a_mistake_with_its_line(
    tmp_path: Path,
) -> None:
    assert told(tmp_path, PASSKEYS_ALONE) == [f"sign_in.yaml, line 2: {NOBODY}"]


@pytest.mark.parametrize(
    ("role", "there"),
    [("vaccinator", []), ("technician", ["At DEMO02 nobody"]), ("clinician", ["At DEMO01 nobody"])],
)
def test_one_who_signs_with_a_pin_does_for_their_own_facility(
    tmp_path: Path, role: str, there: list[str]
) -> None:
    text = PASSKEYS_ALONE.replace(f"{role}, methods: [passkey], signs: [passkey]",
                                  f"{role}, methods: [passkey], signs: [passkey, pin]")  # fmt: skip
    found = told(tmp_path, text)
    assert len(found) == len(there)
    assert all(begin in sentence for begin, sentence in zip(there, found, strict=True))


@pytest.mark.parametrize(
    "text",
    ["", "roles:", "roles: pin", "[]", "roles: [pin]", "roles: [{}]", "roles: [[[]]]", "claims: {}",
     "roles: {role: registrar}", "roles: [{role: [registrar], methods: {pin: pin}}]",
     "roles: [{role: registrar, methods: [[pin], {}]}]", "roles: [{role: registrar, methods: [1]}]"],
)  # fmt: skip
def test_what_is_of_another_shape_is_named_and_nothing_else_is_looked_at(
    tmp_path: Path, text: str
) -> None:
    found = told(tmp_path, text)
    assert found
    assert all(sentence.startswith("sign_in.yaml, line ") for sentence in found), found


def test_ten_thousand_roles_are_a_few_sentences(tmp_path: Path) -> None:
    text = "roles:\n" + "- {role: registrar, methods: [pin]}\n" * 10_000
    found = told(tmp_path, text)
    assert 0 < len(found) <= MOST_MISTAKES + 1  # and that they are too many
    assert sum(map(len, found)) < 50_000
