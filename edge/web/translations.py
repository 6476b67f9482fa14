"""The words on the screen, in the language of the one who reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel.dates import format_date, format_skeleton

from edge.slips.layout import Say
from sync.web import translations


@dataclass(frozen=True, slots=True)
class Language(translations.Language):
    """One language of the site's screens and slips."""

    def gettext(self, text: str) -> str:
        """Translate a text, or leave it in English."""
        return self.translations.gettext(text) if text else ""

    def say(self, template: str, values: Mapping[str, Any]) -> str:
        """Translate a sentence template and put its values in."""
        if not template:
            return ""
        shown = {key: self._shown(value) for key, value in values.items()}
        return self.gettext(template).format(**shown)

    def day(self, day: date | None) -> str:
        """Write a calendar date as people of this language read it."""
        return format_date(day, format="medium", locale=self.code) if day else ""

    def month(self, day: date) -> str:
        """Write the month of a date, as a vial has it of its expiry."""
        return str(format_skeleton("yMMM", day, locale=self.code))

    def _shown(self, value: Any) -> Any:
        return self.day(value) if isinstance(value, date) else value


@cache
def load_languages(folder: Path) -> Mapping[str, Language]:
    """Read the catalogues of a folder, once in a process."""
    return MappingProxyType(translations.load_languages(folder, Language))


def speaker(known: Mapping[str, Language]) -> Callable[[str], tuple[Say, bool]]:
    """Give what finds a language's translation, and whether it reads from right to left."""

    def speak(code: str) -> tuple[Say, bool]:
        language = known.get(code) or known["en"]
        return language.gettext, language.direction == "rtl"

    return speak
