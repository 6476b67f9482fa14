"""A slip as a document: what is on it, without a word about any printer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "centre", "right"]
Size = Literal["small", "normal", "large"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; wrapped at the width of the paper."""

    text: str
    size: Size = "normal"
    bold: bool = False
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Field:
    """A label and its value, on one line where both fit."""

    label: str
    value: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper, in dots (1/8 mm at 203 dpi)."""

    dots: int = 16


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code of exactly these bytes, centred with its quiet zone."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo or a seal: a PNG of one bit, a dot of it a dot of the paper at 203 dpi."""

    png: bytes = field(repr=False)
    align: Align = "centre"


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the paper."""


Block = Text | Field | Rule | Space | Qr | Picture | Cut


@dataclass(frozen=True, slots=True)
class Document:
    """Blocks from top to bottom; ``rtl`` sets labels to the right, as the slip's language reads."""

    blocks: tuple[Block, ...]
    rtl: bool = False
