"""Printer languages: from a document to the bytes one kind of printer understands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from printers.document import Document
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import brother_ql, escpos, pdf, starprnt, zpl
from printers.profile import Profile, nearest

Encoder = Callable[[Document, Profile, Fonts], bytes]

LANGUAGES: Mapping[str, Encoder] = {
    "escpos": escpos.encode,
    "starprnt": starprnt.encode,
    "zpl": zpl.encode,
    "brother-ql": brother_ql.encode,
    "pdf": pdf.encode,
}
"""Every language by the name profiles use; a new one is a module and a line here."""


def encode(
    document: Document,
    profile: Profile,
    fonts: Fonts,
    languages: Mapping[str, Encoder] = LANGUAGES,
) -> bytes:
    """Write a document in its printer's language, one of some; raises :class:`PrinterError`."""
    if trouble := language_trouble(profile, languages):
        raise trouble
    return languages[profile.language](document, profile, fonts)


def language_trouble(
    profile: Profile, languages: Mapping[str, Encoder] = LANGUAGES
) -> PrinterError | None:
    """Say that a profile's language is none of some, and which of them is perhaps meant."""
    if profile.language in languages:
        return None
    near = nearest(profile.language, languages)
    sentence = (
        "The printer language {language} is not known. Did you mean {near}? Known are: {known}."
        if near
        else "The printer language {language} is not known. Known are: {known}."
    )
    known = ", ".join(languages)
    return PrinterError(
        "language.unknown", sentence, language=profile.language, near=near, known=known
    )
