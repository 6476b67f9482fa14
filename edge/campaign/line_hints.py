"""Why a text is not YAML, as somebody sees it who wrote it: line, sentence, what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_CURLY = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
_BLANKS = "\u00a0\u202f\u2007\u3000"
_NO_COLON = re.compile(r"\s*(?:- )?([a-z][a-z_]*) +([^:]*)")
_NO_BLANK = re.compile(r"\s*(?:- )?([a-z][a-z_]*):([^\s/].*)")
_TWO_FIELDS = re.compile(r"\s*(?:- )?([\w-]+): +\{[^{}]*\}\s*,\s*([\w-]+):")
_FIELD = re.compile(r"\s*(?:- )?([\w-]+): +(.+)")


@dataclass(frozen=True, slots=True)
class LineHint:
    """What is wrong on a line, counted from 1."""

    line: int
    code: str
    sentence: str
    values: dict[str, object] = field(default_factory=dict)


def line_hints(text: str, line: int, problem: str) -> list[LineHint]:
    """Say why a text cannot be read: everything that is seen, at least what the reader says.

    ``line`` is where the reader gave up, and ``problem`` what it says of that.
    """
    lines = text.splitlines()
    found = [*_indents(lines)]
    near = [number for number in (line, line - 1, line - 2) if 1 <= number <= len(lines)]
    if not found:
        found = [*_near(lines, near)][:1]
    if not found and (opened := _never_closed(lines)):
        found = [opened]
    if not found and (hint := _indented(lines, line)):
        found = [hint]
    return found or [
        LineHint(line, "yaml.syntax", "This is not YAML: {problem}.", {"problem": problem})
    ]


def curly_marks(text: str) -> Iterator[LineHint]:
    """Find values in curly quotation marks: these are part of the text, and nobody wants them."""
    for number, line in enumerate(text.splitlines(), start=1):
        match = _FIELD.match(line)
        if match and match[2][0] in _CURLY and match[2].rstrip()[-1] in _CURLY:
            yield _curly(number, match[2].strip(_CURLY + " "))


def _curly(number: int, meant: str) -> LineHint:
    sentence = 'These are not YAML\'s quotation marks. Write "{meant}".'
    return LineHint(number, "yaml.curly", sentence, {"meant": meant.strip(_CURLY + " ")})


def _indents(lines: list[str]) -> Iterator[LineHint]:
    """Find what cannot be seen before a line's first letter."""
    for number, line in enumerate(lines, start=1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            yield LineHint(number, "yaml.tab", "There is a tab here. Indent with spaces.")
        elif any(sign in indent for sign in _BLANKS):
            sentence = "This line begins with a blank of another kind. Indent with plain spaces."
            yield LineHint(number, "yaml.blank", sentence)


def _near(lines: list[str], near: list[int]) -> Iterator[LineHint]:
    """Find on the lines where the reader gave up what people forget."""
    for number in near:
        line = lines[number - 1]
        if (match := _FIELD.match(line)) and match[2][0] in _CURLY:
            yield _curly(number, match[2])
        elif match := _TWO_FIELDS.match(line):
            sentence = "Two fields stand on this line. Put {field} on its own line, below {first}."
            yield LineHint(number, "yaml.two-fields", sentence,
                           {"first": match[1], "field": match[2]})  # fmt: skip
        elif match := _NO_BLANK.fullmatch(line):
            sentence = "Put a blank behind the colon: {field}: {value}"
            yield LineHint(number, "yaml.blank-missing", sentence,
                           {"field": match[1], "value": match[2]})  # fmt: skip
        elif match := _NO_COLON.fullmatch(line):
            sentence = "There is no colon behind {field}. Write {field}: {value}"
            yield LineHint(number, "yaml.colon-missing", sentence,
                           {"field": match[1], "value": match[2]})  # fmt: skip
        elif (match := _FIELD.match(line)) and _needs_marks(match[2]):
            sentence = 'This text needs quotation marks. Write {field}: "{value}"'
            yield LineHint(number, "yaml.quote", sentence,
                           {"field": match[1], "value": match[2].strip()})  # fmt: skip


def _needs_marks(value: str) -> bool:
    return value[0] in "@`%" or (value[0] not in "\"'[{|>#" and ": " in value)


def _never_closed(lines: list[str]) -> LineHint | None:
    """Find the bracket or the quotation mark that is opened and never closed."""
    for number, line in enumerate(lines, start=1):
        match = _FIELD.match(line)
        value = match[2].split(" #")[0].rstrip() if match else ""
        if value[:1] in ("'", '"') and (len(value) == 1 or value.count(value[0]) % 2):
            sentence = "The quotation mark that is opened here is not closed on this line."
            return LineHint(number, "yaml.open", sentence)
        for begin, end in ("[]", "{}"):
            if value.startswith(begin) and value.count(begin) > value.count(end):
                return LineHint(number, "yaml.open", "{sign} is opened here, and no {other} closes"
                                " it.", {"sign": begin, "other": end})  # fmt: skip
    return None


def _indented(lines: list[str], line: int) -> LineHint | None:
    """Say how far in a line is, and how far the ones above it."""
    if not 1 <= line <= len(lines):
        return None
    here = _depth(lines[line - 1])
    above: list[Any] = [_depth(text) for text in lines[: line - 1] if text.strip("- \t")]
    if not above or here in (above[-1], 0) or not lines[line - 1].strip():
        return None
    sentence = "This line begins {here} spaces in, the field above it {above}. Put it below."
    return LineHint(line, "yaml.indent", sentence, {"here": here, "above": above[-1]})


def _depth(line: str) -> int:
    """Count the spaces before a line's field; the dash of a list counts as one of them."""
    return len(line) - len(line.lstrip("- "))
