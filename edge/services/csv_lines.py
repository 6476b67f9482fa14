"""Lists as CSV, line by line, with nothing in them that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from unicodedata import category, normalize

_FORMULA, _BEFORE = frozenset("=@+-"), frozenset("\t\r\n")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d")
"""Signs that a spreadsheet may take for a minus."""


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Write rows as CSV (RFC 4180), line by line, the names of the columns first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def line(values: Iterable[str]) -> str:
        writer.writerow(values)
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield line(columns)
    for row in rows:
        yield line(harmless(str(value)) for value in row)


def harmless(value: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; a phone number may begin with a plus.

    Some take full-width signs and those of superscripts for plain ones, and leave out what is
    blank or cannot be seen before a sign.
    """
    if value[:1].isascii() and value[:1].isalnum():
        return value  # nearly all of a long list
    number = value[:1] == "+" and value[1:].replace(" ", "").isascii()
    number = number and value[1:].replace(" ", "").isdigit()
    seen = "".join(sign for sign in value if category(sign)[0] not in "ZC")
    meant = normalize("NFKC", seen[:1])[:1] or value[:1]
    formula = meant in _FORMULA or value[:1] in _BEFORE or meant in _DASHES
    return f"'{value}" if value and formula and not number else value
