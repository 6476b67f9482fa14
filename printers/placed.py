"""A country's picture on paper: of one bit, as large as it is, smaller where the paper is."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from printers.document import Picture
from printers.layout import scaled


def placed(block: Picture, width: int, dots_per_inch: int) -> Image.Image:
    """Draw a picture at its side of paper of a width (dots): white 255, black 0.

    It has its size in dots at 203 dpi, and is never wider than the paper.
    """
    with Image.open(BytesIO(block.png), formats=["PNG"]) as opened:
        image = opened.convert("L")
    wide = min(width, scaled(image.width, dots_per_inch))
    if wide != image.width:
        tall = max(1, round(image.height * wide / image.width))
        dots = image.resize((wide, tall), Image.Resampling.LANCZOS)
        image = dots.point(lambda grey: 255 if grey > 127 else 0)
    left = {"left": 0, "centre": (width - wide) // 2, "right": width - wide}[block.align]
    whole = Image.new("L", (width, image.height), 255)
    whole.paste(image, (left, 0))
    return whole
