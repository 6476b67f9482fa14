"""A nation's campaign reaches a site in parts: the nation's, its region's, and the lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from list_publishers import Ministry as Desk
from ministry import Ministry
from registry_server import Nation
from securesystemslib.signer import CryptoSigner
from signing_office import DEMO, Office, in_force, registry
from site_factory import fill, filled_site, vouch_for

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.adapters.trust_store import TrustStore
from edge.domain.catalogue import Staff
from edge.node import Node
from edge.services.commands import GiveDose
from sync.protocol.campaign_parts import apart
from sync.registry.campaigns.delegations import put_lists
from sync.registry.campaigns.letters import letter_of, posted_regions
from sync.registry.publishing import post, post_signed
from sync.registry.site_campaigns import site_campaign

OWN = ("DEMO01",)


def split(campaign: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the nation's part of the demonstration's campaign, and that of DEMO01's region."""
    body = json.loads(json.dumps(campaign))
    there = [row for row in body["facilities"] if row["code"] in OWN]
    staff = [row for row in body["staff"] if row["facilities"] == ["DEMO01"]]
    body["facilities"] = [row for row in body["facilities"] if row not in there]
    body["staff"] = [row for row in body["staff"] if row not in staff]
    for row in body["staff"]:
        row["facilities"] = [code for code in row["facilities"] if code not in OWN]
    return body, {"facilities": there, "staff": staff}


