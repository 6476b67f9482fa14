"""A site believes a campaign because of the ministry's keys, whoever carries it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ministry import NOW, Ministry, signer
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Targets, Timestamp

from sync.protocol.campaign_files import files_in, read_files
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.signed_campaigns import CampaignTrust
from sync.registry.campaigns.folder import CampaignFolder
from sync.registry.campaigns.roles import RoleKeys
from sync.registry.campaigns.signers import read_public

Files = dict[str, bytes]


@pytest.fixture
def ministry(tmp_path: Path) -> Ministry:
    made = Ministry(tmp_path / "ministry")
    made.campaign({"id": "x", "version": "1"})
    return made


@pytest.fixture
def site(tmp_path: Path, ministry: Ministry) -> CampaignTrust:
    return CampaignTrust(tmp_path / "site", ministry.folder.root_fingerprint)


def version(site: CampaignTrust, files: Files, now: datetime = NOW) -> str:
    return str(json.loads(site.parts(files, now).campaign)["version"])


def refused(site: CampaignTrust, files: Files, now: datetime = NOW) -> str:
    with pytest.raises(ProtocolError) as error:
        site.parts(files, now)
    return error.value.code


def test_what_enough_keys_have_signed_is_believed_once_and_again(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files()
    assert version(site, files) == "1"
    assert version(site, files) == "1"
    ministry.campaign({"id": "x", "version": "2"})
    assert version(site, ministry.files()) == "2"  # in the same moment


def test_rollback_an_older_campaign_is_not_believed_again(
    site: CampaignTrust, ministry: Ministry
) -> None:
    old = ministry.files()
    ministry.campaign({"id": "x", "version": "2"})
    new = ministry.files(NOW + timedelta(hours=1))
    assert version(site, new) == "2"
    assert refused(site, old) == "campaign.rolled-back"
    assert version(site, new) == "2"


def test_freeze_a_campaign_whose_time_is_over_is_not_taken_and_the_day_is_named(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files(days=30)
    assert refused(site, files, NOW + timedelta(days=31)) == "campaign.expired"
    with pytest.raises(ProtocolError, match="until 2026-12-30, and today is 2028-11-29"):
        site.parts(files, NOW + timedelta(days=730))
    assert version(site, files, NOW + timedelta(days=29)) == "1"


def test_a_clock_two_years_ahead_takes_nothing_says_to_set_it_and_takes_it_once_it_is_right(
    site: CampaignTrust, ministry: Ministry
) -> None:
    assert version(site, ministry.files(), NOW) == "1"
    ministry.campaign({"id": "x", "version": "2"})
    files = ministry.files(NOW + timedelta(hours=1))
    with pytest.raises(ProtocolError, match="set the clock"):
        site.parts(files, NOW + timedelta(days=731))
    assert version(site, files, NOW + timedelta(hours=2)) == "2"


def test_a_clock_two_years_behind_keeps_no_campaign_back(
    site: CampaignTrust, ministry: Ministry
) -> None:
    assert version(site, ministry.files(), NOW - timedelta(days=730)) == "1"


def test_mix_and_match_parts_of_two_campaigns_are_none(
    site: CampaignTrust, ministry: Ministry
) -> None:
    old = ministry.files()
    ministry.campaign({"id": "x", "version": "2"})
    new = ministry.files(NOW + timedelta(hours=1))
    snapshot = next(name for name in new if name.endswith(".snapshot.json"))
    mixed = {**new, snapshot: next(old[name] for name in old if name.endswith(".snapshot.json"))}
    assert refused(site, mixed) == "campaign.changed"
    mixed = {**new, "metadata/2.targets.json": old["metadata/1.targets.json"]}
    assert refused(site, mixed) in ("campaign.changed", "campaign.rolled-back")
    assert version(site, new) == "2"


def test_wrong_key_another_ministry_is_not_believed(
    site: CampaignTrust, ministry: Ministry, tmp_path: Path
) -> None:
    other = Ministry(tmp_path / "other")
    other.campaign({"id": "x", "version": "9"})
    assert refused(site, other.files()) == "campaign.other-root"
    mixed = {**other.files(), "metadata/1.root.json": ministry.files()["metadata/1.root.json"]}
    assert refused(site, mixed) == "campaign.signature"


@pytest.mark.parametrize("signers", [0, 1])
def test_threshold_not_met_a_campaign_that_one_key_signed_is_not_published(
    ministry: Ministry, signers: int
) -> None:
    ministry.folder.put(b'{"version": "2"}', ministry.later(9))
    ministry.sign(ministry.keys[:signers])
    with pytest.raises(SyncError) as error:
        ministry.files()
    assert error.value.code == "campaign.unsigned"


def test_threshold_not_met_what_one_key_signed_is_not_believed(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files()
    targets = json.loads(files["metadata/1.targets.json"])
    targets["signatures"] = [targets["signatures"][0]]
    forged = vouched(files, 1, json.dumps(targets).encode(), ministry.online)
    assert refused(site, forged) in ("campaign.signature", "campaign.form")


def vouched(files: Files, version: int, targets: bytes, online: CryptoSigner) -> Files:
    """Have the registry's key say that this is the newest, as a thief of that key would."""
    until = NOW + timedelta(days=90)

    def signed(what: Snapshot | Timestamp) -> bytes:
        made: Metadata[Any] = Metadata(what)
        made.sign(online)
        return made.to_bytes()

    number = int(NOW.timestamp() * 1000) + 9999
    meta = MetaFile.from_data(version, targets, ["sha256"])
    snapshot = signed(Snapshot(number, expires=until, meta={"targets.json": meta}))
    newest = MetaFile.from_data(number, snapshot, ["sha256"])
    return files | {
        f"metadata/{version}.targets.json": targets,
        f"metadata/{number}.snapshot.json": snapshot,
        "metadata/timestamp.json": signed(Timestamp(number, expires=until, snapshot_meta=newest)),
    }


