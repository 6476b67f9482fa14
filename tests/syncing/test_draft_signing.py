"""A campaign that was written in the office goes to the ministry's keys and back, and out to sites."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from clerks import Clerk
from memory_journal import REGISTRY_KEY
from ministry import NOW, Ministry, signer
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Targets

from edge.office.tools import tools
from sync.protocol.errors import SyncError
from sync.protocol.signed_campaigns import CampaignTrust
from sync.registry.drafts import drafting, signing
from sync.registry.drafts.archives import packed_archive, read_archive
from sync.registry.drafts.drafting import ChangeReason
from sync.registry.drafts.published import published_campaign
from sync.registry.drafts.signing import is_carried, progress
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office

AMINA = ChangeReason("Amina", "2026-11-30T09:00:00Z", "the measles of 2027")


def body(version: str = "1") -> bytes:
    return json.dumps({"id": "measles", "version": version, "programmes": []}).encode()


def zipped(folder: Path) -> bytes:
    return packed_archive(
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
    )


class Desk:
    """The office's side, and the ministry's: what lies between them is carried as a ZIP."""

    def __init__(self, store: Store, folder: Path, ministry: Ministry) -> None:
        self.store, self.folder, self.ministry = store, folder, ministry
        self.root = ministry.folder.root_fingerprint
        self.draft = drafting.begin(store, "d1", "Measles", {"a.yaml": b"x"}, AMINA)
        self._copies = 0

    def bring(self) -> None:
        signing.bring_folder(self.store, zipped(self.ministry.path), self.root)

    def ask(self, version: str = "1") -> None:
        signing.ask(self.store, self.draft, body(version), NOW, AMINA)

    def signed(self, keys: Sequence[CryptoSigner], packed: bytes | None = None) -> bytes:
        """Unpack what the office hands out at the ministry, sign it there, and pack it again."""
        self._copies += 1
        place = self.folder / f"copy-{self._copies}"
        for path, content in read_archive(
            packed or self.store.signing().folder, is_carried
        ).items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(content)
        copy = type(self.ministry.folder)(place)
        for key in keys:
            copy.sign(key)
        return zipped(place)

    def take(self, *keys: CryptoSigner) -> list[str]:
        return signing.take_signatures(self.store, self.signed(keys))

    def propose(self, who: str = "Amina") -> None:
        signing.propose(self.store, ChangeReason(who, AMINA.at, ""))

    def publish(self, who: str, root: str = "", now: datetime = NOW) -> None:
        signing.publish(self.store, REGISTRY_KEY, root or self.root, who, now)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    ministry = Ministry(tmp_path / "ministry", CryptoSigner(REGISTRY_KEY))
    made = Desk(store, tmp_path, ministry)
    made.bring()
    return made


def targets(desk: Desk) -> tuple[int, int]:
    (found,) = (one for one in progress(desk.store.signing()) if one.role == "targets")
    return len(found.signed), found.threshold


def test_signatures_come_back_one_by_one_and_two_officers_publish_what_sites_then_prove(
    desk: Desk, tmp_path: Path
) -> None:
    desk.ask()
    assert targets(desk) == (0, 2)
    first, second = desk.ministry.keys[:2]
    assert desk.take(first) == [first.public_key.keyid]
    assert targets(desk) == (1, 2)
    with pytest.raises(SyncError, match="not signed by enough keys"):
        desk.propose()
    desk.take(second)
    desk.propose("Amina")
    with pytest.raises(SyncError, match="Another officer"):
        desk.publish("Amina")
    assert published_campaign(desk.store) is None
    desk.publish("Jonas")
    found = published_campaign(desk.store)
    assert found is not None
    assert (found.id, found.version, found.packed) == ("measles", "1", body())
    letter = desk.store.last_letter("*")
    assert letter is not None
    files = {name: text.encode() for name, text in json.loads(letter.body)["files"].items()}
    assert CampaignTrust(tmp_path / "site", desk.root).parts(files, NOW).campaign == body()
    assert [(one.who, one.what) for one in desk.store.audits(1)] == [
        ("Jonas", "published a campaign")
    ]


def test_two_keys_may_sign_copies_of_their_own_and_both_count(desk: Desk) -> None:
    desk.ask()
    handed_out = desk.store.signing().folder
    for key in desk.ministry.keys[:2]:
        signing.take_signatures(desk.store, desk.signed([key], handed_out))
    assert targets(desk) == (2, 2)


def test_a_key_that_may_not_sign_counts_nothing_and_neither_does_the_same_key_twice(
    desk: Desk,
) -> None:
    desk.ask()
    with pytest.raises(SyncError, match="no new signature"):
        desk.take(signer())
    desk.take(desk.ministry.keys[0])
    with pytest.raises(SyncError, match="no new signature"):
        desk.take(desk.ministry.keys[0])
    assert targets(desk) == (1, 2)


def test_signatures_of_something_else_than_what_lies_here_are_refused(desk: Desk) -> None:
    desk.ask()
    packed = desk.signed(desk.ministry.keys[:2])
    files = read_archive(packed, is_carried)
    (name,) = (path for path in files if path.endswith(".targets.json"))
    metadata = Metadata[Targets].from_bytes(files[name])
    metadata.signed.targets.clear()
    for key in desk.ministry.keys[:2]:
        metadata.sign(key)
    with pytest.raises(SyncError, match="something else was signed"):
        signing.take_signatures(desk.store, packed_archive({**files, name: metadata.to_bytes()}))
    assert targets(desk) == (0, 2)


def test_signatures_that_were_made_up_or_copied_from_another_key_count_nothing(desk: Desk) -> None:
    desk.ask()
    files = read_archive(desk.signed(desk.ministry.keys[:1]), is_carried)
    (name,) = (path for path in files if path.endswith(".targets.json"))
    document = json.loads(files[name])
    other = desk.ministry.keys[1].public_key.keyid
    document["signatures"] = [{"keyid": other, "sig": document["signatures"][0]["sig"]}]
    forged = packed_archive({**files, name: json.dumps(document).encode()})
    with pytest.raises(SyncError, match="no new signature"):
        signing.take_signatures(desk.store, forged)


def test_asking_anew_takes_the_signatures_of_before_away(desk: Desk) -> None:
    desk.ask()
    handed_out = desk.signed(desk.ministry.keys[:2])
    desk.ask("2")
    with pytest.raises(SyncError, match="no new signature"):
        signing.take_signatures(desk.store, handed_out)
    assert targets(desk) == (0, 2)
    with pytest.raises(SyncError, match="not signed by enough keys"):
        desk.propose()


def test_a_version_that_sites_would_refuse_is_not_asked_for(desk: Desk) -> None:
    desk.ask("10")
    desk.take(*desk.ministry.keys[:2])
    desk.propose()
    desk.publish("Jonas")
    for version in ("10", "9"):
        with pytest.raises(SyncError, match="not higher than 10"):
            desk.ask(version)
    desk.ask("11")


def test_a_campaign_whose_letter_was_withdrawn_is_not_what_sites_are_told_to_run(
    desk: Desk,
) -> None:
    for version in ("1", "2"):
        desk.ask(version)
        desk.take(*desk.ministry.keys[:2])
        desk.propose()
        desk.publish("Jonas")
    last = desk.store.last_letter("*")
    assert last is not None
    told = json.dumps({"letter": last.id, "kind": "campaign"})
    desk.store.post("*", "withdrawn", f"withdrawn:{last.id}", told, AMINA.at)
    found = published_campaign(desk.store)
    assert found is not None
    assert found.version == "1"


def test_a_folder_of_another_root_or_one_that_is_older_is_not_taken(
    desk: Desk, tmp_path: Path
) -> None:
    other = Ministry(tmp_path / "other")
    with pytest.raises(SyncError, match="told of another root"):
        signing.bring_folder(desk.store, zipped(other.path), desk.root)
    with pytest.raises(SyncError, match="told of another root"):
        signing.bring_folder(desk.store, zipped(desk.ministry.path), "")
    desk.ask()
    with pytest.raises(SyncError, match="older than the one that is here"):
        desk.bring()


@pytest.mark.parametrize("same", [True, False])
def test_a_folder_that_is_brought_behind_a_proposal_is_proposed_anew(
    desk: Desk, same: bool
) -> None:
    desk.ask()
    desk.take(*desk.ministry.keys[:2])
    desk.propose("Amina")
    brought = desk.store.signing().folder
    if not same:
        desk.ministry.campaign({"id": "measles", "version": "99", "programmes": []})
        brought = zipped(desk.ministry.path)
    signing.bring_folder(desk.store, brought, desk.root)
    with pytest.raises(SyncError, match="Nobody has asked" if same else "Nothing waits"):
        desk.publish("Jonas")
    assert published_campaign(desk.store) is None


@pytest.mark.parametrize("odd", ["targets/a/b", "metadata/1.root.json/b"])
def test_a_folder_with_a_file_within_a_file_is_refused_in_words(desk: Desk, odd: str) -> None:
    files = read_archive(zipped(desk.ministry.path), is_carried)
    packed = packed_archive({**files, "targets/a": b"x", odd: b"x"})
    with pytest.raises(SyncError, match="This is no ZIP file of a folder"):
        signing.bring_folder(desk.store, packed, desk.root)


def test_what_was_published_is_not_published_again_and_another_root_stops_it(desk: Desk) -> None:
    desk.ask()
    desk.take(*desk.ministry.keys[:2])
    desk.propose()
    with pytest.raises(SyncError, match="another root by now"):
        desk.publish("Jonas", "0" * 64)
    desk.publish("Jonas")
    with pytest.raises(SyncError, match="Nothing waits"):
        desk.publish("Vera")
    assert len(desk.store.letters("*", 0, 10)) == 1


def test_of_two_who_change_it_at_once_the_second_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask()
    before = desk.store.signing()
    desk.take(desk.ministry.keys[0])
    monkeypatch.setattr(desk.store, "signing", lambda: before)
    with pytest.raises(SyncError, match="at the same moment"):
        signing.take_signatures(desk.store, desk.signed([desk.ministry.keys[1]], before.folder))


class Place:
    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "registry.db")
        self.ministry = Ministry(folder / "ministry", CryptoSigner(REGISTRY_KEY))
        root = self.ministry.folder.root_fingerprint
        registry = Registry(self.store, REGISTRY_KEY, now=lambda: NOW, campaign_root=lambda: root)
        self.app = create_app(registry, office(registry, "operator", tools=tools))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.store.close()


def upload(clerk: Clerk, address: str, packed: bytes) -> Any:
    return clerk.post(address, folder=(io.BytesIO(packed), "folder.zip"))


def test_the_pages_lead_from_a_draft_to_a_letter_and_say_what_changes_next_time(
    place: Place, tmp_path: Path
) -> None:
    amina, jonas = Clerk(place, "Amina"), Clerk(place, "Jonas")
    draft = amina.begin()
    upload(amina, f"{draft}/sign/folder", zipped(place.ministry.path))
    assert amina.post(f"{draft}/sign", why="ready to be signed").status_code == 303
    desk = Desk.__new__(Desk)
    desk.store, desk.folder, desk.ministry, desk._copies = (
        place.store, tmp_path, place.ministry, 0
    )  # fmt: skip
    for count, key in enumerate(place.ministry.keys[:2], start=1):
        handed_out = amina.get(f"{draft}/sign/folder.zip").data
        upload(amina, f"{draft}/sign/signatures", desk.signed([key], handed_out))
        assert f"{count} of 2" in amina.get(f"{draft}/sign").text
    amina.post(f"{draft}/sign/propose")
    assert "Another officer must look at it" in amina.get(f"{draft}/sign").text
    refused = amina.post(f"{draft}/sign/publish")
    assert (refused.status_code, "Another officer" in refused.text) == (400, True)
    assert jonas.post(f"{draft}/sign/publish").status_code == 303
    assert re.search(r"Published by <bdi>Jonas", " ".join(jonas.get(f"{draft}/sign").text.split()))
    amina.post(
        f"{draft}/row",
        **{"path": "staff.yaml", "row": "V1", "gone": "yes", "seen": "1", "why": "she left"},
    )
    changes = amina.get(f"{draft}/differences").text
    assert "V1" in changes
    assert "NRB1" in changes


def test_a_page_does_not_say_published_where_publishing_was_cut_off(place: Place) -> None:
    amina = Clerk(place, "Amina")
    draft = amina.begin()
    upload(amina, f"{draft}/sign/folder", zipped(place.ministry.path))
    amina.post(f"{draft}/sign", why="ready to be signed")
    state = place.store.signing()
    assert state.request is not None
    cut = replace(state.request, proposed_by="Amina", published_by="Jonas")
    assert place.store.change_signing(replace(state, request=cut))
    page = amina.get(f"{draft}/sign").text
    assert "Published by" not in page
    assert "Publishing was begun and did not end" in page
    again = amina.post(f"{draft}/sign", why="it was cut off")
    assert again.status_code == 303
    assert "Waits for signatures" in amina.get(f"{draft}/sign").text
