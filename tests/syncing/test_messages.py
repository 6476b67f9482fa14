"""Batches, entries and lines: what is refused, in words, and what stands between is recognised."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from memory_journal import (
    NODE,
    NODE_KEY,
    REGISTRY_KEY,
    Chain,
    Line,
    enrolment,
    follower,
    open_registry,
)

from sync.protocol import frames
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.entries import canonical
from sync.protocol.errors import EntryError, ProtocolError, TransportError
from sync.protocol.keys import node_id, public_text
from sync.protocol.receipts import check_receipt
from sync.protocol.versions import NEWEST
from sync.registry.store.sqlite import SqliteStore
from sync.site.transports import transport

EPOCH = "00000000000000e1"
World = tuple[Chain, Line, SqliteStore]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store, client = open_registry(tmp_path / "registry.db")
    chain = Chain()
    chain.open(EPOCH)
    yield chain, Line(client), store
    store.close()


def body(document: Any) -> bytes:
    return zlib.compress(json.dumps(document).encode())


def batch_document(
    chain: Chain, count: int = 3, key: Any = NODE_KEY, protocol: int = NEWEST
) -> dict[str, Any]:
    stored = chain.after(0, count)
    batch = make_batch([json.loads(one.content) for one in stored], stored[-1].hash, key, protocol)
    return frames.unpack(encode_batch(batch, frames.BEST, short=False))


def changed(**fields: Any) -> Any:
    return lambda document: body({**document, **fields})


BAD_BATCHES: list[tuple[str, Any, str, str]] = [
    ("not compressed", lambda d: b"hello", "frame.compression", "compressed in no way known"),
    ("nothing", lambda d: b"", "frame.cut", "The message is cut off."),
    ("half of a zstd frame", lambda d: frames.pack(d, frames.BEST)[:-20], "frame.cut", "The message is cut off."),
    ("a zstd bomb", lambda d: zstandard.ZstdCompressor().compress(bytes(50_000_000)), "frame.too-large", "larger than 8 MB"),
    ("an unknown dictionary", lambda d: b"\x28\xb5\x2f\xfd\x21\x09\x01\x00", "frame.dictionary", "dictionary 9"),
    ("half of it", lambda d: body(d)[:-20], "frame.cut", "The message is cut off."),
    ("a bomb", lambda d: zlib.compress(bytes(50_000_000)), "frame.too-large", "larger than 8 MB"),
    ("no JSON", lambda d: zlib.compress(b"{"), "frame.json", "The message is not JSON."),
    ("a deep nest", lambda d: zlib.compress(b"[" * 100_000), "frame.json", "The message is not JSON."),
    ("a list", lambda d: body([]), "frame.form", "not a JSON object"),
    *((f"protocol {old!r}", changed(protocol=old), "protocol.version", "The site's software needs an update.") for old in (None, True, "4", -1, 0, 1, 2)),
    ("a newer protocol", changed(protocol=NEWEST + 1), "protocol.version", "The registry's software needs an update."),
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
    answer = line.client.post(f"/v1/nodes/{NODE}/batches", data=spoil(batch_document(chain)))
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
    late = chain.after(3, 3)
    batch = make_batch([json.loads(one.content) for one in late], late[-1].hash, NODE_KEY, NEWEST)
    answer = line.deliver(NODE, encode_batch(batch, frames.BEST, short=False))
    assert answer["code"] == "batch.gap"
    assert answer["sentence"] == "The batch does not follow entry 0, the last one held."
    chain.open("00000000000000e2")
    chain.append(1)
    orphan = chain.after(6, 1)
    batch = make_batch(
        [json.loads(one.content) for one in orphan], orphan[-1].hash, NODE_KEY, NEWEST
    )
    assert (
        line.deliver(NODE, encode_batch(batch, frames.BEST, short=True))["code"] == "batch.parent"
    )
    assert store.count(NODE) == 0


STRANGER = Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32)


@pytest.mark.parametrize(("document", "code"), [
    ({"code": "wrong", "by": STRANGER}, "enrol.code"), ({"key": "AAAA"}, "key.form"), ({"key": 7}, "enrol.field"),
    ({"facility": None}, "enrol.field"), ({"name": "x" * 300}, "enrol.field"),
])  # fmt: skip
def test_a_wrong_enrolment_is_refused(world: World, document: dict[str, Any], code: str) -> None:
    answer = world[1].ask("enrol", frames.pack(enrolment(**document)))
    assert answer["code"] == code


def test_a_node_that_is_not_enrolled_delivers_nothing(world: World) -> None:
    for path in ("/batches", "", "/letters"):
        answer = world[1].client.post(f"/v1/nodes/{'a' * 24}{path}", data=b"x")
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
    (b"too slow", "text/plain", 504, "registry.busy"),
    (b"{}", "application/json", 429, "registry.busy"),
    (b"[" * 200_000, "application/json", 200, "registry.intercepted"),
    (b"9" * 200_000, "application/json", 200, "registry.cut"),
])  # fmt: skip
@pytest.mark.parametrize("retry", ["30", "\xb2", "-5", "1e9", "soon"])
def test_what_answers_in_the_registrys_place_is_recognised(
    answer: bytes, media: str, status: int, code: str, retry: str
) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Retry-After", retry)
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
        way.ask(f"nodes/{NODE}", None)
    server.shutdown()
    server.server_close()
    assert failed.value.code == code
    asked = 30 if code == "registry.busy" and retry == "30" else None
    assert failed.value.retry_after == asked
    assert failed.value.too_much == (code == "registry.cut" or status == 504)


def test_a_registry_that_is_not_there_is_said_to_be_unreachable() -> None:
    with pytest.raises(TransportError, match="cannot be reached") as failed:
        transport("http://127.0.0.1:9/").ask("", None)
    assert not failed.value.too_much  # nothing was on its way
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
