"""Changes items of a list in YAML and leaves the rest of the file as somebody wrote it.

What does not change keeps every letter, comment and blank line. An item that changes keeps the
comments within it; a new one comes behind the last.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from edge.campaign.plain_values import plain_value
from edge.campaign.yaml_files import YamlFile
from edge.domain.errors import BadInput
from printers.plain_yaml import plain_yaml

_WIDTH = 4096
"""Columns of a line: what was on one line stays there."""
GONE = object()
"""The value of a field that is to be taken away."""


@dataclass(frozen=True, slots=True)
class EditedList:
    """A list's new text, and the names of what is new in it, changed and taken away."""

    text: str
    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def edit_list(
    file: YamlFile, key: str, rows: Sequence[Mapping[str, Any]], *, whole: bool = False
) -> EditedList:
    """Bring a list up to the rows, each of which has the ``key`` that names its item.

    A row says some fields of an item, :data:`GONE` for one that is to go; a group of fields is
    joined with the item's own. ``whole``: what no row names is taken away. Raises
    :class:`BadInput` for a list that is written in another form.
    """
    wanted = {row[key]: row for row in rows}
    head, blocks = _blocks(file)
    texts, changed, removed = [head], [], []
    for item, (comment, block) in zip(file.value, blocks, strict=True):
        row = wanted.pop(item[key], None)
        if row is None and whole:
            removed.append(item[key])
            texts.append(comment if comment.strip() else "")
            continue
        new = _changed(block, row) if row is not None else block
        if new != block:
            changed.append(item[key])
        texts += [comment, new]
    text = "".join(texts)
    if wanted and text and not text.endswith("\n"):
        text += "\n"
    added = [_written([_item(row)]) for row in wanted.values()]
    return EditedList("".join([text, *added]), tuple(wanted), tuple(changed), tuple(removed))


def _blocks(file: YamlFile) -> tuple[str, list[tuple[str, str]]]:
    """Part a file into what stands before its items, and each item with the comment above it."""
    lines = file.text.splitlines(keepends=True)
    starts = [file.line((index,)) - 1 for index in range(len(file.value))]
    if any(not lines[start].lstrip().startswith("-") for start in starts):
        raise BadInput(
            "campaign.list-form",
            "In {file} not every item begins on a line of its own with a dash.",
            hint="Write it so, then it can be changed from a table.",
            file=file.name,
        )
    above = [_comment_above(lines, start, floor) for start, floor in _floors(starts)]
    ends = [*above[1:], len(lines)]
    blocks = [
        ("".join(lines[first:start]), "".join(lines[start:end]))
        for first, start, end in zip(above, starts, ends, strict=True)
    ]
    return "".join(lines[: above[0]]) if above else file.text, blocks


def _floors(starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Give each start with the line below which its comment must begin."""
    before = -1
    for start in starts:
        yield start, before + 1
        before = start


def _comment_above(lines: Sequence[str], start: int, floor: int) -> int:
    if floor == 0:
        return start  # what stands above the first item is of the file
    while start > floor and (lines[start - 1].startswith("#") or not lines[start - 1].strip()):
        start -= 1
    return start


def _changed(block: str, row: Mapping[str, Any]) -> str:
    items = plain_yaml("rt").load(block)
    before = plain_value(items[0])
    _update(items[0], row)
    return block if plain_value(items[0]) == before else _written(items)


def _update(item: Any, row: Mapping[str, Any]) -> None:
    for field, value in row.items():
        if value is GONE:
            item.pop(field, None)
        elif isinstance(value, Mapping):
            inner = item.get(field)
            if not isinstance(inner, dict):
                inner = item[field] = CommentedMap()
            _update(inner, value)
            if not inner:
                del item[field]
        elif field not in item or plain_value(item[field]) != value:
            item[field] = _flow(value) if isinstance(value, list) else value


def _item(row: Mapping[str, Any]) -> CommentedMap:
    item = CommentedMap()
    _update(item, row)
    return item


def _flow(values: Sequence[Any]) -> CommentedSeq:
    made = CommentedSeq(values)
    made.fa.set_flow_style()
    return made


def _written(items: Any) -> str:
    yaml = plain_yaml("rt")
    yaml.width, yaml.preserve_quotes = _WIDTH, True
    text = io.StringIO()
    yaml.dump(items, text)
    return text.getvalue()
