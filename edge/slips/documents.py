"""What the paper of a document can say, under the names that its template uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, tzinfo
from typing import Any

from edge.domain.document_types import DocumentField, DocumentType, in_language
from edge.domain.documents import as_text, counts_until, day_of
from edge.domain.numbers import grouped
from edge.journal.views import DocumentRecord, IssuedCertificate
from edge.slips.layout import Values
from edge.slips.speech import Speech
from sync.protocol.instants import local_day


def document_values(
    record: DocumentRecord,
    type_: DocumentType,
    certificate: IssuedCertificate,
    codes: Mapping[str, Any],
    language: str,
    speech: Speech,
    zone: tzinfo,
) -> Values:
    """Say what is certified of a document, and nothing else of it: paper says little.

    ``codes`` are what a slip may name of its QR codes. Days are those of ``zone``.
    """
    certified = type_.mapping.certified if type_.mapping else ()
    told = [item for item in type_.fields if item.name in certified]
    texts = {
        item.name: in_words(item, record.contents.get(item.name), language, speech.day)
        for item in told
    }
    last = counts_until(type_, record.contents, local_day(certificate.issued_at, zone))
    return {
        **texts,
        "fields": [
            {"label": in_language(item.label, language), "value": texts[item.name]}
            for item in told
            if texts[item.name]
        ],
        "title": in_language(type_.name, language),
        "certificate": grouped(certificate.id),
        "valid_until": speech.day(last),
        "recorded_on": speech.day(local_day(record.recorded_at, zone)),
        **codes,
    }


def in_words(field: DocumentField, value: object, language: str, day: Callable[[date], str]) -> str:
    """Write a value as people read it: each choice under its label, a date as ``day`` writes it."""
    if field.kind == "date" and (found := day_of(value)) is not None:
        return day(found)
    texts = value if isinstance(value, list) else [as_text(value)]
    choices = field.choices
    return ", ".join(
        in_language(choices[text], language) if text in choices else str(text) for text in texts
    )
