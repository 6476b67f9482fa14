"""Opens pictures and documents from strangers: how much it may cost is known before it is decoded.

A picture of few bytes can be one of many pixels, so its header is looked at first. Only the formats
are opened that cameras, screens, scanners and offices make, by their own readers: no other reader
of the library is reached, whatever the bytes say.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from edge.credentials.phone_formats import is_phone_picture, phone_picture
from edge.credentials.reading import is_document
from edge.credentials.verdict import UnreadableError

MOST_PIXELS = 12_000_000
"""Pixels that are decoded. A tablet's camera has twelve million."""
_LARGEST_JPEG = 200_000_000
"""Pixels of a JPEG, which is made smaller by up to eight each way while it is decoded."""
_LARGEST_CLEAR = 3_000_000
"""Pixels of a transparent picture that is read in full size; a larger one in half."""
_LARGEST_WHOLE = 51_000_000
"""Pixels of a JPEG that is decoded whole, in grey, where nothing is read in a smaller one."""
_OVERLAP = 800
"""Pixels by which its parts overlap: a larger code is read in the smaller picture."""
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"
_BROKEN = (
    *(OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, OverflowError),
    RuntimeError,  # of the reader of AVIF, for a frame that is spoilt
)


def views(data: bytes) -> Iterator[Image.Image]:
    """Give what bytes show, in grey: a picture, or the first pages of a PDF, one at a time.

    One that is transparent is given on white and on black, as its code may be in either.

    Raises :class:`UnreadableError` for what is not opened.
    """
    if is_document(data):
        from edge.credentials.document_pages import first_pages  # a library that pictures need not

        yield from first_pages(data, MOST_PIXELS)
        return
    try:
        yield from _flat(_opened(data))
    except _BROKEN:
        raise UnreadableError(_NOT_OPENED) from None


def parts(data: bytes) -> Iterator[Image.Image]:
    """Give the parts of a large photograph in full size: none of what is no such photograph."""
    if not data.startswith(_JPEG):
        return
    try:
        with JpegImageFile(io.BytesIO(data)) as jpeg:
            if not MOST_PIXELS < jpeg.width * jpeg.height <= _LARGEST_WHOLE:
                return
            jpeg.draft("L", jpeg.size)
            if jpeg.mode != "L":  # four colours for print: four times the memory
                return
            jpeg.load()
            for box in _boxes(*jpeg.size):
                yield jpeg.crop(box)
    except _BROKEN:
        return


def _boxes(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Cut in three each way."""
    for top in range(3):
        for left in range(3):
            yield (
                max(0, width * left // 3 - _OVERLAP // 2),
                max(0, height * top // 3 - _OVERLAP // 2),
                min(width, width * (left + 1) // 3 + _OVERLAP // 2),
                min(height, height * (top + 1) // 3 + _OVERLAP // 2),
            )


def _flat(picture: Image.Image) -> Iterator[Image.Image]:
    """Lay a picture on white and, where it is transparent, on black; it is closed before."""
    with picture:
        if not picture.has_transparency_data:
            yield _grey(picture)
            return
        whole = picture if picture.mode in ("LA", "RGBA") else picture.convert("RGBA")
        by = 2 if whole.width * whole.height > _LARGEST_CLEAR else 1
        grey = whole.convert("L").reduce(by)  # one after the other: both whole are too much memory
        alpha = whole.getchannel("A").reduce(by)
        whole.close()
    del whole
    if alpha.getextrema() == (255, 255):
        yield grey
        return
    for ground in (255, 0):
        laid = Image.new("L", grey.size, ground)
        laid.paste(grey, mask=alpha)  # in place: a composite would need a fourth picture
        yield laid
        del laid


def _grey(picture: Image.Image) -> Image.Image:
    """Give a picture in grey, and let go of its colours, which take four times as much."""
    found = picture.convert("L")
    picture.close()
    return found


def _opened(data: bytes) -> Image.Image:
    """Open by the reader of its own format."""
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(_JPEG):
        return _jpeg(data)
    if is_phone_picture(data):
        return phone_picture(data, 1.1 * MOST_PIXELS)
    raise UnreadableError(_OTHER_FORMAT)


def _png(data: bytes) -> ImageFile.ImageFile:
    png = PngImageFile(io.BytesIO(data))
    if png.width * png.height > MOST_PIXELS:
        raise UnreadableError(_TOO_LARGE)
    if getattr(png, "is_animated", False) or data[24] > 8:  # frames; bits of a sample
        raise UnreadableError(_OTHER_FORMAT)
    return png


def _jpeg(data: bytes) -> ImageFile.ImageFile:
    """Read the header, and make smaller what has too many pixels."""
    jpeg = JpegImageFile(io.BytesIO(data))
    if jpeg.width * jpeg.height > _LARGEST_JPEG:
        raise UnreadableError(_TOO_LARGE)
    scale = 1
    while jpeg.width * jpeg.height > MOST_PIXELS * scale * scale:
        scale *= 2
    jpeg.draft("L", (max(1, jpeg.width // scale), max(1, jpeg.height // scale)))
    if jpeg.width * jpeg.height > 1.1 * MOST_PIXELS:  # a narrow one is not made smaller
        raise UnreadableError(_TOO_LARGE)
    return jpeg


_TOO_LARGE = "The picture is too large."
_NOT_OPENED = "The picture cannot be opened."
_OTHER_FORMAT = "Pictures of this kind are not read. Send a photograph as JPEG, a PNG or a PDF."
