"""Where the values of fields begin: as near to their labels as these let them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from printers.document import Document, Field
from printers.languages.native import native
from printers.profile import Profile
from printers.raster import Setter


@dataclass(frozen=True, slots=True)
class Columns:
    """The place of values in the printer's own letters (0: there are none), and in dots."""

    letters: int = 0
    dots: int = 0


def columns_of(document: Document, profile: Profile, setter: Setter) -> Columns:
    """Let values stand near their labels: white between is sent, too.

    Drawn and native values of one document stand in the same column. Labels wider than three
    eighths of the paper stand above their values.
    """
    fields = [block for block in document.blocks if isinstance(block, Field)]
    most = profile.columns * 3 // 8
    cell = profile.width // profile.columns
    own = [block for block in fields if not document.rtl and _natively(block, profile)]
    drawn = [
        dots
        for block in fields
        if block not in own and (dots := setter.label_column([block.label])) <= most * cell
    ]
    if not own:
        return Columns(0, max(drawn, default=most * cell))
    needed = [len(block.label) + 2 for block in own]
    needed += [math.ceil(dots / cell) for dots in drawn]
    column = max((number for number in needed if number <= most), default=most)
    return Columns(column, column * cell)


def _natively(block: Field, profile: Profile) -> bool:
    texts = (block.label, block.value)
    return all(native(text, profile.code_page) is not None for text in texts)
