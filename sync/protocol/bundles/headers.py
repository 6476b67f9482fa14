"""What a bundle says of itself, signed: a site's outward, the registry's inward, an invitation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from sync.protocol import keys
from sync.protocol.bundles.sealed import check_address
from sync.protocol.errors import EntryError, ProtocolError
from sync.protocol.shapes import Count, fit
from sync.protocol.states import FeedHead, Question, read_question
from sync.protocol.versions import capabilities

FORMAT = 1
"""The number of the bundle's form; it rises when older software would misunderstand."""
Text = Annotated[str, Meta(max_length=200)]
Cursors = Mapping[str, FeedHead]
"""The last letter taken of each feed."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where bundles for the registry are sealed to, and what it can open (its capabilities).

    ``document`` is the whole as the registry signed it, ``at`` an instant by its clock: the newest
    one counts.
    """

    address: str
    at: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outward:
    """A site's header: ``part`` from 1 of one export, holding the entries behind ``after``.

    ``after`` and ``through`` count over all epochs, from 1; ``count`` is how many batches follow.
    ``question`` is the protocol's own; its answer, and the letters behind ``cursors``, are sealed
    to ``recipient``. ``enrolment`` is there while the registry may not know the site, ``history``
    where histories of people are asked for: a signed question as by network.
    """

    node: str
    key: str
    made: str
    part: int
    last: bool
    after: int
    through: int
    count: int
    question: Question
    cursors: Cursors
    recipient: str
    enrolment: Mapping[str, Any] | None = None
    history: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Inward:
    """The registry's header of an answer: ``held`` counts the node's entries over all epochs.

    ``nonce`` and ``cursors`` are those of the outward header it answers; ``count`` is how many
    pages of letters follow the state; ``history``: the histories that were asked for follow these.
    """

    node: str
    nonce: str
    at: str
    held: int
    cursors: Cursors
    count: int
    recipient: Mapping[str, Any]
    history: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """Tells a site without a line whose registry it is, and where bundles for it are sealed to.

    It holds no secret: the enrolment code does. ``facility`` and ``code`` are empty but in one of
    an older registry, which let whoever held it enrol for a facility.
    """

    key: str
    recipient: Recipient
    facility: str = ""
    code: str = ""


class _Sealing(msgspec.Struct):
    recipient: Text
    at: Text


class _Keyed(msgspec.Struct):
    key: Text


class _Cursors(msgspec.Struct):
    """One for each of the feeds."""

    nation: tuple[Count, str]
    own: tuple[Count, str]

    def heads(self) -> Cursors:
        return {"nation": FeedHead(*self.nation), "own": FeedHead(*self.own)}


class _Outward(msgspec.Struct):
    node: Text
    key: Text
    made: Text
    part: Count
    last: bool
    after: Count
    through: Count
    count: Count
    question: dict[str, Any]
    cursors: _Cursors
    recipient: Text
    enrolment: dict[str, Any] | None = None
    history: dict[str, Any] | None = None


class _Inward(msgspec.Struct):
    node: Text
    nonce: Text
    at: Text
    held: Count
    cursors: _Cursors
    count: Count
    recipient: dict[str, Any] | None = None
    history: bool = False


class _Invitation(msgspec.Struct):
    key: Text
    recipient: Any
    facility: Text = ""
    code: Text = ""


