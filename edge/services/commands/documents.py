"""What may be asked about documents of the kinds that the campaign describes."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from edge.services.commands.base import Code, CommandStruct, Count, Reason, Text

Whole = Annotated[int, Meta(ge=1 - 2**53, le=2**53 - 1)]
"""A whole number that every reader of JSON keeps (RFC 8259, 6)."""
ContentValue = Text | bool | Whole | Annotated[list[Text], Meta(max_length=50)] | None
"""The value of a field; None takes it away."""
ContentInput = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=60, pattern="^[ -~]+$")], ContentValue],
    Meta(max_length=100),
]


class RecordDocument(CommandStruct, frozen=True, tag_field="type", tag="RecordDocument"):
    """Record a document and sign its certificate; its type says which fields it has."""

    document_type: Code
    contents: ContentInput
    printer: Text = ""


class CertifyDocument(CommandStruct, frozen=True, tag_field="type", tag="CertifyDocument"):
    """Sign the certificate of a document that was recorded when none could be signed."""

    document: Code
    printer: Text = ""


class CorrectDocument(CommandStruct, frozen=True, tag_field="type", tag="CorrectDocument"):
    """Put right what is recorded; only the fields that change are sent.

    ``seen`` as for :class:`CorrectPerson`.
    """

    document: Code
    changes: ContentInput
    reason: Reason
    printer: Text = ""
    seen: Count | None = None


class RevokeDocument(CommandStruct, frozen=True, tag_field="type", tag="RevokeDocument"):
    """Say that a document counts no longer, and its certificate with it."""

    document: Code
    reason: Reason