def test_stolen_online_key_gives_no_campaign_that_the_ministry_did_not_sign(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files()
    assert version(site, files) == "1"
    own: Metadata[Targets] = Metadata.from_bytes(files["metadata/1.targets.json"])
    own.signed.version = 2
    own.signatures.clear()
    own.sign(ministry.online, append=True)
    forged = vouched(files, 2, own.to_bytes(), ministry.online)
    assert refused(site, forged) == "campaign.signature"


def test_rotated_key_a_new_root_that_the_old_one_signed_is_followed(
    site: CampaignTrust, ministry: Ministry
) -> None:
    assert version(site, ministry.files()) == "1"
    lost, new = ministry.keys[0], signer()
    ministry.folder.renew(
        ministry.role(ministry.roots),
        ministry.role([new, *ministry.keys[1:]]),
        ministry.online.public_key,
        ministry.later(1000),
    )
    ministry.sign(ministry.roots[1:])
    ministry.folder.put(b'{"version": "2"}', ministry.later(300))
    ministry.sign([lost, ministry.keys[1]])
    with pytest.raises(SyncError, match=r"1 signature, and too few"):
        ministry.files(NOW + timedelta(hours=1))
    ministry.sign([new])
    assert version(site, ministry.files(NOW + timedelta(hours=1))) == "2"


def test_rotated_key_a_new_root_needs_the_keys_of_the_old_one(
    site: CampaignTrust, ministry: Ministry
) -> None:
    thieves = [signer() for _ in range(3)]
    ministry.folder.renew(
        ministry.role(thieves),
        ministry.role(thieves),
        ministry.online.public_key,
        ministry.later(9),
    )
    ministry.sign(thieves)
    with pytest.raises(SyncError, match="root 2"):
        ministry.files()


def test_tampered_target_a_changed_campaign_is_not_believed(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files()
    name = next(name for name in files if name.startswith("targets/"))
    for content in (files[name].replace(b"1", b"3"), files[name] + b" ", b""):
        assert refused(site, {**files, name: content}) in (
            "campaign.changed",
            "campaign.incomplete",
        )
    assert version(site, files) == "1"


def test_half_a_stick_names_what_is_missing_and_a_whole_one_is_taken_after_it(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files()
    for name in files:
        left = {other: content for other, content in files.items() if other != name}
        code = "campaign.other-root" if name.endswith("root.json") else "campaign.incomplete"
        assert refused(CampaignTrust(site._folder / name, site._root), left) == code
    assert version(site, files) == "1"


@pytest.mark.parametrize("cut", [0, 1, 20, -1])
def test_half_a_stick_a_part_that_was_cut_is_not_believed(
    site: CampaignTrust, ministry: Ministry, cut: int
) -> None:
    files = ministry.files()
    for name, content in files.items():
        new = CampaignTrust(site._folder / name, site._root)
        assert refused(new, {**files, name: content[:cut]}).startswith("campaign.")
    assert version(site, files) == "1"


def test_a_file_of_two_gigabytes_is_refused_without_being_read(
    ministry: Ministry, site: CampaignTrust, tmp_path: Path
) -> None:
    ministry.files()
    shutil.copytree(ministry.path, tmp_path / "stick")
    with (tmp_path / "stick/targets/large.json").open("wb") as file:
        file.truncate(2 * 1024**3)  # a file with a hole: it takes no room
    assert version(site, files_in(tmp_path / "stick")) == "1"  # it belongs to nothing
    (target,) = (tmp_path / "stick/targets").glob("*.campaign.json")
    with target.open("r+b") as file:
        file.truncate(2 * 1024**3)  # a file with a hole: it takes no room
    with pytest.raises(ProtocolError) as error:
        files_in(tmp_path / "stick")
    assert error.value.code == "campaign.form"


def test_of_a_folder_only_what_belongs_to_a_campaign_is_read(
    ministry: Ministry, site: CampaignTrust
) -> None:
    ministry.files()
    (ministry.path / "metadata/.hidden").write_text("x")
    (ministry.path / "metadata/a b.json").write_text("x")
    (ministry.path / "targets/link.json").symlink_to("/etc/passwd")
    assert version(site, files_in(ministry.path)) == "1"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"files": []},
        {"files": {"metadata/1.root.json": 1}},
        {"files": {"metadata/1.root.json": "\ud800"}},
        {"files": {f"metadata/{number}.json": "" for number in range(301)}},
        {"files": {"targets/x.json": "x" * (4 * 1024 * 1024 + 1)}},
    ],
)
def test_a_letter_that_holds_no_campaign_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        read_files(body)


