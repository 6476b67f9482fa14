"""Delivery that proves itself: nothing lost, nothing twice, and never "synced" when it is not."""

from __future__ import annotations

import copy
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from memory_journal import (
    NODE,
    NODE_KEY,
    REGISTRY_KEY,
    Chain,
    Line,
    cut,
    enrolment,
    follower,
    held,
    open_registry,
)

from sync.protocol import frames
from sync.protocol.batches import decode_batch, encode_batch, make_batch
from sync.protocol.errors import LineError, TransportError
from sync.protocol.letters import Letter
from sync.protocol.receipts import sign_receipt
from sync.protocol.states import TIPS, FeedHead
from sync.protocol.versions import NEWEST, OLDEST, ONCE
from sync.registry.store.records import NATION
from sync.registry.store.sqlite import SqliteStore
from sync.registry.store.sqlite.connections import connect
from sync.site.source import Tip

EPOCH = "00000000000000e1"
World = tuple[Chain, Line, SqliteStore]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store, client = open_registry(tmp_path / "registry.db")
    chain = Chain()
    chain.open(EPOCH)
    yield chain, Line(client), store
    store.close()


def no_fault(what: str, answer: Any) -> Any:
    return answer


def noted(asked: list[str]) -> Callable[[str, Any], Any]:
    """Write down what is asked and leave the answer as it is."""

    def note(what: str, answer: Any) -> Any:
        asked.append(what)
        return answer

    return note


def cut_at(place: str) -> Any:
    return lambda what, answer: cut() if what == place else answer


def test_everything_is_delivered_once_and_a_receipt_proves_it(world: World) -> None:
    chain, line, store = world
    chain.append(250)
    result = follower(chain, line).run()
    assert (result.state, result.sent) == ("synced", 250)
    assert chain.proven == 250
    assert [number for _, number, _ in held(store)] == list(range(1, 251))
    assert store.heads(NODE)[0].hash == chain.all[-1].hash
    assert follower(chain, line).run().sent == 0


def test_a_new_epoch_follows_its_parent_and_one_receipt_covers_both(world: World) -> None:
    chain, line, store = world
    chain.append(5)
    follower(chain, line).run()
    chain.open("00000000000000e2")
    chain.append(3)
    assert follower(chain, line).run().state == "synced"
    assert store.count(NODE) == chain.proven == 8
    assert chain.receipt is not None
    assert (chain.receipt.epoch, chain.receipt.number) == ("00000000000000e2", 3)
    assert len(store.heads(NODE)) == 2


def test_the_registry_knows_how_much_a_site_has_still_to_send(world: World) -> None:
    chain, line, store = world
    chain.append(600)
    taken: list[int] = []

    def broken(what: str, answer: Any) -> Any:
        if what == "batches":
            taken.append(1)
        return cut() if what == "before batches" and len(taken) == 2 else answer

    line.fault = broken
    follow = follower(chain, line)
    follow.run()
    node = store.node(NODE)
    assert node is not None
    assert node.waiting == 600 - node.entries > 0
    line.fault = no_fault
    follow.run()
    chain.open("00000000000000e2")
    chain.append(2)
    follow.run()
    node = store.node(NODE)
    assert node is not None
    assert (node.waiting, node.entries) == (0, 602)


@pytest.mark.slow
def test_the_registry_is_found_behind_any_number_of_epochs(world: World) -> None:
    chain, line, store = world
    chain.append(5)
    follower(chain, line).run()
    for number in range(2 * TIPS + 5):
        chain.open(f"{number:016x}")
        chain.append(1)
    assert follower(chain, line).run().state == "synced"
    assert store.count(NODE) == chain.proven == 2 * TIPS + 10
    assert len(line.deliveries) == 1 + 2 * TIPS + 5  # the first five were not sent again


@pytest.mark.slow
def test_a_search_through_many_epochs_names_each_once(world: World) -> None:
    chain, line, _ = world
    for number in range(2 * TIPS):
        chain.open(f"{number:016x}")
        chain.append(2)
    named: list[str] = []
    tips = chain.tips

    def noted(before: int, limit: int) -> list[Tip]:
        found = tips(before, limit)
        named.extend(tip.epoch for tip in found)
        return found

    chain.tips = noted  # type: ignore[method-assign]
    assert follower(chain, line).run().state == "synced"
    assert len(named) == len(set(named)) == 2 * TIPS


