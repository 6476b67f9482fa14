"""A journal in memory and a registry behind a line that can be cut, for the tests of sync."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from sync.entries import GENESIS, Head, Link, canonical, chain_hash, linked
from sync.errors import TransportError
from sync.follower import Follower, Stored
from sync.protocol import MEDIA_TYPE, Receipt, node_id, public_text
from sync.registry.app import Registry, create_app
from sync.registry.sqlite import SqliteStore

NODE_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
REGISTRY_KEY = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
NODE = node_id(NODE_KEY.public_key())
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Chain:
    """A site's entries, epoch after epoch, and its memory of receipts."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Stored]] = {}
        self.receipts: dict[str, Receipt] = {}
        self._last: Head | None = None

    def open(self, epoch: str) -> None:
        self.entries[epoch] = []

    def append(self, count: int = 1, text: str = "x") -> None:
        epoch = list(self.entries)[-1]
        chain = self.entries[epoch]
        for _ in range(count):
            number = len(chain) + 1
            parent = self._last if number == 1 else None
            previous = chain[-1].hash if chain else (parent.hash if parent else GENESIS)
            entry = {"id": f"{epoch}-{number}", "type": "DoseGiven", "at": "2026-11-24T12:00:00Z",
                     "by": "V1", "body": {"text": text, "number": number}}  # fmt: skip
            content = canonical(linked(entry, Link(NODE, epoch, number, previous, parent)))
            chain.append(Stored(number, chain_hash(content), content.decode()))
            self._last = Head(epoch, number, chain[-1].hash)

    def epochs(self) -> list[tuple[str, int]]:
        return [(epoch, len(chain)) for epoch, chain in self.entries.items() if chain]

    def after(self, epoch: str, number: int, limit: int) -> list[Stored]:
        return self.entries[epoch][number : number + limit]

    def hash_at(self, epoch: str, number: int) -> str | None:
        chain = self.entries.get(epoch, [])
        return chain[number - 1].hash if 0 < number <= len(chain) else None

    def keep(self, receipt: Receipt) -> None:
        self.receipts[receipt.epoch] = receipt

    def forget(self, epoch: str) -> None:
        self.receipts.pop(epoch, None)

    @property
    def proven(self) -> int:
        return sum(receipt.number for receipt in self.receipts.values())

    @property
    def total(self) -> int:
        return sum(len(chain) for chain in self.entries.values())


class Line:
    """A transport that calls the registry's application; ``fault`` may spoil each answer."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.fault: Callable[[str, Any], Any] = lambda what, answer: answer
        self.deliveries: list[bytes] = []

    def enrol(self, enrolment: Mapping[str, str]) -> Any:
        return self.client.post("/v1/enrol", json=dict(enrolment)).get_json()

    def deliver(self, node: str, batch: bytes) -> Any:
        self.fault("before", None)
        self.deliveries.append(batch)
        answer = self.client.post(
            f"/v1/nodes/{node}/batches", data=batch, content_type=MEDIA_TYPE
        ).get_json()
        return self.fault("deliver", answer)

    def heads(self, node: str) -> Any:
        return self.fault("heads", self.client.get(f"/v1/nodes/{node}/heads").get_json())


def cut(*_: Any) -> Any:
    raise TransportError("registry.cut", "The line broke while the registry was answering.")


def open_registry(path: Path) -> tuple[SqliteStore, FlaskClient]:
    store = SqliteStore(path)
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}), "operator", lambda: NOW)
    client = create_app(registry).test_client()
    client.post("/v1/enrol", json=enrolment())
    return store, client


def enrolment(**more: Any) -> dict[str, Any]:
    key = public_text(NODE_KEY.public_key())
    return {"key": key, "facility": "DEMO01", "name": "Riverside", "code": "code", **more}


def follower(chain: Chain, line: Line) -> Follower:
    return Follower(chain, line, NODE, NODE_KEY, REGISTRY_KEY.public_key())


def held(store: SqliteStore) -> list[tuple[str, int, str]]:
    found = []
    for head in store.heads(NODE):
        found += [
            (one.epoch, one.number, json.loads(one.content)["id"])
            for one in store.entries(NODE, head.epoch, 0, 10**6)
        ]
    return sorted(found)
