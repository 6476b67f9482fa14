"""Pieces of a list of people: cut, sealed, asked for, and proven by their hashes."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from expected_people import letter_for, name_of, pieces_of, row
from hypothesis import given
from hypothesis import strategies as st
from memory_journal import NODE_KEY, REGISTRY_KEY, cut
from signed_messages import Centre, Sender

from sync.protocol import enrolment_lists as lists
from sync.protocol import frames
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.errors import LineError, ProtocolError, SyncError
from sync.protocol.keys import node_id, sign
from sync.registry.enrolment_lists import ListFile, publish, tell_moved, withdraw
from sync.registry.enrolment_tables import read_table
from sync.registry.store.interface import Store
from sync.site.asking import Asker
from sync.site.pieces import fetch_pieces

NOW = "2026-11-30T08:00:00.000Z"
LATER = "2026-12-01T08:00:00.000Z"
OWN = new_identity()
NODE = node_id(NODE_KEY.public_key())


class Shelf:
    """Where pieces are taken in, in memory."""

    def __init__(self, wanted: Mapping[str, bytes]) -> None:
        self.wanted = list(wanted)
        self.taken: dict[str, bytes] = {}

    def missing(self) -> Sequence[str]:
        return [hash_ for hash_ in self.wanted if hash_ not in self.taken]

    def identity(self) -> str:
        return OWN

    def take(self, frames: Mapping[str, bytes]) -> int:
        came = {hash_: frames[hash_] for hash_ in self.missing() if hash_ in frames}
        self.taken |= came
        return len(came)


class Giver:
    """A line to a registry that has ``pieces``, and breaks off whenever ``breaks`` says so."""

    authenticated = True

    def __init__(self, pieces: Mapping[str, bytes], breaks: Sequence[bool] = ()) -> None:
        self.pieces = dict(pieces)
        self.breaks = list(breaks)

    def ask(self, path: str, body: bytes | None) -> Any:
        assert path == f"nodes/{NODE}/pieces"
        if self.breaks and self.breaks.pop():
            cut()
        nonce, recipient, want = lists.read_question(frames.unpack(body or b""))
        some = [self.pieces[hash_] for hash_ in want if hash_ in self.pieces]
        sealed = lists.seal_pieces(some, recipient) if some else b""
        answer = lists.answer_of(NODE, nonce, NOW, sealed)
        return {**answer, "signature": sign(REGISTRY_KEY, answer)}

    def unchanged(self, path: str) -> bool:
        return False


def fetched(giver: Giver, shelf: Shelf) -> int:
    asker = Asker(NODE, NODE_KEY, REGISTRY_KEY.public_key())
    return fetch_pieces(giver, asker, shelf, lambda: random.randbytes(8).hex())


PIECES = pieces_of([row(number) for number in range(lists.PEOPLE * 4 + 1)])


@given(st.lists(st.booleans(), max_size=12))
@pytest.mark.slow
def test_wherever_a_line_breaks_each_piece_comes_once_and_nothing_is_asked_for_twice(
    breaks: list[bool],
) -> None:
    pieces = {lists.hash_of(frame): frame for frame in (b"%d" % number for number in range(9))}
    shelf, giver = Shelf(pieces), Giver(pieces, breaks)
    came = 0
    for _ in range(len(breaks) + 1):
        before = len(shelf.taken)
        try:
            fetched(giver, shelf)
        except LineError:
            came += len(shelf.taken) - before
            continue
        came += len(shelf.taken) - before
        break
    assert shelf.taken == pieces
    assert came == len(pieces)


@given(st.integers(0, 3 * lists.PEOPLE))
def test_the_pieces_of_a_list_are_its_rows_in_order_and_none_is_too_large(count: int) -> None:
    rows = [(line, f"row {line}\n") for line in range(2, count + 2)]
    parts = list(lists.cut(rows))
    assert [one for part in parts for one in part] == rows
    assert all(0 < len(part) <= lists.PEOPLE for part in parts)


def test_a_registry_that_has_lost_a_piece_is_asked_for_it_once_in_a_pass() -> None:
    first, *rest = PIECES
    shelf = Shelf(PIECES)
    assert fetched(Giver({hash_: PIECES[hash_] for hash_ in rest}), shelf) == len(rest)
    assert shelf.missing() == [first]


def test_the_length_of_what_is_sealed_does_not_say_who_or_how_many_are_in_it() -> None:
    one, many = (
        list(pieces_of([row(number) for number in range(count)]).values()) for count in (1, 150)
    )
    address = recipient_of(OWN)
    assert len(many[0]) > 2 * len(one[0])
    lengths = [
        sum(
            len(frame)
            for frame in lists.open_pieces(lists.seal_pieces(some, address), [OWN]).values()
        )
        for some in (one, many)
    ]
    assert lengths[0] == lengths[1]  # age's own header is as long as chance has it


def test_what_was_changed_cut_off_or_is_for_another_site_is_not_opened() -> None:
    sealed = lists.seal_pieces(list(PIECES.values())[:2], recipient_of(OWN))
    assert set(list(PIECES)[:2]) <= lists.open_pieces(sealed, [OWN]).keys()
    changed = bytearray(sealed)
    changed[-30] ^= 1
    for bad in (bytes(changed), sealed[:-1], sealed[:200], b"", b"\0" * 9_000_000):
        with pytest.raises(ProtocolError) as caught:
            lists.open_pieces(bad, [OWN])
        assert caught.value.code == "bundle.sealed"
    with pytest.raises(ProtocolError):
        lists.open_pieces(sealed, [new_identity()])


@pytest.mark.parametrize(
    "spoil",
    [
        {"name": "HIV of Almaz"},
        {"name": "../../etc"},
        {"edition": "now"},
        {"edition": 3},
        {"pieces": [["0" * 63, 1]]},
        {"pieces": [["0" * 64, 0]]},
        {"pieces": [["0" * 64, lists.PEOPLE + 1]]},
        {"pieces": [["0" * 64, 1], ["0" * 64, 1]]},
        {"pieces": [["0" * 64, 1]] * (lists.MOST_PIECES + 1)},
        {"programme": ""},
    ],
)
def test_a_letter_of_a_list_that_makes_no_sense_is_refused_by_its_field(
    spoil: dict[str, Any],
) -> None:
    body = letter_for(PIECES).body
    assert lists.read_list(body).people == lists.PEOPLE * 4 + 1
    with pytest.raises(ProtocolError) as caught:
        lists.read_list({**body, **spoil})
    assert caught.value.values["field"] == next(iter(spoil))


def published(
    store: Store, rows: Sequence[tuple[int, str]], name: str = "spring", now: str = NOW
) -> Any:
    text = "name,enrollmentScopeId\n" + "".join(f"{name_of(n)},{code}\n" for n, code in rows)
    return publish(store, ListFile(name, "covid-19", text, "x.csv"), ADDRESS, now, random.randbytes)


KEPT = new_identity()
ADDRESS = recipient_of(KEPT)


def told(store: Store, node: str) -> list[tuple[str, int]]:
    bodies = [json.loads(letter.body) for letter in store.letters(node, 0, 99)]
    return [(body["name"], sum(people for _, people in body["pieces"])) for body in bodies]


class World:
    """A registry that opens what it keeps, with two sites, and a third that is not of a list."""

    def __init__(self, store: Store) -> None:
        self.centre = Centre(store, identities=(KEPT,))
        self.store = store
        self.one, self.other = Sender(self.centre, 3), Sender(self.centre, 4)
        store.move(self.one.node, "FAC1")
        store.move(self.other.node, "FAC2")

    def hashes(self, facility: str) -> list[str]:
        return [piece.hash for piece in self.store.pieces_of_facility(facility)]

    def ask(self, site: Sender, want: Sequence[str], identity: str = OWN) -> dict[str, bytes]:
        nonce = random.randbytes(8).hex()
        question = lists.make_question(want, recipient_of(identity), nonce)
        answer = site.ask("pieces", question)
        _, sealed = lists.check_answer(
            answer, site.node, nonce, self.centre.registry.key.public_key()
        )
        return lists.open_pieces(sealed, [identity]) if sealed else {}


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_a_site_gets_its_own_pieces_sealed_to_the_key_it_names_and_no_other_sites(
    world: World,
) -> None:
    done = published(world.store, [(1, "fac1"), (2, "FAC2"), (3, "FAC1"), (4, "FAC9")])
    assert done.people == {"fac1": 2, "FAC2": 1, "FAC9": 1}, "as the file has them"
    assert done.without_site == ["FAC9"]
    assert told(world.store, world.one.node) == [("spring", 2)]
    own, others = world.hashes("fac1"), world.hashes("fac2")
    for identity in (OWN, new_identity()):  # a key that was changed gets the same pieces
        given_ = world.ask(world.one, own, identity)
        assert name_of(3) in lists.read_piece(given_[own[0]]).rows
    assert world.ask(world.one, others) == {}
    assert name_of(2) not in str(world.store.letters(world.other.node, 0, 9))
    stranger = lists.make_question(own, recipient_of(OWN), "0123456789abcdef")
    assert world.one.ask("pieces", stranger, by=world.other)["code"] == "question.signature"


def test_nothing_of_anybody_can_be_read_in_the_registrys_tables(world: World) -> None:
    published(world.store, [(1, "FAC1")])
    (piece,) = world.store.pieces_of_facility("fac1")
    kept = world.store.sealed_piece("fac1", piece.hash) or ""
    assert len(kept) > 20_000
    assert name_of(1) not in kept
    with pytest.raises(ProtocolError):
        lists.open_pieces(msgspec.convert(kept, bytes), [new_identity()])


def test_a_later_edition_and_a_withdrawal_are_told_to_every_site_of_either(world: World) -> None:
    published(world.store, [(1, "FAC1"), (2, "FAC2")])
    old = world.hashes("fac1")
    published(world.store, [(3, "FAC1")], now=LATER)
    assert told(world.store, world.one.node) == [("spring", 1), ("spring", 1)]
    assert told(world.store, world.other.node) == [("spring", 1), ("spring", 0)]
    assert world.ask(world.one, old) == {}
    with pytest.raises(Exception, match="clock"):
        published(world.store, [(4, "FAC1")], now=NOW)
    withdraw(world.store, "spring", "2026-12-02T08:00:00.000Z")
    assert told(world.store, world.one.node)[-1] == ("spring", 0)
    assert world.hashes("fac1") == []


def test_a_site_that_is_moved_is_told_of_the_lists_of_its_new_facility_alone(world: World) -> None:
    published(world.store, [(1, "FAC1")])
    published(world.store, [(2, "FAC2")], "autumn")
    node = world.store.node(world.one.node)
    assert node is not None
    world.store.move(node.node, "FAC2")
    tell_moved(world.store, node, "FAC2", LATER)
    assert told(world.store, node.node) == [("spring", 1), ("spring", 0), ("autumn", 1)]


def test_a_table_is_cut_whatever_separates_its_columns_and_each_row_keeps_its_line() -> None:
    text = '\ufeffname;enrollmentScopeId\n"Two\nlines";FAC1\n\n\nC;fac1 \n'
    read = read_table(text, "x.csv")
    assert read.header == "name,enrollmentScopeId\n"
    assert read.rows == {"fac1": [(2, "Two lines,FAC1\n"), (6, "C,fac1\n")]}


def test_a_table_that_names_nobody_takes_no_list_back(world: World) -> None:
    published(world.store, [(1, "FAC1")])
    with pytest.raises(SyncError, match="names nobody"):
        published(world.store, [], now=LATER)
    assert told(world.store, world.one.node) == [("spring", 1)]


def test_a_name_and_a_programme_that_cannot_be_used_are_told_apart(store: Store) -> None:
    text = "name,enrollmentScopeId\nAmina,FAC1\n"
    for name, programme, remedy in (
        ("../a", "covid-19", "A list's name has small letters"),
        ("spring", "", "Name the programme by its id"),
    ):
        with pytest.raises(SyncError, match=remedy):
            publish(store, ListFile(name, programme, text, "x"), ADDRESS, NOW, random.randbytes)
