"""A slip that shows on paper what a printer really does, and the reading of its codes.

Printers say that they take QR codes which then come out blank or as letters; paper and a camera
decide. Source of the ladder's steps: sizes at which models are known to stop.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from printers.code_pages import CODE_PAGES
from printers.document import Block, Cut, Document, Qr, Rule, Space, Text
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import encode
from printers.probe import LADDER
from printers.profile import Profile
from printers.qr import fits

WIDTHS = (384, 512, 576)
"""Dots across of the papers there are: 58 mm, 80 mm at 180 dpi, 80 mm."""
_LETTERS = "ÄéñøßçłŠ€ЖдЯ"
_DRAWN = 255
_NATIVE_LIMIT = 7089
_FORM = re.compile(r"divoc-edge calibration (native|drawn) (\d{1,4})")


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
    """Give the sizes of the printer's own codes that its paper has room for."""
    return tuple(size for size in LADDER if _has_room(size, profile))


def calibration_slip(profile: Profile, fonts: Fonts, printer: str, now: str) -> bytes:
    """Write the slip for an ESC/POS printer; raises :class:`PrinterError` for another language."""
    if profile.language != "escpos":
        raise PrinterError(
            "calibration.language",
            "The calibration slip is for ESC/POS printers; {printer} speaks {language}.",
            printer=printer,
            language=profile.language,
        )
    drawing = replace(profile, native_qr=0)
    own = replace(profile, native_qr=_NATIVE_LIMIT)
    head = Document(
        (
            Text("Calibration", "large", bold=True, align="centre"),
            Text(printer, align="centre"),
            Text(now, align="centre"),
            Rule(),
            Text("Width: the widest bar whose right end mark is there"),
        )
    )
    drawn = Document(
        (
            Rule(),
            Text("For comparison, drawn dot by dot:"),
            Qr(payload(_DRAWN, "drawn")),
            Text(f"drawn {_DRAWN}", align="centre"),
            Rule(),
            Text("Made by the printer: the largest that is read"),
        )
    )
    foot = (Rule(), Text("END", "small", align="centre"), Cut())
    return b"".join(
        (
            encode(head, drawing, fonts),
            *(_bar(width) for width in WIDTHS),
            encode(Document((Text("Letters: the lines that are not garbled"),)), drawing, fonts),
            *(_letters(number, name) for number, name in CODE_PAGES.items()),
            encode(drawn, drawing, fonts),
            encode(Document((*_ladder(profile), *foot)), own, fonts),
        )
    )


def _has_room(size: int, profile: Profile) -> bool:
    return fits(payload(size), profile.width, profile.dots_per_inch)


def _ladder(profile: Profile) -> Iterator[Block]:
    for size in LADDER:
        code = payload(size)
        if not _has_room(size, profile):
            yield Text(f"native {size}: too large for this paper", align="centre")
            continue
        yield from (Qr(code), Text(f"native {size}", align="centre"), Space(16))


def _bar(width: int) -> bytes:
    """A bar of so many dots with a mark at its right end, and its width below."""
    row = width // 8
    solid = b"\xff" * row * 4
    ticks = (b"\x80" + bytes(row - 2) + b"\x0f") * 12
    data = solid + ticks
    head = b"\x1dv0\x00" + row.to_bytes(2, "little") + (16).to_bytes(2, "little")
    return b"\x1ba\x00" + head + data + f"{width} dots\n".encode()


def _letters(number: int, name: str) -> bytes:
    letters = _LETTERS.encode(name, "ignore")
    return b"\x1bt" + bytes([number]) + f"{number:3d} {name:7s}".encode() + letters + b"\n"