def test_a_pass_says_whether_it_was_the_line_that_failed_and_counts_what_was_proven(
    world: World,
) -> None:
    chain, line, _ = world
    chain.append(300)
    site = follower(chain, line)
    line.fault = cut_at("batches")
    done = site.run()
    assert (done.state, done.away, done.sent) == ("unreachable", True, 0)
    line.fault = lambda what, answer: busy() if what == "batches" else answer
    done = site.run()
    assert (done.state, done.away, done.sent) == ("unreachable", False, 0)
    line.fault = no_fault
    assert site.run().sent + 128 + 64 >= 300  # what was taken and not heard of is not sent again


def test_a_lost_answer_is_healed_without_a_double(world: World) -> None:
    chain, line, store = world
    chain.append(10)
    line.fault = cut_at("batches")
    assert follower(chain, line).run().state == "unreachable"
    assert chain.proven == 0  # it is there, but nobody has said so
    assert store.count(NODE) == 10
    line.fault = no_fault
    assert follower(chain, line).run().state == "synced"
    assert store.count(NODE) == chain.proven == 10


def test_the_same_batch_twice_is_stored_once(world: World) -> None:
    chain, line, store = world
    chain.append(10)
    follower(chain, line).run()
    (batch,) = line.deliveries
    answer = line.deliver(NODE, batch)
    assert (answer["stored"], answer["alreadyHad"]) == (0, 10)
    assert store.count(NODE) == 10


@pytest.mark.parametrize("place", ["state", "batches"])
@pytest.mark.parametrize(
    "lie", [{"ok": True}, {}, "welcome", None, {"receipts": []}, {"receipt": None}]
)
def test_an_answer_without_a_receipt_moves_nothing(world: World, place: str, lie: Any) -> None:
    chain, line, _ = world
    chain.append(10)
    line.fault = lambda what, answer: lie if what == place else answer
    assert follower(chain, line).run().state != "synced"
    assert chain.proven == 0


def test_no_record_is_sent_to_somebody_who_cannot_sign_for_the_registry(world: World) -> None:
    chain, line, _ = world
    chain.append(10)
    stranger = Ed25519PrivateKey.generate()

    def forged(what: str, answer: Any) -> Any:
        if what == "state":
            from sync.protocol.keys import sign

            unsigned = {name: value for name, value in answer.items() if name != "signature"}
            return {**unsigned, "signature": sign(stranger, unsigned)}
        return answer

    line.fault = forged
    assert follower(chain, line).run().code == "state.signature"
    assert line.deliveries == []


def test_an_older_answer_of_the_registry_is_not_taken_for_todays(world: World) -> None:
    chain, line, _ = world
    chain.append(10)
    kept: list[Any] = []

    def keep(what: str, answer: Any) -> Any:
        if what == "state":
            kept.append(answer)
        return answer

    line.fault = keep
    follow = follower(chain, line)
    follow.run()
    older = [kept[0]]  # the registry's word that it is asked anew, and then its answer
    line.fault = lambda what, answer: older[0] if what == "state" else answer
    for older[0], code in ((kept[0], "question.other"), (kept[1], "state.other")):
        chain.append(1)
        assert follow.run().code == code


def test_a_receipt_that_the_registry_did_not_sign_moves_nothing(world: World) -> None:
    chain, line, _ = world
    chain.append(10)

    def forged(what: str, answer: Any) -> Any:
        if what == "batches":
            answer["receipt"]["count"] += 1
        return answer

    line.fault = forged
    result = follower(chain, line).run()
    assert (result.state, result.code) == ("refused", "receipt.signature")
    assert chain.proven == 0


def test_a_receipt_that_vouches_for_less_than_was_just_given_is_not_believed(world: World) -> None:
    chain, line, _ = world
    chain.append(10)

    def behind(what: str, answer: Any) -> Any:
        if what != "batches":
            return answer
        from sync.protocol.receipts import Receipt

        old = Receipt(NODE, EPOCH, 4, chain.all[3].hash, 4, "2026-11-24T12:00:00Z")
        return {"receipt": sign_receipt(old, REGISTRY_KEY).whole()}

    line.fault = behind
    assert follower(chain, line).run().code == "receipt.behind"
    assert chain.proven == 4


