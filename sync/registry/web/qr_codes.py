"""QR codes on the operators' pages, drawn as a path of squares: no picture, no script."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode

_BORDER = 4
"""Modules of white around a QR code (ISO/IEC 18004, 6.3.8)."""


@dataclass(frozen=True, slots=True)
class QrSymbol:
    """A QR code for an SVG that is ``size`` units wide: the path of its dark modules."""

    size: int
    path: str


def drawn(text: str) -> QrSymbol:
    """Draw a text as a QR code."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=_BORDER)
    code.add_data(text)
    rows = code.get_matrix()
    dark = (
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    )
    return QrSymbol(len(rows), "".join(dark))
