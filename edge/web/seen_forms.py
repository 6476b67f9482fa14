"""Forms that correct a record: what somebody changed of what was shown, and what others did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain.numbers import typed_number
from edge.services.seen import RecordChangedConflict

THEIRS, MINE = "theirs", "mine"
_IN_FORMS = {"birthEarliest": "birthDate", "birthLatest": "birthDate", "birthYear": "birthDate"}
"""The field of a form in which a field of an entry is chosen, where it is another one."""


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field that two people have changed: what is recorded now, and what this form says.

    ``label`` is what the form calls it, where no page of the product does.
    """

    name: str
    theirs: str
    mine: str
    label: str = ""


def touched(form: Mapping[str, str], names: Sequence[str]) -> set[str]:
    """Name the fields that somebody has changed: other than they were shown, or chosen.

    ``was.NAME`` is what was shown; a form without it says that all of it is meant.
    """
    return {
        name
        for name in names
        if form.get(f"choose.{name}") != THEIRS
        and (
            form.get(f"choose.{name}") == MINE
            or form.get(f"was.{name}") is None
            or _lines(form.get(name, "")) != _lines(form[f"was.{name}"])
        )
    }


def _lines(text: str) -> list[str]:
    """Give a text as it is compared: a browser sends the ends of lines in its own way."""
    return text.strip().splitlines()


def still_typed(form: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Give a form without the fields that nobody has touched: they show what is recorded now.

    So a form that comes back with a choice takes nothing back that others have changed meanwhile.
    """
    gone = set(names) - touched(form, names)
    return {name: text for name, text in form.items() if name.removeprefix("was.") not in gone}


def chose_theirs(form: Mapping[str, str]) -> bool:
    """Say whether somebody has left a field as another person has changed it."""
    return any(value == THEIRS for name, value in form.items() if name.startswith("choose."))


def seen_field(form: Mapping[str, str]) -> dict[str, Any]:
    """Give the position of the journal that a form was drawn from, as a field of a request."""
    position = typed_number(form.get("seen", ""))
    return {"seen": position} if position else {}


def choices(
    error: Exception, form: Mapping[str, str], current: Mapping[str, str]
) -> list[FieldChoice]:
    """Give the fields to choose of, where an error says that two people have changed them."""
    if not isinstance(error, RecordChangedConflict):
        return []
    names = dict.fromkeys(_IN_FORMS.get(name, name) for name in error.fields)
    return [FieldChoice(name, current.get(name, ""), form.get(name, "").strip()) for name in names]


def first_shown(
    form: Mapping[str, str], current: Mapping[str, str], both: Sequence[FieldChoice]
) -> Mapping[str, str]:
    """Give what a form was drawn from: the record, or what it was when first drawn.

    After a choice was asked for, the record as it is now.
    """
    first = {name: form.get(f"was.{name}", value) for name, value in current.items()}
    return current if both else first


def first_seen(form: Mapping[str, str], position: int, both: Sequence[FieldChoice]) -> int:
    """Give the position of the journal that a form's first drawing was of, but after a choice."""
    return position if both else int(seen_field(form).get("seen", position))
