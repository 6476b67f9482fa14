"""A slip read back from its own bytes before one of them is sent.

What the bytes would print is drawn by ``printers/previews``, row by row compared with the document
as ``printers/raster.py`` draws it where no edge clips a letter, and every QR code is decoded from
the drawn paper by zxing-cpp, which knows nothing of how it was made. Letters of the printer's own
are compared as text, since its font is not here. A row may stand up to eight dots beside its place:
bands are moved to free them of real-time commands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import zxingcpp
from PIL import Image, ImageOps

from printers.code_pages import known_code_page
from printers.document import Cut, Document, Field, Qr, Space, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.interpreter.drawing import Band
from printers.languages import LANGUAGES, Encoder, brother_ql, encode, pdf, zpl
from printers.languages.columns import columns_of
from printers.previews import BANDS, Bands
from printers.previews.pdf import read_pages
from printers.profile import Profile
from printers.qr import QUIET, lay_out
from printers.raster import MARGIN, Setter, Sheet, packed, papers, symbol_picture

WRONG: Mapping[str, str] = {
    "proof.code": (
        "A QR code of this slip would not hold what it should, so nothing was sent. Print it on"
        " another printer, and tell the technician."
    ),
    "proof.picture": (
        "A part of this slip would be missing or garbled, so nothing was sent. Print it on another"
        " printer, and tell the technician."
    ),
    "proof.width": (
        "This slip would be wider than the paper of its printer, so nothing was sent. Tell the"
        " technician: the profile of the printer does not fit."
    ),
    "print.cannot-be-made": (
        "The site computer could not make this slip, so nothing was sent. Tell the technician."
    ),
}
"""What a slip fails for, by code."""

_BESIDE = 8
_LABELS = {"zpl": zpl.labels, "brother-ql": brother_ql.labels}


def proven(
    document: Document,
    profile: Profile,
    fonts: Fonts,
    languages: Mapping[str, Encoder] = LANGUAGES,
    bands: Mapping[str, Bands] = BANDS,
) -> bytes:
    """Write a document in its printer's language, one of some, and prove the bytes."""
    data = encode(document, profile, fonts, languages)
    prove(data, document, profile, fonts, bands)
    return data


def prove(
    data: bytes,
    document: Document,
    profile: Profile,
    fonts: Fonts,
    bands: Mapping[str, Bands] = BANDS,
) -> None:
    """Read a slip back from its bytes; raises :class:`PrinterError`, one of :data:`WRONG`."""
    if profile.language == "pdf":
        _prove_pages(data, document, profile, fonts)
    elif profile.language in _LABELS:
        sheets = _LABELS[profile.language](document, profile, fonts)
        _prove_labels(BANDS[profile.language](data, profile), sheets, profile)
        _prove_whole(sheets, document, profile, fonts)
    elif profile.language in bands:
        _Roll(bands[profile.language](data, profile), profile).prove(document, fonts)
    else:
        raise _wrong("picture")  # nothing reads this language back: nothing is proven


def _wrong(what: str) -> PrinterError:
    return PrinterError(f"proof.{what}", WRONG[f"proof.{what}"])


def _prove_code(image: Image.Image, payload: bytes) -> None:
    """Decode a picture of one QR code, with white around it."""
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    # its modules are exact dots: so is the reading, and a general search is rarely needed
    for pure in (True, False):
        found = zxingcpp.read_barcodes(image, formats=only, is_pure=pure)
        if any(bytes(code.bytes) == payload for code in found):
            return
    raise _wrong("code")


def _prove_labels(bands: Sequence[Band], sheets: Sequence[Sheet], profile: Profile) -> None:
    if len(bands) != len(sheets):
        raise _wrong("picture")
    for band, sheet in zip(bands, sheets, strict=True):
        image = band.paint() if band.paint else Image.new("L", (profile.width, band.height), 255)
        if image.width > profile.width:
            raise _wrong("width")
        if list(_ink(image)) != list(_ink(sheet.image)):
            raise _wrong("picture")
        for payload, place in sheet.codes:
            _prove_code(ImageOps.expand(image.crop(place), 16, 255), payload)


def _prove_whole(
    sheets: Sequence[Sheet], document: Document, profile: Profile, fonts: Fonts
) -> None:
    """Count the ink of labels: as much as there is where no edge clips a letter."""
    for sheet, blocks in zip(sheets, papers(document), strict=True):
        setter = Setter(fonts, sheet.room, profile.dots_per_inch)
        wanted = sum(_black(sheet.image.crop(place)) for _, place in sheet.codes)
        for block in blocks:
            if isinstance(block, Text | Field):
                wanted += _black(setter.unclipped(block, rtl=document.rtl))
            elif not isinstance(block, Qr):
                wanted += sum(map(_black, setter.block(block, rtl=document.rtl)))
        if _black(sheet.image) != wanted:
            raise _wrong("picture")


def _black(image: Image.Image) -> int:
    return image.histogram()[0]


