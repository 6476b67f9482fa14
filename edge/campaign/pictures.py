"""A campaign's logos and seals: read, made fit for printers of receipts, and checked."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from edge.campaign.mistakes import Mistake
from edge.campaign.yaml_files import YamlFile
from sync.bounded_files import MB, read_bounded

MOST_WIDE, MOST_TALL = 384, 240
"""Dots at 203 dpi: the whole width of narrow paper, and three centimetres of it."""
OPTIONAL = ("logo", "seal")
"""What the shipped slips have a place for: left away where a campaign has none."""
_LARGEST = 2 * MB
_MOST_DOTS = 4096
_KINDS = (".png", ".jpg", ".jpeg")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LIGHTEST, _DARKEST = 0.005, 0.6
"""Shares of black: below nothing is to be seen, above the paper curls and the head gets hot."""


def read_pictures(folder: Path, mistakes: list[Mistake]) -> dict[str, str]:
    """Read a folder ``pictures``: each as PNG of one bit in base64, by name; mistakes are added."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*")):
        name = f"pictures/{path.name}"
        if path.suffix.lower() not in _KINDS or not _NAME.fullmatch(path.stem):
            told = "A picture is a PNG or a JPEG, called in small letters, digits and -: logo.png."
            mistakes.append(Mistake(name, 1, "picture.file", told))
        elif path.stem in found:
            told = "There are two pictures {picture}. Keep the one that is meant."
            mistakes.append(Mistake(name, 1, "picture.twice", told, {"picture": path.stem}))
        else:
            try:
                made = _made(name, read_bounded(path, _LARGEST), mistakes)
            except OSError:
                told = "The picture cannot be read, or is larger than 2 MB. Save it smaller."
                mistakes.append(Mistake(name, 1, "picture.too-large", told))
                continue
            if made is not None:
                found[path.stem] = base64.b64encode(made).decode()
    return found


def packed_pictures(packed: Any) -> Iterator[Mistake]:
    """Find what is no picture for a slip in a packed campaign."""
    pairs = packed.items() if isinstance(packed, dict) else [("", None)]
    for name, item in pairs:
        if not _NAME.fullmatch(name) or not _fits(item):
            yield Mistake(
                f"pictures/{name}", 1, "campaign.unknown-file", "This file cannot be read."
            )


def check_pictures(
    templates: Mapping[str, YamlFile], pictures: Mapping[str, str]
) -> Iterator[Mistake]:
    """Find pictures that a slip names and the campaign does not have."""
    for file in templates.values():
        for path, name in _named(file.value["blocks"], ("blocks",)):
            if name not in pictures and name not in OPTIONAL:
                told = "There is no picture {code} in the folder pictures."
                yield file.unknown(path, "picture.unknown", told, name, pictures)


def _named(
    blocks: Sequence[Mapping[str, Any]], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for place, block in enumerate(blocks):
        if "picture" in block:
            yield (*path, place, "picture"), block["picture"]
        yield from _named(block.get("blocks", ()), (*path, place, "blocks"))


def _fits(item: Any) -> bool:
    try:
        with Image.open(BytesIO(base64.b64decode(item, validate=True)), formats=["PNG"]) as image:
            small = image.width <= MOST_WIDE and image.height <= MOST_TALL
            if small:
                image.load()
            return small and image.mode == "1"
    except (ValueError, TypeError, OSError, SyntaxError, Image.DecompressionBombError):
        return False


def _made(name: str, data: bytes, mistakes: list[Mistake]) -> bytes | None:
    """Make a picture as it is printed; None: it cannot be, and why is among the mistakes."""
    try:
        with Image.open(BytesIO(data), formats=["PNG", "JPEG"]) as opened:
            if max(opened.size) > _MOST_DOTS:
                raise ValueError
            image = _on_white(opened)
    except (ValueError, OSError, SyntaxError, Image.DecompressionBombError):
        told = "This is no PNG or JPEG of at most {most} by {most} dots. Save it as one."
        mistakes.append(Mistake(name, 1, "picture.unreadable", told, {"most": _MOST_DOTS}))
        return None
    image.thumbnail((MOST_WIDE, MOST_TALL), Image.Resampling.LANCZOS)
    dots = image.convert("1")
    black = dots.histogram()[0] / (dots.width * dots.height)
    for wrong, code, told in (
        (black < _LIGHTEST, "picture.too-light", _TOO_LIGHT),
        (black > _DARKEST, "picture.too-dark", _TOO_DARK),
    ):
        if wrong:
            mistakes.append(Mistake(name, 1, code, told, {"share": round(black * 100)}))
            return None
    written = BytesIO()
    dots.save(written, "PNG", optimize=True)
    return written.getvalue()


def _on_white(opened: Image.Image) -> Image.Image:
    """Give a picture in grey; what one can see through is white, as paper is."""
    with_alpha = opened.convert("RGBA")
    paper = Image.new("RGBA", with_alpha.size, "white")
    paper.alpha_composite(with_alpha)
    return paper.convert("L")


_TOO_LIGHT = (
    "In black and white nearly nothing of this picture is left ({share} % of its dots). Use one"
    " with darker lines."
)
_TOO_DARK = (
    "{share} % of this picture is black: paper curls and the printer's head gets hot. Use dark"
    " lines on white."
)
