"""Letters that ESC/POS printers have: their tables, and how many are in a line."""

from __future__ import annotations

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
"""Python's names of the code pages by the n of ``ESC t n`` (Epson)."""
COLUMNS = {384: 32, 512: 42, 576: 48}
"""Letters in a line of the usual font by the width of the paper in dots."""
_OTHERS = {
    3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737", 15: "iso8859-7", 33: "cp775",
    34: "cp855", 39: "iso8859-2", 40: "iso8859-15", 45: "cp1250", 46: "cp1251", 47: "cp1253",
    48: "cp1254", 51: "cp1257", 52: "cp1258",
}  # fmt: skip
"""Others of Epson's numbers whose letters stand one beside another as they are read."""


def known_code_page(number: int) -> str:
    """Give Python's name of the code page of an ``ESC t n``; of one that is not known, cp437."""
    return CODE_PAGES.get(number) or _OTHERS.get(number, "cp437")
