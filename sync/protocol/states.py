"""The question a site begins with: what do you hold of me, and what have you for me?

The answer is signed over the site's own nonce, so nothing but the registry can give it, and no
record is sent before it was given.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from sync.protocol import keys
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError
from sync.protocol.receipts import Receipt, check_receipt
from sync.protocol.shapes import Count, Nonce, Number, fit
from sync.protocol.versions import OLDEST, check_version

TIPS = 64
"""Epochs named in one question at the most."""


@dataclass(frozen=True, slots=True)
class FeedHead:
    """The last letter of a feed: its number (0: there is none) and its id."""

    number: int = 0
    id: str = ""


class Question(msgspec.Struct, frozen=True):
    """``tips`` are epochs with their last numbers, newest first; ``waiting`` counts entries."""

    nonce: Nonce
    tips: Annotated[tuple[tuple[str, Number], ...], Meta(max_length=TIPS)]
    waiting: Count = 0
    software: Annotated[str, Meta(max_length=40)] = ""
    protocol: int = OLDEST

    def document(self) -> dict[str, Any]:
        """Give the question as it is sent."""
        return {
            "protocol": self.protocol,
            "nonce": self.nonce,
            "tips": [list(tip) for tip in self.tips],
            "waiting": self.waiting,
            "software": self.software,
        }


@dataclass(frozen=True, slots=True)
class State:
    """``receipt`` is for the newest tip of which anything is held; None if nothing is of any.

    ``nation`` and ``own`` are the last letters there are; ``tag`` asks later whether anything
    changed, and its second half whether any letter came; ``come_back`` is in how many seconds the
    registry would like to be asked again, or 0.
    """

    node: str
    nonce: str
    at: str
    receipt: Receipt | None
    nation: FeedHead
    own: FeedHead
    tag: str
    come_back: int = 0

    def document(self) -> dict[str, Any]:
        """Give the state as it is signed."""
        return {
            "node": self.node,
            "nonce": self.nonce,
            "at": self.at,
            "receipt": self.receipt.whole() if self.receipt else None,
            "nation": [self.nation.number, self.nation.id],
            "own": [self.own.number, self.own.id],
            "tag": self.tag,
            "comeBack": self.come_back,
        }


def make_tag(heads: Sequence[Sequence[Any]], feeds: Sequence[FeedHead]) -> str:
    """Write down how everything stands for a node: six letters for entries, six for letters."""
    entries = canonical([list(head) for head in heads])
    letters = canonical([[feed.number, feed.id] for feed in feeds])
    return _short(entries) + _short(letters)


def brief(tag: str) -> str:
    """Give six letters for a tag, for the idle question: one change in 6.9e10 would not show."""
    return _short(tag.encode())


def feeds_part(tag: str) -> str:
    """Give what a tag says of the letters."""
    return tag[6:]


def _short(text: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest())[:6].decode()


def read_question(document: Mapping[str, Any]) -> Question:
    """Read a question; raises :class:`ProtocolError` naming the field that is wrong."""
    check_version(document.get("protocol"))
    return fit(document, Question, _wrong)


def sign_state(state: State, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Give the state with the registry's signature."""
    document = state.document()
    return {**document, "signature": keys.sign(key, document)}


def check_state(document: Any, question: Question, node: str, key: Ed25519PublicKey) -> State:
    """Prove that a state is the registry's answer to this very question."""
    if not isinstance(document, Mapping):
        raise _no_state()
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    if not keys.fits(key, unsigned, document.get("signature")):
        raise ProtocolError("state.signature", "The answer is not signed by the registry.")
    if unsigned.get("nonce") != question.nonce or unsigned.get("node") != node:
        raise ProtocolError("state.other", "The answer is to another question.")
    said = fit(unsigned, _Said, lambda _field: _no_state())
    return State(
        node=node,
        nonce=question.nonce,
        at=said.at,
        receipt=check_receipt(said.receipt, key) if said.receipt is not None else None,
        nation=FeedHead(*said.nation),
        own=FeedHead(*said.own),
        tag=said.tag,
        come_back=said.come_back,
    )


class _Said(msgspec.Struct, rename={"come_back": "comeBack"}):
    """What a state says besides whom it answers."""

    at: str
    nation: tuple[Count, str]
    own: tuple[Count, str]
    tag: str
    receipt: Any = None
    come_back: Count = 0


def _no_state() -> ProtocolError:
    return ProtocolError("state.form", "This is not an answer of a registry.")


def _wrong(field: str) -> ProtocolError:
    return ProtocolError("state.field", "The field {field} of the question is wrong.", field=field)
