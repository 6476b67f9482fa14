"""A stick that is lost, twice there, old, half-written or hostile does no harm."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_journal import NODE, NODE_KEY, REGISTRY_KEY, Chain, Line, follower, held
from shares import share
from sticks import (
    Box,
    Ticks,
    identity_of,
    read_back,
    registry_at,
    registry_recipient,
    take_in,
    write_out,
)

from sync.protocol import frames, keys
from sync.protocol.batches import decode_batch
from sync.protocol.bundles import files
from sync.protocol.bundles.headers import check_outward, sign_outward
from sync.protocol.bundles.sealed import LARGEST, new_identity, open_sealed, recipient_of, seal
from sync.protocol.errors import SyncError
from sync.protocol.letters import Letter
from sync.protocol.states import FeedHead
from sync.registry.registry import Registry
from sync.registry.store.records import NATION
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.site.stick import take_answer
from sync.site.stick_receipts import fresh

EPOCH = "00000000000000e1"
GOOD: dict[str, Any] = {
    "bundle": 1,
    "kind": "outward",
    "node": NODE,
    "key": keys.public_text(NODE_KEY.public_key()),
    "made": "2026-11-24T12:00:00Z",
    "part": 1,
    "last": True,
    "after": 0,
    "through": 3,
    "count": 1,
    "question": {"protocol": 3, "nonce": "0123456789abcdef", "tips": [[EPOCH, 3]]},
    "cursors": {"nation": [0, ""], "own": [2, "b"]},
    "recipient": recipient_of(identity_of("site")),
    "enrolment": None,
}
World = tuple[Chain, Box, Registry, Path]
FEW = settings(
    max_examples=share(60),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    registry = registry_at(tmp_path / "registry.db")
    chain = Chain()
    chain.open(EPOCH)
    stick = tmp_path / "stick"
    stick.mkdir()
    yield chain, Box(), registry, stick
    registry.store.close()


def signed(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "signature": keys.sign(NODE_KEY, document)}


def post(registry: Registry, count: int, feed: str = NATION, prefix: str = "n") -> None:
    for number in range(count):
        registry.store.post(feed, "news", f"{prefix}{number}", "{}", registry.instant())


def parts(stick: Path) -> list[Path]:
    return [part.path for part in files.outward_parts(stick)]


def numbers(registry: Registry) -> list[tuple[str, int]]:
    store = registry.store
    assert isinstance(store, SqliteStore)
    return [(epoch, number) for epoch, number, _ in held(store)]


def everything(chain: Chain) -> list[tuple[str, int]]:
    return sorted((one.epoch, one.number) for one in chain.all)


def test_a_stick_brings_everything_and_its_answer_proves_it(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(250)
    chain.open("00000000000000e2")
    chain.append(3)
    post(registry, 3)
    assert write_out(stick, chain, box).entries == 253
    (taken,) = take_in(registry, stick)
    assert (taken.facility, taken.stored, taken.had, taken.refused) == ("DEMO01", 253, 0, [])
    heard = read_back(stick, chain, box)
    assert (heard.moved, heard.position, heard.letters) == ("on", 253, 3)
    assert chain.proven == 253
    assert numbers(registry) == everything(chain)
    assert write_out(stick, chain, box).entries == 0


def test_an_export_is_cut_into_parts_that_each_stand_alone(world: World) -> None:
    chain, box, registry, stick = world
    for number in range(5):
        chain.open(f"{number:016x}")
        chain.append(30)
    assert write_out(stick, chain, box, size=1).parts == 5
    names = sorted(path.name for path in stick.iterdir())
    assert names == [f"divoc-edge-{NODE}-{number:04}.out.age" for number in range(1, 6)]
    headers = [
        check_outward(frames.unpack(open_sealed(path.read_bytes(), [identity_of("registry")])[0]))
        for path in parts(stick)
    ]
    assert [(one.after, one.through, one.last) for one in headers] == [
        (start, start + 30, start == 120) for start in range(0, 150, 30)
    ]
    assert take_in(registry, stick)[0].stored == 150


def test_a_new_export_leaves_no_part_of_the_one_before(world: World) -> None:
    chain, box, registry, stick = world
    for number in range(3):
        chain.open(f"{number:016x}")
        chain.append(5)
    write_out(stick, chain, box, size=1)
    take_in(registry, stick)
    read_back(stick, chain, box)
    chain.append(1)
    write_out(stick, chain, box, size=1)
    assert [path.name[-12:] for path in parts(stick)] == ["0001.out.age"]


def test_batches_on_a_stick_are_the_protocols_own_and_name_their_hashes(world: World) -> None:
    chain, box, _, stick = world
    chain.append(5)
    write_out(stick, chain, box)
    _, batch = open_sealed(parts(stick)[0].read_bytes(), [identity_of("registry")])
    found = decode_batch(batch, NODE)
    assert (found.head, len(found.entries)) == (chain.all[-1].hash, 5)
    assert found.first.previous == "0" * 64


def test_nothing_of_a_person_can_be_read_on_the_stick(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(5, text="Grace Wanjiru")
    write_out(stick, chain, box)
    take_in(registry, stick)
    for path in stick.iterdir():
        assert path.read_bytes().startswith(b"age-encryption.org/v1\n")
        with pytest.raises(SyncError) as refused:
            open_sealed(path.read_bytes(), [new_identity()])
        assert refused.value.code == "bundle.sealed"


def test_a_lost_stick_does_no_harm_for_an_export_begins_behind_the_receipt(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(5)
    write_out(stick, chain, box)
    shutil.rmtree(stick)
    chain.append(5)
    assert write_out(stick, chain, box).entries == 10
    take_in(registry, stick)
    assert numbers(registry) == everything(chain)


def test_the_same_stick_twice_changes_nothing(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(5)
    post(registry, 2)
    write_out(stick, chain, box)
    take_in(registry, stick)
    (again,) = take_in(registry, stick)
    assert (again.stored, again.had, again.refused) == (0, 5, [])
    read_back(stick, chain, box)
    heard = read_back(stick, chain, box)
    assert (heard.moved, heard.letters, chain.proven) == ("", 0, 5)
    assert len(box.taken) == 2


def test_an_old_stick_moves_neither_end_back(world: World, tmp_path: Path) -> None:
    chain, box, registry, stick = world
    post(registry, 2)
    chain.append(5)
    write_out(stick, chain, box)
    take_in(registry, stick)
    old = shutil.copytree(stick, tmp_path / "old")
    chain.append(5)
    post(registry, 3, prefix="m")
    write_out(stick, chain, box)
    take_in(registry, stick)
    read_back(stick, chain, box)
    assert chain.proven == 10
    for _ in range(2):  # first its old answer, then the answer of today to its old question
        assert read_back(old, chain, box).moved == ""
        assert chain.proven == 10
        assert box.heads["nation"].number == len(box.taken) == 5
        assert take_in(registry, old)[0].had == 5


def test_an_answer_to_an_old_question_still_brings_what_is_new(
    world: World, tmp_path: Path
) -> None:
    chain, box, registry, stick = world
    chain.append(5)
    write_out(stick, chain, box)
    take_in(registry, stick)
    read_back(stick, chain, box)
    post(registry, 4)
    take_in(registry, stick)
    assert read_back(stick, chain, box).letters == 4


def test_a_registry_restored_from_a_backup_gets_the_rest_with_the_second_stick(
    world: World, tmp_path: Path
) -> None:
    chain, box, registry, stick = world
    clock = Ticks()
    for path, count in ((tmp_path / "registry.db", 5), (tmp_path / "later.db", 5)):
        registry = registry_at(path, clock)
        chain.append(count)
        if count and path.name == "later.db":
            break
        write_out(stick, chain, box)
        take_in(registry, stick)
        read_back(stick, chain, box)
    assert chain.proven == 5
    write_out(stick, chain, box)
    (taken,) = take_in(registry, stick)
    assert [one.code for one in taken.refused] == ["batch.gap"]
    assert read_back(stick, chain, box).moved == "back"
    assert chain.proven == 0
    write_out(stick, chain, box)
    take_in(registry, stick)
    assert read_back(stick, chain, box).position == 10
    assert numbers(registry) == everything(chain)
    registry.store.close()


def test_an_answer_from_before_the_registry_was_restored_is_not_believed(
    world: World, tmp_path: Path
) -> None:
    chain, box, _registry, stick = world
    clock = Ticks()
    first = registry_at(tmp_path / "first.db", clock)
    chain.append(5)
    write_out(stick, chain, box)
    take_in(first, stick)
    old = shutil.copytree(stick, tmp_path / "old")
    restored = registry_at(tmp_path / "restored.db", clock)
    read_back(stick, chain, box)
    chain.append(1)
    write_out(stick, chain, box)
    take_in(restored, stick)
    read_back(stick, chain, box)
    write_out(stick, chain, box)
    take_in(restored, stick)
    read_back(stick, chain, box)
    assert chain.proven == 6
    before = chain.receipt
    assert read_back(old, chain, box).moved == ""
    assert chain.receipt == before
    first.store.close()
    restored.store.close()


def test_a_part_that_is_cut_off_costs_only_what_follows_it(world: World) -> None:
    chain, box, registry, stick = world
    for number in range(4):
        chain.open(f"{number:016x}")
        chain.append(10)
    write_out(stick, chain, box, size=1)
    third = parts(stick)[2]
    third.write_bytes(third.read_bytes()[:-9])
    (taken,) = take_in(registry, stick)
    assert taken.stored == 20
    assert [(one.file, one.code) for one in taken.refused] == [
        (third.name, "bundle.sealed"),
        (parts(stick)[3].name, "batch.parent"),
    ]
    assert read_back(stick, chain, box).position == 20
    write_out(stick, chain, box, size=1)
    take_in(registry, stick)
    assert read_back(stick, chain, box).position == 40
    assert numbers(registry) == everything(chain)


def test_a_stick_that_was_left_for_many_starts_is_answered_where_the_registry_stands(
    world: World,
) -> None:
    chain, box, registry, stick = world
    chain.append(3)
    write_out(stick, chain, box)
    take_in(registry, stick)
    read_back(stick, chain, box)
    for number in range(150):
        chain.open(f"{number:016x}")
        chain.append(1)
    write_out(stick, chain, box, size=20_000)
    assert len(parts(stick)) > 1
    parts(stick)[0].unlink()
    assert {one.code for one in take_in(registry, stick)[0].refused} == {"batch.parent"}
    assert read_back(stick, chain, box).moved == ""
    assert chain.proven == 3
    write_out(stick, chain, box, size=20_000)
    take_in(registry, stick)
    assert read_back(stick, chain, box).position == 153


def test_a_registry_that_lost_a_little_is_met_where_it_stands_behind_any_number_of_starts(
    world: World, tmp_path: Path
) -> None:
    chain, box, registry, stick = world
    restored = registry_at(tmp_path / "restored.db", Ticks(60))
    for taken_by in ((registry, restored), (registry,)):
        chain.append(3)
        write_out(stick, chain, box)
        for one in taken_by:
            take_in(one, stick)
    take_in(registry, stick)
    assert read_back(stick, chain, box).position == 6
    for number in range(100):
        chain.open(f"{number:016x}")
        chain.append(1)
    write_out(stick, chain, box)
    take_in(restored, stick)
    heard = read_back(stick, chain, box)
    assert (heard.moved, heard.position) == ("back", 3)
    restored.store.close()


def test_a_courier_brings_the_sticks_of_three_sites_and_one_bad_one_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, box, registry, stick = world
    others = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (7, 8, 9)]
    for key in others:
        monkeypatch.setattr("memory_journal.NODE", keys.node_id(key.public_key()))
        theirs = Chain()
        theirs.open(EPOCH)
        theirs.append(4)
        request = {
            "key": keys.public_text(key.public_key()),
            "facility": "F",
            "name": "",
            "code": "code",
        }
        write_out(stick, theirs, Box(), key=key, enrolment=request)
    monkeypatch.undo()
    chain.append(6)
    write_out(stick, chain, box)
    bad = stick / files.outward_name(keys.node_id(others[0].public_key()), 1)
    bad.write_bytes(bad.read_bytes()[:200])
    report = {one.node: one for one in take_in(registry, stick)}
    assert len(report) == 4
    for key in others[1:]:
        one = report[keys.node_id(key.public_key())]
        assert (one.stored, one.enrolled, one.answered, one.refused) == (4, True, True, [])
    assert report[NODE].stored == 6
    one = report[keys.node_id(others[0].public_key())]
    assert (one.stored, one.answered, len(one.refused)) == (0, False, 1)


def test_an_error_nobody_thought_of_is_told_by_its_kind_and_stops_no_other_site(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, box, registry, stick = world
    other = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    with monkeypatch.context() as patched:
        patched.setattr("memory_journal.NODE", keys.node_id(other.public_key()))
        theirs = Chain()
        theirs.open(EPOCH)
        theirs.append(4)
    request = {
        "key": keys.public_text(other.public_key()),
        "facility": "F",
        "name": "",
        "code": "code",
    }
    write_out(stick, theirs, Box(), key=other, enrolment=request)
    chain.append(2)
    write_out(stick, chain, box)
    accept = SqliteStore.accept

    def failing(store: SqliteStore, links: Any, now: str) -> Any:
        if links[0][0].node == NODE:
            raise RuntimeError("Grace Wanjiru")
        return accept(store, links, now)

    monkeypatch.setattr(SqliteStore, "accept", failing)
    report = {one.node: one for one in take_in(registry, stick)}
    assert report[keys.node_id(other.public_key())].stored == 4
    (bad,) = report[NODE].refused
    assert (bad.code, bad.sentence) == ("bundle.failed", "The registry failed at it: RuntimeError.")


def test_a_site_that_is_not_enrolled_is_refused_and_gets_no_answer(world: World) -> None:
    chain, _box, registry, stick = world
    chain.append(1)
    key = Ed25519PrivateKey.generate()
    write_out(stick, Chain(), Box(), key=key)
    (taken,) = take_in(registry, stick)
    assert [one.code for one in taken.refused] == ["node.unknown"]
    assert not taken.answered


def test_sites_with_codes_that_are_over_keep_no_other_site_of_their_courier_out(
    world: World,
) -> None:
    _, _, registry, stick = world
    made = [Ed25519PrivateKey.generate() for _ in range(8)]
    made.sort(key=lambda key: keys.node_id(key.public_key()))
    for place, key in enumerate(made):
        chain = Chain(keys.node_id(key.public_key()))
        for start in range(4):
            chain.open(f"{start:016x}")
            chain.append(10)
        request = {
            "key": keys.public_text(key.public_key()),
            "facility": f"FAC{place}",
            "name": "Hillside",
            "code": "over" if place < 4 else "code",
        }
        write_out(stick, chain, Box(), 1, key=key, enrolment=request)
    assert len(files.outward_parts(stick)) == 4 * len(made)
    moment = registry.now()
    taken = take_in(replace(registry, now=lambda: moment), stick)
    late, others = taken[:4], taken[4:]
    # Each once, for all of its parts.
    assert [[bad.code for bad in one.refused] for one in late] == [["enrol.code"]] * 4
    assert not any(one.enrolled or one.answered for one in late)
    assert all(one.enrolled and one.answered and not one.refused for one in others)
    assert {one.stored for one in others} == {40}


def test_an_enrolment_for_another_key_than_the_headers_is_refused(world: World) -> None:
    _, _, registry, stick = world
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    request = {
        "key": keys.public_text(other.public_key()),
        "facility": "F",
        "name": "",
        "code": "code",
    }
    write_out(stick, Chain(), Box(), key=key, enrolment=request)
    (taken,) = take_in(registry, stick)
    assert [one.code for one in taken.refused] == ["bundle.signature"]
    assert registry.store.node(keys.node_id(other.public_key())) is None


def test_a_bundle_under_another_sites_name_is_refused(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(1)
    write_out(stick, chain, box)
    other = keys.node_id(Ed25519PrivateKey.generate().public_key())
    parts(stick)[0].rename(stick / files.outward_name(other, 1))
    (taken,) = take_in(registry, stick)
    assert [one.code for one in taken.refused] == ["bundle.other"]
    assert numbers(registry) == []


def test_a_header_that_somebody_else_signed_is_refused(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(1)
    write_out(stick, chain, box)
    first, *rest = open_sealed(parts(stick)[0].read_bytes(), [identity_of("registry")])
    header = frames.unpack(first)
    for forged in (
        {**header, "recipient": recipient_of(new_identity())},
        {**header, "key": keys.public_text(REGISTRY_KEY.public_key())},
    ):
        data = seal([frames.pack(forged), *rest], registry_recipient().address)
        parts(stick)[0].write_bytes(data)
        (taken,) = take_in(registry, stick)
        assert [one.code for one in taken.refused] == ["bundle.signature"]
    assert numbers(registry) == []


def test_an_answer_for_another_site_or_of_another_registry_is_refused(world: World) -> None:
    chain, box, registry, stick = world
    chain.append(1)
    write_out(stick, chain, box)
    take_in(registry, stick)
    data = (stick / files.inward_name(NODE)).read_bytes()
    own = [identity_of("site")]
    stranger = Ed25519PrivateKey.generate().public_key()
    for key, node, code in (
        (stranger, NODE, "bundle.signature"),
        (REGISTRY_KEY.public_key(), keys.node_id(stranger), "bundle.other"),
    ):
        with pytest.raises(SyncError) as refused:
            take_answer(data, chain, box, key, node, own)
        assert refused.value.code == code
    assert chain.proven == 0


def test_another_history_at_the_registry_is_told_and_moves_nothing(
    world: World, tmp_path: Path
) -> None:
    chain, box, registry, stick = world
    chain.append(3)
    write_out(stick, chain, box)
    take_in(registry, stick)
    other = Chain()
    other.open(EPOCH)
    other.append(3, text="another story")
    with pytest.raises(SyncError) as refused:
        read_back(stick, other, box)
    assert refused.value.code == "registry.diverged"
    assert other.receipt is None
    write_out(stick, other, box)
    assert [one.code for one in take_in(registry, stick)[0].refused] == ["batch.fork"]


def test_links_odd_names_folders_and_giants_are_left_alone(world: World, tmp_path: Path) -> None:
    chain, box, registry, stick = world
    chain.append(2)
    write_out(stick, chain, box)
    elsewhere = tmp_path / "secret"
    elsewhere.write_bytes(b"not for you")
    inward = stick / files.inward_name(NODE)
    inward.symlink_to(elsewhere)
    with pytest.raises(SyncError) as refused:
        read_back(stick, chain, box)
    assert refused.value.code == "stick.read"
    (stick / files.outward_name(NODE, 2)).symlink_to(elsewhere)
    (stick / files.outward_name(NODE, 3)).mkdir()
    os.mkfifo(stick / files.outward_name(NODE, 4))
    for name in (
        f"divoc-edge-{NODE}-5.out.age",
        f"._divoc-edge-{NODE}-0005.out.age",
        "autorun.inf",
    ):
        (stick / name).write_bytes(b"x")
    giant = stick / files.outward_name(NODE, 6)
    with giant.open("wb") as file:
        file.truncate(LARGEST + 1)
    (taken,) = take_in(registry, stick)
    assert taken.stored == 2
    assert [(one.file, one.code) for one in taken.refused] == [(giant.name, "bundle.too-large")]
    # The answer took the link's place, and nothing was written through it.
    assert elsewhere.read_bytes() == b"not for you"
    assert read_back(stick, chain, box).position == 2


def test_a_name_that_cannot_be_looked_up_is_an_error_of_the_stick_and_not_a_file_that_is_missing(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert files.is_there(tmp_path / "link")
    assert not files.is_there(tmp_path / "other")
    with pytest.raises(files.StickError) as refused:
        files.is_there(tmp_path / "file" / "in it")
    assert refused.value.code == "stick.read"


def test_a_file_that_cannot_be_written_whole_is_not_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, box, _, stick = world
    chain.append(2)
    write_out(stick, chain, box)
    before = parts(stick)[0].read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sync.protocol.bundles.files.os.fsync", full)
    with pytest.raises(SyncError) as refused:
        write_out(stick, chain, box)
    assert refused.value.code == "stick.write"
    assert refused.value.temporary
    assert [path.read_bytes() for path in stick.iterdir()] == [before]


def test_a_bomb_is_not_opened(world: World) -> None:
    _chain, _box, registry, stick = world
    bomb = frames.compress(b" " * (9 * 1024 * 1024), frames.BEST)
    path = stick / files.outward_name(NODE, 1)
    path.write_bytes(seal([bomb], registry_recipient().address))
    (taken,) = take_in(registry, stick)
    assert [one.code for one in taken.refused] == ["frame.too-large"]


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.just("x" * 300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=5,
)


@FEW
@given(name=st.sampled_from(sorted(GOOD)), value=hostile)
def test_a_header_its_own_node_signed_over_nonsense_is_refused_in_words(
    name: str, value: object
) -> None:
    document = {**GOOD, name: value}
    try:
        document["signature"] = keys.sign(NODE_KEY, document)
        header = check_outward(document)
    except SyncError:
        return
    assert check_outward(sign_outward(header, NODE_KEY)) == header


def letter(number: int, id_: str) -> Letter:
    return Letter("nation", number, id_, "news", {}, "2026-11-24T12:00:00.000Z")


def test_a_restored_feed_is_read_again_only_if_the_page_was_asked_for_with_our_cursor() -> None:
    page = [letter(1, "b1"), letter(2, "b2"), letter(3, "b3")]
    ours = FeedHead(2, "a2")
    assert fresh(page, ours, ours) == page
    assert fresh(page, ours, FeedHead()) == []
    assert fresh(page, FeedHead(2, "b2"), FeedHead()) == page[2:]
    assert fresh(page[1:], FeedHead(), FeedHead(1, "b1")) == []


def test_letters_come_in_order_over_pages_and_sticks(world: World) -> None:
    chain, box, registry, stick = world
    post(registry, 450)
    post(registry, 3, NODE, "own")
    write_out(stick, chain, box)
    take_in(registry, stick)
    assert read_back(stick, chain, box).letters == 453
    assert [number for feed, number, _ in box.taken if feed == "nation"] == list(range(1, 451))
    assert [number for feed, number, _ in box.taken if feed == "own"] == [1, 2, 3]


spoil = st.one_of(
    st.tuples(st.just("cut"), st.integers(0, 10**9), st.just(0)),
    st.tuples(st.just("flip"), st.integers(0, 10**9), st.integers(1, 255)),
)


def spoiled(data: bytes, how: tuple[str, int, int]) -> bytes:
    kind, place, bits = how
    place %= len(data)
    if kind == "cut":
        return data[:place]
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]


@pytest.mark.slow
@FEW
@given(how=spoil, inside=st.booleans())
def test_a_spoiled_bundle_is_refused_in_words_and_changes_nothing(
    how: tuple[str, int, int], inside: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("spoiled")
    registry = registry_at(folder / "registry.db")
    try:
        chain, box, stick = Chain(), Box(), folder / "stick"
        chain.open(EPOCH)
        chain.append(3)
        post(registry, 2)
        write_out(stick, chain, box)
        (path,) = parts(stick)
        good = path.read_bytes()
        address = registry_recipient().address
        path.write_bytes(resealed(good, "registry", address, how) if inside else spoiled(good, how))
        (taken,) = take_in(registry, stick)
        assert "bundle.failed" not in [one.code for one in taken.refused]
        assert taken.refused or inside  # a bit without a meaning may have been hit
        assert numbers(registry) == everything(chain)[: taken.stored]
        assert registry.store.hash_at(NODE, EPOCH, 3) in (None, chain.all[-1].hash)
        path.write_bytes(good)
        take_in(registry, stick)
        answer = (stick / files.inward_name(NODE)).read_bytes()
        own = recipient_of(identity_of("site"))
        bad = resealed(answer, "site", own, how) if inside else spoiled(answer, how)
        try:
            take_answer(bad, chain, box, REGISTRY_KEY.public_key(), NODE, [identity_of("site")])
        except SyncError:
            assert (chain.receipt, box.taken) == (None, [])
        else:
            assert inside
            assert (chain.proven, box.taken) == (3, [("nation", 1, "n0"), ("nation", 2, "n1")])
    finally:
        registry.store.close()


def resealed(data: bytes, who: str, address: str, how: tuple[str, int, int]) -> bytes:
    """Spoil what is inside, as one could who knows the recipient, as everybody may."""
    kind, place, bits = how
    inner = open_sealed(data, [identity_of(who)])
    chosen = place % len(inner)
    inner[chosen] = spoiled(inner[chosen], (kind, place // len(inner), bits)) or b"\0"
    return seal(inner, address)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("record"), st.integers(1, 4)),
        st.tuples(st.just("start"), st.just(0)),
        st.tuples(st.just("export"), st.integers(0, 2)),
        st.tuples(st.just("take"), st.integers(0, 2)),
        st.tuples(st.just("import"), st.integers(0, 2)),
        st.tuples(st.just("lose"), st.integers(0, 2)),
        st.tuples(st.just("copy"), st.integers(0, 2)),
        st.tuples(st.just("halve"), st.integers(0, 2)),
        st.tuples(st.just("pass"), st.just(0)),
        st.tuples(st.just("post"), st.just(0)),
    ),
    max_size=25,
)


@pytest.mark.slow
@FEW
@given(steps=steps)
def test_in_any_order_of_sticks_and_passes_the_registry_ends_with_each_entry_once(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    registry = registry_at(folder / "registry.db")
    line = Line(create_app(registry).test_client())
    try:
        chain, box = Chain(), Box()
        chain.open(EPOCH)
        proven = 0
        for count, (what, which) in enumerate(steps):
            do(what, which, count, (chain, box, registry, folder), line)
            assert proven <= chain.proven <= len(numbers(registry))
            proven = chain.proven
        last = folder / "last"
        write_out(last, chain, box, size=300)
        take_in(registry, last)
        read_back(last, chain, box)
        assert numbers(registry) == everything(chain)
        assert chain.proven == len(chain.all)
        assert [number for _, number, _ in box.taken] == list(range(1, len(box.taken) + 1))
        assert len(box.taken) == sum(what == "post" for what, _ in steps)
    finally:
        registry.store.close()


def do(what: str, which: int, count: int, world: World, line: Line) -> None:
    chain, box, registry, folder = world
    stick = folder / str(which)
    stick.mkdir(exist_ok=True)
    if what == "record":
        chain.append(which)
    elif what == "start":
        chain.open(f"{count + 1:016x}")
    elif what == "export":
        write_out(stick, chain, box, size=300)
    elif what == "take":
        take_in(registry, stick)
    elif what == "import" and (stick / files.inward_name(NODE)).exists():
        read_back(stick, chain, box)
    elif what == "lose":
        shutil.rmtree(stick)
    elif what == "copy":
        shutil.copytree(stick, folder / str((which + 1) % 3), dirs_exist_ok=True)
    elif what == "halve" and parts(stick):
        path = parts(stick)[-1]
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif what == "pass":
        assert follower(chain, line, box).run().state == "synced"
    elif what == "post":
        post(registry, 1, prefix=f"{count}-")
