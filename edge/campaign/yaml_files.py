"""Reads YAML files and checks them against JSON Schemas; every mistake with its line."""

from __future__ import annotations

import difflib
import errno
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edge.campaign.mistakes import Mistake
from printers.plain_yaml import NotPlainError, plain_yaml
from sync.bounded_files import read_bounded_text

_LARGEST_FILE = 2 * 1024 * 1024
"""Bytes. A whole campaign has one million at the most, as it fits into an entry."""
_MOST_MISTAKES = 200
"""Mistakes of one file that are told: nobody reads more at once, and each takes time to word."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file as read: its plain value, and the line on which each part of it stands."""

    name: str
    value: Any
    marked: Any

    def line(self, path: tuple[str | int, ...]) -> int:
        """Give the line of a part, or of the nearest part around it."""
        place, line = self.marked, 1
        for step in path:
            position = getattr(place, "lc", None)
            if position is None or position.data is None or step not in position.data:
                return line
            line = position.data[step][0] + 1
            place = place[step]
        return line


def read_yaml(path: Path, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a YAML file; what is wrong with it is added to the mistakes, and nothing is given."""

    def mistake(line: int, code: str, sentence: str, /, **values: object) -> None:
        mistakes.append(Mistake(path.name, line, code, sentence, values))

    try:
        text = read_bounded_text(path, _LARGEST_FILE)
    except FileNotFoundError:
        mistake(1, "yaml.missing", "The file is missing.")
        return None
    except UnicodeDecodeError:
        mistake(1, "yaml.not-utf8", "The file is not UTF-8 text. Save it again as UTF-8.")
        return None
    except OSError as error:
        if error.errno == errno.EFBIG:
            mistake(1, "yaml.too-large", "The file is larger than 2 MB.")
        else:
            mistake(1, "yaml.unreadable", "The file cannot be read.")
        return None
    try:
        marked = plain_yaml("rt").load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        mistake(line, "yaml.twice", "The same field stands here twice.")
        return None
    except NotPlainError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        mistake(line, "yaml.not-plain", error.problem)
        return None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        if "\t" in "".join(
            text.splitlines()[line - 1 : line]
        ):  # it may be found behind the last line
            mistake(line, "yaml.tab", "There is a tab here. Indent with spaces.")
        else:
            mistake(line, "yaml.syntax", "This is not YAML: {problem}.", problem=error.problem)
        return None
    except (YAMLError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        mistake(1, "yaml.syntax", "This is not YAML: {problem}.", problem="it cannot be read")
        return None
    if marked is None:
        mistake(1, "yaml.empty", "The file is empty.")
        return None
    return YamlFile(path.name, plain_value(marked), marked)


def plain_value(value: Any) -> Any:
    """Turn what YAML made into plain JSON values; its dates become text again."""
    if isinstance(value, Mapping):
        return {str(key): plain_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain_value(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        return value
    for kind in (int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def check_yaml(
    file: YamlFile, schema: Mapping[str, Any], below: tuple[str | int, ...] = ()
) -> Iterator[Mistake]:
    """Check a file, or what is ``below`` a path in it, against a JSON Schema.

    Each mistake has its line.
    """
    # commands that only name the tables of conditions come by here, and check no file
    from jsonschema import Draft202012Validator, FormatChecker

    validator = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    value = file.value
    for step in below:
        value = value[step]
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        yield Mistake(
            file.name, 1, "yaml.half-character", "There is half a character in this file."
        )
        return
    except RecursionError:
        yield Mistake(file.name, 1, "yaml.deep", "This is nested too deep.")
        return
    errors = chain.from_iterable(map(_nearest, validator.iter_errors(value)))
    found = (_mistakes_of(file, below, error) for error in errors)
    yield from islice(chain.from_iterable(found), _MOST_MISTAKES)


def _nearest(error: Any) -> Iterator[Any]:
    """Give what is wrong with a value of several forms by the form that it comes nearest to."""
    if error.validator != "anyOf":
        yield error
        return
    forms: dict[int, list[Any]] = {}
    for inner in error.context:
        forms.setdefault(inner.schema_path[0], []).append(inner)
    meant = [
        form
        for form in forms.values()
        if not any(inner.validator == "type" and not inner.relative_path for inner in form)
    ]
    if not meant:
        yield error
        return
    for inner in min(meant, key=len):
        yield from _nearest(inner)


def _mistakes_of(file: YamlFile, below: tuple[str | int, ...], error: Any) -> Iterator[Mistake]:
    path = (*below, *error.absolute_path)
    for told in _told(error, str(path[-1]) if path else "this file"):
        where = (*path, *told.below)
        column = ".".join(str(step) for step in where if not isinstance(step, int))
        line = file.line(where)
        yield Mistake(file.name, line, told.code, told.sentence, told.values, column)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is wrong, in words; ``below`` is the field of the group that it is about."""

    code: str
    sentence: str
    values: Mapping[str, object]
    below: tuple[str, ...] = ()


def _told(error: Any, field: str) -> Iterator[_Told]:
    """Word what a JSON Schema says of a field."""
    named, bound = {"field": field}, error.validator_value
    match error.validator:
        case "required":
            yield from _missing(error)
        case "additionalProperties":
            yield from _unknown(error)
        case "type":
            kinds = [bound] if isinstance(bound, str) else bound
            wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
            yield _Told("field.type", "{field} must be {wanted}.", {**named, "wanted": wanted})
        case "anyOf":
            kinds = [str(form.get("type")) for form in bound]
            wanted = " or ".join(_KINDS.get(kind, kind) for kind in dict.fromkeys(kinds))
            yield _Told("field.type", "{field} must be {wanted}.", {**named, "wanted": wanted})
        case "enum":
            values = {"field": str(error.instance), "known": ", ".join(map(str, bound))}
            yield _Told("field.value", "{field} must be one of: {known}.", values)
        case "format":
            sentence = "{field} must be a date written as year-month-day."
            yield _Told("field.date", sentence, named)
        case "pattern" if field == "pin":
            sentence = "A PIN does not belong here. Write what divoc-edge staff pin prints for it."
            yield _Told("field.pin", sentence, {})
        case "pattern":
            values = {**named, "rule": error.schema.get("description", "")}
            yield _Told("field.form", "{field} is not in the right form. {rule}", values)
        case "minLength" | "minItems":
            yield _Told("field.empty", "{field} is empty.", named)
        case keyword:
            rule = _BOUNDS.get(str(keyword), str(keyword))
            sentence = "{field} is out of bounds: {rule} is {bound}."
            yield _Told("field.bounds", sentence, {**named, "rule": rule, "bound": bound})


def _missing(error: Any) -> Iterator[_Told]:
    for name in error.validator_value:
        if name not in error.instance:
            yield _Told("field.missing", "The field {field} is missing.", {"field": name})


def _unknown(error: Any) -> Iterator[_Told]:
    known, patterns = (
        list(error.schema.get("properties", ())),
        error.schema.get("patternProperties", ()),
    )
    for name in error.instance:
        if name not in known and not any(re.search(pattern, name) for pattern in patterns):
            near = difflib.get_close_matches(name, known, 1)
            sentence = "The field {field} is not known here."
            sentence += " Did you mean {near}?" if near else " Known are: {known}."
            values = {"field": name, "near": near[0] if near else "", "known": ", ".join(known)}
            yield _Told("field.unknown", sentence, values, (name,))


_KINDS = {
    "string": "text; put it in quotation marks",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list, each item on a line of its own with a dash before it",
    "object": "a group of fields, each with its name and a colon",
}
_BOUNDS = {
    "minimum": "the least",
    "maximum": "the most",
    "maxLength": "the longest",
    "maxItems": "the most items",
}
