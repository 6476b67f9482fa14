"""The slip that shows what a printer does."""

from __future__ import annotations

from printers.document import Cut, Document, Field, Qr, Rule, Text


def test_slip(printer: str, connection: str, number: str, now: str) -> Document:
    """Lay out a slip that shows what a printer does with text, scripts, dots and a QR code."""
    return Document(
        (
            Text("DIVOC Edge", "large", True, "centre"),
            Text("Test of a printer", align="centre"),
            Rule(),
            Field("Printer", printer, bold=True),
            Field("Address", connection),
            Field("Time", now),
            Rule(),
            Text("Äéñø 0123456789"),
            Text("नमस्ते  ሰላም  Здравствуйте"),
            Text("السلام عليكم"),
            Qr(f"divoc-edge test {number}".encode()),
            Text(f"END {number}", "small", align="centre"),
            Cut(),
        )
    )
