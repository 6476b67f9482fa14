"""Words that a campaign gives itself, in the languages that its people read."""

from __future__ import annotations

from collections.abc import Mapping


class CampaignText(str):
    """A text in the campaign's own language, with what it is in others by their codes.

    It is a plain text wherever nobody asks for a language.
    """

    __slots__ = ("_others",)
    _others: Mapping[str, str]

    @classmethod
    def read(cls, told: str | Mapping[str, str], usual: str) -> CampaignText:
        """Read a text, or one by language; ``usual`` is the campaign's language.

        A text without that language is as its first one has it.
        """
        others = told if isinstance(told, Mapping) else {}
        plain = told if isinstance(told, str) else told.get(usual) or next(iter(told.values()), "")
        text = cls(plain)
        text._others = others
        return text

    def in_language(self, code: str) -> str:
        """Give it in a language, or as the campaign itself says it where it has no such words."""
        return self._others.get(code) or str(self)

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages in which it was written, where it says so."""
        return tuple(self._others)

    def in_every_language(self) -> tuple[str, ...]:
        """Give it in each language in which it was written."""
        return (str(self), *self._others.values())