def test_a_registry_that_counts_less_than_it_vouches_for_is_not_believed(world: World) -> None:
    chain, line, _ = world
    chain.append(10)

    def few(what: str, answer: Any) -> Any:
        if what != "batches":
            return answer
        from sync.protocol.receipts import Receipt

        lie = Receipt(NODE, EPOCH, 10, chain.all[9].hash, 9, "2026-11-24T12:00:00Z")
        return {"receipt": sign_receipt(lie, REGISTRY_KEY).whole()}

    line.fault = few
    assert follower(chain, line).run().code == "receipt.count"
    assert chain.proven == 0


def test_a_registry_restored_from_a_backup_gets_the_rest_again(
    world: World, tmp_path: Path
) -> None:
    chain, line, _ = world
    chain.append(20)
    follower(chain, line).run()
    backup = connect(tmp_path / "registry.db", None)
    backup.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
    backup.close()
    shutil.copy(tmp_path / "backup.db", tmp_path / "restored.db")
    old, client = open_registry(tmp_path / "restored.db")
    chain.append(30)
    follower(chain, line).run()
    assert chain.proven == 50
    restored = Line(client)
    lost = follower(chain, restored)
    restored.fault = cut_at("before batches")
    lost.run()
    assert chain.proven == 20  # the proof went back with the registry
    restored.fault = no_fault
    assert lost.run().state == "synced"
    assert old.count(NODE) == chain.proven == 50
    old.close()


def test_a_registry_that_is_restored_in_the_middle_of_a_pass_is_asked_again(
    world: World, tmp_path: Path
) -> None:
    chain, line, _ = world
    chain.append(400)
    empty, client = open_registry(tmp_path / "empty.db")

    def restored(what: str, answer: Any) -> Any:
        if what == "batches" and len(line.deliveries) == 1:
            line.client = client
        return answer

    line.fault = restored
    assert follower(chain, line).run().state == "synced"
    assert empty.count(NODE) == chain.proven == 400
    empty.close()


@pytest.mark.slow
def test_a_registry_that_is_another_one_at_every_turn_ends_the_pass_and_not_the_next(
    world: World, tmp_path: Path
) -> None:
    chain, line, _ = world
    for epoch in "12":  # a batch is of one epoch, so two are needed
        chain.open(f"{epoch:>016}")
        chain.append(5)
    others: list[SqliteStore] = []

    def another(what: str, answer: Any) -> Any:
        if what == "batches" and len(others) < 100:
            other, line.client = open_registry(tmp_path / f"{len(others)}.db")
            others.append(other)
        return answer

    line.fault = another
    follow = follower(chain, line)
    result = follow.run()
    assert (result.state, result.code) == ("refused", "registry.unsteady")
    line.fault = no_fault
    assert follow.run().state == "synced"
    assert others[-1].count(NODE) == chain.proven == 10
    for other in others:
        other.close()


def test_a_site_restored_from_a_backup_goes_on_in_a_new_epoch_and_both_histories_are_kept(
    world: World,
) -> None:
    chain, line, store = world
    chain.append(10)
    old = copy.deepcopy(chain)
    chain.append(10)
    follower(chain, line).run()
    old.open("00000000000000bb")
    old.append(3)
    assert follower(old, line).run().state == "synced"
    assert store.count(NODE) == 23
    assert old.proven == 13
    assert [alarm.kind for alarm in store.alarms(NODE)] == ["siblings"]


def test_a_copied_card_opens_an_epoch_of_its_own_and_both_histories_are_kept(world: World) -> None:
    chain, line, store = world
    chain.append(5)
    follower(chain, line).run()
    clone = copy.deepcopy(chain)
    chain.open("00000000000000aa")
    chain.append(4)
    clone.open("00000000000000bb")
    clone.append(6)
    assert follower(chain, line).run().state == "synced"
    assert store.alarms(NODE) == []
    assert follower(clone, line).run().state == "synced"
    assert store.count(NODE) == 15
    assert [(one.kind, one.epoch) for one in store.alarms(NODE)] == [
        ("siblings", "00000000000000bb")
    ]


