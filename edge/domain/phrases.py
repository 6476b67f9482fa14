"""Pieces of sentences that are said in another language whole: a template with its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Tell = Callable[[str, Mapping[str, object]], str]
"""Translates a template and puts its values in."""


def in_english(template: str, values: Mapping[str, object]) -> str:
    """Put values into a template as it is."""
    return template.format(**values)


def label(text: str) -> str:
    """Mark a text that is shown and is no sentence, for the catalogues."""
    return text


AND_MORE, OR = label("{left}, {right}"), label("{left} or {right}")
THEN, AND = label("{left}; {right}"), label("{left} and {right}")
"""How two of several stand beside each other."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A template and its values, which may be phrases; ``str()`` is the English text.

    ``capital``: it begins a sentence, with a large letter where the script has them.
    """

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)
    capital: bool = False

    def __str__(self) -> str:
        return self.spoken(self.sentence.format(**self.values))

    def spoken(self, text: str) -> str:
        """Give what it is in a language as it stands in its place."""
        return text[:1].upper() + text[1:] if self.capital else text


@dataclass(frozen=True, slots=True)
class Joined:
    """Several things beside each other; ``link`` says how two of them do."""

    parts: Sequence[object]
    link: str = AND_MORE

    def __str__(self) -> str:
        return between(self.link).join(map(str, self.parts))

    def __bool__(self) -> bool:
        return bool(self.parts)


def between(link: str) -> str:
    """Give what stands between two parts."""
    return link.format(left="", right="")
