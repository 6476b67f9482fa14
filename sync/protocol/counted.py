"""Sentences that count something: what is said of one, and what of several."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Said = str | tuple[str, str]
"""A text of a catalogue; or what it says of one, and of several."""
_NAME = re.compile(r"{(\w+)}")
_UNCOUNTED = 100
"""Stands for a value that is no whole number: no language has a form for this one alone."""


class Counted(str):
    """A template of several things that knows what is said of one, and which value counts them.

    It is the sentence of several wherever nobody asks further, also where it was stored: the
    ``msgid_plural`` of a catalogue, whose ``msgid`` is ``single`` (gettext's manual, "Plural
    forms"). ``format`` says it in English in the form that fits.
    """

    __slots__ = ("by", "single")
    single: str
    by: str

    def __new__(cls, single: str, several: str, by: str = "") -> Counted:
        """Take both sentences; ``by`` names the value that counts.

        Without it that is ``count``, else the last whole number that the sentence names.
        """
        counted = super().__new__(cls, several)
        counted.single, counted.by = single, by
        return counted

    def __getnewargs__(self) -> tuple[str, str, str]:  # type: ignore[override]
        """Give what a copy is made of."""
        return (self.single, str(self), self.by)

    def number(self, values: Mapping[str, Any]) -> int:
        """Give how many there are by these values."""
        value = values.get(self.by or "count")
        if value is None and not self.by:
            named = [values.get(name) for name in _NAME.findall(self)]
            value = next((found for found in reversed(named) if type(found) is int), None)
        return abs(value) if type(value) is int else _UNCOUNTED

    def format(self, *_: object, **values: Any) -> str:
        """Say it in English."""
        return (self.single if self.number(values) == 1 else str(self)).format(**values)