@pytest.mark.parametrize(
    ("common", "theirs", "ours"), [(0, 6, 4), (7, 1, 1), (40, 300, 5), (3, 2, 400)]
)
def test_two_histories_that_share_an_epoch_are_both_kept_and_an_alarm(
    world: World, common: int, theirs: int, ours: int
) -> None:
    chain, line, store = world
    chain.append(common)
    twin = copy.deepcopy(chain)
    chain.append(theirs)
    follower(chain, line).run()
    before = held(store)
    twin.append(ours, text="another history")
    follow = follower(twin, line)
    result = follow.run()
    assert (result.state, result.code) == ("synced", "registry.parted")
    assert result.values == {"number": common}
    assert twin.proven == common + ours
    assert [(one.kind, one.number) for one in store.alarms(NODE)] == [("fork", common + 1)]
    assert store.count(NODE) == common + theirs + ours
    assert [one for one in held(store) if "~" not in one[0]] == before
    branch = [one for one in held(store) if "~" in one[0]]
    assert [number for _, number, _ in branch] == list(range(common + 1, common + ours + 1))


def test_both_machines_of_one_epoch_go_on_and_so_do_their_next_epochs(
    world: World, tmp_path: Path
) -> None:
    chain, line, store = world
    chain.append(5)
    twin = copy.deepcopy(chain)
    follows = [follower(chain, line), follower(twin, line)]
    for turn in range(3):
        for name, one, follow in zip("ab", (chain, twin), follows, strict=True):
            one.append(3, text=name)
            assert follow.run().state == "synced", (turn, name)
    for name, one, follow in zip("ab", (chain, twin), follows, strict=True):
        one.open(f"00000000000000{name}{name}")
        one.append(2)
        assert follow.run().state == "synced"
        assert one.proven == one.last() == 16
    assert store.count(NODE) == 5 + 2 * 11
    restored, line.client = open_registry(tmp_path / "empty.db")
    for one, follow in zip((twin, chain), reversed(follows), strict=True):
        result = follow.run()
        assert (result.state, result.code) == ("synced", "registry.parted" if one is twin else "")
        assert one.proven == 16
    assert restored.count(NODE) == 5 + 2 * 11
    restored.close()


def test_a_machine_that_finds_another_history_taken_behind_its_back_goes_on_as_a_branch(
    world: World,
) -> None:
    chain, line, store = world
    line.authenticated = True  # so that a pass begins with what it knows, and not with a question
    chain.append(5)
    twin = copy.deepcopy(chain)
    ours, theirs = follower(chain, line), follower(twin, line)
    for follow in (ours, theirs):
        assert follow.run().state == "synced"
    chain.append(3, text="one")
    ours.run()
    twin.append(2, text="other")
    asked: list[str] = []
    line.fault = noted(asked)
    result = theirs.run()
    assert asked[0] == "before batches"
    assert (result.state, result.sent, result.code) == ("synced", 2, "registry.parted")
    for more in (1, 0):
        twin.append(more, text="other")
        asked.clear()
        result = theirs.run()
        assert (result.state, result.sent, result.code) == ("synced", more, "registry.parted")
        assert "state" not in asked  # on the short way, too, it says that there are two
    assert [(one.kind, one.number) for one in store.alarms(NODE)] == [("fork", 6)]
    assert store.count(NODE) == 5 + 3 + 3


@pytest.mark.slow
def test_a_branch_that_a_restored_registry_has_lost_is_made_again(
    world: World, tmp_path: Path
) -> None:
    chain, line, _ = world
    line.authenticated = True
    chain.append(5)
    twin = copy.deepcopy(chain)
    chain.append(6, text="one")
    twin.append(2, text="other")
    follow = follower(twin, line)
    restored, client = open_registry(tmp_path / "restored.db")
    for one in (follower(chain, Line(line.client)), follower(chain, Line(client)), follow):
        assert one.run().state == "synced"
    line.client = client
    twin.append(3, text="other")
    asked: list[str] = []
    line.fault = noted(asked)
    result = follow.run()
    assert asked[0] == "before batches"
    assert (result.state, result.code) == ("synced", "registry.parted")
    assert restored.count(NODE) == 5 + 6 + 5
    restored.close()


