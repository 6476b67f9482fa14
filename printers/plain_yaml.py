"""YAML as people write it by hand: no references, no endless nests, numbers or lists.

A few bytes of references stand for a document without end, so they are refused where they stand,
before anything is made of them.
"""

from __future__ import annotations

from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent

_DEEPEST = 24
_LONGEST_NUMBER = 20
MOST_PARTS = 30_000
"""Names, values, maps and lists of a file: each takes some 0.1 ms with its place."""
_INTEGER, _MERGE = "tag:yaml.org,2002:int", "tag:yaml.org,2002:merge"


class NotPlainError(MarkedYAMLError):
    """Something that YAML knows and that has no place here; ``problem`` says it in a sentence."""


def plain_yaml(kind: Literal["rt", "safe"] = "safe") -> YAML:
    """Make a reader, ``rt`` for one that keeps lines and comments.

    It raises ``YAMLError``, of which :class:`NotPlainError` is one.
    """
    yaml = YAML(typ=kind, pure=True)
    yaml.Composer = _PlainComposer
    return yaml


class _PlainComposer(Composer):
    _depth = _parts = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Look at each part before it is made."""
        event = self.parser.peek_event()
        if isinstance(event, AliasEvent) or event.anchor is not None:
            raise _not_plain(event, "References (& and *) do not belong here. Write it out.")
        self._parts += 1
        if self._parts > MOST_PARTS:
            sentence = (
                "The file is too long from here on: it has more than {most} names and values."
            )
            raise _not_plain(event, sentence.format(most=MOST_PARTS))
        if self._depth >= _DEEPEST:
            raise _not_plain(event, "This is nested too deep.")
        self._depth += 1
        try:
            node = super().compose_node(parent, index)
        finally:
            self._depth -= 1
        if str(node.tag) == _INTEGER and len(node.value) > _LONGEST_NUMBER:
            raise _not_plain(event, "This number is too long. Put a text into quotation marks.")
        if str(node.tag) == _MERGE:
            raise _not_plain(event, "References (& and *) do not belong here. Write it out.")
        return node


def _not_plain(event: Any, sentence: str) -> NotPlainError:
    return NotPlainError(problem=sentence, problem_mark=event.start_mark)
