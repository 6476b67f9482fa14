"""Letters that ESC/POS printers have: their tables, and how many are in a line."""

from __future__ import annotations

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
"""Python's names of the code pages by the n of ``ESC t n`` (Epson)."""
COLUMNS = {384: 32, 512: 42, 576: 48}
"""Letters in a line of the usual font by the width of the paper in dots."""
