"""The one form of documents: made of a type's fields, and read back into contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.domain.document_types import DocumentField, DocumentType, in_language
from edge.domain.documents import Contents
from edge.domain.errors import EdgeError
from edge.domain.numbers import in_ascii_digits
from edge.services.seen import RecordChangedConflict
from edge.slips.documents import in_words
from edge.web.seen_forms import FieldChoice, touched

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
    chosen = value if isinstance(value, list) else [_text(value)]
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


def shown_fields(type_: DocumentType, contents: Contents) -> dict[str, str]:
    """Give the fields as a form shows them: of choices those that the type still has."""
    return {PREFIX + item.name: _shown(item, contents.get(item.name)) for item in type_.fields}


def changes_typed(type_: DocumentType, form: Mapping[str, str], now: Contents) -> dict[str, Any]:
    """Read which fields somebody has changed of what was shown; one that was emptied is None.

    A form that does not say what was shown was drawn of what is recorded now.
    """
    typed = contents_typed(type_, form)
    shown = {f"was.{name}": text for name, text in shown_fields(type_, now).items()} | dict(form)
    said = {**shown, **shown_fields(type_, typed)}
    changed = touched(said, [PREFIX + item.name for item in type_.fields])
    return {
        item.name: typed.get(item.name) for item in type_.fields if PREFIX + item.name in changed
    }


def disputed(
    error: EdgeError, type_: DocumentType, form: Mapping[str, str], now: Contents, language: str
) -> list[FieldChoice]:
    """Give the fields of which an error says that somebody else has changed them, in words."""
    names = error.fields if isinstance(error, RecordChangedConflict) else ()
    typed = contents_typed(type_, form)
    return [
        FieldChoice(
            PREFIX + name,
            in_words(item, now.get(name), language),
            in_words(item, typed.get(name), language),
            in_language(item.label, language),
        )
        for name in names
        if (item := type_.field(name)) is not None
    ]


def _shown(item: DocumentField, value: Any) -> str:
    texts = value if isinstance(value, list) else [_text(value)]
    return "\n".join(text for text in texts if not item.values or text in item.values)


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


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
