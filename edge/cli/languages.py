"""The language in which a command speaks: that of the terminal, or the one it is asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from edge.domain.errors import BadInput
from edge.domain.phrases import in_english

if TYPE_CHECKING:
    from edge.domain.phrases import Tell

language_option = click.option(
    "--language", default="", metavar="CODE", help="Say it in this language, as in fr or ar."
)


def tell_in(language: str, as_json: bool) -> Tell:
    """Give what says sentences in a language; empty: the terminal's, and for scripts English.

    Raises :class:`BadInput` for a language that is asked for and that nobody translated.
    """
    wanted = language or ("" if as_json else terminal_language(os.environ))
    if wanted in ("", "en"):
        return in_english
    from edge.web.translations import load_languages
    from sync.resources import resource
    from sync.web.translations import choose

    known = load_languages(resource("config/locale"))
    found = choose(known, "", wanted.replace("_", "-"))
    if language and found.code == "en" and not language.startswith("en"):
        raise BadInput(
            "language.unknown",
            "There is no language {language}. Known are: {known}.",
            field="--language",
            language=language,
            known=", ".join(known),
        )
    return found.say


def terminal_language(environment: Mapping[str, str]) -> str:
    """Give the language of messages in a terminal (POSIX, "Internationalization Variables").

    LC_ALL stands before LC_MESSAGES and LANG; C and POSIX are English.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    value = next((found for name in names if (found := environment.get(name))), "")
    code = value.partition(".")[0].partition("@")[0]
    return "" if code in ("C", "POSIX") else code
