"""Delivery that proves itself: nothing lost, nothing twice, and never "synced" when it is not."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from chains import (
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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from sync.entries import canonical
from sync.errors import EntryError, ProtocolError, TransportError
from sync.protocol import (
    MEDIA_TYPE,
    check_receipt,
    decode_batch,
    encode_batch,
    make_batch,
    node_id,
    public_text,
)
from sync.registry.sqlite import SqliteStore
from sync.transports import transport

EPOCH = "00000000000000e1"
World = tuple[Chain, Line, SqliteStore]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store, client = open_registry(tmp_path / "registry.db")
    chain = Chain()
    chain.open(EPOCH)
    yield chain, Line(client), store
    store.close()


def test_everything_is_delivered_once_and_a_receipt_proves_it(world: World) -> None:
    chain, line, store = world
    chain.append(250)
    result = follower(chain, line).run()
    assert (result.state, result.sent) == ("synced", 250)
    assert chain.proven == 250
    assert [number for _, number, _ in held(store)] == list(range(1, 251))
    assert store.heads(NODE)[0].hash == chain.hash_at(EPOCH, 250)
    assert follower(chain, line).run().sent == 0


def test_a_new_epoch_follows_its_parent(world: World) -> None:
    chain, line, store = world
    chain.append(5)
    follower(chain, line).run()
    chain.open("00000000000000e2")
    chain.append(3)
    assert follower(chain, line).run().state == "synced"
    assert store.count(NODE) == 8
    assert len(store.heads(NODE)) == 2


def test_a_lost_answer_is_healed_without_a_double(world: World) -> None:
    chain, line, store = world
    chain.append(10)
    line.fault = lambda what, answer: cut() if what == "deliver" else answer
    assert follower(chain, line).run().state == "unreachable"
    assert chain.proven == 0  # it is there, but nobody has said so
    assert store.count(NODE) == 10
    line.fault = lambda what, answer: answer
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


def test_a_200_without_a_receipt_moves_nothing(world: World) -> None:
    chain, line, _ = world
    chain.append(10)
    for lie in ({"ok": True}, {}, "welcome", None, {"receipts": []}):
        line.deliver = lambda node, batch, lie=lie: lie  # type: ignore[method-assign]
        assert follower(chain, line).run().state != "synced"
        assert chain.proven == 0


def test_a_receipt_that_the_registry_did_not_sign_moves_nothing(world: World) -> None:
    chain, line, _ = world
    chain.append(10)

    def forged(what: str, answer: Any) -> Any:
        if what == "deliver":
            answer["receipt"]["number"] += 1
        return answer

    line.fault = forged
    result = follower(chain, line).run()
    assert (result.state, result.trouble) == (
        "refused",
        "The receipt is not signed by the registry.",
    )
    assert chain.proven == 0


def test_a_registry_restored_from_a_backup_gets_the_rest_again(
    world: World, tmp_path: Path
) -> None:
    chain, line, store = world
    chain.append(20)
    follower(chain, line).run()
    store.close()
    backup = sqlite3.connect(tmp_path / "registry.db")
    backup.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
    backup.close()
    shutil.copy(tmp_path / "backup.db", tmp_path / "restored.db")
    old, client = open_registry(tmp_path / "restored.db")
    chain.append(30)
    follower(chain, Line(open_registry(tmp_path / "registry.db")[1])).run()
    assert chain.proven == 50
    restored = Line(client)
    lost = follower(chain, restored)
    restored.fault = lambda what, answer: cut() if what == "before" else answer
    lost.run()
    assert chain.proven == 20  # the proof went back with the registry
    restored.fault = lambda what, answer: answer
    assert lost.run().state == "synced"
    assert old.count(NODE) == chain.proven == 50


def test_two_histories_under_one_number_are_an_alarm_and_never_synced(world: World) -> None:
    chain, line, store = world
    chain.append(10)
    follower(chain, line).run()
    other = Chain()
    other.open(EPOCH)
    other.append(12, text="another history")
    result = follower(other, line).run()
    assert result.state == "diverged"
    assert result.values == {"number": 10}
    batch = make_batch(
        [json.loads(one.content) for one in other.after(EPOCH, 0, 12)],
        other.hash_at(EPOCH, 12) or "",
        NODE_KEY,
    )
    answer = line.deliver(NODE, encode_batch(batch))
    assert answer["code"] == "batch.fork"
    assert store.nodes()[0].alarms == 1
    assert [one[2] for one in held(store)] == [f"{EPOCH}-{n}" for n in range(1, 11)]


def test_a_copied_card_opens_an_epoch_of_its_own_and_both_histories_are_kept(world: World) -> None:
    chain, line, store = world
    chain.append(5)
    follower(chain, line).run()
    import copy

    clone = copy.deepcopy(chain)
    chain.open("00000000000000aa")
    chain.append(4)
    clone.open("00000000000000bb")
    clone.append(6)
    assert follower(chain, line).run().state == "synced"
    assert follower(clone, line).run().state == "synced"
    assert store.count(NODE) == 15


def test_batches_shrink_on_a_bad_line_and_grow_on_a_good_one(world: World) -> None:
    chain, line, _ = world
    chain.append(700)
    follow = follower(chain, line)
    line.fault = lambda what, answer: cut() if what == "before" else answer
    for _ in range(3):
        follow.run()
    line.fault = lambda what, answer: answer
    follow.run()
    sizes = [len(decode_batch(one).entries) for one in line.deliveries]
    assert sizes[0] == 12
    assert sizes == sorted(sizes[:-1]) + sizes[-1:]


def body(document: Any) -> bytes:
    return zlib.compress(json.dumps(document).encode())


def batch_document(chain: Chain, count: int = 3, key: Any = NODE_KEY) -> dict[str, Any]:
    stored = chain.after(EPOCH, 0, count)
    batch = make_batch([json.loads(one.content) for one in stored], stored[-1].hash, key)
    found: dict[str, Any] = json.loads(zlib.decompress(encode_batch(batch)))
    return found


def changed(**fields: Any) -> Any:
    return lambda document: body({**document, **fields})


BAD_BATCHES: list[tuple[str, Any, str, str]] = [
    ("not compressed", lambda d: b"hello", "batch.compression", "not compressed with zlib"),
    ("nothing", lambda d: b"", "batch.cut", "The batch is cut off."),
    ("half of it", lambda d: body(d)[:-20], "batch.cut", "The batch is cut off."),
    ("a bomb", lambda d: zlib.compress(bytes(50_000_000)), "batch.too-large", "larger than 8 MB"),
    ("no JSON", lambda d: zlib.compress(b"{"), "batch.json", "The batch is not JSON."),
    ("a deep nest", lambda d: zlib.compress(b"[" * 100_000), "batch.json", "The batch is not JSON."),
    ("a list", lambda d: body([]), "batch.form", "not a JSON object"),
    ("an older protocol", changed(protocol=0), "batch.version", "speaks the protocol 1 to 1"),
    ("a newer protocol", changed(protocol=2), "batch.version", "speaks the protocol 1 to 1"),
    ("no number", changed(first="1"), "batch.field", "The field first"),
    ("number nought", changed(first=0), "batch.field", "The field first"),
    ("no entries", changed(entries=[], count=0), "batch.field", "The field entries"),
    ("a wrong count", changed(count=7), "batch.field", "The field entries"),
    ("entries that are texts", changed(entries=["a", "b", "c"]), "batch.entry", "bare form"),
    ("entries that bring their place", changed(entries=[{"id": "1", "type": "T", "at": "x", "by": "y", "number": 1}] * 3), "batch.entry", "bare form"),
    ("entries without a type", changed(entries=[{"id": "1", "at": "x", "by": "y"}] * 3), "batch.entry-field", "lacks the field type"),
    ("a wrong parent", changed(parent="yes"), "batch.field", "The field parent"),
    ("no signature", changed(signature=None), "batch.field", "The field signature"),
    ("a false signature", changed(signature="AAAA"), "batch.signature", "signature of the batch is wrong"),
    ("another head", changed(head="0" * 64), "batch.signature", "signature of the batch is wrong"),
    ("another node's", changed(node="other"), "batch.other-node", "another node's"),
    ("entries changed on the way", lambda d: body({**d, "entries": [*d["entries"][:2], {**d["entries"][2], "body": {}}]}), "batch.chain", "do not lead to the hash"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "code", "sentence"),
    [pytest.param(spoil, code, text, id=name) for name, spoil, code, text in BAD_BATCHES],
)
def test_a_bad_batch_gets_its_verdict_and_leaves_nothing(
    world: World, spoil: Any, code: str, sentence: str
) -> None:
    chain, line, store = world
    chain.append(3)
    answer = line.client.post(
        f"/v1/nodes/{NODE}/batches", data=spoil(batch_document(chain)), content_type=MEDIA_TYPE
    )
    assert answer.status_code >= 400
    assert answer.get_json()["code"] == code
    assert sentence in answer.get_json()["sentence"]
    assert store.count(NODE) == 0


def test_a_batch_signed_with_another_key_is_refused(world: World) -> None:
    chain, line, store = world
    chain.append(3)
    stranger = Ed25519PrivateKey.generate()
    answer = line.deliver(NODE, body(batch_document(chain, key=stranger)))
    assert answer["code"] == "batch.signature"
    assert store.count(NODE) == 0


def test_a_batch_that_leaves_a_gap_or_follows_nothing_is_refused(world: World) -> None:
    chain, line, store = world
    chain.append(6)
    late = chain.after(EPOCH, 3, 3)
    batch = make_batch([json.loads(one.content) for one in late], late[-1].hash, NODE_KEY)
    answer = line.deliver(NODE, encode_batch(batch))
    assert answer["code"] == "batch.gap"
    assert answer["sentence"] == "The batch does not follow entry 0, the last one held."
    chain.open("00000000000000e2")
    chain.append(1)
    orphan = chain.after("00000000000000e2", 0, 1)
    batch = make_batch([json.loads(one.content) for one in orphan], orphan[-1].hash, NODE_KEY)
    assert line.deliver(NODE, encode_batch(batch))["code"] == "batch.parent"
    assert store.count(NODE) == 0


@pytest.mark.parametrize(("document", "code"), [
    ({"code": "wrong"}, "enrol.code"), ({"key": "AAAA"}, "key.form"), ({"key": 7}, "enrol.field"),
    ({"facility": None}, "enrol.field"), ({"name": "x" * 300}, "enrol.field"),
])  # fmt: skip
def test_a_wrong_enrolment_is_refused(world: World, document: dict[str, Any], code: str) -> None:
    answer = world[1].enrol(enrolment(**document))
    assert answer["code"] == code


def test_a_node_that_is_not_enrolled_delivers_nothing(world: World) -> None:
    for path, method in (
        (f"/v1/nodes/{'a' * 24}/batches", "POST"),
        (f"/v1/nodes/{'a' * 24}/heads", "GET"),
    ):
        answer = world[1].client.open(path, method=method, data=b"x")
        assert (answer.status_code, answer.get_json()["code"]) == (401, "node.unknown")


def test_a_nodes_id_is_made_of_its_key() -> None:
    assert node_id(NODE_KEY.public_key()) == NODE
    assert node_id(REGISTRY_KEY.public_key()) != NODE
    assert len(NODE) == 24
    assert public_text(NODE_KEY.public_key()) != NODE


def test_the_pages_and_the_entries_are_the_operators_only(world: World) -> None:
    chain, line, _ = world
    chain.append(3)
    follower(chain, line).run()
    client: FlaskClient = line.client
    path = f"/v1/nodes/{NODE}/entries?epoch={EPOCH}&after=1&limit=1"
    assert client.get("/").status_code == 401
    assert client.get(path).status_code == 401
    assert client.post("/", data={"token": "wrong"}).status_code == 401
    assert client.post("/", data={"token": "operator"}).status_code == 303
    page = client.get("/").text
    assert "DEMO01" in page
    assert "DoseGiven" in page
    found = client.get(path).get_json()
    assert [one["number"] for one in found["entries"]] == [2]
    assert found["next"] == 2
    assert client.get(path.replace("limit=1", "limit=many")).status_code == 400


@pytest.mark.parametrize(("answer", "media", "status", "code"), [
    (b"<html>Welcome to the hotel</html>", "text/html", 200, "registry.intercepted"),
    (b"", "", 302, "registry.intercepted"),
    (b'{"half": ', "application/json", 200, "registry.cut"),
    (b"busy", "text/plain", 503, "registry.busy"),
    (b"{}", "application/json", 429, "registry.busy"),
])  # fmt: skip
def test_what_answers_in_the_registrys_place_is_recognised(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, media: str, status: int, code: str
) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Retry-After", "30")
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    way = transport(f"http://127.0.0.1:{server.server_port}")
    with pytest.raises(TransportError) as failed:
        way.heads(NODE)
    server.shutdown()
    server.server_close()
    assert failed.value.code == code
    assert failed.value.retry_after == (30 if code == "registry.busy" else None)


def test_a_registry_that_is_not_there_is_said_to_be_unreachable() -> None:
    with pytest.raises(TransportError, match="cannot be reached"):
        transport("http://127.0.0.1:9/").heads(NODE)
    with pytest.raises(TransportError, match="Addresses begin with: http://"):
        transport("gopher://x")


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"node": 1},
        {"node": NODE, "epoch": EPOCH, "number": True, "hash": "", "count": 1, "at": ""},
    ],
)
def test_what_is_no_receipt_is_refused(document: Any) -> None:
    with pytest.raises(ProtocolError, match="This is not a receipt"):
        check_receipt(document, REGISTRY_KEY.public_key())


KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(VALUES)
def test_canonical_bytes_are_what_another_writer_of_rfc8785_makes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        {"a": 2**53},
        {"ä": 1},
        {1: 2},
        [{"a": float("nan")}],
        {"a": "\ud800"},
        {"a": b"x"},
        object(),
    ],
)
def test_what_has_no_single_form_is_refused_without_showing_it(value: Any) -> None:
    with pytest.raises(EntryError) as refused:
        canonical(value)
    assert refused.value.code == "entry.not-canonical"
