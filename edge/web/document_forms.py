"""The one form of documents: made of a type's fields, and read back into contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.domain.document_types import DocumentField, DocumentType, in_language
from edge.domain.documents import Contents, as_text
from edge.domain.errors import EdgeError
from edge.domain.numbers import in_ascii_digits
from edge.services.seen import RecordChangedConflict
from edge.slips.documents import in_words
from edge.web.seen_forms import FieldChoice, touched
from edge.web.translations import Language

PREFIX = "f."
"""Before the name of a field in a form, so that none is taken for another of the form's."""
_FEW = 6
"""Choices that are all shown; more are a list to choose from."""
_LONGEST_NUMBER = 15
"""Digits: each number of as many is a whole one in every program that reads JSON."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field as a form draws it, in the reader's words.

    ``choices`` are (value, words, chosen), of a field that has some; ``value`` is what stands in
    it; ``drawn`` says as what it is drawn.
    """

    name: str
    label: str
    help: str
    drawn: str
    required: bool
    value: str
    longest: int
    choices: list[tuple[str, str, bool]] = field(default_factory=list)


def form_fields(
    type_: DocumentType, language: str, contents: Contents, form: Mapping[str, str]
) -> list[FormField]:
    """Give the fields of a form: what was typed, else what is recorded."""
    filled = any(name.startswith(PREFIX) for name in form)
    typed = contents_typed(type_, form) if filled else contents
    return [_form_field(item, language, typed.get(item.name)) for item in type_.fields]


def _form_field(item: DocumentField, language: str, value: Any) -> FormField:
    chosen = _lines(value)
    return FormField(
        name=PREFIX + item.name,
        label=in_language(item.label, language),
        help=in_language(item.help, language),
        drawn="select" if item.kind == "choice" and len(item.values) > _FEW else item.kind,
        required=item.required,
        value="\n".join(chosen),
        longest=item.schema.get("maxLength", 200),
        choices=[
            (each, in_language(item.choices.get(each, {"": each}), language), each in chosen)
            for each in item.values
        ],
    )


def contents_typed(type_: DocumentType, form: Mapping[str, str]) -> dict[str, Any]:
    """Read what was typed, without what was left empty; what does not fit stays as it is."""
    found = {item.name: _typed(item, form) for item in type_.fields}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def changes_typed(type_: DocumentType, form: Mapping[str, str]) -> dict[str, Any]:
    """Read which fields somebody has changed of what was shown; one that was emptied is None."""
    typed = contents_typed(type_, form)
    changed = touched(
        {**form, **as_shown(type_, typed)}, [PREFIX + item.name for item in type_.fields]
    )
    return {
        item.name: typed.get(item.name) for item in type_.fields if PREFIX + item.name in changed
    }


def as_shown(type_: DocumentType, contents: Contents) -> dict[str, str]:
    """Give the fields of a form with what stands in them, a line for each entry of a list.

    Of choices those that the type still has.
    """
    return {PREFIX + item.name: _shown(item, contents.get(item.name)) for item in type_.fields}


def both_changed(
    error: EdgeError, type_: DocumentType, now: Contents, changes: Contents, language: Language
) -> list[FieldChoice]:
    """Give the fields to choose of, in words, where an error says that two people changed them."""
    if not isinstance(error, RecordChangedConflict):
        return []
    code, day = language.code, language.day
    return [
        FieldChoice(
            PREFIX + item.name,
            in_words(item, now.get(item.name), code, day),
            in_words(item, changes.get(item.name), code, day),
            in_language(item.label, code),
        )
        for item in type_.fields
        if item.name in error.fields
    ]


def without_fields(form: Mapping[str, str]) -> dict[str, str]:
    """Give the rest of a form: its reason, and what it was drawn from."""
    return {name: text for name, text in form.items() if not name.startswith(PREFIX)}


def in_words_of(type_: DocumentType, error: EdgeError, language: str) -> EdgeError:
    """Call the field of an error as its form calls it."""
    item = type_.field(error.field.partition(".")[2]) if error.field else None
    if item is not None:
        error.values["label"] = in_language(item.label, language)
    return error


def _typed(item: DocumentField, form: Mapping[str, str]) -> Any:
    name = PREFIX + item.name
    if item.kind == "choices":
        return [each for place, each in enumerate(item.values) if form.get(f"{name}.{place}")]
    text = form.get(name, "").strip()
    if item.kind == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if item.kind == "boolean":
        return {"true": True, "false": False}.get(text)
    if item.kind == "integer":
        digits = in_ascii_digits(text)
        sound = digits.removeprefix("-").isascii() and digits.removeprefix("-").isdigit()
        return int(digits) if sound and len(digits) <= _LONGEST_NUMBER else text
    return text


def _lines(value: Any) -> list[str]:
    return value if isinstance(value, list) else [as_text(value)]


def _shown(item: DocumentField, value: Any) -> str:
    return "\n".join(text for text in _lines(value) if not item.values or text in item.values)
