"""Proof of who asks: whoever only knows a node's id must learn nothing, and change nothing.

What is signed names the node and the kind of question besides what is sent, so that one question
cannot be taken for another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import keys
from sync.protocol.errors import ProtocolError
from sync.protocol.versions import check_version


def sign_question(
    document: Mapping[str, Any], kind: str, node: str, key: Ed25519PrivateKey
) -> dict[str, Any]:
    """Give a question of a kind (``state`` or ``letters``) with its node's signature."""
    return {**document, "signature": keys.sign(key, _signed(document, kind, node))}


def check_question(
    document: Mapping[str, Any], kind: str, node: str, key: Ed25519PublicKey
) -> None:
    """Let through a question that proves its node; raises :class:`ProtocolError`.

    ``protocol.version`` for a version that is not spoken here, ``question.signature`` for one that
    is not signed, or not by this node.
    """
    check_version(document.get("protocol"))
    bare = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, _signed(bare, kind, node), document.get("signature")):
        raise ProtocolError("question.signature", "The question is not signed by this site.")


def _signed(document: Mapping[str, Any], kind: str, node: str) -> dict[str, Any]:
    return {**document, "node": node, "question": kind}
