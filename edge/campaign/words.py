"""A campaign's own words: ``words/xx.po``, which change the product's or add a language."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

from edge.campaign.mistakes import Mistake
from edge.domain.nearest import nearest
from edge.domain.plural_texts import is_packed, packed, packed_id, plural_rule, unpacked
from sync.bounded_files import MB, read_bounded
from sync.protocol.counted import Said

LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")
"""What a language's file may be called: its code, with a script and a country where they differ."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DIRECTION = re.compile(r'^"X-Direction: *(ltr|rtl) *\\n"', re.MULTILINE)
_OWN_NAME = re.compile(r'^"X-Language-Name: *(.{1,60}?) *\\n"', re.MULTILINE)
_LINE = re.compile(r'(#.*)?|((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s+)?"([^"\\]|\\.)*"')
"""What a line of a catalogue is (gettext's manual, "The Format of PO Files")."""


@dataclass(frozen=True, slots=True)
class WordsFile:
    """A file of words that was read: ``texts`` by the English ones, ``lines`` where each stands."""

    name: str
    language: str
    direction: str
    texts: Mapping[str, str]
    lines: Mapping[str, int]

    def body(self) -> dict[str, Any]:
        """Give what a packed campaign holds of it."""
        return {"name": self.language, "direction": self.direction, "texts": dict(self.texts)}


def read_words(folder: Path, mistakes: list[Mistake]) -> dict[str, WordsFile]:
    """Read the files of a folder ``words``, by the code of the language; mistakes are added."""
    found = {}
    for path in sorted(folder.glob("*")):
        name = f"words/{path.name}"
        if path.suffix != ".po" or not LANGUAGE.fullmatch(path.stem):
            mistakes.append(_mistake(name, 1, "words.file", _FILE))
            continue
        try:
            data = read_bounded(path, MB)
        except OSError as error:
            told = {"reason": _reason(error)}
            mistakes.append(_mistake(name, 1, "words.unread", _UNREAD, **told))
            continue
        file = _read(name, path.stem, data, mistakes)
        if file is not None:
            found[path.stem] = file
    return found


def packed_words(packed: Any) -> Iterator[Mistake]:
    """Find what is wrong with the words of a packed campaign: a page drawn with them would fail."""
    if not isinstance(packed, dict):
        yield _mistake("words", 1, "campaign.unknown-file", "This file cannot be read.")
        return
    for code, item in packed.items():
        name = f"words/{code}.po"
        texts = item.get("texts") if isinstance(item, dict) else None
        if (
            not isinstance(texts, dict)
            or not all(isinstance(part, str) for pair in texts.items() for part in pair)
            or item.get("direction") not in ("ltr", "rtl")
            or not isinstance(item.get("name"), str)
            or not LANGUAGE.fullmatch(code)
        ):
            yield _mistake(name, 1, "campaign.unknown-file", "This file cannot be read.")
            continue
        for text, said in texts.items():
            yield from _placeholders(name, 1, text, said)


def check_words(file: WordsFile, own: Container[str]) -> Iterator[Mistake]:
    """Find texts that nothing says, and placeholders that are missing, broken or unknown.

    ``own`` are the texts that the campaign itself says in English, as on its slips.
    """
    known = product_texts()
    for text, said in file.texts.items():
        line = file.lines[text]
        if text not in known and text not in own:
            near = nearest(text, known)
            yield _mistake(
                file.name,
                line,
                "words.unknown",
                "Nothing says “{text}”. Did you mean “{near}”?"
                if near
                else "Nothing says “{text}”. The texts are those that campaign words writes.",
                text=_short(text),
                near=_short(near),
            )
            continue
        yield from _placeholders(file.name, line, text, said)


@cache
def product_texts() -> frozenset[str]:
    """Give every text of the product's screens and slips, in English; packed where it counts."""
    return frozenset(as_id(text) for text in product_messages())


def product_messages() -> frozenset[Said]:
    """Give every text of the product's screens and slips as a catalogue has it."""
    from sync.resources import resource

    with (resource("config/locale") / "fr.po").open("rb") as file:
        return frozenset(said_of(message) for message in read_po(file, locale="fr") if message.id)


def said_of(message: Message) -> Said:
    """Give a message's text, or what it says of one and of several."""
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def as_id(text: Said) -> str:
    """Give what a campaign's words call a text of a catalogue."""
    return text if isinstance(text, str) else packed_id(*text)


def as_text(message: Message, catalog: Catalog) -> tuple[str, str]:
    """Give a text of a catalogue and what it says of it; packed, with the rule, where it counts.

    Where a form is not translated nothing is.
    """
    said, id_ = message.string, as_id(said_of(message))
    if isinstance(said, str):
        return id_, said
    forms = said or ()
    whole = all(forms) and len(forms) == catalog.num_plurals
    return id_, packed(catalog.plural_expr, forms) if whole else ""


def left_in_english(files: Mapping[str, WordsFile]) -> Iterator[Mistake]:
    """Count, for somebody to look at, the product's texts that an added language does not say."""
    for code, file in files.items():
        left = 0 if is_product_language(code) else len(product_texts() - file.texts.keys())
        if left:
            told = "{count} of {all} texts are not translated, and stay in English."
            counts = {"count": left, "all": len(product_texts())}
            yield _mistake(file.name, 1, "words.untranslated", told, **counts)


