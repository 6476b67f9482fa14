"""What bytes would print, drawn from the bytes themselves, one drawing for each language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PIL import Image

from printers import interpreter
from printers.previews import brother_ql, starprnt, zpl
from printers.profile import Profile

Preview = Callable[[bytes, Profile], Image.Image]

PREVIEWS: Mapping[str, Preview] = {
    "escpos": lambda data, profile: interpreter.preview(data, profile.width),
    "starprnt": starprnt.preview,
    "zpl": zpl.preview,
    "brother-ql": brother_ql.preview,
}
"""By language; a page (PDF) has none, it is shown as it is."""


def preview(data: bytes, profile: Profile) -> Image.Image | None:
    """Draw what these bytes would print on a profile's printer; none: its language has no drawing.

    Several labels are drawn below one another.
    """
    draw = PREVIEWS.get(profile.language)
    return draw(data, profile) if draw is not None else None
