"""QR codes as they are drawn on a page."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode

_QUIET = 4


@dataclass(frozen=True, slots=True)
class QrPicture:
    """A QR code as an SVG path in modules; ``side`` with the quiet zone around it."""

    path: str
    side: int


def qr_drawing(text: str) -> QrPicture:
    """Draw a QR code for a page."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=_QUIET)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{left} {top}h1v1h-1z"
        for top, row in enumerate(rows)
        for left, module in enumerate(row)
        if module
    )
    return QrPicture(path, len(rows))
