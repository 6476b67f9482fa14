"""What every plug-in of a country's systems says of itself: what it needs, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Need = Literal["line", "device", "secret"]
"""A network beyond the site, something plugged in, something that only this site may know."""

State = Literal["ready", "trouble", "off"]
"""It works; it failed last time; it failed so often or so long that nobody asks it any more."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a plug-in is doing: ``sentence`` is a template with ``values``, and holds no person."""

    state: State = "ready"
    code: str = ""
    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def english(self) -> str:
        """The sentence for a log or a command; empty where nothing is wrong."""
        return self.sentence.format(**self.values)


READY = Health()


class Provider(Protocol):
    """What the four contracts share."""

    @property
    def needs(self) -> frozenset[Need]:
        """What must be there before it can work."""
        ...

    def health(self) -> Health:
        """Say how it is doing, without asking anything that can keep the caller waiting."""
        ...
