"""PDFs with QR codes, good ones and hostile ones."""

from __future__ import annotations

import zlib

import qrcode
from fpdf import FPDF


def document(*texts: str, millimetres: float = 40, page: tuple[float, float] = (210, 297)) -> bytes:
    """A page for each text with its code, drawn module by module; an empty text has none."""
    return bytes(_pages(texts, millimetres, page).output())


def locked(text: str) -> bytes:
    """A PDF that opens with a password alone."""
    pages = _pages((text,), 40, (210, 297))
    pages.set_encryption("owner", "reader")
    return bytes(pages.output())


def _pages(texts: tuple[str, ...], millimetres: float, size: tuple[float, float]) -> FPDF:
    pages = FPDF(unit="mm", format=size)
    for text in texts:
        pages.add_page()
        if not text:
            continue
        symbol = qrcode.QRCode(border=0)
        symbol.add_data(text)
        rows = symbol.get_matrix()
        module, edge = millimetres / len(rows), min(millimetres / 8, (size[0] - millimetres) / 2)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    pages.rect(edge + x * module, edge + y * module, module, module, "F")
    return pages


def vast_document(side: int) -> bytes:
    """A PDF of few bytes with a picture of many pixels, in colour."""
    packer = zlib.compressobj(9)
    row = bytes(3 * side)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode"
    sizes = f"/Width {side}/Height {side}/Length {len(body)}".encode()
    return _written(b"<<" + head + sizes + b">>stream\n" + body + b"\nendstream")


def circles() -> bytes:
    """A PDF whose form draws itself."""
    head = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 5>>"
    )
    return _written(head + b"stream\n/X Do\nendstream")


def _written(drawn: bytes) -> bytes:
    """A page that draws one object, the fourth."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</XObject<</X 4 0 R>>>>/Contents 5 0 R>>",
        drawn,
        b"<</Length 27>>stream\nq 500 0 0 500 50 50 cm/X Do Q\nendstream",
    ]
    whole, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(whole))
        whole += b"%d 0 obj" % number + part + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(whole)
    return whole + b"xref\n0 6\n0000000000 65535 f \n" + table + end
