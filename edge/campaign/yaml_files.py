"""Reads YAML files and checks them against JSON Schemas; every mistake with its line."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from edge.campaign.field_words import told
from edge.campaign.line_hints import line_hints
from edge.campaign.mistakes import Mistake
from edge.campaign.plain_values import plain_value
from edge.campaign.quick_yaml import Lines, UnusualError, read_quickly
from edge.campaign.schema_patterns import for_python
from edge.domain.nearest import did_you_mean
from printers.plain_yaml import MOST_PARTS, NotPlainError, plain_yaml
from sync.bounded_files import read_bounded_text

_LARGEST_FILE = 16 * 1024 * 1024
"""Bytes: a nation's staff of a hundred thousand."""
_LARGEST_MARKED = 2 * 1024 * 1024
"""Bytes of a file that keeps its comments and places, which takes long to read."""
_MOST_MARKED = MOST_PARTS // 3
"""Lines of a list that the slow reader words, where something is unusual or wrong."""
_PLAIN_LINES = (
    "In so long a list no field stands twice, and nothing is a reference (& and *), a tag (!) or"
    " nested deep. Write this line plainly."
)
MOST_MISTAKES = 200
"""Mistakes of one file that are told: nobody reads more at once, and each takes time to word."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file as read: its plain value, and the line on which each part of it stands.

    ``marked`` are either the reader's own maps and lists, which know their lines, or
    :class:`~edge.campaign.quick_yaml.Lines` alone. ``text`` is empty for a packed one.
    """

    name: str
    value: Any
    marked: Any
    text: str = ""

    def line(self, path: tuple[str | int, ...]) -> int:
        """Give the line of a part, or of the nearest part around it."""
        place, line = self.marked, 1
        for step in path:
            if isinstance(place, Lines):
                line, place = place.at.get(step, (line, None))
                continue
            position = getattr(place, "lc", None)
            if position is None or position.data is None or step not in position.data:
                return line
            line = position.data[step][0] + 1
            place = place[step]
        return line

    def mistake(
        self,
        path: tuple[str | int, ...],
        code: str,
        sentence: str,
        hint: str = "",
        /,
        **values: Any,
    ) -> Mistake:
        """Name a mistake in a part of the file, with the part's line.

        In a packed file, which has no lines to look at, the part is named.
        """
        column = "" if self.text else _dotted(path)
        return Mistake(self.name, self.line(path), code, sentence, values, column, hint)

    def unknown(
        self,
        path: tuple[str | int, ...],
        code: str,
        sentence: str,
        name: str,
        known: Collection[str],
        /,
        *,
        few: bool = False,
        **values: Any,
    ) -> Mistake:
        """Name a name that leads nowhere (``{code}``), with the known one that was perhaps meant.

        Where none is near, all that are known are named if they are ``few``.
        """
        hint, more = did_you_mean(name, known)
        if few and not hint:
            hint, more = "Known are: {known}.", {"known": ", ".join(known) or "none"}
        return self.mistake(path, code, sentence, hint, code=name, **more, **values)

    def written(self, path: tuple[str | int, ...]) -> str:
        """Give a short value as it stands in the file, behind its name or in a list of its line."""
        if not path or not self.text:
            return ""
        line = self.text.splitlines()[self.line(path) - 1]
        if isinstance(place := path[-1], int) and len(path) > 1:
            match = re.search(rf"\b{re.escape(str(path[-2]))}\s*:\s*\[([^\[\]]*)\]", line)
            items = match[1].split(",") if match else [line.partition("- ")[2]] * (place + 1)
            return items[place].strip() if place < len(items) else ""
        match = re.search(rf"\b{re.escape(str(path[-1]))}\s*:\s*([\w.+:/-]+)", line)
        return match[1] if match else ""


