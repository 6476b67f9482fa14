"""A node's messages with any content, signed as they should be: what a site that means harm sends."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from delivering_nodes import NOW, uuid
from flask.testing import FlaskClient
from second_factors import confirm

from sync.protocol import frames, keys
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.entries import GENESIS, Link, canonical, chain_hash, linked
from sync.protocol.questions import AGAIN, sign_question
from sync.protocol.versions import NEWEST
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.web.app import create_app
from sync.registry.web.office import office

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
EPOCH = "00000000000000e1"


class Centre:
    """A registry over a store, its pages, and its judging; ``clock`` is what it goes by."""

    def __init__(
        self,
        store: Store,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: NOON,
        **more: Any,
    ) -> None:
        self.store = store
        key = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
        self.registry = Registry(store, key, frozenset({"code"}), limits or Limits(), clock, **more)
        self.client: FlaskClient = create_app(
            self.registry, office(self.registry, "operator")
        ).test_client()
        self.judging = Judging(store, Schemas(schemas_folder()), lambda: NOW)

    def signed_in(self) -> FlaskClient:
        self.client.post("/", data={"token": "operator"})
        confirm(self.client, self.store, self.registry.key, "operator")
        return self.client


class Sender:
    """A node that delivers whatever it is given; it enrols unless ``code`` is empty."""

    def __init__(
        self, centre: Centre, seed: int, facility: str = "DEMO01", code: str = "code"
    ) -> None:
        self._client = centre.client
        self.key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.node = keys.node_id(self.key.public_key())
        self.number, self.previous = 0, GENESIS
        if code:
            assert "key" in self.enrol(facility=facility, code=code)

    def enrol(self, **more: Any) -> Any:
        """Ask to be let in, signed and as often as it takes; give the answer."""
        asked = {
            "protocol": NEWEST,
            "nonce": "0123456789abcdef",
            "key": keys.public_text(self.key.public_key()),
            "facility": "DEMO01",
            "name": "Riverside",
            "code": "code",
            **more,
        }
        answer: Any = {"code": AGAIN, "values": {"at": ""}}
        for _ in range(3):
            if answer.get("code") == AGAIN:
                asked["after"] = answer["values"]["at"]
                signed = sign_question(asked, "enrol", self.node, self.key)
                answer = self._client.post("/v1/enrol", json=signed).get_json()
        return answer

    def deliver(self, *entries: dict[str, Any]) -> Any:
        """Send one batch; give the answer."""
        contents, before = [], (self.number, self.previous)
        for one in entries:
            self.number += 1
            content = canonical(linked(one, Link(self.node, EPOCH, self.number, self.previous)))
            self.previous = chain_hash(content)
            contents.append(json.loads(content))
        batch = encode_batch(
            make_batch(contents, self.previous, self.key, NEWEST), frames.QUICK, short=False
        )
        answer = self.post("batches", batch)
        if "receipt" not in answer:
            self.number, self.previous = before
        return answer

    def hurry(self, *contents: dict[str, Any]) -> Any:
        """Send whole entries ahead; give the answer."""
        hashes = [chain_hash(canonical(one)) for one in contents]
        signature = keys.sign(self.key, {"urgent": hashes, "node": self.node})
        return self.post("urgent", frames.pack({"entries": contents, "signature": signature}))

    def ask(self, what: str, document: dict[str, Any], by: Sender | None = None) -> Any:
        """Ask a signed question about this node, until it is new; ``by`` another node signs it."""
        answer = self.post(what, self.asked(what, document, by))
        for _ in range(2):
            if answer.get("code") == "question.again":
                document = {**document, "after": answer["values"]["at"]}
                answer = self.post(what, self.asked(what, document, by))
        return answer

    def asked(self, what: str, document: dict[str, Any], by: Sender | None = None) -> bytes:
        """Give a signed question as it is sent."""
        return frames.pack(sign_question(document, what or "state", self.node, (by or self).key))

    def latest(self, what: str, document: dict[str, Any]) -> dict[str, Any]:
        """Give a question with the instant that the registry wants to be asked with now."""
        answer = self.post(what, self.asked(what, document))
        return {**document, "after": answer["values"]["at"]}

    def post(self, what: str, data: bytes) -> Any:
        path = f"/v1/nodes/{self.node}" + (f"/{what}" if what else "")
        answer = self._client.post(path, data=data)
        if frames.is_frame(answer.data):
            return frames.unpack(answer.data)
        return answer.get_json()


def ahead(sender: Sender, number: int, type_: str, body: Any, key: int = 1) -> dict[str, Any]:
    """An entry with its place, as it is sent ahead of those before it."""
    bare = {"id": uuid(key), "type": type_, "at": NOW, "by": "V1", "body": body}
    return linked(bare, Link(sender.node, EPOCH, number, "0" * 64))


def state_question(**more: Any) -> dict[str, Any]:
    return {
        "protocol": NEWEST,
        "nonce": "0123456789abcdef",
        "tips": [],
        "waiting": 5,
        "software": "1.0",
        **more,
    }


def letters_question(**more: Any) -> dict[str, Any]:
    return {
        "protocol": NEWEST,
        "nonce": "0123456789abcdef",
        "nation": [0, ""],
        "own": [0, ""],
        **more,
    }