@pytest.fixture
def campaign(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "packed.json"
    assert run("campaign", "pack", DEMO, "--out", path).exit_code == 0
    packed: dict[str, Any] = json.loads(path.read_text())
    return packed


class Country:
    """A registry, a ministry with a region, and what is published."""

    def __init__(self, nation: Nation, folder: Path, campaign: dict[str, Any]) -> None:
        self.nation = nation
        online = CryptoSigner(nation.registry.key)
        self.ministry = Ministry(folder, online, datetime.now(UTC))
        self.national, self.region = split(campaign)
        self.ministry.campaign({**self.national, "version": "2027.1"})
        self.keys = self.ministry.region("NORTH", *OWN)
        self.ministry.region("SOUTH", "SO*")
        self.ministry.say("NORTH", self.keys[:2], self.region)

    @property
    def root(self) -> str:
        return self.ministry.folder.root_fingerprint

    def publish(self) -> int:
        files = self.ministry.files()
        now = datetime.now(UTC)
        return post_signed(self.nation.store, files, self.root, now, lambda: None)[0]


@pytest.fixture
def country(nation: Nation, tmp_path: Path, campaign: dict[str, Any]) -> Country:
    return Country(nation, tmp_path / "ministry", campaign)


def enrolled(country: Country, facility: str = "DEMO01") -> Node:
    """Make a site that knows the root since it was filled."""
    node = country.nation.site(facility, fill)
    node.close()
    settings = replace(read_settings(node.folder), campaign_root=country.root[:32])
    write_settings(node.folder, settings)
    again = Node(node.folder)
    country.nation._nodes.append(again)
    return again


def staff_codes(node: Node) -> set[str]:
    with node.journal.reading() as db:
        return {code for code, one in node.site.catalogues.current(db).staff.items() if one.active}


def test_by_line_the_site_gets_the_nations_part_and_its_regions_in_one_letter(
    country: Country,
) -> None:
    node = enrolled(country)
    country.publish()
    country.nation.exchange(node)
    assert in_force(node).startswith("2027.1+")
    assert {"R1", "V1", "T1"} <= staff_codes(node)
    region = {**country.region, "staff": [*country.region["staff"][:2]]}
    country.ministry.say("NORTH", country.keys[:2], region)
    country.publish()
    country.nation.exchange(node)
    assert "T1" not in staff_codes(node)
    assert node.registry.state().letters == ()
    with node.journal.reading() as db:
        entries = db.execute("SELECT count(*) FROM entry WHERE type = 'CampaignApplied'")
        count = entries.fetchone()[0]
    country.publish()  # nothing but the date is new
    country.nation.exchange(node)
    with node.journal.reading() as db:
        entries = db.execute("SELECT count(*) FROM entry WHERE type = 'CampaignApplied'")
        assert entries.fetchone()[0] == count
    feeds = [country.nation.store.last_letter(f"region:{name}") for name in ("NORTH", "SOUTH")]
    assert [feed.number if feed else 0 for feed in feeds] == [2, 0]


def test_a_site_of_no_region_gets_the_nations_part_alone_and_says_that_it_lacks_its_facility(
    country: Country,
) -> None:
    node = enrolled(country)
    keys = country.ministry.region("NORTH", "NO*")
    country.ministry.say("NORTH", keys[:2], {"facilities": [], "staff": []})
    country.publish()
    country.nation.exchange(node)
    assert in_force(node) == "2026.11"
    (trouble,) = node.registry.state().letters
    assert "nobody could work here" in trouble.sentence


def test_stolen_region_key_the_site_keeps_the_last_good_campaign_and_the_office_sees_why(
    country: Country,
) -> None:
    node = enrolled(country)
    country.publish()
    country.nation.exchange(node)
    before = in_force(node)
    rows = [*country.region["facilities"], {"code": "SO9", "name": "Taken over"}]
    forged = json.dumps({**country.region, "facilities": rows}).encode()
    folder = country.ministry.folder
    targets = folder.next_targets("region-NORTH")
    folder.files.put_target(targets, "region.NORTH.json", forged)
    folder.files.put("region-NORTH", targets)
    country.ministry.sign(country.keys[:2])
    with pytest.raises(Exception, match="SO9"):
        country.publish()
    # … and where the registry helps the thief:
    files = country.ministry.files()
    store = country.nation.store
    common, regions = apart(files)
    numbers = posted_regions(store, regions, lambda feed, body: post(store, feed, "campaign", body))
    post(store, "*", "campaign", letter_of(common, numbers))
    country.nation.exchange(node)
    assert in_force(node) == before
    (trouble,) = node.registry.state().letters
    assert "SO9" in str(trouble.values)
    country.nation.exchange(node)
    found = site_campaign(store, store.nodes()[0].node)
    assert [one.code for one in found.refused] == ["region.facility"]


@pytest.mark.slow
def test_every_site_reads_another_sites_paper_once_the_nations_keys_are_in_its_campaign(
    country: Country, tmp_path: Path, dose: Callable[..., GiveDose],
) -> None:  # fmt: skip
    node = enrolled(country)
    other = filled_site(tmp_path / "other", Settings("DEMO01"))
    try:
        vouch_for(other, tmp_path / "nation")
        staff = _member(other, "V1")
        outcome = other.desk.take(other.site.ids.new(), dose(), staff)
        paper = {
            one["format"]: one["credential"] for one in outcome.entries[1].body["credentials"]
        }["divoc"]
    finally:
        other.close()
    assert node.verify(paper.encode()).verdict == "unknown-issuer"
    desk = Desk(tmp_path / "desk")
    listed = desk.vouched("nation", (tmp_path / "nation/published/did.json").read_bytes())
    put_lists(country.ministry.folder, {"nation": listed}, country.ministry.later(90))
    country.ministry.sign(country.ministry.keys[:2])
    country.publish()
    country.nation.exchange(node)
    assert node.settings.ministry_keys == ()  # no key was pinned by hand
    assert node.verify(paper.encode()).verdict == "valid"
    assert node.registry.state().letters == ()
    assert told_lists(country, node) == [("nation", "taken")]
    put_lists(country.ministry.folder, {}, country.ministry.later(90))
    country.ministry.sign(country.ministry.keys[:2])
    country.publish()
    country.nation.exchange(node)  # the campaign is the one in force; what it withdraws goes
    assert node.verify(paper.encode()).verdict == "unknown-issuer"
    assert told_lists(country, node) == [("nation", "withdrawn")]


def told_lists(country: Country, node: Node) -> list[tuple[str, str]]:
    """Give what the office sees of a site's lists, once it has delivered and was judged."""
    country.nation.exchange(node)
    while country.nation.judge():
        pass
    (record,) = country.nation.store.nodes()
    return [(one.name, one.state) for one in site_campaign(country.nation.store, record.node).lists]


def _member(node: Node, code: str) -> Staff:
    with node.journal.reading() as db:
        return node.site.catalogues.current(db).staff[code]


def test_a_list_that_cannot_be_read_is_told_and_keeps_the_campaign_from_nobody(
    country: Country, tmp_path: Path
) -> None:
    node = enrolled(country)
    put_lists(country.ministry.folder, {"nation": b"no list"}, country.ministry.later(90))
    country.ministry.sign(country.ministry.keys[:2])
    country.publish()
    country.nation.exchange(node)
    assert in_force(node).startswith("2027.1+")
    (trouble,) = node.registry.state().letters
    assert trouble.kind == "list"


@pytest.mark.slow
def test_the_commands_of_a_region_bring_its_part_into_the_folder_and_to_the_site_by_stick(
    tmp_path: Path, campaign: dict[str, Any]
) -> None:
    office = Office(tmp_path)
    national, region = split(campaign)
    office.add("nurse-1", "nurse-2", **{**national, "version": "2027.1"})
    (tmp_path / "north").mkdir()
    for name in ("facilities", "staff"):
        (tmp_path / f"north/{name}.yaml").write_text(json.dumps(region[name]))
    packed = run("campaign", "pack", tmp_path / "north", "--out", tmp_path / "n.json", "--region")
    assert "facilities 1, staff 3" in packed.output, packed.output
    passphrase = ("--passphrase-file", office.secret)
    for name in ("north-1", "north-2", "lists-1"):
        registry("campaign", "key", tmp_path / name, *passphrase)
    (tmp_path / "codes").write_text("DEMO01\n")
    words = ("--key", tmp_path / "north-1.pub", "--key", tmp_path / "north-2.pub")
    added = registry("campaign", "region", "add", office.signed, "NORTH", *words, "--threshold", 2,
                     "--facilities", tmp_path / "codes", "--facility", "DEMO04")  # fmt: skip
    assert "speaks of 2 facilities" in added
    assert "2 facilities; 2 of" in registry("campaign", "region", "list", office.signed)
    office.sign("nurse-1", "nurse-2")
    put = ("campaign", "region", "put", office.signed, "NORTH", tmp_path / "n.json", "--days", 90)
    assert json.loads(registry(*put, "--json"))["staff"] == 3
    office.sign("north-1")
    told = json.loads(registry("campaign", "status", office.signed, "--json"))
    assert [(one["role"], one["enough"]) for one in told["roles"]][2:] == [("region-NORTH", False)]
    assert "Without region-NORTH" in office.publish()
    office.sign("north-2")
    registry("campaign", "lists-keys", office.signed, "--key", tmp_path / "lists-1.pub",
             "--threshold", 1, "--json")  # fmt: skip
    office.sign("nurse-1", "nurse-2")
    desk = Desk(tmp_path / "desk")
    (tmp_path / "trust").mkdir()
    keys = json.dumps({"did:x#1": "GfHq2tTVk9z4eXgyL5pXiwzd9cVv2KVyBgUhbHrGbbpr"})
    (tmp_path / "trust/nation.list").write_bytes(desk.vouched("nation", keys))
    lists = ("campaign", "lists", office.signed, tmp_path / "trust", "--days", 30)
    assert "nation" in registry(*lists)
    assert json.loads(registry(*lists, "--json")) == {"lists": ["nation"], "role": "lists"}
    office.sign("lists-1")
    one = json.loads(registry("campaign", "region", "list", office.signed, "--json"))
    assert (one["region"], one["facilities"], one["threshold"]) == ("NORTH", 2, 2)
    office.publish()

    folder = tmp_path / "site"
    filled_site(folder, Settings("DEMO01")).close()
    write_settings(folder, replace(read_settings(folder), campaign_root=office.root[:32]))
    taken = run("import", "campaign", office.signed, "--data", folder)
    assert taken.exit_code == 0, taken.output
    assert "nation: 1 trusted keys." in taken.output
    assert "2027.1+" in taken.output
    store = TrustStore(folder / "trust.db")
    assert [source.name for source in store.sources()] == ["nation"]
    store.close()
    registry("campaign", "region", "drop", office.signed, "NORTH", "--json")
    assert registry("campaign", "region", "list", office.signed) == ""
    office.sign("nurse-1", "nurse-2")
    office.publish()
    refused = run("import", "campaign", office.signed, "--data", folder)
    assert "is not newer" in refused.output
    office.add("nurse-1", "nurse-2", **{**national, "version": "2027.2"})
    office.publish()
    assert "does not have" in run("import", "campaign", office.signed, "--data", folder).output


_STAFF = "- {code: V, name: V, facilities: [A], roles: [vaccinator]}\n"


@pytest.mark.parametrize(
    ("facilities", "staff", "mistake"),
    [
        ("- {code: A, name: A}\n- {code: A, name: B}\n", _STAFF, "used twice"),
        ("- {code: A, name: A}\n", "- {code: V, name: V, facilities: [B], roles: [vaccinator]}\n",
         "is not in facilities.yaml"),
        ("- {code: A, name: A, session_days: [2026-02-30]}\n", _STAFF, "facilities.yaml"),
        ("- {code: A}\n", _STAFF, "name"),
        ("- {code: A}\n", "- {code: V, name: V, facilities: [B], roles: [vaccinator]}\n",
         "is not in facilities.yaml"),
        ("- {code: A, name: A, programmes: [{id: x, walk_ins: [{from: '12:00', until: '08:00'}]}]}\n",
         _STAFF, "It closes at 08:00"),
        ("- {code: A, name: A, part_of: B}\n", _STAFF, "B is no other facility"),
    ],
)  # fmt: skip
def test_every_mistake_of_a_regions_files_is_named(
    tmp_path: Path, facilities: str, staff: str, mistake: str
) -> None:
    (tmp_path / "facilities.yaml").write_text(facilities)
    (tmp_path / "staff.yaml").write_text(staff)
    done = run("campaign", "pack", tmp_path, "--out", tmp_path / "x.json", "--region")
    assert done.exit_code == 1
    assert mistake in done.output
    assert not (tmp_path / "x.json").exists()
