"""Enrolments, as sites send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

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


def _wrong(field: str) -> ProtocolError:
    return ProtocolError("enrol.field", "The field {field} of the enrolment is wrong.", field=field)
