"""The registry's words in the language of the operator: catalogues in ``locale/<code>.po``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from babel.dates import format_timedelta

from sync.protocol.instants import read_instant
from sync.web import translations

FOLDER = Path(__file__).parent / "locale"
_DAYS = 60
"""Days that are counted one by one."""


@dataclass(frozen=True, slots=True)
class Language(translations.Language):
    """One language of the registry's pages."""

    def say(self, template: str, /, **values: object) -> str:
        """Translate a template and put its values in."""
        text = self.form(template, values) if template else ""
        return text.format(**values) if values else text

    def ago(self, at: str, now: datetime) -> str:
        """Say how long ago an instant was, in words; empty for never."""
        if not at:
            return ""
        passed = now - read_instant(at)
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
    """Read the catalogues of a folder."""
    return translations.load_languages(folder, Language)
