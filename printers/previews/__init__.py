"""What bytes would print, drawn from the bytes themselves, one drawing for each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image

from printers import interpreter
from printers.interpreter.drawing import Band, drawn
from printers.previews import brother_ql, starprnt, zpl
from printers.profile import Profile

Preview = Callable[[bytes, Profile], Image.Image]
Bands = Callable[[bytes, Profile], list[Band]]

BANDS: Mapping[str, Bands] = {
    "escpos": lambda data, profile: interpreter.bands(data, profile.width),
    "starprnt": starprnt.bands,
    "zpl": zpl.bands,
    "brother-ql": brother_ql.bands,
}
"""What stands on the paper from top to bottom, by language: a band a label, or finer."""
PREVIEWS: Mapping[str, Preview] = {
    "escpos": lambda data, profile: interpreter.preview(data, profile.width),
    "starprnt": lambda data, profile: drawn(starprnt.bands(data, profile), profile.width),
    "zpl": lambda data, profile: drawn(zpl.bands(data, profile), profile.width),
    "brother-ql": lambda data, profile: drawn(brother_ql.bands(data, profile), profile.width),
}
"""By language; a page (PDF) has none, it is shown as it is."""


def preview(data: bytes, profile: Profile) -> Image.Image | None:
    """Draw what these bytes would print on a profile's printer; none: its language has no drawing.

    Several labels are drawn below one another.
    """
    draw = PREVIEWS.get(profile.language)
    return draw(data, profile) if draw is not None else None
