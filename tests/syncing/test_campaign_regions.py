"""A region signs its own facilities and staff, and its keys are worth nothing anywhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ministry import NOW, Ministry, signer
from tuf.api.metadata import Metadata, TargetFile, Targets

from sync.protocol.campaign_files import files_in
from sync.protocol.campaign_parts import (
    RegionPart,
    apart,
    check_region,
    concerning,
    region_of,
    with_region,
)
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.signed_campaigns import CampaignTrust
from sync.registry.campaigns.delegations import (
    add_region,
    delegate_lists,
    drop_region,
    put_lists,
    put_region,
    regions,
)

NATIONAL = {
    "id": "x",
    "version": "1",
    "facilities": [],
    "staff": [{"code": "N1", "facilities": []}],
}
NORTH: dict[str, Any] = {
    "facilities": [{"code": "NO1"}, {"code": "NO2"}],
    "staff": [{"code": "V1", "facilities": ["NO1"]}, {"code": "V2", "facilities": ["NO2"]}],
}
SOUTH = {"facilities": [{"code": "SO1"}], "staff": []}


@pytest.fixture
def ministry(tmp_path: Path) -> Ministry:
    made = Ministry(tmp_path / "ministry")
    made.campaign(NATIONAL)
    return made


@pytest.fixture
def site(tmp_path: Path, ministry: Ministry) -> CampaignTrust:
    return CampaignTrust(tmp_path / "site", ministry.folder.root_fingerprint)


def told(site: CampaignTrust, ministry: Ministry, facility: str) -> dict[str, Any]:
    """Give the campaign that a site makes of what concerns it."""
    parts = site.parts(concerning(ministry.files(), facility), NOW, facility)
    national = json.loads(parts.campaign)
    return with_region(national, parts.region, facility) if parts.region else dict(national)


def codes(campaign: Mapping[str, Any], part: str) -> list[str]:
    return [row["code"] for row in campaign[part]]


def test_a_site_takes_the_nations_part_and_its_regions_and_none_of_anothers(
    site: CampaignTrust, ministry: Ministry
) -> None:
    north, south = ministry.region("NORTH", "NO*"), ministry.region("SOUTH", "SO1", "SO2")
    number = ministry.say("NORTH", north[:2], NORTH)
    ministry.say("SOUTH", south[1:], SOUTH)
    found = told(site, ministry, "NO1")
    assert codes(found, "facilities") == ["NO1", "NO2"]
    assert codes(found, "staff") == ["N1", "V1"]  # V2 works elsewhere
    assert (number, found["version"]) == (2026113001, "1+2026113001")
    common, own = apart(ministry.files())
    assert own.keys() == {"NORTH", "SOUTH"}
    for files in (concerning(ministry.files(), "NO1"), concerning(ministry.files(), "SO1")):
        assert len(files) == len(common) + 2
    assert told(site, ministry, "EAST9") == NATIONAL  # of no region


def test_a_teams_sub_site_has_the_staff_of_the_facility_that_it_is_part_of(
    site: CampaignTrust, ministry: Ministry
) -> None:
    keys = ministry.region("NORTH", "NO*")
    facilities = [*NORTH["facilities"], {"code": "NO1-T", "part_of": "NO1"}]
    ministry.say("NORTH", keys[:2], {**NORTH, "facilities": facilities})
    assert codes(told(site, ministry, "NO1-T"), "staff") == ["N1", "V1"]
    assert codes(told(site, ministry, "NO2"), "staff") == ["N1", "V2"]


def test_a_region_changes_its_staff_without_the_nations_keys(
    site: CampaignTrust, ministry: Ministry
) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:2], NORTH)
    assert codes(told(site, ministry, "NO1"), "staff") == ["N1", "V1"]
    assert ministry.say("NORTH", keys[:2], {**NORTH, "staff": []}) == 2026113002
    assert codes(told(site, ministry, "NO1"), "staff") == ["N1"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"facilities": [{"code": "SO1"}]}, "region.facility"),
        ({"staff": [{"code": "V9", "facilities": ["NO1", "SO1"]}]}, "region.facility"),
        ({"staff": [{"code": "N1", "facilities": ["NO1"]}]}, "region.staff"),
        ({"vaccines": [{"code": "X"}]}, "region.part"),
        ({"programmes": []}, "region.part"),
        ({"issuer": {"did": "did:x"}}, "region.form"),
        ({"facilities": "NO1"}, "region.form"),
        ([], "region.form"),
    ],
)
def test_stolen_region_key_says_nothing_of_other_regions_of_vaccines_or_of_programmes(
    site: CampaignTrust, ministry: Ministry, body: Any, code: str
) -> None:
    """The thief signs it without our tools, and the registry publishes it."""
    keys = ministry.region("NORTH", "NO*")
    ministry.region("SOUTH", "SO1")
    ministry.say("NORTH", keys[:2], NORTH)
    assert told(site, ministry, "NO1")
    with pytest.raises(ProtocolError) as refused:
        ministry.say("NORTH", keys[:2], body)
    assert refused.value.code == code
    forge(ministry, keys, json.dumps(body).encode())
    with pytest.raises(ProtocolError) as refused:
        told(site, ministry, "NO1")
    assert refused.value.code == code


def forge(ministry: Ministry, keys: Any, packed: bytes, path: str = "region.NORTH.json") -> None:
    files = ministry.folder.files
    targets = Targets(
        ministry.folder.next_targets("region-NORTH").version, expires=ministry.later(300)
    )
    targets.targets[path] = TargetFile.from_data(path, packed, ["sha256"])
    digest = targets.targets[path].hashes["sha256"]
    files.write(f"targets/{digest}.{path}", packed)
    metadata = Metadata(targets)
    for key in keys[:2]:
        metadata.sign(key, append=True)
    files.save(f"metadata/{targets.version}.region-NORTH.json", metadata)


@pytest.mark.parametrize("path", ["campaign.json", "list.revocations", "region.SOUTH.json"])
def test_stolen_region_key_puts_no_target_of_anothers_in_its_place(
    site: CampaignTrust, ministry: Ministry, path: str
) -> None:
    keys = ministry.region("NORTH", "NO*")
    south = ministry.region("SOUTH", "SO*")
    ministry.say("NORTH", keys[:2], NORTH)
    ministry.say("SOUTH", south[:2], SOUTH)
    forge(ministry, keys, b'{"facilities": [{"code": "SO1", "name": "forged"}]}', path)
    with pytest.raises(ProtocolError) as refused:
        told(site, ministry, "NO1")
    assert refused.value.code == "campaign.incomplete"
    assert "forged" not in json.dumps(told(site, ministry, "SO1"))
    assert site.parts(concerning(ministry.files(), "SO1"), NOW, "SO1").lists == {}


def test_one_stolen_key_of_a_region_is_not_enough(site: CampaignTrust, ministry: Ministry) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:1], NORTH)
    assert told(site, ministry, "NO1") == NATIONAL  # a draft keeps nobody waiting
    ministry.sign(keys[1:2])
    ministry.say("NORTH", keys[:1], {**NORTH, "staff": []})
    assert codes(told(site, ministry, "NO1"), "staff") == ["N1", "V1"]  # the last that is signed


def test_after_a_regions_key_was_stolen_the_nation_gives_it_others(
    site: CampaignTrust, ministry: Ministry
) -> None:
    stolen = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", stolen[:2], NORTH)
    assert told(site, ministry, "NO1")
    keys = ministry.region("NORTH", "NO*")
    with pytest.raises(SyncError) as error:
        ministry.files()
    assert error.value.code == "campaign.unsigned"
    ministry.sign(stolen)  # it finds nothing to sign
    with pytest.raises(SyncError):
        ministry.files()
    ministry.say("NORTH", keys[:2], {**NORTH, "staff": []})
    assert codes(told(site, ministry, "NO1"), "staff") == ["N1"]


def test_rollback_an_older_part_of_a_region_is_not_believed_again(
    site: CampaignTrust, ministry: Ministry
) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:2], NORTH)
    old = ministry.files()
    ministry.say("NORTH", keys[:2], SOUTH | {"facilities": [{"code": "NO9"}]})
    new = ministry.files(NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    assert site.parts(new, later, "NO1").region is not None
    mixed = {**new, **{name: old[name] for name in old if "region-NORTH" in name}}
    newest = max(name for name in new if "region-NORTH" in name)
    del mixed[newest]
    fresh = CampaignTrust(site._folder / "fresh", site._root)
    with pytest.raises(ProtocolError) as refused:
        fresh.parts(mixed, later, "NO1")
    assert refused.value.code == "campaign.incomplete"
    with pytest.raises(ProtocolError) as refused:
        site.parts(old, later, "NO1")
    assert refused.value.code == "campaign.rolled-back"


def test_freeze_a_regions_part_whose_time_is_over_is_told_before_it_is_published(
    ministry: Ministry,
) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:2], NORTH, days=10)
    with pytest.raises(SyncError) as error:
        ministry.files(NOW + timedelta(days=11))
    assert error.value.code == "campaign.part-over"


def test_a_region_that_is_dropped_says_nothing_any_more(
    site: CampaignTrust, ministry: Ministry
) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:2], NORTH)
    assert codes(told(site, ministry, "NO1"), "staff") == ["N1", "V1"]
    drop_region(ministry.folder, "NORTH")
    ministry.sign(ministry.keys[:2])
    assert told(site, ministry, "NO1") == NATIONAL
    with pytest.raises(SyncError, match="no region NORTH"):
        ministry.say("NORTH", keys[:2], NORTH)


def test_the_number_of_a_facility_that_moves_to_another_region_goes_on_rising(
    site: CampaignTrust, ministry: Ministry
) -> None:
    north = ministry.region("NORTH", "NO1", "NO2")
    for _ in range(3):
        first = ministry.say("NORTH", north[:2], NORTH)
    ministry.region("NORTH", "NO2")
    east = ministry.region("EAST", "NO1")
    later = NOW + timedelta(days=1)
    assert ministry.say("EAST", east[:2], {"facilities": [{"code": "NO1"}]}, later) > first


@pytest.mark.parametrize(
    ("name", "facilities", "code"),
    [
        ("N.O", ["X1"], "region.name"),
        ("", ["X1"], "region.name"),
        ("EAST", [], "region.none"),
        ("EAST", ["*"], "region.facilities"),
        ("EAST", ["X/1"], "region.facilities"),
        ("EAST", ["X?"], "region.facilities"),
        ("EAST", ["NO7"], "region.shared"),
        ("EAST", ["N*"], "region.shared"),
        ("EAST", ["SO1"], "region.shared"),
        ("EAST", ["NO7*"], "region.shared"),
    ],
)
def test_a_region_is_refused_that_could_not_be_told_from_another(
    ministry: Ministry, name: str, facilities: list[str], code: str
) -> None:
    ministry.region("NORTH", "NO*")
    ministry.region("SOUTH", "SO1")
    with pytest.raises(SyncError) as error:
        add_region(ministry.folder, name, ministry.role([signer()], 1), facilities)
    assert error.value.code == code
    assert [one for one, _ in regions(ministry.folder)] == ["NORTH", "SOUTH"]


def test_the_next_campaign_of_the_nation_leaves_regions_and_lists_as_they_are(
    site: CampaignTrust, ministry: Ministry
) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:2], NORTH)
    put_lists(ministry.folder, {"nation": b"{}"}, ministry.later(300))
    ministry.campaign({**NATIONAL, "version": "2"})
    found = told(site, ministry, "NO1")
    assert (found["version"], codes(found, "facilities")) == ("2+2026113001", ["NO1", "NO2"])
    assert site.parts(ministry.files(), NOW, "NO1").lists == {"list.nation": b"{}"}


def test_lists_are_signed_by_keys_of_their_own_once_the_nation_says_so(
    site: CampaignTrust, ministry: Ministry
) -> None:
    keys = [signer() for _ in range(2)]
    delegate_lists(ministry.folder, ministry.role(keys, 1))
    ministry.sign(ministry.keys[:2])
    assert put_lists(ministry.folder, {"nation": b"1"}, ministry.later(30)) == "lists"
    ministry.sign(ministry.keys[:2])  # these are not enough: they are not the lists'
    assert site.parts(ministry.files(), NOW).lists == {}
    ministry.sign(keys[:1])
    assert site.parts(ministry.files(), NOW).lists == {"list.nation": b"1"}
    put_lists(ministry.folder, {}, ministry.later(30))  # withdrawn
    ministry.sign(keys[:1])
    assert site.parts(ministry.files(), NOW).lists == {}


@pytest.mark.parametrize("name", ["a b", "x.y", "../x", ""])
def test_a_list_whose_name_is_no_files_name_is_refused(ministry: Ministry, name: str) -> None:
    with pytest.raises(SyncError) as error:
        put_lists(ministry.folder, {name: b"x"}, NOW)
    assert error.value.code == "campaign.list-name"


def test_a_list_that_is_no_text_is_refused_where_it_is_put(ministry: Ministry) -> None:
    with pytest.raises(SyncError) as error:
        put_lists(ministry.folder, {"x": b"\xff"}, NOW)
    assert error.value.code == "publish.text"


def test_of_a_nations_folder_on_a_stick_only_what_the_site_needs_is_read(
    ministry: Ministry, site: CampaignTrust
) -> None:
    for name in ("NORTH", "SOUTH"):
        keys = ministry.region(name, f"{name[:2]}*")
        ministry.say(name, keys[:2], NORTH if name == "NORTH" else SOUTH)
    ministry.files()
    for path in (ministry.path / "targets").glob("*.region.SOUTH.json"):
        with path.open("wb") as file:
            file.truncate(2 * 1024**3)
    assert site.parts(files_in(ministry.path, "NO1"), NOW, "NO1").region is not None
    with pytest.raises(ProtocolError) as refused:
        files_in(ministry.path, "SO1")
    assert refused.value.code == "campaign.form"


def test_files_that_are_missing_or_odd_are_left_out_and_the_site_says_so(
    ministry: Ministry, site: CampaignTrust
) -> None:
    keys = ministry.region("NORTH", "NO*")
    ministry.say("NORTH", keys[:2], NORTH)
    files = ministry.files()
    for name in list(files):
        for spoilt in (None, b"{", b"[]"):
            left = {**files, name: spoilt} if spoilt else files
            left = {one: text for one, text in left.items() if text is not None}
            if spoilt is None:
                left = {one: text for one, text in files.items() if one != name}
            found = concerning(left, "NO1")
            fresh = CampaignTrust(site._folder / f"{name}{spoilt!r}".replace("/", "-"), site._root)
            with pytest.raises(ProtocolError):
                fresh.parts(found, NOW, "NO1")


def test_the_region_is_found_by_a_code_that_is_written_out_or_by_its_beginning(
    ministry: Ministry,
) -> None:
    ministry.region("NORTH", "NO*")
    ministry.region("SOUTH", "SO1", "S-2")
    targets = ministry.folder.files.targets()
    found = {
        code: region_of(targets, code) for code in ("NO1", "NO", "SO1", "SO12", "S-2", "N", "")
    }
    assert {code: role.name if role else "" for code, role in found.items()} == {
        "NO1": "region-NORTH",
        "NO": "region-NORTH",
        "SO1": "region-SOUTH",
        "SO12": "",
        "S-2": "region-SOUTH",
        "N": "",
        "": "",
    }


def test_what_is_put_for_a_region_that_is_not_there_or_is_no_part_is_refused(
    ministry: Ministry,
) -> None:
    with pytest.raises(SyncError) as error:
        put_region(ministry.folder, "WEST", b"{}", NATIONAL, NOW, NOW)
    assert error.value.code == "region.unknown"
    part = RegionPart("NORTH", 1, b"{" * 5000, lambda _: True)
    with pytest.raises(ProtocolError):
        check_region(part, NATIONAL)