@pytest.mark.parametrize("odd", [1.5, "\ud800", 10**400])
def test_a_root_that_nobody_could_have_signed_is_not_the_ministrys(
    site: CampaignTrust, ministry: Ministry, odd: object
) -> None:
    files = ministry.files()
    root = json.loads(files["metadata/1.root.json"])
    root["signed"]["odd"] = odd
    files["metadata/1.root.json"] = json.dumps(root).encode()
    assert refused(site, files) == "campaign.other-root"


def test_names_that_lead_out_of_the_folder_are_not_read() -> None:
    files = {"../x": "", "metadata/../../x": "", "metadata/.x": "", "/etc/passwd": ""}
    assert read_files({"files": files}) == {}


def test_a_site_that_was_told_of_no_keys_believes_no_signature(
    tmp_path: Path, ministry: Ministry
) -> None:
    assert refused(CampaignTrust(tmp_path / "bare", ""), ministry.files()) == "campaign.no-root"


def test_a_site_that_lost_what_it_had_seen_believes_the_newest(
    site: CampaignTrust, ministry: Ministry
) -> None:
    files = ministry.files()
    assert version(site, files) == "1"
    for path in site._folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:20])
    assert version(site, files) == "1"


def test_a_site_that_was_told_of_another_root_follows_that_one(
    site: CampaignTrust, ministry: Ministry, tmp_path: Path
) -> None:
    assert version(site, ministry.files()) == "1"
    other = Ministry(tmp_path / "other")
    other.campaign({"id": "x", "version": "7"})
    moved = CampaignTrust(site._folder, other.folder.root_fingerprint)
    assert version(moved, other.files(NOW - timedelta(days=9))) == "7"


@pytest.mark.parametrize(("threshold", "count"), [(0, 1), (2, 1), (-1, 2)])
def test_a_threshold_that_no_keys_can_meet_is_refused(
    tmp_path: Path, threshold: int, count: int
) -> None:
    keys = RoleKeys([signer().public_key for _ in range(count)], threshold)
    with pytest.raises(SyncError) as error:
        CampaignFolder(tmp_path / "c").create(keys, keys, signer().public_key, NOW)
    assert error.value.code == "campaign.threshold"


@pytest.mark.parametrize("name", ["1 copy.root.json", "².root.json", "2 (1).targets.json"])
def test_a_copy_beside_the_files_of_a_campaign_is_left_alone(ministry: Ministry, name: str) -> None:
    before = ministry.folder.states()
    (ministry.path / "metadata" / name).write_text("{}")
    assert ministry.folder.states() == before


def test_a_file_of_another_role_under_a_roles_name_is_said_so(ministry: Ministry) -> None:
    metadata = ministry.path / "metadata"
    shutil.copy(metadata / "1.targets.json", metadata / "2.root.json")
    with pytest.raises(SyncError) as error:
        ministry.folder.states()
    assert error.value.code == "campaign.file"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "campaign.key-kind"),
        (lambda: ec.generate_private_key(ec.SECP224R1()), "campaign.key-kind"),
        (ed448.Ed448PrivateKey.generate, "campaign.key-kind"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), ""),
        (ed25519.Ed25519PrivateKey.generate, ""),
    ],
    ids=["RSA of 1,024 bits", "P-224", "Ed448", "P-256", "Ed25519"],
)
def test_a_key_that_is_weak_or_of_a_kind_that_nobody_here_makes_is_no_key_of_the_ministry(
    tmp_path: Path, make: Callable[[], Any], code: str
) -> None:
    path = tmp_path / "key.pub"
    form = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes(make().public_key().public_bytes(*form))
    if not code:
        assert read_public(path).keyid
        return
    with pytest.raises(SyncError) as error:
        read_public(path)
    assert error.value.code == code
