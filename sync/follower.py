"""The registry's follower: one pass delivers what the registry does not hold, and proves it.

The cursor is the registry's own latest receipt. It moves when a signed receipt names a number and
a hash that are also ours; it moves back when the registry holds less than before (it was restored
from a backup), and then the rest is sent again. An HTTP 200 moves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.errors import ProtocolError, SyncError, TransportError
from sync.protocol import Receipt, check_receipt, encode_batch, make_batch
from sync.transports import Transport

_FIRST_BATCH, _MOST, _LEAST = 100, 500, 1
_STEPS = 100_000
"""Batches in one pass at the most: a bound for a registry that never says the same twice."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as the journal holds it: its number, its hash, its canonical text."""

    number: int
    hash: str
    content: str


class Source(Protocol):
    """The journal as a follower sees it, and the follower's own memory of receipts."""

    def epochs(self) -> list[tuple[str, int]]:
        """Give every epoch and its last number, oldest first."""
        ...

    def after(self, epoch: str, number: int, limit: int) -> list[Stored]:
        """Give an epoch's entries behind a number."""
        ...

    def hash_at(self, epoch: str, number: int) -> str | None:
        """Give the hash of one entry."""
        ...

    def keep(self, receipt: Receipt) -> None:
        """Remember an epoch's latest receipt, durably; it may name less than the one before."""
        ...

    def forget(self, epoch: str) -> None:
        """Remember that the registry holds nothing of an epoch any more."""
        ...


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass came to: ``state`` is ``synced``, ``unreachable``, ``refused`` or ``diverged``.

    ``synced`` only if a receipt covers every entry there was. ``trouble`` is a sentence template.
    """

    state: str
    sent: int = 0
    bytes: int = 0
    trouble: str = ""
    values: Mapping[str, Any] | None = None
    retry_after: float | None = None


class Follower:
    """Follows the journal for one registry."""

    def __init__(
        self,
        source: Source,
        transport: Transport,
        node: str,
        key: Ed25519PrivateKey,
        registry_key: Ed25519PublicKey,
    ) -> None:
        self._source = source
        self._transport = transport
        self._node = node
        self._key = key
        self._registry_key = registry_key
        self._size = _FIRST_BATCH

    def run(self) -> Pass:
        """Deliver until the registry holds everything, or say why not."""
        sent = size = 0
        try:
            held = self._held()
            for epoch, last in self._source.epochs():
                number = self._agreed(epoch, held.get(epoch))
                while number < last and sent < _STEPS:
                    receipt, count, weight = self._deliver(epoch, number)
                    sent, size = sent + count, size + weight
                    if receipt.number == number and count == 0:
                        break
                    number = receipt.number
        except TransportError as error:
            return Pass("unreachable", sent, size, error.sentence, error.values, error.retry_after)
        except _DivergedError as error:
            return Pass("diverged", sent, size, error.sentence, error.values)
        except SyncError as error:
            return Pass("refused", sent, size, error.sentence, error.values)
        return Pass("synced", sent, size)

    def _held(self) -> dict[str, Receipt]:
        """Ask the registry what it holds: its word now, not our memory, is where to go on."""
        answer = self._transport.heads(self._node)
        if not isinstance(answer, dict) or not isinstance(answer.get("receipts"), list):
            raise _refusal(answer)
        receipts = [check_receipt(one, self._registry_key) for one in answer["receipts"]]
        return {one.epoch: one for one in receipts if one.node == self._node}

    def _agreed(self, epoch: str, receipt: Receipt | None) -> int:
        """Compare a receipt with our own chain and keep it; give the number to go on from."""
        if receipt is None:
            self._source.forget(epoch)
            return 0
        if self._source.hash_at(epoch, receipt.number) != receipt.hash:
            raise _DivergedError(receipt.number)
        self._source.keep(receipt)
        return receipt.number

    def _deliver(self, epoch: str, after: int) -> tuple[Receipt, int, int]:
        while True:
            entries = self._source.after(epoch, after, self._size)
            contents = [json.loads(entry.content) for entry in entries]
            data = encode_batch(make_batch(contents, entries[-1].hash, self._key))
            try:
                answer = self._transport.deliver(self._node, data)
            except TransportError:
                self._size = max(_LEAST, self._size // 2)
                raise
            if isinstance(answer, dict) and "receipt" in answer:
                break
            if _code(answer) == "batch.too-large" and self._size > _LEAST:
                self._size = max(_LEAST, self._size // 2)
                continue
            raise _refusal(answer)
        self._size = min(_MOST, self._size + 50)
        receipt = check_receipt(answer["receipt"], self._registry_key)
        if receipt.node != self._node or receipt.epoch != epoch:
            raise ProtocolError("receipt.other", "The receipt is for another node's entries.")
        self._agreed(epoch, receipt)
        return receipt, len(entries), len(data)


class _DivergedError(SyncError):
    def __init__(self, number: int) -> None:
        super().__init__(
            "registry.diverged",
            "The registry holds another entry {number} of this site than the site itself."
            " Nothing more is sent; call the national help desk.",
            number=number,
        )


def _code(answer: Any) -> str:
    return str(answer.get("code", "")) if isinstance(answer, dict) else ""


def _refusal(answer: Any) -> SyncError:
    if isinstance(answer, dict) and isinstance(answer.get("sentence"), str):
        return ProtocolError(
            _code(answer) or "registry.refused",
            "The registry refuses: {reason}",
            reason=answer["sentence"][:300],
        )
    return TransportError(
        "registry.intercepted",
        "Something on the network answers in the place of the registry."
        " Perhaps a sign-in page: open a web page on this line.",
    )