def read_yaml(path: Path, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a YAML file; what is wrong with it is added to the mistakes, and nothing is given."""
    text = _text(path, _LARGEST_MARKED, mistakes)
    return None if text is None else _marked(path.name, text, mistakes)


def read_list(path: Path, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a YAML file that may be long, such as a nation's staff, in the same manner."""
    text = _text(path, _LARGEST_FILE, mistakes)
    return None if text is None else _quickly(path.name, text, mistakes)


def list_in(name: str, content: bytes, mistakes: list[Mistake]) -> YamlFile | None:
    """Read a list that is in memory, by the name of its file, in the same manner."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(name, 1, "yaml.not-utf8", _not_utf8(error)))
        return None
    return _quickly(name, text, mistakes)


def _quickly(name: str, text: str, mistakes: list[Mistake]) -> YamlFile | None:
    try:
        value, lines = read_quickly(text)
    except UnusualError as error:
        if text.count("\n") <= _MOST_MARKED:
            return _marked(name, text, mistakes)
        mistakes.extend(_in_a_long_list(name, text, error))
        return None
    if value is None:
        mistakes.append(Mistake(name, 1, "yaml.empty", "The file is empty."))
        return None
    return YamlFile(name, value, lines, text)


def _in_a_long_list(name: str, text: str, error: UnusualError) -> Iterator[Mistake]:
    """Word what is wrong with a list that is too long for the reader that words it else."""
    if not error.problem:
        yield Mistake(name, error.line, "yaml.not-plain", _PLAIN_LINES)
        return
    for hint in line_hints(text, error.line, error.problem)[:MOST_MISTAKES]:
        yield Mistake(name, hint.line, hint.code, hint.sentence, hint.values)


def _text(path: Path, most: int, mistakes: list[Mistake]) -> str | None:
    def mistake(code: str, sentence: str, **values: object) -> None:
        mistakes.append(Mistake(path.name, 1, code, sentence, values))

    try:
        return read_bounded_text(path, most)
    except FileNotFoundError:
        other = _named_otherwise(path)
        sentence = "The file is missing." + (" Rename {other} to {file}." if other else "")
        mistake("yaml.missing", sentence, other=other, file=path.name)
    except UnicodeDecodeError as error:
        mistake("yaml.not-utf8", _not_utf8(error))
    except OSError as error:
        if error.errno == errno.EFBIG:
            mistake("yaml.too-large", "The file is larger than {most} MB.", most=most // 1024**2)
        else:
            mistake("yaml.unreadable", "The file cannot be read.")
    return None


def _not_utf8(error: UnicodeDecodeError) -> str:
    sentence = "The file is not UTF-8 text. Save it again as UTF-8."
    known = error.object[:2] in (b"\xff\xfe", b"\xfe\xff")
    return sentence + (" It is UTF-16, which Windows calls Unicode." if known else "")


def _named_otherwise(path: Path) -> str:
    """Find the file under a name that is nearly its own: staff.yml, Staff.yaml, staff.yaml.txt."""
    try:
        names = sorted(other.name for other in path.parent.iterdir())
    except OSError:
        return ""
    likely = {f"{path.stem}.yml", path.name, f"{path.name}.txt", f"{path.stem}.yaml.yaml"}
    return next((name for name in names if name.casefold() in likely), "")


def _marked(name: str, text: str, mistakes: list[Mistake]) -> YamlFile | None:
    def mistake(line: int, code: str, sentence: str, /, **values: object) -> None:
        mistakes.append(Mistake(name, line, code, sentence, values))

    try:
        marked = plain_yaml("rt").load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        twice = re.search(r'key "(.{1,40}?)"', str(error.problem))
        field = twice[1] if twice and twice[1] != "None" else ""  # a name that YAML reads as null
        sentence = "The same field stands here twice."
        sentence += " Leave out one of the two {field}." if field else ""
        mistake(line, "yaml.twice", sentence, field=field)
        return None
    except NotPlainError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        mistake(line, "yaml.not-plain", error.problem)
        return None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        for hint in line_hints(text, line, str(error.problem))[:MOST_MISTAKES]:
            mistake(hint.line, hint.code, hint.sentence, **hint.values)
        return None
    except (YAMLError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        mistake(1, "yaml.syntax", "This is not YAML: {problem}.", problem="it cannot be read")
        return None
    if marked is None:
        mistake(1, "yaml.empty", "The file is empty.")
        return None
    return YamlFile(name, plain_value(marked), marked, text)


def check_yaml(
    file: YamlFile, schema: Mapping[str, Any], below: tuple[str | int, ...] = ()
) -> Iterator[Mistake]:
    """Check a file, or what is ``below`` a path in it, against a JSON Schema.

    Each mistake has its line.
    """
    # commands that only name the tables of conditions come by here, and check no file
    import jsonschema_rs

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
    if jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True).is_valid(value):
        return  # nearly every file, and in a fortieth of the time; what is wrong words jsonschema
    from jsonschema import Draft202012Validator, FormatChecker

    worded = for_python(schema)
    validator = Draft202012Validator(worded, format_checker=FormatChecker(["date"]))
    errors = chain.from_iterable(map(_nearest, validator.iter_errors(value)))
    found = chain.from_iterable(_mistakes_of(file, below, error) for error in errors)
    said: set[str] = set()  # of a list on one line each item may have the same mistake
    for mistake in islice(found, MOST_MISTAKES):
        if str(mistake) not in said:
            said.add(str(mistake))
            yield mistake


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
    name = next((str(step) for step in reversed(path) if not isinstance(step, int)), "this file")
    for found in told(error, name, file.written(path)):
        where = (*path, *found.below)
        column, line = _dotted(where), file.line(where)
        yield Mistake(file.name, line, found.code, found.sentence, found.values, column, found.hint)


def _dotted(path: tuple[str | int, ...]) -> str:
    """Give the names on the way to a part."""
    return ".".join(str(step) for step in path if not isinstance(step, int))
