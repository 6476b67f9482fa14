"""A slip that shows on paper what a printer really does, and what its codes prove.

Printers say that they take QR codes which then come out blank or as letters; paper and a camera
decide. Each mark is a small code that can be read only where the printer did one thing and not the
other: it is torn, cut off or missing elsewhere. The slip is at most 200 mm long.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from printers.code_pages import CODE_PAGES, COLUMNS
from printers.document import Cut, Document, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import encode
from printers.languages.escpos import INIT
from printers.languages.escpos_dots import ALIGN, LINES
from printers.marks import WIDTHS, marks_drawn
from printers.probe import LADDER
from printers.profile import CUTS, Profile
from printers.qr import LEAST_DOTS, QUIET, fits, least_modules

LONGEST = 200
"""Millimetres of the slip."""
_ON_PAPER = (310, 600, 1000)
"""Sizes of the printer's own codes on the slip (bytes), of those at which models stop."""
_REST = 96
"""Millimetres of all that is not the printer's own codes, at 203 dots an inch."""
_NARROW = 26
"""Rows from one line of letters to the next, in dots."""
_LETTERS = "ÄéñøßçłŠ€ЖдЯ"
_NATIVE_LIMIT = 7089
_FORM = re.compile(r"divoc-edge calibration (native|drawn) (\d{1,4})")
_NO_LETTERS: dict[str, Any] = {"code_page": "ascii", "code_page_id": 0}
"""Every letter that is not ASCII is drawn."""


