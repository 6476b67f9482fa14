"""The first pages of a PDF as pictures: what people carry who were mailed their certificate."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pypdfium2
from PIL import Image

from edge.credentials.verdict import UnreadableError

MOST_PAGES = 4
"""Pages that are looked at: a certificate is in front, and each page costs a tenth of a second."""
_DOTS_PER_INCH = 300
"""As a code was made to be printed: a module of the densest has three dots then."""
_POINTS_PER_INCH = 72
_LARGEST_SCALE = 20.0
"""For pages of the size of a label, or less."""


def page_count(data: bytes) -> int:
    """Give how many pages there are.

    Raises :class:`UnreadableError` for what is no PDF, and for one that a password locks.
    """
    with _opened(data) as document:
        return len(document)


def first_pages(data: bytes, most_pixels: int) -> Iterator[Image.Image]:
    """Draw the first pages in grey, each of so many pixels at the most, one at a time.

    Raises :class:`UnreadableError` as :func:`page_count`, and where none can be drawn.
    """
    drawn = 0
    with _opened(data) as document:
        for number in range(min(len(document), MOST_PAGES)):
            try:
                picture = _drawn(document[number], most_pixels)
            except (pypdfium2.PdfiumError, ValueError):
                continue  # one broken page; the code may be on the next
            drawn += 1
            yield picture
    if not drawn:
        raise UnreadableError(_NOT_OPENED)


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise UnreadableError(_LOCKED if locked else _NOT_OPENED) from None


def _drawn(page: pypdfium2.PdfPage, most_pixels: int) -> Image.Image:
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError
    whole = _DOTS_PER_INCH / _POINTS_PER_INCH
    fitting = math.sqrt(most_pixels / (width * height))
    small = _DOTS_PER_INCH / min(width, height)
    scale = min(max(whole, min(small, _LARGEST_SCALE)), fitting)
    if math.ceil(width * scale) * math.ceil(height * scale) > 1.1 * most_pixels:
        raise ValueError  # so narrow that its other side is rounded up
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        picture: Image.Image = bitmap.to_pil().convert("L").copy()
        return picture
    finally:
        bitmap.close()
        page.close()


_LOCKED = "The document is locked with a password. Send one that opens without it."
_NOT_OPENED = "The document cannot be opened."
