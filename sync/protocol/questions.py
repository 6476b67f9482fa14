"""Proof of who asks, and that it is asked now: what is overheard is worth nothing a second time.

What is signed names the node and the kind of question besides what is sent, so that one question
cannot be taken for another. It names as well the registry's latest instant that the node knows,
``after``, and the registry answers one instant once. Whoever names none, or an old one, is told the
instant to name; that word is signed, so that nobody can have a question made for tomorrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol import keys
from sync.protocol.errors import ProtocolError
from sync.protocol.versions import ONCE, PRESENCE, check_version

AGAIN = "question.again"


def sign_question(
    document: Mapping[str, Any], kind: str, node: str, key: Ed25519PrivateKey
) -> dict[str, Any]:
    """Give a question of a kind (``state``, ``letters`` or ``history``) signed by its node."""
    return {**document, "signature": keys.sign(key, _signed(document, kind, node))}


def check_question(
    document: Mapping[str, Any], kind: str, node: str, key: Ed25519PublicKey
) -> None:
    """Let through a question that proves its node; raises :class:`ProtocolError`.

    ``protocol.version`` for a version that is not spoken here, ``question.signature`` for one that
    is not signed, or not by this node.
    """
    check_version(document.get("protocol"), PRESENCE if kind == "history" else ONCE)
    bare = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, _signed(bare, kind, node), document.get("signature")):
        raise ProtocolError("question.signature", "The question is not signed by this site.")


def again(document: Mapping[str, Any], node: str, at: str, key: Ed25519PrivateKey) -> ProtocolError:
    """Give the refusal that tells a node the instant to ask with, signed by the registry."""
    signature = keys.sign(key, _instant(document.get("nonce"), node, at))
    return ProtocolError(
        AGAIN,
        "The question was asked before, or does not name the registry's latest instant. Ask again.",
        temporary=True,
        at=at,
        signature=signature,
    )


def told_instant(answer: Any, nonce: str, node: str, key: Ed25519PublicKey) -> str:
    """Read the instant to ask with, where that is the answer; empty: it is another answer.

    Raises :class:`ProtocolError` ``question.other`` if it is not the registry's word to this
    question.
    """
    if not isinstance(answer, Mapping) or answer.get("code") != AGAIN:
        return ""
    values = answer.get("values")
    told = values if isinstance(values, Mapping) else {}
    at = told.get("at")
    if isinstance(at, str) and keys.fits(key, _instant(nonce, node, at), told.get("signature")):
        return at
    raise ProtocolError("question.other", "The answer is not signed by the registry.")


def _signed(document: Mapping[str, Any], kind: str, node: str) -> dict[str, Any]:
    return {**document, "node": node, "question": kind}


def _instant(nonce: Any, node: str, at: str) -> dict[str, Any]:
    return {"after": at, "node": node, "nonce": nonce if isinstance(nonce, str) else ""}