def _prove_pages(data: bytes, document: Document, profile: Profile, fonts: Fonts) -> None:
    """Prove that every text has a place on a page, and decode the codes from the rectangles."""
    pages = read_pages(data, profile.dots_per_inch)
    texts = pdf.runs(document, profile, fonts)
    placed = [text for page in pages for text in page.texts]
    if len(placed) < texts:
        raise _wrong("picture")
    for page in pages:
        wide, tall = page.image.size
        if any(not (0 <= x < wide and 0 <= y < tall) for x, y in page.texts):
            raise _wrong("width")
    wanted = [block.payload for block in document.blocks if isinstance(block, Qr)]
    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    read = [
        bytes(code.bytes)
        for page in pages
        for code in zxingcpp.read_barcodes(page.image, formats=only)
    ]
    if sorted(read) != sorted(wanted):
        raise _wrong("code")


class _Roll:
    """What stands on a roll, taken from the top."""

    def __init__(self, bands: Sequence[Band], profile: Profile) -> None:
        self._profile = profile
        self._items = _items(bands)
        self._place = 0

    def prove(self, document: Document, fonts: Fonts) -> None:
        setter = Setter(fonts, self._profile.width, self._profile.dots_per_inch)
        column = 0
        if self._profile.language == "escpos":
            column = columns_of(document, self._profile, setter).dots
        for block in document.blocks:
            match block:
                case Qr(payload):
                    self._code(payload)
                case Cut() | Space():
                    pass
                case Text() | Field():
                    if not self._letters(block):
                        whole = setter.unclipped(block, rtl=document.rtl, column=column)
                        self._rows((row, at - MARGIN) for row, at in _ink(whole))
                case _:
                    for image in setter.block(block, rtl=document.rtl):
                        self._rows(_ink(image))
        if self._place < len(self._items):
            raise _wrong("picture")

    def _letters(self, block: Text | Field) -> bool:
        """Take a text in the printer's own letters; false: it does not stand here as such."""
        told = block.text if isinstance(block, Text) else block.label + block.value
        wanted = "".join(told.split())
        try:
            coded = wanted.encode(self._profile.code_page)
        except UnicodeEncodeError:
            return False
        star = self._profile.language == "starprnt"
        number = self._profile.code_page_id
        table = self._profile.code_page if star else known_code_page(number)
        wanted = coded.decode(table, "replace")
        letters, place = "", self._place
        while len(letters) < len(wanted) and place < len(self._items):
            item = self._items[place]
            if not isinstance(item, str):
                return False
            letters, place = letters + item, place + 1
        if letters != wanted:
            return False
        self._place = place
        return True

    def _rows(self, wanted: Iterator[tuple[int, int]]) -> None:
        for row, at in wanted:
            item = self._items[self._place] if self._place < len(self._items) else None
            if not isinstance(item, tuple) or item[0] != row or abs(item[1] - at) > _BESIDE:
                raise _wrong("picture")
            self._place += 1

    def _code(self, payload: bytes) -> None:
        profile = self._profile
        item = self._items[self._place] if self._place < len(self._items) else None
        if isinstance(item, Band):  # made by the printer: the payload is in the command
            if item.code != payload or item.paint is None:
                raise _wrong("code")
            self._place += 1
            _prove_code(ImageOps.expand(item.paint(), 40, 255), payload)
            return
        symbol = lay_out(payload, profile.width, dots_per_inch=profile.dots_per_inch)
        drawn = symbol_picture(symbol, quiet=False)
        room = (profile.width - drawn.width) // 2
        whole = Image.new("L", (profile.width, drawn.height), 255)
        whole.paste(drawn, (room, 0))
        first = self._place
        self._rows(_ink(whole))
        found = (item for item in self._items[first : self._place] if isinstance(item, tuple))
        size, data = -(-whole.width // 8), packed(whole)
        # a row of a symbol may be all white, and such rows are no items
        inked = [any(data[top : top + size]) for top in range(0, len(data), size)]
        rows = [next(found) if ink else (0, whole.width) for ink in inked]
        _prove_code(ImageOps.expand(_image(rows), QUIET * symbol.dots, 255), payload)


def _items(bands: Sequence[Band]) -> list[str | tuple[int, int] | Band]:
    """Give letters, rows of ink and the printer's own codes in the order they come out."""
    found: list[str | tuple[int, int] | Band] = []
    for band in bands:
        if band.code:
            found.append(band)
        elif letters := "".join(band.text.split()):
            found.append(letters)
        elif band.paint is not None and not band.text:
            found += _ink(band.paint())
    return found


def _ink(image: Image.Image) -> Iterator[tuple[int, int]]:
    """Give each row that has ink: its dots as a number, and how far from the left they begin."""
    data, size = packed(image), -(-image.width // 8)
    for top in range(0, len(data), size):
        row = int.from_bytes(data[top : top + size], "big")
        if row:
            lowest = (row & -row).bit_length() - 1
            yield row >> lowest, size * 8 - row.bit_length()


def _image(rows: Sequence[tuple[int, int]]) -> Image.Image:
    """Draw rows of ink again, white at the left cut away."""
    left = min(at for _, at in rows)
    width = max(at - left + row.bit_length() for row, at in rows if row)
    size = -(-width // 8)
    lines = (row and row << (size * 8 - (at - left) - row.bit_length()) for row, at in rows)
    data = b"".join(line.to_bytes(size, "big") for line in lines)
    bits = bytes(byte ^ 0xFF for byte in data)
    return (
        Image.frombytes("1", (size * 8, len(rows)), bits)
        .convert("L")
        .crop((0, 0, width, len(rows)))
    )
