"""What languages of rolls share: blocks in order, and text in a printer's own letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from printers.document import Cut, Document, Field, Picture, Qr, Rule, Space, Text


class BlockEncoder(Protocol):
    """Writes each kind of block in the language of a roll."""

    def text(self, block: Text) -> Iterator[bytes]: ...  # noqa: D102

    def field(self, block: Field) -> Iterator[bytes]: ...  # noqa: D102

    def rule(self, block: Rule) -> Iterator[bytes]: ...  # noqa: D102

    def space(self, dots: int) -> Iterator[bytes]: ...  # noqa: D102

    def qr(self, payload: bytes) -> Iterator[bytes]: ...  # noqa: D102

    def picture(self, block: Picture) -> Iterator[bytes]: ...  # noqa: D102

    def cut(self) -> Iterator[bytes]: ...  # noqa: D102


def written(document: Document, writer: BlockEncoder) -> Iterator[bytes]:
    """Write a document's blocks from top to bottom."""
    for block in document.blocks:
        match block:
            case Text():
                yield from writer.text(block)
            case Field():
                yield from writer.field(block)
            case Rule():
                yield from writer.rule(block)
            case Space(dots):
                yield from writer.space(dots)
            case Qr(payload):
                yield from writer.qr(payload)
            case Picture():
                yield from writer.picture(block)
            case Cut():
                yield from writer.cut()


def native(text: str, code_page: str) -> bytes | None:
    """Give a text in the printer's code page, where that is the same to the letter.

    A control character is never native: it would be a command.
    """
    try:
        encoded = text.encode(code_page)
    except UnicodeEncodeError:
        return None
    return None if any(byte < 32 or byte == 127 for byte in encoded) else encoded


def wrapped(text: bytes, columns: int) -> list[bytes]:
    """Break a text between words; a word longer than a line is broken anywhere."""
    lines, current = [], b""
    for word in text.split(b" "):
        attempt = current + b" " + word if current else word
        if len(attempt) <= columns:
            current = attempt
            continue
        if current:
            lines.append(current)
        while len(word) > columns:
            lines.append(word[:columns])
            word = word[columns:]
        current = word
    return [*lines, current]