def payload(size: int, kind: str = "native") -> bytes:
    """Make the text of a code: ``size`` bytes, which say so, with a checksum at the end."""
    head = f"divoc-edge calibration {kind} {size} "
    room = size - len(head) - 9
    body = head + ("abcdefghijklmnopqrstuvwxyz" * (room // 26 + 1))[:room]
    return f"{body} {zlib.crc32(body.encode()):08x}".encode()


def size_read(text: str) -> int:
    """Give the size that a scanned code proves, 0 for a drawn one; or take the bare number.

    Raises :class:`PrinterError` where text is no code of the slip, or was not read whole.
    """
    if text.strip() in map(str, (0, *LADDER)):
        return int(text)
    found = _FORM.match(text.strip())
    if found is None:
        raise PrinterError(
            "calibration.not-a-code",
            "This is neither a code of the calibration slip nor one of its sizes: 0, {sizes}.",
            sizes=", ".join(map(str, LADDER)),
        )
    kind, size = found[1], int(found[2])
    if len(text.strip()) > len(found[0]) and text.strip().encode() != payload(size, kind):
        raise PrinterError(
            "calibration.damaged",
            "The code of {size} bytes was not read whole: take the next smaller one.",
            size=size,
        )
    return size if kind == "native" else 0


def proven_sizes(texts: Iterable[str]) -> set[int]:
    """Give the sizes that scanned texts prove, each to its last letter; others prove nothing."""
    whole = {payload(size).decode(): size for size in LADDER}
    return {whole[text.strip()] for text in texts if text.strip() in whole}


def offered(profile: Profile) -> tuple[int, ...]:
    """Give the sizes of the printer's own codes that are on its slip."""
    millimetre = profile.dots_per_inch / 25.4
    room = LONGEST * millimetre - _REST * 203 / 25.4
    sizes = []
    for size in _ON_PAPER:
        code = payload(size)
        room -= (least_modules(code) + 2 * QUIET) * LEAST_DOTS
        if room < 0 or not fits(code, profile.width, profile.dots_per_inch):
            break
        sizes.append(size)
    return tuple(sizes)


def proven_fields(
    marks: Collection[str], sizes: Collection[int], profile: Profile
) -> dict[str, object]:
    """Give the fields of a profile that marks and sizes which were read prove.

    What is missing where the mark ``C`` was read was not printed; without it, it may only be that
    the picture does not show it.
    """
    found: dict[str, object] = {}
    widths = [width for width in WIDTHS if f"W{width}" in marks]
    if widths:
        found |= {"width": max(widths), "columns": COLUMNS[max(widths)]}
        if max(widths) == 512 and profile.width != 512:  # 80 mm have 576 dots at 203
            found["dots_per_inch"] = 180
    if "R1" in marks or "R0" in marks:
        found |= {"pictures": "GS v 0", "raster_alignment": "R1" in marks}
    elif "C" in marks:
        found["pictures"] = "ESC *"
    if "C" in marks:
        found["feeds"] = "F0" not in marks
    if "H1" in marks:
        found |= _NO_LETTERS
    if sizes:
        best = max(sizes)
        # a printer that is known to take more than the slip has is not told to take less
        known = best == max(offered(profile), default=0) and profile.native_qr > best
        found["native_qr"] = profile.native_qr if known else best
    return found


def letters_seen(row: str) -> dict[str, object]:
    """Give the fields of a profile by the row of letters that is right; empty: none is.

    Raises :class:`PrinterError` where the slip has no such row.
    """
    if not row:
        return dict(_NO_LETTERS)
    if not row.isdecimal() or int(row) not in CODE_PAGES:
        raise PrinterError(
            "calibration.letters",
            "The slip has no line of letters {row}. It has {rows}.",
            row=row[:20],
            rows=", ".join(map(str, CODE_PAGES)),
        )
    return {"code_page": CODE_PAGES[int(row)], "code_page_id": int(row)}


def next_cut(profile: Profile) -> dict[str, object]:
    """Give what is tried after a cut that did not cut; in the end there is no cutter."""
    tried = CUTS.index(profile.cut) + 1
    if not profile.cutter or tried == len(CUTS):
        return {"cutter": False}
    return {"cut": CUTS[tried], "cut_feeds": False}


def calibration_slip(profile: Profile, fonts: Fonts, printer: str, now: str) -> bytes:
    """Write the slip for an ESC/POS printer; raises :class:`PrinterError` for another language."""
    if profile.language != "escpos":
        raise PrinterError(
            "calibration.language",
            "The calibration slip is for ESC/POS printers; {printer} speaks {language}.",
            printer=printer,
            language=profile.language,
        )
    own = replace(profile, native_qr=_NATIVE_LIMIT)
    # of this printer nothing is believed: what its profile says may be another's
    plain = replace(profile, native_qr=0, cut_feeds=False, **_NO_LETTERS)
    title = f"Calibration {printer}"[: profile.columns]
    head = Document((Text(title), Text(now)))
    return b"".join(
        (
            encode(head, plain, fonts),
            b"\x1b3" + bytes([_NARROW]),
            *(_letters(number, name) for number, name in CODE_PAGES.items()),
            INIT + bytes((0x1D, 0x50, *[min(profile.dots_per_inch, 255)] * 2)),
            marks_drawn(),
            *(_smallest(size) for size in offered(own)),
            encode(Document((Cut(),)), plain, fonts),
        )
    )


def _smallest(size: int) -> bytes:
    """Write one of the printer's own codes at three dots a module, its white by lines."""

    def function(body: bytes) -> bytes:
        return b"\x1d(k" + len(body).to_bytes(2, "little") + body

    white = b"\x1b3" + bytes([QUIET * LEAST_DOTS]) + b"\n" + LINES
    return (
        white + ALIGN["centre"]
        + function(b"1A2\x00") + function(b"1C" + bytes([LEAST_DOTS])) + function(b"1E0")
        + function(b"1P0" + payload(size)) + function(b"1Q0")
        + ALIGN["left"] + white
    )  # fmt: skip


def _letters(number: int, name: str) -> bytes:
    letters = _LETTERS.encode(name, "ignore")
    return b"\x1bt" + bytes([number]) + f"{number:3d} {name:7s}".encode() + letters + b"\n"