def is_product_language(code: str) -> bool:
    """Say whether the product itself has a language; else the campaign's words are all of it."""
    from sync.resources import resource

    return code == "en" or (resource("config/locale") / f"{code}.po").is_file()


_FILE = "A file of words is called by the code of its language, for example words/sw.po."
_UNREAD = "The file cannot be read: {reason}. At most 1 MB is: leave out what is said as before."
_NOT_PO = "The file cannot be read as a catalogue of gettext: {reason}."
_NO_LINE = (
    "This line is neither msgid nor msgstr with a text in quotation marks. A quotation mark within"
    ' the text is written \\".'
)
_NO_RULE = (
    "{rule} is no rule of plural forms. Write Plural-Forms into the header as gettext has it, or"
    " leave it out where Unicode CLDR knows the language."
)
_DIRECTION_MISSING = (
    'The language {code} is not known here. Write into the header, below msgid "":'
    ' "X-Language-Name: its own name\\n" and "X-Direction: ltr\\n" or rtl.'
)


def _read(name: str, code: str, data: bytes, mistakes: list[Mistake]) -> WordsFile | None:
    try:
        text = data.decode("utf-8-sig")
        catalog = read_po(BytesIO(text.encode()), locale=known_locale(code), abort_invalid=True)
        for number, line in enumerate(text.splitlines(), start=1):
            if not _LINE.fullmatch(line.strip()):
                mistakes.append(_mistake(name, number, "words.not-po", _NO_LINE))
                return None
    except UnicodeDecodeError:
        mistakes.append(_mistake(name, 1, "words.not-utf-8", "The file is not UTF-8. Save it so."))
        return None
    except (PoFileError, ValueError) as error:
        place = getattr(error, "lineno", 0) + 1
        mistakes.append(_mistake(name, place, "words.not-po", _NOT_PO, reason=_reason(error)))
        return None
    direction, language = _known(code, text)
    if not direction or not language:
        mistakes.append(_mistake(name, 1, "words.direction", _DIRECTION_MISSING, code=code))
        return None
    texts: dict[str, str] = {}
    lines: dict[str, int] = {}
    for message in catalog:
        english, said = as_text(message, catalog)
        if english and said and not message.fuzzy:  # which marks a guess
            texts[english], lines[english] = said, message.lineno or 1
    return WordsFile(name, language, direction, texts, lines)


def known_locale(code: str) -> str | None:
    """Give a language whose plural rule is known; one that no header and nobody knows has none."""
    try:
        return str(Locale.parse(code))
    except (UnknownLocaleError, ValueError):
        return None


def _known(code: str, text: str) -> tuple[str, str]:
    """Give the direction and the own name of a language: as its file says, else as CLDR has it."""
    direction, name = _DIRECTION.search(text), _OWN_NAME.search(text)
    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return (direction[1] if direction else "", name[1] if name else "")
    usual = (locale.get_display_name(code) or code).capitalize()
    return (direction[1] if direction else locale.text_direction, name[1] if name else usual)


def _placeholders(name: str, line: int, text: str, said: str) -> Iterator[Mistake]:
    if is_packed(text):
        yield from _forms(name, line, text, said)
        return
    wanted, found = _names(text), _names(said)
    if wanted is None:  # a text with a brace in it that nothing is put in: shown as it stands
        return
    if found is None:
        yield _mistake(
            name,
            line,
            "words.braces",
            "A brace of the translation of “{text}” is not closed, or holds no name.",
            text=_short(text),
        )
        return
    for lacking in sorted(wanted - found):
        yield _mistake(
            name,
            line,
            "words.placeholder-missing",
            "The translation of “{text}” lacks {name}, which is put in there.",
            text=_short(text),
            name=f"{{{lacking}}}",
        )
    for unknown in sorted(found - wanted):
        yield _mistake(
            name,
            line,
            "words.placeholder-unknown",
            "The translation of “{text}” has {name}, and nothing is put in there. It has: {known}.",
            text=_short(text),
            name=f"{{{unknown}}}",
            known=", ".join(f"{{{known}}}" for known in sorted(wanted)) or "none",
        )


def _forms(name: str, line: int, text: str, said: str) -> Iterator[Mistake]:
    """Check the rule of a text that counts, and its forms: one may say the number in a word."""
    (_, (several,)), (rule, forms) = unpacked(text), unpacked(said)
    try:
        plural_rule(rule)
    except ValueError:
        yield _mistake(name, line, "words.plural-rule", _NO_RULE, rule=_short(rule))
    for form in forms or [""]:
        left = (_names(several) or set()) - (_names(form) or set())
        number = f"{{{left.pop()}}}" if len(left) == 1 and form else ""
        yield from _placeholders(name, line, several, form + number)


def _names(text: str) -> set[str] | None:
    """Give the names in braces; None where something else is in them, or one stands alone."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return None
    names = [(field, form, how) for _, field, form, how in parts if field is not None]
    if any(form or how or not _NAME.fullmatch(field) for field, form, how in names):
        return None
    return {field for field, _, _ in names}


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")[:120] if str(error) else "it breaks off"


def _short(text: str) -> str:
    text, *_ = unpacked(text)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _mistake(name: str, line: int, code: str, sentence: str, /, **values: object) -> Mistake:
    return Mistake(name, line, code, sentence, values)
