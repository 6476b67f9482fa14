"""A verified document in the reader's words: its type's name, and each field under its label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.document_types import CredentialMapping, DocumentType, in_language
from edge.domain.errors import EdgeError
from edge.slips.documents import in_words
from edge.web.backend import Backend
from edge.web.translations import Language

_LISTED = ("choices", "list")
"""Kinds of fields whose values are several, joined in a credential."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What a document says: ``title`` is its type's name, ``lines`` are (label, words)."""

    title: str
    lines: list[tuple[str, str]]


def document_told(
    backend: Backend, language: Language, claims: Mapping[str, Any]
) -> DocumentReport:
    """Word what a verifier tells of a document; its type is or was in force here."""
    with backend.journal.reading() as db:
        type_ = backend.site.catalogues.current(db).find_document(str(claims["documentType"]))
    told: Mapping[str, str] = claims["document"]
    if type_ is None:
        return DocumentReport(str(claims["documentType"]), list(told.items()))
    return DocumentReport(
        in_language(type_.name, language.code),
        [
            _line(type_, name, text, language)
            for name, text in sorted(told.items(), key=lambda item: _place(type_, item[0]))
        ],
    )


def _place(type_: DocumentType, name: str) -> int:
    """Give the place of a field in its form; one that is not asked comes last."""
    names = [item.name for item in type_.fields]
    return names.index(name) if name in names else len(names)


def _line(type_: DocumentType, name: str, text: str, language: Language) -> tuple[str, str]:
    one = type_.field(name)
    if one is None:
        return name, text
    parts: Any = text.split(", ") if one.kind in _LISTED else text
    return in_language(one.label, language.code), in_words(one, parts, language.code, language.day)


def published_documents(backend: Backend, language: Language) -> dict[str, Any]:
    """Give what reads documents in a browser: each context's fields in the order of their values.

    Nobody's data is in it; before the first campaign there is nothing.
    """
    try:
        with backend.journal.reading() as db:
            catalogue = backend.site.catalogues.current(db)
    except EdgeError:
        return {"types": [], "country": "", "did": ""}
    return {
        "types": [
            _published(type_, type_.mapping, language)
            for type_ in catalogue.ever.contexts.values()
            if type_.mapping is not None
        ],
        "country": catalogue.issuer.country,
        "did": catalogue.issuer.did,
    }


def _published(
    type_: DocumentType, mapping: CredentialMapping, language: Language
) -> dict[str, Any]:
    fields = [(name, type_.field(name)) for name in mapping.certified]
    return {
        "context": mapping.context,
        "title": in_language(type_.name, language.code),
        "fields": [
            {
                "label": in_language(one.label, language.code) if one else name,
                "place": _place(type_, name),
                "listed": one is not None and one.kind in _LISTED,
                "choices": {
                    value: in_language(label, language.code)
                    for value, label in (one.choices if one else {}).items()
                },
            }
            for name, one in fields
        ],
    }