def test_another_content_under_a_number_that_is_held_is_refused(world: World) -> None:
    chain, line, store = world
    chain.append(10)
    follower(chain, line).run()
    other = Chain()
    other.open(EPOCH)
    other.append(12, text="another history")
    contents = [json.loads(one.content) for one in other.all]
    batch = make_batch(contents, other.all[-1].hash, NODE_KEY, NEWEST)
    answer = line.deliver(NODE, encode_batch(batch, frames.BEST, short=False))
    assert answer["code"] == "batch.fork"
    assert [alarm.kind for alarm in store.alarms(NODE)] == ["fork"]
    assert [one[2] for one in held(store)] == [f"{EPOCH}-{n}" for n in range(1, 11)]


def test_a_batch_that_leaves_its_hashes_out_and_does_not_fit_is_asked_for_with_them(
    world: World,
) -> None:
    chain, line, store = world
    chain.append(3)
    follower(chain, line).run()
    other = Chain()
    other.open(EPOCH)
    other.append(6, text="another history")
    late = other.after(3, 3)
    batch = make_batch([json.loads(one.content) for one in late], late[-1].hash, NODE_KEY, NEWEST)
    assert (
        line.deliver(NODE, encode_batch(batch, frames.BEST, short=True))["code"] == "batch.hashes"
    )
    assert line.deliver(NODE, encode_batch(batch, frames.BEST, short=False))["code"] == "batch.fork"
    assert store.count(NODE) == 3


@pytest.mark.slow
def test_batches_shrink_on_a_bad_line_and_grow_on_a_good_one(world: World) -> None:
    chain, line, _ = world
    chain.append(1000)
    follow = follower(chain, line)
    line.fault = cut_at("before batches")
    for _ in range(3):
        follow.run()
    line.fault = no_fault
    follow.run()
    sizes = [len(decode_batch(one, NODE).entries) for one in line.deliveries]
    assert sizes[0] == 16
    assert sizes == sorted(sizes[:-1]) + sizes[-1:]
    assert max(sizes) > 200


def busy() -> Any:
    raise TransportError("registry.busy", "The national registry is busy.", retry_after=5)


def away() -> Any:
    raise LineError("registry.unreachable", "The national registry cannot be reached.")


@pytest.mark.slow
@pytest.mark.parametrize("fault", [busy, away])
def test_a_night_in_which_no_batch_was_lost_does_not_make_the_first_of_the_morning_small(
    world: World, fault: Callable[[], Any]
) -> None:
    chain, line, _ = world
    line.authenticated = True
    chain.append(1)
    follow = follower(chain, line)
    assert follow.run().state == "synced"
    chain.append(500)
    line.fault = lambda what, answer: fault() if what.startswith("before ") else answer
    for _ in range(200):
        assert follow.run().state == "unreachable"
    line.fault = no_fault
    line.deliveries.clear()
    assert follow.run().state == "synced"
    assert len(decode_batch(line.deliveries[0], NODE).entries) >= 64


def test_a_batch_that_is_too_large_is_halved_until_it_is_taken(world: World) -> None:
    chain, line, store = world
    chain.append(200)
    small: list[int] = []

    def picky(what: str, answer: Any) -> Any:
        if what == "before batches":
            return answer
        if what == "batches" and len(decode_batch(line.deliveries[-1], NODE).entries) > 20:
            return {"code": "frame.too-large", "sentence": "too large", "temporary": False}
        small.append(1)
        return answer

    line.fault = picky
    assert follower(chain, line).run().state == "synced"
    assert store.count(NODE) == chain.proven == 200


OLDER = {"protocol": {"min": OLDEST, "max": ONCE}, "codings": ["zlib"]}
"""What the oldest registry says that this site still speaks with."""


def test_a_registry_that_knows_only_zlib_and_the_oldest_version_is_delivered_to(
    world: World,
) -> None:
    chain, line, store = world
    chain.append(5)
    line.fault = lambda what, answer: OLDER if what == "speak" else answer
    assert follower(chain, line).run().state == "synced"
    (batch,) = line.deliveries
    assert not batch.startswith(b"\x28\xb5\x2f\xfd")
    assert decode_batch(batch, NODE).protocol == ONCE
    assert store.count(NODE) == chain.proven == 5


