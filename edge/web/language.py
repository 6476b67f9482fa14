"""The words on the screen, in the language of the one who reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its catalogue, and the side it is read from."""

    code: str
    name: str
    direction: str
    translations: NullTranslations

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

    def _shown(self, value: Any) -> Any:
        return self.day(value) if isinstance(value, date) else value


def load_languages(folder: Path) -> dict[str, Language]:
    """Read every ``<code>.po`` of a folder; English, the language of the sources, comes first."""
    found = {"en": Language("en", "English", "ltr", NullTranslations())}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem)
        binary = BytesIO()
        write_mo(binary, catalogue)
        binary.seek(0)
        locale = Locale.parse(path.stem)
        found[path.stem] = Language(
            code=path.stem,
            name=(locale.get_display_name(path.stem) or path.stem).capitalize(),
            direction="rtl" if locale.text_direction == "rtl" else "ltr",
            translations=Translations(binary),
        )
    return found


def choose(languages: Mapping[str, Language], wanted: str, accepted: str) -> Language:
    """Pick the language chosen by hand, else the first the browser accepts, else English."""
    if wanted in languages:
        return languages[wanted]
    for part in accepted.split(","):
        code = part.split(";")[0].strip().split("-")[0].casefold()
        if code in languages:
            return languages[code]
    return languages["en"]
