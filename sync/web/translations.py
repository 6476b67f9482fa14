"""Catalogues of words in ``<code>.po`` files, for the screens of both ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from sync.protocol.counted import Counted, Said

_HEADER = re.compile(rb'(?:#.*\n|\n)*msgid ""\nmsgstr ""\n(?:".*"\n)*')
"""A catalogue's first entry, and the comments above it."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its catalogue, and the side it is read from (``ltr`` or ``rtl``).

    ``counting`` are the texts that count, by what they say of several.
    """

    code: str
    name: str
    direction: str
    translations: NullTranslations
    counting: Mapping[str, Counted] = field(default_factory=dict)

    def form(self, template: str, values: Mapping[str, Any]) -> str:
        """Translate a template; of one that counts give the form that its number takes.

        One that was stored as what it says of several counts as well.
        """
        counted = self.counting.get(template)
        if isinstance(template, Counted):
            counted = template
        if counted is None:
            return self.translations.gettext(template)
        number = counted.number(values)
        return self.translations.ngettext(counted.single, str(counted), number)


One = TypeVar("One", bound=Language)


def load_languages(
    folder: Path, language: Callable[[str, str, str, NullTranslations], One]
) -> dict[str, One]:
    """Read every ``<code>.po`` of a folder; English, the language of the sources, comes first."""
    found = {"en": language("en", "English", "ltr", NullTranslations())}
    counting: dict[str, Counted] = {}
    for path in sorted(folder.glob("*.po")):
        binary, catalog = BytesIO(), _read(path)
        pairs = [message.id for message in catalog if isinstance(message.id, tuple)]
        counting |= {several: Counted(single, several) for single, several in pairs}
        write_mo(binary, catalog)
        binary.seek(0)
        locale = Locale.parse(path.stem)
        found[path.stem] = language(
            path.stem,
            (locale.get_display_name(path.stem) or path.stem).capitalize(),
            "rtl" if locale.text_direction == "rtl" else "ltr",
            Translations(binary),
        )
    return {code: replace(spoken, counting=counting) for code, spoken in found.items()}


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


def bring_up_to_date(folder: Path, project: str, texts: Iterable[Said]) -> dict[str, int]:
    """Have these texts, and no others, in every catalogue; count what is not translated yet.

    A text of two is what is said of one and of several: it is translated where every form of the
    language is. The header stays as it is: who translates owns it, and which plural rules Babel
    would write there changes with its version.
    """
    wanted, left = in_order(texts), {}
    for path in sorted(folder.glob("*.po")):
        old, new = _read(path), Catalog(locale=path.stem, project=project, fuzzy=False)
        new.mime_headers = old.mime_headers  # for its plural rules
        for text in wanted:
            new.add(text, _as_said(old, text, new.num_plurals))
        written = BytesIO()
        write_po(written, new, width=100, sort_output=True, omit_header=False)
        path.write_bytes(_with_header(written.getvalue(), path.read_bytes()))
        left[path.stem] = sum(1 for message in new if message.id and not is_said(message))
    return left


def in_order(texts: Iterable[Said]) -> list[Said]:
    """Sort texts by what they say of one thing; what stands as one of two stands there alone."""
    found: dict[str, Said] = {}
    for text in texts:
        single = text if isinstance(text, str) else text[0]
        if isinstance(found.get(single, ""), str):
            found[single] = text
    return [found[single] for single in sorted(found)]


def is_said(message: Message) -> bool:
    """Say whether a message is translated: in each form of its language, where it counts."""
    if isinstance(message.string, str):
        return bool(message.string)
    return all(message.string or [""])


def _as_said(old: Catalog, text: Said, forms: int) -> str | tuple[str, ...]:
    """Give what a catalogue has of a text; nothing where it counted and does no more, or began."""
    known = old.get(text)
    said = known.string if known else ""
    if isinstance(text, str):
        return said if isinstance(said, str) else ""
    given = said if isinstance(said, tuple) else ()
    return (*given, *("" for _ in range(forms)))[:forms]


def _with_header(text: bytes, old: bytes) -> bytes:
    """Put the header of a catalogue above another's texts, where it has one."""
    kept = _HEADER.match(old)
    return _HEADER.sub(lambda _: kept[0], text, count=1) if kept else text


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)
