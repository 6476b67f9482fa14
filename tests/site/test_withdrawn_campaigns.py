"""What the ministry published with its keys, it takes back with them: an edition of before again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from signing_office import Office, in_force, registry
from site_factory import filled_site

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.node import Node
from sync.protocol.campaign_parts import region_role
from sync.registry.campaigns.delegations import earlier_region
from sync.registry.campaigns.folder import CampaignFolder

BOTH = ("nurse-1", "nurse-2")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def withdrawn(office: Office, *words: object, code: int = 0) -> str:
    return registry("campaign", "withdraw", office.signed, *words, code=code)


def days_left(office: Office, role: str) -> int:
    """Give for how many whole days the newest of a role may be handed out."""
    found = CampaignFolder(office.signed).files.newest(role)
    assert found is not None
    expires: datetime = found[1].signed.expires
    return (expires - datetime.now(UTC)).days


def programmes(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(office.packed().read_text())["programmes"]
    return found


@pytest.mark.slow
def test_a_campaign_is_withdrawn_by_an_edition_that_says_what_one_of_before_said(
    office: Office, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    filled_site(folder, Settings("DEMO01")).close()
    write_settings(folder, replace(read_settings(folder), campaign_root=office.root))
    first = programmes(office)
    wrong = [{**one, "name": "Wrong"} for one in first]
    office.add(*BOTH, version="2027.1")
    office.add(*BOTH, version="2027.2", programmes=wrong)
    office.publish()
    node = Node(folder)
    try:
        node.inbox.take(office.letters()[-1:])
        assert in_force(node) == "2027.2"
        told = withdrawn(office, "--back-to", "2027.1", "--version", "2027.3")
        assert "says what 2027.1 said" in told
        assert "too few" in office.publish(code=1)  # by whom it must be signed, it is
        office.sign(*BOTH)
        office.publish()
        node.inbox.take(office.letters()[-1:])
        assert in_force(node) == "2027.3"
        with node.journal.reading() as db:
            named = {one.name for one in node.site.catalogues.current(db).programmes.values()}
        assert "Wrong" not in named
        told = withdrawn(office, "--stop", "--version", "2027.4", "--days", 40, "--json")
        assert json.loads(told)["withdraws"] == "2027.3"
        assert days_left(office, "targets") in (39, 40)
        office.sign(*BOTH)
        office.publish()
        node.inbox.take(office.letters()[-1:])
        assert in_force(node) == "2027.4"
        with node.journal.reading() as db:
            found = node.site.catalogues.current(db).programmes.values()
        assert not any(one.active for one in found)
    finally:
        node.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--back-to", "2027.1", "--version", "2027.2"), "2027.2 is not newer than 2027.2"),
        (("--back-to", "1999", "--version", "2027.3"), "there is 2027.2, 2027.1"),
    ],
)
def test_what_sites_would_refuse_and_what_is_not_there_is_named(
    office: Office, words: tuple[str, ...], said: str
) -> None:
    for version in ("2027.1", "2027.2"):
        office.add(version=version)
    assert said in withdrawn(office, *words, code=1)


def test_there_must_be_a_campaign_and_one_thing_to_go_back_to(office: Office) -> None:
    assert "no campaign in the folder" in withdrawn(office, "--stop", "--version", "2", code=1)
    assert "--back-to VERSION, or --stop" in withdrawn(office, "--version", "2", code=2)
    both = ("--stop", "--back-to", "1", "--version", "2")
    assert "--back-to VERSION, or --stop" in withdrawn(office, *both, code=2)


def test_a_region_says_again_what_it_said_under_a_number_of_before(
    office: Office, tmp_path: Path
) -> None:
    office.add(*BOTH, version="2027.1")
    registry("campaign", "key", tmp_path / "north", "--passphrase-file", office.secret)
    registry("campaign", "region", "add", office.signed, "NORTH", "--facility", "NEW*",
             "--key", tmp_path / "north.pub")  # fmt: skip
    parts = []
    for name in ("Clinic", "Wrong"):
        (tmp_path / "n.json").write_text(
            json.dumps({"facilities": [{"code": "NEW1", "name": name}], "staff": []})
        )
        put = ("campaign", "region", "put", office.signed, "NORTH", tmp_path / "n.json", "--json")
        parts.append(json.loads(registry(*put))["number"])
    assert parts[1] > parts[0]
    back = ("campaign", "region", "withdraw", office.signed, "NORTH", "--back-to")
    said = json.loads(registry(*back, parts[0], "--days", 30, "--json"))
    assert said["number"] > parts[1]
    assert days_left(office, region_role("NORTH")) in (29, 30)
    office.sign(*BOTH, "north")
    office.publish()
    folder = CampaignFolder(office.signed)
    assert json.loads(earlier_region(folder, "NORTH", said["number"]))["facilities"] == [
        {"code": "NEW1", "name": "Clinic"}
    ]
    assert f"it has {parts[0]}, {parts[1]}" in registry(*back, 7, code=1)
