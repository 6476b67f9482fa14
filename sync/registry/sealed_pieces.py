"""Hands out the pieces of lists of people, each sealed to the site that asks for it.

What is kept is sealed to the registry itself, and opened only for that: so a site that was set up
again, or has another key, gets its pieces with its next question.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from sync.protocol import enrolment_lists as protocol
from sync.protocol import keys
from sync.protocol.errors import ProtocolError
from sync.registry.enrolment_lists import taken_pieces
from sync.registry.enrolment_tables import facility_key
from sync.registry.registry import Registry

_ANSWER = 1024 * 1024
"""Bytes of pieces in one answer, and of one file on a stick."""
_ON_A_STICK = 1000
"""Pieces for one site on a stick at the most; the rest comes with the next."""


def answer_pieces(registry: Registry, node: str, data: bytes) -> dict[str, Any]:
    """Give a node the pieces it asks for, of its own facility alone, sealed to it."""
    nonce, recipient, want = protocol.read_question(registry.asked(node, data, "pieces"))
    facility = facility_key(registry.known(node).facility)
    frames: list[bytes] = []
    size = 0
    for hash_ in want:
        frame = kept_frame(registry, facility, hash_)
        size += len(frame or b"")
        if frames and size > _ANSWER:
            break
        if frame is not None:
            frames.append(frame)
    sealed = protocol.seal_pieces(frames, recipient) if frames else b""
    answer = protocol.answer_of(node, nonce, registry.instant(), sealed)
    return {**answer, "signature": keys.sign(registry.key, answer)}


def bundles_for(registry: Registry, node: str, recipient: str) -> Iterator[bytes]:
    """Give what a site's lists have for it and it has not taken, sealed, a file's worth each."""
    facility = registry.known(node).facility
    pieces = registry.store.pieces_of_facility(facility_key(facility))
    if not pieces:
        return
    has = {hash_ for hash_, _ in taken_pieces(registry.store, node)}
    wanted = [piece.hash for piece in pieces if piece.hash not in has][:_ON_A_STICK]
    frames: list[bytes] = []
    for hash_ in wanted:
        frame = kept_frame(registry, facility_key(facility), hash_)
        if frame is None:
            continue
        if frames and sum(map(len, frames)) + len(frame) > _ANSWER:
            yield protocol.seal_pieces(frames, recipient)
            frames = []
        frames.append(frame)
    if frames:
        yield protocol.seal_pieces(frames, recipient)


def kept_frame(registry: Registry, facility: str, hash_: str) -> bytes | None:
    """Open a piece of a facility that is kept; None: there is none, or nothing here opens it."""
    sealed = registry.store.sealed_piece(facility, hash_)
    if sealed is None:
        return None
    try:
        return protocol.open_pieces(base64.b64decode(sealed), registry.identities).get(hash_)
    except ProtocolError:  # registry.age was lost: the officer publishes the list again
        return None
