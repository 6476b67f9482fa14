"""Letters that the machine's fonts lack, found before anything is printed."""

from __future__ import annotations

from printers.document import Document, Field, Text
from printers.fonts import Fonts

MISSING_LETTERS = "fonts.missing-letters"
"""What the API answers as the cause of a job whose paper has boxes in the place of letters."""


def missing_letters(document: Document, fonts: Fonts) -> str:
    """Give the letters of a document that no face here has, each once, in order of code point."""
    found: set[str] = set()
    for block in document.blocks:
        match block:
            case Text():
                found |= set(fonts.missing(block.text))
            case Field():
                found |= set(fonts.missing(block.label)) | set(fonts.missing(block.value))
    return "".join(sorted(found))
