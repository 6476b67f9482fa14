"""A journal in memory and a registry behind a line that can be cut, for the tests of sync."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from sync.protocol import frames
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.entries import GENESIS, Head, Link, canonical, chain_hash, linked
from sync.protocol.errors import LineError
from sync.protocol.keys import node_id, public_text
from sync.protocol.questions import sign_question
from sync.protocol.receipts import Receipt
from sync.protocol.versions import NEWEST
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office
from sync.site.follower import Follower
from sync.site.handshake import HandshakeEnvironment, Identity
from sync.site.inbox import Inbox
from sync.site.source import Branch, JournalEntry, Source, Tip

NODE_KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
REGISTRY_KEY = Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32)
NODE = node_id(NODE_KEY.public_key())
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Chain:
    """A site's entries, epoch after epoch, and its memory of the latest receipt."""

    def __init__(self, node: str = "") -> None:
        self._node = node
        self.all: list[JournalEntry] = []
        self.receipt: Receipt | None = None
        self.parted: dict[str, Branch] = {}
        self._epoch = ""
        self._first = 0

    def open(self, epoch: str) -> None:
        self._epoch, self._first = epoch, len(self.all)

    def append(
        self, count: int = 1, text: str = "x", type_: str = "DoseGiven", **more: Any
    ) -> None:
        for _ in range(count):
            last = self.all[-1] if self.all else None
            number = len(self.all) - self._first + 1
            parent = Head(last.epoch, last.number, last.hash) if last and number == 1 else None
            previous = last.hash if last else GENESIS
            entry = {"id": f"{self._epoch}-{number}", "type": type_, "at": "2026-11-24T12:00:00Z",
                     "by": "V1", "body": {"text": text, "number": number}, **more}  # fmt: skip
            link = Link(self._node or NODE, self._epoch, number, previous, parent)
            content = canonical(linked(entry, link))
            self.all.append(
                JournalEntry(
                    len(self.all) + 1, self._epoch, number, chain_hash(content), content.decode()
                )
            )

    def last(self) -> int:
        return len(self.all)

    def tips(self, before: int, limit: int) -> list[Tip]:
        found: list[Tip] = []
        while before > 0 and len(found) < limit:
            one = self.all[before - 1]
            found.append(Tip(one.epoch, one.number, before))
            before -= one.number
        return found

    def after(self, position: int, limit: int) -> list[JournalEntry]:
        found = self.all[position : position + limit]
        return [one for one in found if one.epoch == found[0].epoch]

    def urgent(self, position: int, types: Sequence[str], limit: int) -> list[JournalEntry]:
        behind = self.all[position:]
        return [one for one in behind if json.loads(one.content)["type"] in types][:limit]

    def find(self, epoch: str, number: int) -> tuple[int, str] | None:
        for one in self.all:
            if (one.epoch, one.number) == (epoch, number):
                return one.position, one.hash
        return None

    def branches(self) -> dict[str, Branch]:
        return self.parted

    def keep_branch(self, epoch: str, branch: Branch) -> None:
        self.parted[epoch] = branch

    def keep(self, receipt: Receipt | None) -> None:
        self.receipt = receipt

    def kept(self) -> Receipt | None:
        return self.receipt

    @property
    def proven(self) -> int:
        if self.receipt is None:
            return 0
        found = self.find(self.receipt.epoch.partition("~")[0], self.receipt.number)
        return found[0] if found else 0


class Line:
    """A transport that calls the registry's application; ``fault`` may spoil each answer."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.authenticated = False
        self.fault: Callable[[str, Any], Any] = lambda what, answer: answer
        self.deliveries: list[bytes] = []
        self.idle: list[str] = []

    def ask(self, path: str, body: bytes | None) -> Any:
        """What is asked: ``speak``, ``enrol``, ``state``, ``batches`` or ``letters``."""
        last = path.rpartition("/")[2]
        what = (
            last
            if last in ("enrol", "key", "batches", "urgent", "letters")
            else "state"
            if path
            else "speak"
        )
        self.fault("before " + what, None)
        url = f"/v1/{path}".rstrip("/")
        if what == "batches":
            self.deliveries.append(body or b"")
        answer = self.client.get(url) if body is None else self.client.post(url, data=body)
        document = frames.unpack(answer.data) if frames.is_frame(answer.data) else answer.get_json()
        return self.fault(what, document)

    def deliver(self, node: str, batch: bytes) -> Any:
        return self.ask(f"nodes/{node}/batches", batch)

    def unchanged(self, path: str) -> bool:
        self.fault("before unchanged", None)
        self.idle.append(path)
        answer = self.client.get(f"/v1/{path}")
        return answer.status_code == 200 and answer.data == b""


def cut(*_: Any) -> Any:
    raise LineError("registry.cut", "The line to the national registry broke.", too_much=True)


def open_registry(path: Path) -> tuple[SqliteStore, FlaskClient]:
    store = SqliteStore(path)
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}), Limits(), lambda: NOW)
    client = create_app(registry, office(registry, "operator")).test_client()
    client.post("/v1/enrol", json=enrolment())
    return store, client


def enrolment(**more: Any) -> dict[str, Any]:
    """An enrolment, signed by its node; ``by`` the key of another one."""
    by = more.pop("by", NODE_KEY)
    key = public_text(by.public_key())
    bare = {"protocol": NEWEST, "nonce": "0123456789abcdef", "key": key, "facility": "DEMO01",
            "name": "Riverside", "code": "code", **more}  # fmt: skip
    return sign_question(bare, "enrol", node_id(by.public_key()), by)


def sealing() -> dict[str, Any]:
    """What a registry needs so that enrolments are sealed to it."""
    identity = new_identity()
    return {"recipient": recipient_of(identity), "identities": (identity,)}


def identity(key: Ed25519PrivateKey = NODE_KEY) -> Identity:
    return Identity(node_id(key.public_key()), key, REGISTRY_KEY.public_key(), "0.1.0")


def ports(elapsed: Callable[[], float] | None = None) -> HandshakeEnvironment:
    """Every look at the clock is a second later; every nonce is new."""
    ticks = count()
    return HandshakeEnvironment(
        elapsed or (lambda: float(next(ticks))), lambda: f"{next(ticks):016x}"
    )


def follower(
    chain: Source,
    line: Line,
    inbox: Inbox | None = None,
    elapsed: Callable[[], float] | None = None,
) -> Follower:
    return Follower(chain, line, identity(), ports(elapsed), inbox)


def held(store: SqliteStore) -> list[tuple[str, int, str]]:
    found = []
    for head in store.heads(NODE):
        found += [
            (one.epoch, one.number, json.loads(one.content)["id"])
            for one in store.entries(NODE, head.epoch, 0, 10**6)
        ]
    return sorted(found)
