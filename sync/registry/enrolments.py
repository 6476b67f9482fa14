"""Enrolments, as sites send them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sync.protocol import frames
from sync.protocol.bundles.sealed import open_sealed
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import fit

Line = Annotated[str, Meta(max_length=200)]


class Enrolment(msgspec.Struct, frozen=True):
    """What a node tells of itself to be let in."""

    key: Line
    facility: Line
    name: Line
    code: Line


def read_enrolment(document: Mapping[str, Any]) -> Enrolment:
    """Read an enrolment; raises :class:`ProtocolError` naming the field that is wrong."""
    found = fit(document, Enrolment, _wrong)
    for name, value in msgspec.structs.asdict(found).items():
        if not value.isprintable():
            raise _wrong(name)
    return found


def open_enrolment(document: Mapping[str, Any], identities: Sequence[str]) -> Mapping[str, Any]:
    """Open an enrolment that was sealed to the registry; one that was not is given as it is.

    Raises :class:`ProtocolError` ``enrol.sealed``.
    """
    sealed = document.get("sealed")
    if sealed is None:
        return document
    try:
        if not isinstance(sealed, str):
            raise ValueError
        (frame,) = open_sealed(base64.b64decode(sealed, validate=True), identities)
        return frames.unpack(frame, frames.SMALL)
    except (ValueError, ProtocolError):
        raise ProtocolError(
            "enrol.sealed",
            "The enrolment cannot be opened: it was sealed to another registry, or changed.",
        ) from None


def _wrong(field: str) -> ProtocolError:
    return ProtocolError("enrol.field", "The field {field} of the enrolment is wrong.", field=field)
