"""The words on the screen, in the language of the one who reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton

from edge.domain.campaign_texts import CampaignText
from edge.domain.catalogue import Catalogue
from edge.domain.date_forms import GREGORIAN, DateForms, dated, in_digits
from edge.domain.money import Money
from edge.domain.phrases import Joined, Phrase, between
from edge.domain.plural_texts import form_of, packed_id
from edge.slips.speech import Speak, Speech
from edge.web.field_words import Words
from sync.web import translations

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*)?")


@dataclass(frozen=True, slots=True)
class Language(translations.Language):
    """One language of the site's screens and slips.

    ``region`` is the country's code (ISO 3166-1 alpha-2), or empty; ``forms`` how it writes dates.
    """

    region: str = ""
    forms: DateForms = GREGORIAN

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
        if isinstance(template, CampaignText):
            return self.gettext(template).format(**shown)
        return self.form(template, values).format(**shown)

    @property
    def locale(self) -> str:
        """The locale that dates are written in; English of no known country is nobody's own."""
        return _locale(self.code, self.region)

    def day(self, day: date | None) -> str:
        """Write a calendar date as people of this language and country read it."""
        return dated(day, self.forms, self.locale, "medium", self.gettext) if day else ""

    def written(self, value: Any) -> Any:
        """Write a date, or a text of a certificate's that begins with one; another as it is."""
        if type(value) is date:
            return self.day(value)
        found = _DATE.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return value
        try:
            return self.day(date.fromisoformat(found[1]))
        except ValueError:
            return value

    def money(self, money: Money) -> str:
        """Write an amount in the campaign's digits, with the code of its currency."""
        return in_digits(str(money), self.forms.digits)

    def month(self, day: date) -> str:
        """Write the month of a date, as a vial has it of its expiry."""
        return str(format_skeleton("yMMM", day, locale=self.locale))

    def _shown(self, value: Any) -> Any:
        if isinstance(value, Phrase):
            return value.spoken(self.say(value.sentence, value.values))
        if isinstance(value, Joined):
            return between(self.gettext(value.link)).join(str(self._shown(x)) for x in value.parts)
        if isinstance(value, Words):
            return ", ".join(self.gettext(text) for text in value)
        if isinstance(value, int) and not isinstance(value, bool):
            return in_digits(str(value), self.forms.digits)
        if isinstance(value, Money):
            return self.money(value)
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


def with_words(known: Mapping[str, Language], catalogue: Catalogue) -> Mapping[str, Language]:
    """Give the languages as a campaign has them: with its own words, and those it adds."""
    found = dict(known)
    for code, words in catalogue.words.items():
        base = known.get(code)
        texts = CampaignTranslations(words.texts, base.translations if base else None)
        direction = "rtl" if words.rtl else "ltr"
        counting = known["en"].counting
        found[code] = Language(code, words.name, direction, texts, counting)
    return {
        code: replace(language, region=catalogue.issuer.country, forms=catalogue.dates)
        for code, language in found.items()
    }


class CampaignTranslations(NullTranslations):
    """A campaign's words before those of the product; what neither has stays English."""

    def __init__(self, texts: Mapping[str, str], product: NullTranslations | None) -> None:
        super().__init__()
        self._texts = texts
        if product is not None:
            self.add_fallback(product)

    def gettext(self, message: str) -> str:
        """Translate a text."""
        return self._texts.get(message) or super().gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Translate a text that counts, in the form that a number takes."""
        packed = self._texts.get(packed_id(msgid1, msgid2), "")
        if not packed:
            return super().ngettext(msgid1, msgid2, n)
        return form_of(packed, n)


def speaker(known: Mapping[str, Language]) -> Speak:
    """Give what says how a campaign's paper speaks."""

    def speak(catalogue: Catalogue) -> Speech:
        languages = with_words(known, catalogue)
        language = languages.get(catalogue.language) or languages["en"]
        rtl = language.direction == "rtl"
        return Speech(language.gettext, rtl, language.locale, language.forms, language.say)

    return speak