def sign_recipient(address: str, at: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Say where bundles are sealed to, signed by the registry."""
    return _sign({"recipient": address, "at": at, **capabilities()}, key)


def check_recipient(document: Any, key: Ed25519PublicKey) -> Recipient:
    """Prove that the registry said where bundles are sealed to."""
    found = _proven(document, key)
    said = fit(found, _Sealing, _form)
    return Recipient(check_address(said.recipient), said.at, document)


def sign_outward(header: Outward, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Give a site's header as it is written."""
    document = {
        "bundle": FORMAT,
        "kind": "outward",
        "node": header.node,
        "key": header.key,
        "made": header.made,
        "part": header.part,
        "last": header.last,
        "after": header.after,
        "through": header.through,
        "count": header.count,
        "question": header.question.document(),
        "cursors": _written(header.cursors),
        "recipient": header.recipient,
    }
    if header.enrolment is not None:
        document["enrolment"] = dict(header.enrolment)
    if header.history is not None:
        document["history"] = dict(header.history)
    return _sign(document, key)


def check_outward(document: Any) -> Outward:
    """Prove that a node wrote a header: its id is made of the key that signed it."""
    _check_kind(document, "outward")
    key = keys.public_key(fit(document, _Keyed, _form).key)
    said = fit(_proven(document, key), _Outward, _form)
    if said.node != keys.node_id(key):
        raise ProtocolError("bundle.signature", "It is not signed by the site it names.")
    return Outward(
        node=said.node,
        key=said.key,
        made=said.made,
        part=said.part,
        last=said.last,
        after=said.after,
        through=said.through,
        count=said.count,
        question=read_question(said.question),
        cursors=said.cursors.heads(),
        recipient=check_address(said.recipient),
        enrolment=said.enrolment,
        history=said.history,
    )


def sign_inward(header: Inward, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Give the registry's header as it is written."""
    return _sign(
        {
            "bundle": FORMAT,
            "kind": "inward",
            "node": header.node,
            "nonce": header.nonce,
            "at": header.at,
            "held": header.held,
            "cursors": _written(header.cursors),
            "count": header.count,
            "recipient": dict(header.recipient),
            **({"history": True} if header.history else {}),
        },
        key,
    )


def check_inward(document: Any, node: str, key: Ed25519PublicKey) -> Inward:
    """Prove that the registry wrote a header for this node."""
    _check_kind(document, "inward")
    said = fit(_proven(document, key), _Inward, _form)
    if said.node != node:
        raise ProtocolError("bundle.other", "It is for another site.")
    return Inward(
        node=node,
        nonce=said.nonce,
        at=said.at,
        held=said.held,
        cursors=said.cursors.heads(),
        count=said.count,
        recipient=said.recipient or {},
        history=said.history,
    )


def sign_invitation(invitation: Invitation, key: Ed25519PrivateKey) -> dict[str, Any]:
    """Give an invitation as it is written."""
    return _sign(
        {
            "bundle": FORMAT,
            "kind": "invitation",
            "key": invitation.key,
            "recipient": dict(invitation.recipient.document),
        },
        key,
    )


def check_invitation(document: Any) -> Invitation:
    """Read an invitation; whether its key is the nation's the enrolment code says."""
    _check_kind(document, "invitation")
    key = keys.public_key(fit(document, _Keyed, _form).key)
    said = fit(_proven(document, key), _Invitation, _form)
    return Invitation(
        key=said.key,
        recipient=check_recipient(said.recipient, key),
        facility=said.facility,
        code=said.code,
    )


def _sign(document: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    return {**document, "signature": keys.sign(key, document)}


def _proven(document: Any, key: Ed25519PublicKey) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise _form()
    unsigned = {name: value for name, value in document.items() if name != "signature"}
    try:
        fits = keys.fits(key, unsigned, document.get("signature"))
    except EntryError:
        fits = False
    if not fits:
        raise ProtocolError("bundle.signature", "It is not signed by the one it names.")
    return unsigned


def _check_kind(document: Any, kind: str) -> None:
    if not isinstance(document, Mapping) or document.get("kind") != kind:
        raise _form()
    if document.get("bundle") != FORMAT:
        raise ProtocolError("bundle.version", "It was made by software of another version.")


def _written(cursors: Cursors) -> dict[str, list[Any]]:
    return {feed: [head.number, head.id] for feed, head in cursors.items()}


def _form(_field: str = "") -> ProtocolError:
    return ProtocolError("bundle.form", "This is not a bundle.")
