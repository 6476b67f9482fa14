"""The words on the screen, in the language of the one who reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

from edge.domain.campaign_texts import CampaignText
from edge.slips.layout import Say
from edge.web.field_words import Words
from sync.web import translations

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*)?")


@dataclass(frozen=True, slots=True)
class Language(translations.Language):
    """One language of the site's screens and slips; ``region`` is the country's code, or empty."""

    region: str = ""

    def gettext(self, text: str) -> str:
        """Translate a text, or leave it in English; of a campaign's own give its own words."""
        if isinstance(text, CampaignText):
            return text.in_language(self.code)
        return self.translations.gettext(text) if text else ""

    def say(self, template: str, values: Mapping[str, Any]) -> str:
        """Translate a sentence template and put its values in."""
        if not template:
            return ""
        shown = {key: self._shown(value) for key, value in values.items()}
        return self.gettext(template).format(**shown)

    def in_country(self, country: str) -> Language:
        """Give the language as a country writes it (ISO 3166-1 alpha-2), where that is known."""
        return replace(self, region=country)

    @property
    def locale(self) -> str:
        """The locale that dates are written in; English of no known country is nobody's own."""
        return _locale(self.code, self.region)

    def day(self, day: date | None) -> str:
        """Write a calendar date as people of this language and country read it."""
        return format_date(day, format="medium", locale=self.locale) if day else ""

    def written(self, value: Any) -> Any:
        """Write a text that begins with a date of a certificate's as a date; another as it is."""
        found = _DATE.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return value
        try:
            return self.day(date.fromisoformat(found[1]))
        except ValueError:
            return value

    def month(self, day: date) -> str:
        """Write the month of a date, as a vial has it of its expiry."""
        return str(format_skeleton("yMMM", day, locale=self.locale))

    def _shown(self, value: Any) -> Any:
        if isinstance(value, Words):
            return ", ".join(self.gettext(text) for text in value)
        if isinstance(value, CampaignText):
            return value.in_language(self.code)
        return self.day(value) if isinstance(value, date) else value


@cache
def _locale(code: str, region: str) -> str:
    for tag in (f"{code}_{region}", f"{code}_001", code):
        try:
            return str(Locale.parse(tag, resolve_likely_subtags=False))
        except (UnknownLocaleError, ValueError):
            continue
    return "en_001"


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