@pytest.mark.parametrize("older", [False, True])
def test_fields_of_newer_software_arrive_unchanged_through_older_software(
    world: World, older: bool
) -> None:
    chain, line, store = world
    chain.append(
        1, body={"new": {"deep": [1, None, "ü", {"of": "later"}]}}, later="a field", zeta=7
    )
    if older:
        line.fault = lambda what, answer: OLDER if what == "speak" else answer
    assert follower(chain, line).run().state == "synced"
    (kept,) = store.entries(NODE, EPOCH, 0, 9)
    assert kept.content == chain.all[0].content
    assert json.loads(kept.content)["later"] == "a field"


def test_an_unknown_dictionary_falls_back_to_the_floor(world: World) -> None:
    chain, line, _ = world
    chain.append(5)

    def forgetful(what: str, answer: Any) -> Any:
        if what == "batches" and line.deliveries[-1].startswith(b"\x28\xb5\x2f\xfd"):
            return {"code": "frame.dictionary", "sentence": "unknown", "temporary": False}
        return answer

    line.fault = forgetful
    assert follower(chain, line).run().state == "synced"
    assert chain.proven == 5


def test_how_to_speak_is_agreed_anew_every_day(world: World) -> None:
    chain, line, _ = world
    now, asked = [0.0], list[str]()
    line.fault = noted(asked)
    follow = follower(chain, line, elapsed=lambda: now[0])
    for day, times in ((0.0, 1), (0.9, 1), (1.1, 2), (2.0, 2), (2.2, 3)):
        now[0] = 86_400 * day
        chain.append(1)
        follow.run()
        assert asked.count("before speak") == times


@pytest.mark.parametrize(
    ("spoken", "whose"),
    [
        ({"ok": True}, "The registry needs an update"),
        ({"protocol": {"min": 1}}, "The registry needs an update"),
        ({"protocol": {"min": 1, "max": 1}}, "The registry needs an update"),
        ({"protocol": {"min": 1, "max": ONCE - 1}}, "The registry needs an update"),
        ({"protocol": {"min": NEWEST + 1, "max": NEWEST + 3}}, "This site needs an update"),
    ],
    ids=str,
)
def test_two_ends_without_a_common_version_say_whose_is_old_and_send_nothing(
    world: World, spoken: dict[str, Any], whose: str
) -> None:
    chain, line, store = world
    chain.append(5)
    line.fault = lambda what, answer: spoken if what == "speak" else answer
    follow = follower(chain, line)
    done = follow.run()
    assert (done.state, done.code) == ("refused", "protocol.apart")
    assert whose in done.trouble.format(**done.values)
    assert line.deliveries == []
    line.fault = no_fault  # it is brought up to date
    assert follow.run().state == "synced"
    assert store.count(NODE) == 5


def test_a_registry_that_cannot_say_how_it_speaks_just_now_is_asked_again(world: World) -> None:
    chain, line, _ = world
    chain.append(1)
    busy = {"code": "registry.load", "sentence": "Too much to do.", "temporary": True}
    line.fault = lambda what, answer: busy if what == "speak" else answer
    follow = follower(chain, line)
    done = follow.run()
    assert (done.state, done.code) == ("unreachable", "registry.load")
    line.fault = no_fault
    assert follow.run().state == "synced"


def test_on_a_line_that_proves_who_answers_an_idle_pass_is_one_small_question(world: World) -> None:
    chain, line, store = world
    chain.append(5)
    line.authenticated = True
    follow = follower(chain, line)
    follow.run()
    follow.run()
    asked: list[str] = []
    line.fault = noted(asked)
    assert follow.run().state == "synced"
    assert asked == ["before unchanged"]
    chain.append(1)
    assert follow.run().sent == 1
    line.authenticated = False
    asked.clear()
    follow.run()
    assert "state" in asked
    assert store.count(NODE) == 6


