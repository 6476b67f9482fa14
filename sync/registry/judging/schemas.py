"""What an entry must look like: the published schemas of each type, in words a site can act on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from sync.resources import resource

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_FOLDER = "config/schemas/entries"

MISSING = "This field is missing from the record."
DATE = "This is not a calendar date written as year-month-day."
CHOICE = "This value is none of those that are allowed."
KIND = "This value is not of the kind expected here."
FORM = "This value is not written as it should be."
OTHER = "This field does not fit the national record."

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 200
"""Characters of a field's name that are told: a name can be anything."""
_SENTENCES: Mapping[str, str] = {
    "required": MISSING,
    "format": DATE,
    "enum": CHOICE,
    "type": KIND,
    "pattern": FORM,
    "minLength": FORM,
    "minimum": FORM,
}
"""Sentences without values, by JSON Schema's keywords: a site has them in its own language."""


def is_date(text: str) -> bool:
    """Say whether a text is a day as jsonschema takes it: RFC 3339's, and one that Python knows."""
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


class Schema:
    """One schema (JSON Schema 2020-12), asked twice: nearly every entry is right.

    That it is, jsonschema-rs says in a fortieth of the time; what is wrong, jsonschema, which
    also has the last word.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._quick = jsonschema_rs.Draft202012Validator(
            schema, formats={"date": is_date}, validate_formats=True
        )

    @cached_property
    def _worded(self) -> Draft202012Validator:
        # not before something is wrong: what it loads takes longer than the registry's start
        from jsonschema import Draft202012Validator, FormatChecker

        return Draft202012Validator(self._schema, format_checker=FormatChecker(["date"]))

    def error(self, value: Any) -> ValidationError | None:
        """Give what is most to the point of all that is wrong with a value, or None."""
        if self._quick.is_valid(value):
            return None
        from jsonschema.exceptions import best_match

        found: ValidationError | None = best_match(self._worded.iter_errors(value))
        return found


class Schemas:
    """The schemas of a folder, read once: ``entry`` for the whole, one for each type's body."""

    def __init__(self, folder: Path) -> None:
        self._bodies = {
            path.name.removesuffix(".schema.json"): Schema(
                json.loads(path.read_text(encoding="utf-8"))
            )
            for path in sorted(folder.glob("*.schema.json"))
        }
        self._whole = self._bodies.pop("entry")
        self._any = Schema({})

    def knows(self, type_: str) -> bool:
        """Say whether a type has a schema."""
        return type_ in self._bodies

    def mistake(self, document: Mapping[str, Any]) -> tuple[str, str] | None:
        """Name the field that is wrong and say why, or None; fields of the body come bare."""
        for schema, what in (
            (self._whole, document),
            (self._bodies.get(document["type"], self._any), document.get("body")),
        ):
            error = schema.error(what)
            if error is not None:
                return _field(error), _SENTENCES.get(str(error.validator), OTHER)
        return None


def schemas_folder() -> Path:
    """Find the schemas that came with the software: in a checkout, or where a wheel put them.

    Raises :class:`FileNotFoundError` when they are in neither.
    """
    try:
        return resource(f"{_FOLDER}/entry.schema.json").parent
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{_FOLDER} is not installed; name the folder with --schemas"
        ) from None


def _field(error: ValidationError) -> str:
    path = [str(part) for part in error.absolute_path]
    if error.validator == "required" and isinstance(error.instance, Mapping):
        required: list[str] = list(error.validator_value)  # type: ignore[arg-type]
        path += [name for name in required if name not in error.instance][:1]
    return ".".join(path).replace("\0", "")[:_LONGEST] or "body"
