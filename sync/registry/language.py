"""The registry's words in the language of the operator: catalogues in ``locale/<code>.po``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).parent / "locale"
_DAYS = 60
"""Days that are counted one by one."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its catalogue, and the side it is read from."""

    code: str
    name: str
    direction: str
    translations: NullTranslations

    def say(self, template: str, /, **values: object) -> str:
        """Translate a template and put its values in."""
        text = self.translations.gettext(template) if template else ""
        return text.format(**values) if values else text

    def ago(self, at: str, now: datetime) -> str:
        """Say how long ago an instant was, in words; empty for never."""
        if not at:
            return ""
        passed = now - datetime.fromisoformat(at)
        # Whole days that have passed, as the colours count them: babel would round up, to weeks.
        whole = 1 <= passed.days < _DAYS
        return str(
            format_timedelta(
                -timedelta(days=passed.days) if whole else -passed,
                threshold=passed.days if whole else 0.85,
                add_direction=True,
                locale=self.code,
            )
        )


def load_languages(folder: Path = FOLDER) -> dict[str, Language]:
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
            path.stem,
            (locale.get_display_name(path.stem) or path.stem).capitalize(),
            "rtl" if locale.text_direction == "rtl" else "ltr",
            Translations(binary),
        )
    return found


def choose(languages: Mapping[str, Language], wanted: str, accepted: str) -> Language:
    """Pick the language chosen by hand, else the first the browser accepts, else English."""
    codes = [wanted]
    codes += [part.split(";")[0].strip().split("-")[0].casefold() for part in accepted.split(",")]
    return languages[next((code for code in codes if code in languages), "en")]
