"""The registry's word: what it holds of a node, signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec.structs import replace

from sync.protocol import keys
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import fit


class Receipt(msgspec.Struct, frozen=True):
    """Of this node and epoch the registry holds, durably, everything through ``number``.

    Also everything of the epochs it follows, for no epoch is taken in before its parent. ``hash``
    is the chain hash of entry ``number``; ``count`` is how many entries it holds of this node over
    all epochs; ``at`` is an instant by the registry's clock.
    """

    node: str
    epoch: str
    number: int
    hash: str
    count: int
    at: str
    signature: str = ""

    def document(self) -> dict[str, Any]:
        """Give the receipt as the JSON object that is signed."""
        return {
            "node": self.node,
            "epoch": self.epoch,
            "number": self.number,
            "hash": self.hash,
            "count": self.count,
            "at": self.at,
        }

    def whole(self) -> dict[str, Any]:
        """Give the receipt with its signature."""
        return {**self.document(), "signature": self.signature}

    def short(self) -> dict[str, Any]:
        """Give only what the node that asked does not know."""
        return {
            "number": self.number,
            "count": self.count,
            "at": self.at,
            "signature": self.signature,
        }

    def line(self) -> str:
        """Write the receipt as people compare it: the site's screen and the registry's agree."""
        return proof_line(self.epoch, self.number, self.hash)


def proof_line(epoch: str, number: int, hash_: str) -> str:
    """Write one place in a chain as people compare it."""
    groups = " ".join(hash_[place : place + 4] for place in range(0, 16, 4))
    return f"{epoch}  {number}  {groups}"


def sign_receipt(receipt: Receipt, key: Ed25519PrivateKey) -> Receipt:
    """Sign a receipt."""
    return replace(receipt, signature=keys.sign(key, receipt.document()))


def check_receipt(document: Any, key: Ed25519PublicKey, **known: str) -> Receipt:
    """Read a receipt and prove that the registry signed it; raises :class:`ProtocolError`.

    ``known`` fills in what a short receipt leaves out.
    """
    if isinstance(document, Mapping):
        document = {**known, **document}
    receipt = fit(document, Receipt, _no_receipt)
    if not keys.fits(key, receipt.document(), receipt.signature):
        raise ProtocolError("receipt.signature", "The receipt is not signed by the registry.")
    return receipt


def _no_receipt(_field: str) -> ProtocolError:
    return ProtocolError("receipt.form", "This is not a receipt.")
