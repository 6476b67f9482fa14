"""A site in memory, a registry, and sticks between them, for the tests of bundles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from memory_journal import NODE, NODE_KEY, REGISTRY_KEY, Chain, enrolment

from sync.protocol.bundles import files
from sync.protocol.bundles.headers import Recipient, check_recipient, sign_recipient
from sync.protocol.bundles.sealed import new_identity, recipient_of
from sync.protocol.letters import Letter
from sync.protocol.states import FeedHead
from sync.registry.rate_limits import Limits
from sync.registry.registry import Registry
from sync.registry.sticks import StickResult, take
from sync.registry.store.sqlite import SqliteStore
from sync.site.stick import AnswerResult, ExportResult, Sender, export, take_answer


@cache
def identity_of(who: str) -> str:
    return new_identity()


class Box:
    """A site's inbox in memory."""

    def __init__(self) -> None:
        self.heads: dict[str, FeedHead] = {}
        self.taken: list[tuple[str, int, str]] = []

    def cursor(self, feed: str) -> FeedHead:
        return self.heads.get(feed, FeedHead())

    def take(self, letters: Sequence[Letter]) -> None:
        self.taken += [(one.feed, one.number, one.id) for one in letters]
        self.heads[letters[-1].feed] = FeedHead(letters[-1].number, letters[-1].id)


class Ticks:
    """A clock that is a second later at every look; ``minutes`` after the usual start."""

    def __init__(self, minutes: int = 0) -> None:
        self.moment = datetime(2026, 11, 24, 12, tzinfo=UTC) + timedelta(minutes=minutes)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def registry_at(path: Path, clock: Ticks | None = None) -> Registry:
    registry = Registry(
        SqliteStore(path),
        REGISTRY_KEY,
        frozenset({"code"}),
        Limits(),
        clock or Ticks(),
        recipient_of(identity_of("registry")),
        (identity_of("registry"),),
    )
    registry.enrol(enrolment())
    return registry


def registry_recipient() -> Recipient:
    address = recipient_of(identity_of("registry"))
    document = sign_recipient(address, "2026-11-24T12:00:00.000Z", REGISTRY_KEY)
    return check_recipient(document, REGISTRY_KEY.public_key())


def sender(key: Ed25519PrivateKey = NODE_KEY, **more: Any) -> Sender:
    made = {"nonce": "0123456789abcdef", "made": "2026-11-24T12:00:00.000Z", **more}
    return Sender(key, registry_recipient(), identity_of("site"), **made)


def write_out(
    folder: Path, chain: Chain, box: Box, size: int = 1 << 20, **more: Any
) -> ExportResult:
    folder.mkdir(exist_ok=True)
    return export(folder, chain, box, sender(**more), size)


def take_in(registry: Registry, folder: Path) -> list[StickResult]:
    return take(registry, [identity_of("registry")], folder, folder, lambda name: None)


def read_back(folder: Path, chain: Chain, box: Box) -> AnswerResult:
    data = files.read(folder / files.inward_name(NODE))
    return take_answer(data, chain, box, REGISTRY_KEY.public_key(), NODE, [identity_of("site")])
