"""What the API answers of documents of the kinds that the campaign describes."""

from __future__ import annotations

from typing import Any

from msgspec import field

from edge.web.answer import Answer
from edge.web.answers import CertificateAnswer


class DocumentFieldAnswer(Answer, frozen=True):
    """A field: its JSON Schema, and how it and its choices are called in the caller's language."""

    name: str
    kind: str
    required: bool
    label: str
    help: str
    schema: dict[str, Any]
    choices: dict[str, str] = field(default_factory=dict)


class DocumentTypeAnswer(Answer, frozen=True):
    """A type of document; ``may`` names what the caller may do: record, read, correct, revoke."""

    id: str
    name: str
    active: bool
    may: list[str]
    fields: list[DocumentFieldAnswer]
    columns: list[str]
    formats: list[str]


class DocumentAnswer(Answer, frozen=True):
    """A document as it is recorded; ``certificates`` oldest first.

    ``position``: its place in lists; ``seen``: what a correction gives as such.
    """

    id: str
    document_type: str
    contents: dict[str, Any]
    recorded_at: str
    recorded_by: str
    position: int
    seen: int
    changed_at: str = ""
    revoked_at: str = ""
    reason: str = ""
    certificates: list[CertificateAnswer] = field(default_factory=list)
