"""Mistakes and changes of campaigns in the language of whoever writes one in the office."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.web.translations import Language, load_languages
from sync.registry.drafts.tools import FileMistake
from sync.resources import resource


class OfficeText:
    """The catalogues of the sites' screens; what is not translated in them is said in English."""

    def __init__(self) -> None:
        self.languages = load_languages(resource("config/locale"))

    def language(self, code: str) -> Language:
        """Give a language, or English for one that sites do not speak."""
        return self.languages.get(code, self.languages["en"])

    def say(self, code: str, template: str, values: Mapping[str, Any]) -> str:
        """Write a sentence."""
        return self.language(code).say(template, values)

    def mistakes(self, code: str, found: Iterable[Mistake]) -> tuple[FileMistake, ...]:
        """Write mistakes as the office shows them."""
        return tuple(
            FileMistake(
                mistake.file,
                mistake.line,
                (f"{mistake.column}: " if mistake.column else "")
                + self.say(code, mistake.sentence, mistake.values),
                self.say(code, mistake.hint, mistake.values),
            )
            for mistake in found
        )
