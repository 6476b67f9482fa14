"""Catalogues of words in ``<code>.po`` files, for the screens of both ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

_HEADER = re.compile(rb'(?:#.*\n|\n)*msgid ""\nmsgstr ""\n(?:".*"\n)*')
"""A catalogue's first entry, and the comments above it."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its catalogue, and the side it is read from (``ltr`` or ``rtl``)."""

    code: str
    name: str
    direction: str
    translations: NullTranslations


One = TypeVar("One", bound=Language)


def load_languages(
    folder: Path, language: Callable[[str, str, str, NullTranslations], One]
) -> dict[str, One]:
    """Read every ``<code>.po`` of a folder; English, the language of the sources, comes first."""
    found = {"en": language("en", "English", "ltr", NullTranslations())}
    for path in sorted(folder.glob("*.po")):
        binary = BytesIO()
        write_mo(binary, _read(path))
        binary.seek(0)
        locale = Locale.parse(path.stem)
        found[path.stem] = language(
            path.stem,
            (locale.get_display_name(path.stem) or path.stem).capitalize(),
            "rtl" if locale.text_direction == "rtl" else "ltr",
            Translations(binary),
        )
    return found


def choose(languages: Mapping[str, One], wanted: str, accepted: str) -> One:
    """Pick the language chosen by hand, else the one the browser likes best, else English.

    ``accepted`` is its ``Accept-Language``. ``pt-BR`` in it is served by ``pt_BR``, else by ``pt``
    (RFC 4647, section 3.4), before anything it likes less; what has the weight 0 it does not take.
    """
    if wanted in languages:
        return languages[wanted]
    tags = {code.replace("_", "-").casefold(): code for code in languages}
    for asked, weight in parse_accept_header(accepted, LanguageAccept):
        name = asked.replace("_", "-").casefold()
        known = [tag for tag in tags if f"{name}-".startswith(f"{tag}-")]
        if known and weight > 0:
            return languages[tags[max(known, key=len)]]
    return languages["en"]


def bring_up_to_date(folder: Path, project: str, texts: Iterable[str]) -> dict[str, int]:
    """Have these texts, and no others, in every catalogue; count what is not translated yet.

    The header stays as it is: who translates owns it, and which plural rules Babel would write
    there changes with its version.
    """
    wanted, left = sorted(texts), {}
    for path in sorted(folder.glob("*.po")):
        old, new = _read(path), Catalog(locale=path.stem, project=project, fuzzy=False)
        for text in wanted:
            known = old.get(text)
            new.add(text, known.string if known else "")
        written = BytesIO()
        write_po(written, new, width=100, sort_output=True, omit_header=False)
        path.write_bytes(_with_header(written.getvalue(), path.read_bytes()))
        left[path.stem] = sum(1 for message in new if message.id and not message.string)
    return left


def _with_header(text: bytes, old: bytes) -> bytes:
    """Put the header of a catalogue above another's texts, where it has one."""
    kept = _HEADER.match(old)
    return _HEADER.sub(lambda _: kept[0], text, count=1) if kept else text


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)