def test_the_idle_question_is_short_and_notices_any_change(world: World) -> None:
    chain, line, store = world
    line.authenticated = True
    chain.append(1)
    follow = follower(chain, line)
    for _ in range(3):
        assert follow.run().state == "synced"
    (question,) = set(line.idle)
    assert re.fullmatch(rf"{NODE}\?[\w-]{{6}}", question)
    assert line.unchanged(question)
    store.post(NATION, "campaign", "one", "{}", "2026-11-27T00:00:00.000Z")
    assert not line.unchanged(question)
    for _ in range(3):
        follow.run()
    later = line.idle[-1]
    assert line.unchanged(later)
    chain.append(1)
    follow.run()
    assert not line.unchanged(later)


def test_an_idle_site_is_heard_from_every_six_hours_by_a_question_that_proves_it(
    world: World,
) -> None:
    chain, line, _ = world
    chain.append(1)
    line.authenticated = True
    now = 0.0
    follow = follower(chain, line, elapsed=lambda: now)
    follow.run()
    follow.run()
    asked: list[str] = []
    line.fault = noted(asked)
    now = 6 * 3600 - 1.0
    assert follow.run().state == "synced"
    assert asked == ["before unchanged"]
    now = 6 * 3600.0
    assert follow.run().state == "synced"
    assert "state" in asked
    asked.clear()
    assert follow.run().state == "synced"
    assert asked == ["before unchanged"]


def test_a_site_that_an_operator_stopped_is_told_so(world: World) -> None:
    chain, line, store = world
    chain.append(1)
    store.set_state(NODE, "stopped", "2026-11-24T12:00:00.000Z")
    assert follower(chain, line).run().code == "node.stopped"
    store.set_state(NODE, "active", "2026-11-24T12:00:00.000Z")
    assert follower(chain, line).run().state == "synced"


def test_a_one_time_code_enrols_one_site_and_that_site_again(world: World) -> None:
    import hashlib

    _, line, store = world
    store.add_code(hashlib.sha256(b"once").hexdigest(), "DEMO01", "2027-01-01T00:00:00.000Z")
    other = enrolment(code="once", by=Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
    assert "key" in line.ask("enrol", frames.pack(other))
    assert "key" in line.ask("enrol", frames.pack(other))
    third = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)
    second = line.ask("enrol", frames.pack(enrolment(code="once", by=third)))
    assert second["code"] == "enrol.code"


def revocations(store: SqliteStore) -> list[int]:
    return [one.number for one in store.of_type("CertificateRevoked")]


def test_a_revocation_at_the_end_of_a_backlog_arrives_before_the_backlog(world: World) -> None:
    chain, line, store = world
    chain.append(600)
    chain.append(1, type_="CertificateRevoked")
    chain.append(50)
    line.fault = cut_at("before batches")
    follow = follower(chain, line)
    follow.run()
    assert revocations(store) == [601]
    assert (store.count(NODE), chain.proven) == (0, 0)  # sent ahead is not delivered
    line.fault = no_fault
    assert follow.run().state == "synced"
    assert revocations(store) == [601]
    assert store.count(NODE) == chain.proven == 651
    assert store.alarms(NODE) == []


def test_what_was_sent_ahead_is_sent_ahead_again_to_a_registry_that_was_restored(
    world: World, tmp_path: Path
) -> None:
    chain, line, _ = world
    chain.append(1)
    follow = follower(chain, line)
    follow.run()
    chain.append(600)
    chain.append(1, type_="CertificateRevoked")
    line.fault = cut_at("before batches")
    follow.run()
    restored, line.client = open_registry(tmp_path / "restored.db")
    follow.run()
    assert revocations(restored) == [602]
    assert restored.count(NODE) == 0
    restored.close()


def test_a_short_backlog_is_not_overtaken(world: World) -> None:
    chain, line, _ = world
    chain.append(20)
    chain.append(1, type_="CertificateRevoked")
    asked: list[str] = []
    line.fault = noted(asked)
    follower(chain, line).run()
    assert "urgent" not in asked


def test_an_entry_sent_ahead_that_comes_with_another_content_is_an_alarm(world: World) -> None:
    from sync.protocol.urgent import pack_urgent

    chain, line, store = world
    chain.append(3)
    other = Chain()
    other.open(EPOCH)
    other.append(1)
    other.append(1, text="another", type_="CertificateRevoked")
    ahead = pack_urgent([other.all[1].content], NODE, NODE_KEY, frames.BEST)
    assert line.ask(f"nodes/{NODE}/urgent", ahead) == {"new": 1}
    assert follower(chain, line).run().state == "synced"
    assert [(alarm.kind, alarm.number) for alarm in store.alarms(NODE)] == [("fork", 2)]
    assert revocations(store) == [2]  # the node did sign it, and a revocation is not taken back
    assert line.ask(f"nodes/{NODE}/urgent", ahead)["code"] == "batch.fork"


