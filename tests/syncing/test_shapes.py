"""What a message must look like: at every bound what is just inside is taken, just outside refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.protocol import frames, keys
from sync.protocol.batches import decode_batch
from sync.protocol.bundles import headers
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.errors import ProtocolError
from sync.protocol.histories import check_answer
from sync.protocol.histories import read_question as read_history_question
from sync.protocol.letters import check_letters
from sync.protocol.receipts import check_receipt
from sync.protocol.states import Question, check_state, read_question
from sync.protocol.urgent import check_urgent
from sync.registry.enrolments import read_enrolment
from sync.registry.feeds import read_wanted

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key()
NODE, TEXT = keys.node_id(PUBLIC), keys.public_text(PUBLIC)
ADDRESS = recipient_of(new_identity())
AT, HASH, NONCE = "2026-11-25T08:00:00.000Z", "ab" * 32, "n" * 16
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
MOST = 2**53 - 1
GONE = object()
"""Stands for a field that is not there."""
Document = dict[str, Any]


def signed(document: Document) -> Document:
    return {**document, "signature": keys.sign(KEY, document)}


ENTRY = {"id": "1", "type": "CertificateRevoked", "at": AT, "by": "s", "body": {}}
PLACED = {**ENTRY, "node": NODE, "epoch": "e1", "number": 4, "previous": HASH}
QUESTION = {"protocol": 4, "nonce": NONCE, "tips": [["e1", 3]], "waiting": 3, "software": "1.0"}
RECEIPT = {"node": NODE, "epoch": "e1", "number": 3, "hash": HASH, "count": 9, "at": AT}
LETTER = {"number": 2, "id": "i", "kind": "k", "body": {}, "at": AT}
CURSORS = {"nation": [1, "a"], "own": [0, ""]}
SEALING = signed({"recipient": ADDRESS, "at": AT})
ASKED = Question(NONCE, (("e1", 3),), 3, "1.0", 4)
MESSAGES: dict[str, tuple[Document, Callable[[Document], Any], str]] = {
    "question": (QUESTION, read_question, "state.field"),
    "wanted": (
        {"nonce": NONCE, "nation": [3, "x"]},
        read_wanted,
        "letters.field",
    ),
    "enrolment": (
        {"key": TEXT, "facility": "F", "name": "Riverside", "code": "c"},
        read_enrolment,
        "enrol.field",
    ),
    "batch": (
        {"protocol": 4, "epoch": "e1", "first": 1, "signature": "s", "entries": [ENTRY],
         "parent": {"epoch": "e0", "number": 7, "hash": HASH}},
        lambda one: decode_batch(frames.pack(one), NODE),
        "batch.field",
    ),
    "whole batch": (
        {"protocol": 4, "epoch": "e1", "first": 2, "signature": "s", "entries": [ENTRY],
         "node": NODE, "count": 1, "previous": HASH, "head": HASH, "branch": "e1~abcdefgh"},
        lambda one: decode_batch(frames.pack(one), NODE),
        "batch.field",
    ),
    "entry": (
        ENTRY,
        lambda one: decode_batch(
            frames.pack(
                {"protocol": 4, "epoch": "e", "first": 2, "signature": "s", "entries": [one]}
            ),
            NODE,
        ),
        "batch.entry-field",
    ),
    "urgent": (
        PLACED,
        lambda one: check_urgent(
            frames.pack({"entries": [one], "signature": "s"}), NODE, PUBLIC
        ),
        "urgent.field",
    ),
    "history question": (
        {"nonce": NONCE, "people": [{"id": "p", "proof": {"kind": "own"}}]},
        read_history_question,
        "history.field",
    ),
    "history": (
        {"node": NODE, "nonce": NONCE, "at": AT, "people": [
            {"id": "p", "entries": [{"node": "o", "facility": "F", "entry": {}}]}]},
        lambda one: check_answer(signed(one), NODE, NONCE, PUBLIC),
        "told.form",
    ),
    "letters": (
        {"node": NODE, "nonce": NONCE, "feed": "own", "letters": [LETTER], "more": False},
        lambda one: check_letters(signed(one), NODE, NONCE, PUBLIC),
        "letters.form",
    ),
    "receipt": (RECEIPT, lambda one: check_receipt(signed(one), PUBLIC), "receipt.form"),
    "state": (
        {"node": NODE, "nonce": NONCE, "at": AT, "receipt": None, "nation": [3, "i"],
         "own": [0, ""], "tag": "abcdefghijkl", "comeBack": 4},
        lambda one: check_state(signed(one), ASKED, NODE, PUBLIC),
        "state.form",
    ),
    "outward": (
        {"bundle": 1, "kind": "outward", "node": NODE, "key": TEXT, "made": AT, "part": 1,
         "last": True, "after": 0, "through": 4, "count": 1, "question": QUESTION,
         "cursors": CURSORS, "recipient": ADDRESS},
        lambda one: headers.check_outward(signed(one)),
        "bundle.form",
    ),
    "inward": (
        {"bundle": 1, "kind": "inward", "node": NODE, "nonce": NONCE, "at": AT, "held": 3,
         "cursors": CURSORS, "count": 2, "recipient": SEALING},
        lambda one: headers.check_inward(signed(one), NODE, PUBLIC),
        "bundle.form",
    ),
    "invitation": (
        {"bundle": 1, "kind": "invitation", "facility": "F", "key": TEXT, "recipient": SEALING,
         "code": "c"},
        lambda one: headers.check_invitation(signed(one)),
        "bundle.form",
    ),
}  # fmt: skip
TEXTS: tuple[object, ...] = (5, None, True, [], {})
"""What is no text."""
COUNTS = (-1, True, "1", None, [1])
"""What is no count; one beyond 2^53-1 is in no message that can be signed."""
NO_PARENTS: tuple[object, ...] = ({}, [], "x", False, 0)
NO_QUESTIONS: tuple[object, ...] = (None, [], GONE)
NO_FLAGS: tuple[object, ...] = (0, 1, None, "yes", [], {})
NO_ENROLMENTS: tuple[object, ...] = ([], "x", 1)
PAIRS: tuple[object, ...] = (
    [],
    [1],
    [1, "a", 2],
    [True, "a"],
    ["1", "a"],
    [-1, "a"],
    [1, 1],
    "1a",
    {},
    None,
)
IN: list[tuple[str, tuple[object, ...], object]] = [
    *(("question", ("nonce",), "x" * length) for length in (8, 64)),
    *(("question", ("tips",), tips) for tips in ([], [["e", 1]] * 64, [["", MOST]])),
    *(("question", ("waiting",), waiting) for waiting in (0, MOST, GONE)),
    *(("question", ("software",), software) for software in ("", "x" * 40, GONE)),
    *((name, ("anything",), 1) for name in MESSAGES if name not in ("urgent", "receipt")),
    *(("enrolment", (name,), "é" * 200) for name in ("key", "facility", "name", "code")),
    *(("history question", ("people", 0, "id"), "x" * length) for length in (1, 100)),
    (
        "history question",
        ("people",),
        [{"id": "p", "proof": {"kind": "code", "code": "é" * 200}}] * 50,
    ),
    ("letters", ("letters",), []),
    ("letters", ("letters",), [{**LETTER, "number": number} for number in (7, 8, 9)]),
    ("state", ("comeBack",), GONE),
    ("state", ("receipt",), GONE),
    ("state", ("receipt",), signed(RECEIPT)),
    *(("batch", ("parent",), parent) for parent in (None, GONE)),
    *(("whole batch", (name,), GONE) for name in ("count", "node", "branch")),
    ("outward", ("enrolment",), {"key": 1}),
    *(("inward", ("recipient",), recipient) for recipient in (None, GONE, {})),
    *((name, ("cursors", "own"), [MOST, "x" * 1000]) for name in ("outward", "inward")),
]
OUT = [
    *(("question", ("nonce",), nonce) for nonce in ("x" * 7, "x" * 65, GONE, *TEXTS)),
    *(("question", ("tips",), tips) for tips in ([["e", 1]] * 65, GONE, None, {}, "e1", [["e"]])),
    *(("question", ("tips", 0), tip) for tip in (["e", 0], ["e", MOST + 1], ["e", True],
                                                 [1, 1], ["e", 1, 1], ["e", "1"], {"e": 1})),
    *(("question", ("waiting",), waiting) for waiting in (MOST + 1, *COUNTS)),
    *(("question", ("software",), software) for software in ("x" * 41, *TEXTS)),
    *(("wanted", ("nonce",), nonce) for nonce in ("x" * 7, "x" * 65, GONE, *TEXTS)),
    *(("enrolment", (name,), text) for name in ("key", "facility", "name", "code")
      for text in ("x" * 201, "a\nb", "a\x00", "\u200b", GONE, *TEXTS)),
    *(("batch", (name,), text) for name in ("epoch", "signature") for text in (GONE, *TEXTS)),
    *(("batch", ("first",), first) for first in (0, GONE, *COUNTS)),
    *(("batch", ("entries",), entries) for entries in ([], {}, None, "x", GONE)),
    *(("batch", ("parent", name), GONE) for name in ("epoch", "number", "hash")),
    *(("batch", ("parent",), parent) for parent in NO_PARENTS),
    ("batch", ("parent", "number"), True),
    *(("whole batch", (name,), text) for name in ("previous", "head") for text in TEXTS),
    ("whole batch", ("previous",), GONE),
    *(("whole batch", ("branch",), branch) for branch in ("e2~abcdefgh", *TEXTS)),
    *(("entry", (name,), text) for name in ("id", "type", "at", "by") for text in (GONE, *TEXTS)),
    *(("urgent", ("number",), number) for number in (0, GONE, *COUNTS)),
    *(("urgent", (name,), text) for name in ("epoch", "previous", "node")
      for text in (GONE, *TEXTS)),
    *(("urgent", ("type",), type_) for type_ in ("DoseGiven", "")),
    *(("history question", ("nonce",), nonce) for nonce in ("x" * 7, "x" * 65, GONE, *TEXTS)),
    *(("history question", ("people",), people)
      for people in ([], [{"id": "p", "proof": {"kind": "own"}}] * 51, {}, [[]], GONE)),
    *(("history question", ("people", 0, "id"), id_) for id_ in ("", "x" * 101, GONE, *TEXTS)),
    *(("history question", ("people", 0, "proof"), proof)
      for proof in (GONE, *TEXTS, {}, {"kind": "told"}, {"kind": "code"}, {"code": "X"},
                    {"kind": "code", "code": ""}, {"kind": "code", "code": "x" * 201},
                    {"kind": "certificate", "number": "1", "digest": "A" * 64},
                    {"kind": "certificate", "number": "1", "digest": "a" * 63},
                    {"kind": "stated", "identity": "a" * 64, "name": "N", "born": "1990-4-2"},
                    {"kind": "stated", "identity": "a" * 64, "name": "", "born": "1990"})),
    *(("history", ("at",), at) for at in ("yesterday", GONE, *TEXTS)),
    *(("history", ("people", 0, name), odd) for name in ("id", "entries") for odd in (GONE, 5)),
    *(("history", ("people", 0, "entries", 0, name), odd)
      for name in ("node", "facility", "entry") for odd in (GONE, 5, [])),
    *(("letters", (name,), odd) for name in ("feed", "letters", "more") for odd in (GONE, 5)),
    *(("letters", ("letters", 0, "number"), number) for number in COUNTS),
    *(("letters", ("letters", 0, name), odd) for name in ("id", "kind", "body", "at")
      for odd in (GONE, 5, [])),
    *(("letters", ("letters",), [{**LETTER, "number": number} for number in numbers])
      for numbers in ((7, 9), (7, 7), (8, 7))),
    *(("receipt", (name,), odd) for name in RECEIPT for odd in (GONE, None, True, [])),
    *(("receipt", (name,), "3") for name in ("number", "count")),
    *(("state", (name,), odd) for name in ("nation", "own") for odd in (GONE, *PAIRS)),
    *(("state", ("comeBack",), number) for number in COUNTS),
    *(("state", (name,), odd) for name in ("at", "tag") for odd in (GONE, *TEXTS)),
    *(("outward", (name,), odd) for name in ("part", "after", "through", "count")
      for odd in (GONE, *COUNTS)),
    *(("outward", (name,), odd) for name in ("key", "made", "recipient")
      for odd in (GONE, "x" * 201, *TEXTS)),
    *(("outward", ("last",), odd) for odd in (0, 1, None, GONE)),
    *(("outward", ("question",), odd) for odd in NO_QUESTIONS),
    *(("outward", ("enrolment",), odd) for odd in NO_ENROLMENTS),
    *((name, ("cursors", feed), odd) for name in ("outward", "inward")
      for feed in ("nation", "own") for odd in (GONE, *PAIRS)),
    *(("inward", (name,), odd) for name in ("nonce", "at") for odd in (GONE, "x" * 201, *TEXTS)),
    *(("inward", (name,), odd) for name in ("held", "count") for odd in (GONE, *COUNTS)),
    *(("outward", ("history",), odd) for odd in NO_ENROLMENTS),
    *(("inward", ("history",), odd) for odd in NO_FLAGS),
    *(("invitation", ("key",), odd) for odd in (GONE, "x" * 201, *TEXTS)),
    *(("invitation", (name,), odd) for name in ("facility", "code") for odd in ("x" * 201, *TEXTS)),
]  # fmt: skip


def changed(name: str, path: tuple[Any, ...], value: Any) -> Document:
    document = copy.deepcopy(MESSAGES[name][0])
    place: Any = document
    for step in path[:-1]:
        place = place[step]
    if value is GONE:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = copy.deepcopy(value)
    return document


@pytest.mark.parametrize("name", [name for name in MESSAGES if name != "urgent"])
def test_a_message_as_it_should_be_is_taken(name: str) -> None:
    document, read, _ = MESSAGES[name]
    read(copy.deepcopy(document))


@pytest.mark.parametrize(("name", "path", "value"), IN)
def test_what_is_just_inside_its_bounds_is_taken(
    name: str, path: tuple[Any, ...], value: Any
) -> None:
    MESSAGES[name][1](changed(name, path, value))


@pytest.mark.parametrize(("name", "path", "value"), OUT)
def test_what_is_outside_its_bounds_is_refused_and_the_field_is_named(
    name: str, path: tuple[Any, ...], value: Any
) -> None:
    _, read, code = MESSAGES[name]
    with pytest.raises(ProtocolError) as refused:
        read(changed(name, path, value))
    assert refused.value.code == code
    if not code.endswith("form"):
        assert refused.value.values["field"] == path[0]


@pytest.mark.parametrize("number", [0, 51])
def test_urgent_entries_are_one_to_fifty(number: int) -> None:
    with pytest.raises(ProtocolError) as refused:
        check_urgent(frames.pack({"entries": [PLACED] * number}), NODE, PUBLIC)
    assert (refused.value.code, refused.value.values["field"]) == ("urgent.field", "entries")


def test_an_urgent_entry_as_it_should_be_needs_only_its_signature() -> None:
    with pytest.raises(ProtocolError) as refused:
        MESSAGES["urgent"][1]({**PLACED, "number": MOST, "anything": 1})
    assert refused.value.code == "urgent.signature"


@pytest.mark.parametrize("name", ["node", "epoch", "number", "previous", "parent"])
def test_an_entry_of_a_batch_brings_no_place_of_its_own(name: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        MESSAGES["entry"][1]({**ENTRY, name: None})
    assert refused.value.code == "batch.entry"


@pytest.mark.parametrize("entry", [None, [], "x", 5, True])
def test_what_is_no_object_is_no_entry(entry: Any) -> None:
    with pytest.raises(ProtocolError) as refused:
        MESSAGES["entry"][1](entry)
    assert refused.value.code == "batch.entry"
