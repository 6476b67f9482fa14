"""A document as it is recorded: its contents, as text too, and how long it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from edge.domain.document_types import CredentialMapping, DocumentType
from edge.domain.names.folding import folded_words
from edge.domain.search_keys import alphanumeric

Contents = Mapping[str, Any]
"""The fields of a document by name: text, whole number, true or false, or a list of texts."""
_LONGEST_KEY = 60


@dataclass(frozen=True, slots=True)
class DocumentClaims:
    """What a document's credential states, whatever form it is signed in.

    ``texts`` are the certified fields by name. ``issued_at`` and ``expires_at`` (None: never) are
    instants in UTC.
    """

    number: str
    mapping: CredentialMapping
    texts: Mapping[str, str]
    issuer: str
    issuer_did: str
    base_url: str
    country: str
    issued_at: datetime
    expires_at: datetime | None = None


def as_text(value: Any) -> str:
    """Write a field's value as text; nothing for what is not there."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def amended(contents: Contents, changes: Contents) -> dict[str, Any]:
    """Give contents with changes; one that is set to null goes."""
    return {
        name: value for name, value in {**contents, **changes}.items() if value not in (None, "")
    }


def counts_until(type_: DocumentType, contents: Contents, issued_on: date) -> date | None:
    """Give the last day on which a document counts; None: without an end."""
    valid = type_.valid
    if valid.until:
        return day_of(contents.get(valid.until))
    if not valid.days:
        return None
    first = day_of(contents.get(valid.start)) if valid.start else issued_on
    start = first or issued_on
    return start + timedelta(days=min(valid.days, (date.max - start).days))


def search_keys(searched: Sequence[str], contents: Contents) -> tuple[str, ...]:
    """Give the words by which a document is found: those of the searched fields, folded."""
    words = [
        word for name in searched for text in _texts(contents.get(name)) for word in key_words(text)
    ]
    return tuple(dict.fromkeys(words))


def key_words(text: str) -> list[str]:
    """Give the words of a text as they are kept and asked for; a number also without its signs."""
    whole = alphanumeric(text) if any(sign.isdecimal() for sign in text) else ""
    words = [word.whole for word in folded_words(text)] + [whole]
    return [word[:_LONGEST_KEY] for word in words if word]


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else [as_text(value)]


def day_of(value: Any) -> date | None:
    """Read a field's day (ISO 8601); None where it holds none."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