def test_urgent_entries_that_the_node_did_not_sign_are_refused(world: World) -> None:
    from sync.protocol.urgent import pack_urgent

    chain, line, store = world
    chain.append(1, type_="CertificateRevoked")
    stranger = Ed25519PrivateKey.generate()
    forged = pack_urgent([chain.all[0].content], NODE, stranger, frames.BEST)
    assert line.ask(f"nodes/{NODE}/urgent", forged)["code"] == "urgent.signature"
    assert line.ask(f"nodes/{NODE}/urgent", frames.pack({"entries": []}))["code"] == "urgent.field"
    assert revocations(store) == []


class CatalogueCache:
    """A site's inbox: the cursors of its feeds, and what it took."""

    def __init__(self) -> None:
        self.cursors: dict[str, FeedHead] = {}
        self.taken: list[str] = []

    def cursor(self, feed: str) -> FeedHead:
        return self.cursors.get(feed, FeedHead())

    def take(self, letters: Sequence[Letter]) -> None:
        self.taken += [one.id for one in letters]
        self.cursors[letters[-1].feed] = FeedHead(letters[-1].number, letters[-1].id)


def test_letters_are_asked_for_in_the_version_that_both_ends_speak(world: World) -> None:
    chain, line, store = world
    store.post(NATION, "news", "n-1", "{}", "2026-11-24T12:00:00.000Z")
    line.fault = lambda what, answer: OLDER if what == "speak" else answer
    versions: list[int] = []

    def ask(path: str, body: bytes | None) -> Any:
        if body is not None and frames.is_frame(body):
            versions.append(frames.unpack(body)["protocol"])
        return Line.ask(line, path, body)

    line.ask = ask  # type: ignore[method-assign]
    catalogues = CatalogueCache()
    assert follower(chain, line, catalogues).run().state == "synced"
    assert catalogues.taken == ["n-1"]
    assert set(versions) == {ONCE}


def test_letters_that_are_refused_are_refused_in_the_registrys_words(world: World) -> None:
    chain, line, store = world
    store.post(NATION, "news", "n-1", "{}", "2026-11-24T12:00:00.000Z")

    def stopped(what: str, answer: Any) -> Any:
        if what == "before letters":
            store.set_state(NODE, "stopped", "2026-11-24T12:00:00.000Z")
        return answer

    line.fault = stopped
    assert follower(chain, line, CatalogueCache()).run().code == "node.stopped"


def test_a_tag_from_before_a_pass_that_failed_proves_nothing(world: World, tmp_path: Path) -> None:
    chain, line, store = world
    line.authenticated = True
    chain.append(5)
    follow = follower(chain, line, CatalogueCache())
    follow.run()
    assert follow.run().state == "synced"
    backup = connect(tmp_path / "registry.db", None)
    backup.execute("VACUUM INTO ?", (str(tmp_path / "restored.db"),))
    backup.close()
    chain.append(1)
    store.post(NATION, "news", "n-1", "{}", "2026-11-24T12:00:00.000Z")
    line.fault = cut_at("before letters")
    assert follow.run().state == "unreachable"
    line.fault = no_fault
    restored, line.client = open_registry(tmp_path / "restored.db")
    assert follow.run().state == "synced"
    assert restored.count(NODE) == 6
    restored.close()


def test_letters_are_read_again_after_an_old_stick_has_moved_the_cursor(world: World) -> None:
    chain, line, store = world
    line.authenticated = True
    for number in range(3):
        store.post(NATION, "news", f"n-{number}", "{}", "2026-11-24T12:00:00.000Z")
    catalogues = CatalogueCache()
    follow = follower(chain, line, catalogues)
    follow.run()
    follow.run()
    catalogues.cursors["nation"] = FeedHead(1, "n-0")
    assert follow.run().letters == 2
    assert catalogues.cursors["nation"] == FeedHead(3, "n-2")
