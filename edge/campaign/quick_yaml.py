"""Reads a long list in YAML in a hundredth of the time: libyaml's parser, values and lines alone.

A staff of twenty thousand is a hundred thousand lines. What libyaml's parser takes is read here
with the same values as :func:`printers.plain_yaml.plain_yaml` makes of it; whatever is unusual, or
wrong, is left to that one, which words it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import yaml
from ruamel.yaml.error import YAMLError

from edge.campaign.plain_values import plain_value
from printers.plain_yaml import plain_yaml

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 24
_LONGEST = 100
"""Characters of an unquoted text that may be a number or a date."""
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Lines:
    """On which line each part of a map or a list stands, and the same of what is in it."""

    at: dict[str | int, tuple[int, Lines | None]]


class UnusualError(Exception):
    """Something that only the whole reader takes, or words, on a ``line``."""

    def __init__(self, line: int, problem: str = "") -> None:
        super().__init__(problem)
        self.line, self.problem = line, problem


def read_quickly(text: str) -> tuple[Any, Lines | None]:
    """Give the plain value of a YAML text and its lines; raises :class:`UnusualError`."""
    parser = _Parser(text)
    try:
        parser.get_event()
        start = parser.get_event()
        if not isinstance(start, yaml.DocumentStartEvent) or start.version or start.tags:
            raise _unusual(start)
        found = _value(parser, parser.get_event(), 0)
        parser.get_event()
        if not isinstance(behind := parser.get_event(), yaml.StreamEndEvent):
            raise _unusual(behind)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise UnusualError(mark.line + 1 if mark else 1, problem) from error
    except ValueError as error:
        raise UnusualError(1, "it cannot be read") from error
    finally:
        parser.dispose()
    return found


def _unusual(event: Any) -> UnusualError:
    return UnusualError(event.start_mark.line + 1)


def _value(parser: Any, event: Any, depth: int) -> tuple[Any, Lines | None]:
    kind = type(event)
    if kind is yaml.AliasEvent or event.anchor is not None or depth > _DEEPEST:
        raise _unusual(event)
    if kind is yaml.ScalarEvent:
        return _scalar(event), None
    if event.tag is not None:
        raise _unusual(event)
    lines: dict[str | int, tuple[int, Lines | None]] = {}
    if kind is yaml.SequenceStartEvent:
        items: list[Any] = []
        while type(event := parser.get_event()) is not yaml.SequenceEndEvent:
            value, inner = _value(parser, event, depth + 1)
            lines[len(items)] = event.start_mark.line + 1, inner
            items.append(value)
        return items, Lines(lines)
    fields: dict[str, Any] = {}
    while type(event := parser.get_event()) is not yaml.MappingEndEvent:
        if type(event) is not yaml.ScalarEvent:
            raise _unusual(event)
        key = str(_scalar(event))
        if key in fields or key in ("<<", "="):
            raise _unusual(event)
        line = event.start_mark.line + 1
        fields[key], inner = _value(parser, parser.get_event(), depth + 1)
        lines[key] = line, inner
    return fields, Lines(lines)


def _scalar(event: Any) -> Any:
    text = event.value
    if event.tag is not None or event.anchor is not None:
        raise _unusual(event)
    if not event.implicit[0] or len(text) > _LONGEST:
        return text
    forms = _forms()
    for form in (*forms.get(text[:1], ()), *forms.get(None, ())):
        if form.match(text):
            try:
                return _other(text)
            except YAMLError as error:
                raise _unusual(event) from error
    return text


@cache
def _forms() -> dict[str | None, tuple[re.Pattern[str], ...]]:
    """Give the forms of what is no text, such as numbers, by their first letter."""
    table = plain_yaml().resolver.versioned_resolver
    return {first: tuple(form for _, form in forms) for first, forms in table.items()}


@lru_cache(_KEPT)
def _other(text: str) -> Any:
    """Give an unquoted value that is no text, such as a number; few are, and most come again.

    A day that no calendar has stays a text, which is told of as one. Raises ``YAMLError``.
    """
    try:
        return plain_value(plain_yaml("rt").load(text))
    except ValueError:
        return text
