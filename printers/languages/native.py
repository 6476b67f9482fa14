"""Text in a printer's own letters: what its code page has, in lines of its columns."""

from __future__ import annotations


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
