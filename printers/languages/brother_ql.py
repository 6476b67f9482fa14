"""Brother QL: labels as rows of dots.

Source: Brother's Raster Command Reference for QL-800/810W/820NWB: ``ESC @``, ``ESC i a``,
``ESC i z``, ``ESC i M``, ``ESC i A``, ``ESC i K``, ``ESC i d``, ``g``, ``ESC i S``. Rows go as they
are: the QL-800 takes no compressed ones.
Written here and not by the package brother_ql-inventree: that one is under the GPL and brings
pyusb and click for what is a header and rows; the tests compare with it row for row. A picture is
made as wide as the tape's printable dots and is never resized, which would blur a QR code.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageOps

from printers.document import Document
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.profile import Profile
from printers.raster import Sheet, packed, sheets, stacked

HEAD = 720
"""Dots across the print head; a row is always 90 bytes."""
QUESTION = b"\x1biS"
"""Asks for 32 bytes of status; the printer also sends them by itself when a label is printed."""
STATUS_HEAD = b"\x80\x20B"
_STATUS = 32
_SIZES = {b"ia": 4, b"iz": 13, b"iM": 4, b"iA": 4, b"iK": 4, b"id": 5}
"""Bytes of each command behind ``ESC`` that is written here, with it; ``ESC @`` has two."""
TAPES: dict[tuple[int, int], tuple[int, int, int]] = {
    (12, 0): (106, 0, 29),
    (29, 0): (306, 0, 6),
    (38, 0): (413, 0, 12),
    (50, 0): (554, 0, 12),
    (54, 0): (590, 0, 0),
    (62, 0): (696, 0, 12),
    (17, 54): (165, 566, 0),
    (17, 87): (165, 956, 0),
    (29, 42): (306, 425, 6),
    (29, 90): (306, 991, 6),
    (38, 90): (413, 991, 12),
    (39, 48): (425, 495, 6),
    (52, 29): (578, 271, 0),
    (62, 29): (696, 271, 12),
    (62, 100): (696, 1109, 12),
}
"""Width and length in mm: printable dots across and along (0: a roll), dots right of them."""
_ROLL_FEED = 35
"""Dots before and after a label that is cut off a roll."""
_SHORTEST = 150
"""Dots: the shortest label the cutter can cut off a roll."""
_ERRORS = (
    (8, 0x01, "paper-out", "There are no labels in the printer. Put in a new roll."),
    (8, 0x02, "paper-out", "The labels are used up. Put in a new roll."),
    (8, 0x04, "cutter", "The cutter of the printer is blocked. Open the cover and free it."),
    (9, 0x01, "wrong-labels", "The labels in the printer are not those of its profile."),
    (9, 0x10, "cover-open", "The cover of the printer is open. Close it."),
    (9, 0x40, "broken", "The labels cannot be fed. Open the printer and put them in again."),
    (9, 0x80, "broken", "The printer reports a fault. Switch it off and on."),
)


@dataclass(frozen=True, slots=True)
class Status:
    """The 32 bytes: ``printed`` when a label is out, ``trouble`` when something is wrong."""

    printed: bool
    trouble: PrinterError | None


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document as labels, one for each cut.

    Raises :class:`PrinterError`: ``qr.does-not-fit``, ``label.too-short``, and
    ``label.unknown`` where the profile's paper is no tape of Brother's.
    """
    drawn = [sheet.image for sheet in labels(document, profile, fonts)]
    right = TAPES[profile.paper_width, profile.paper_length][2]
    parts = [bytes(200), b"\x1b@", b"\x1bia\x01"]
    for number, picture in enumerate(drawn):
        last = number == len(drawn) - 1
        if picture.height < _SHORTEST:
            white = Image.new("L", (picture.width, _SHORTEST - picture.height), 255)
            picture = stacked([picture, white], picture.width)
        parts.append(_page(picture, profile, right, first=number == 0))
        parts.append(b"\x1a" if last else b"\x0c")
    return b"".join(parts) if drawn else b""


def labels(document: Document, profile: Profile, fonts: Fonts) -> list[Sheet]:
    """Draw the labels of a document; raises as :func:`encode` does."""
    tape = TAPES.get((profile.paper_width, profile.paper_length))
    if tape is None or tape[0] != profile.width:
        raise PrinterError(
            "label.unknown",
            "There is no Brother label {width} x {length} mm with {dots} dots. Known are: {known}.",
            width=profile.paper_width,
            length=profile.paper_length,
            dots=profile.width,
            known=", ".join(f"{wide} x {long} ({dots[0]})" for (wide, long), dots in TAPES.items()),
        )
    return sheets(document, fonts, profile.width, tape[1], profile.dots_per_inch)


def status(data: bytes) -> Status | None:
    """Read the newest whole status in an answer; none: there is none yet."""
    found, _ = statuses(data)
    return found[-1] if found else None


def statuses(data: bytes) -> tuple[list[Status], bytes]:
    """Read every whole status in what a printer has sent, oldest first; the rest is to come."""
    found, rest = whole_statuses(data)
    return [_status(status) for status in found], rest


def whole_statuses(data: bytes) -> tuple[list[bytes], bytes]:
    """Give the bytes of every whole status, oldest first, and the rest."""
    found = []
    while (start := data.find(STATUS_HEAD)) >= 0 and len(data) - start >= _STATUS:
        found.append(data[start : start + _STATUS])
        data = data[start + _STATUS :]
    return found, data[-_STATUS:]


def count_labels(data: bytes) -> int:
    """Count the labels in what :func:`encode` gave: each is printed, and told of, by itself."""
    count = place = 0
    while place < len(data):
        command = data[place : place + 3]
        if command[:1] == b"g":
            place += 3 + command[2]
        elif command[:1] == b"\x1b":
            place += _SIZES.get(command[1:], 2)
        else:
            count += command[:1] in (b"\x0c", b"\x1a")
            place += 1
    return count


def _status(answer: bytes) -> Status:
    trouble = None
    for place, bits, code, sentence in _ERRORS:
        if answer[place] & bits:
            trouble = PrinterError(f"printer.{code}", sentence, temporary=True)
            break
    return Status(
        printed=answer[18] == 0x01,
        trouble=trouble,
    )


def _page(picture: Image.Image, profile: Profile, right: int, *, first: bool) -> bytes:
    """One label: what it is, and its rows, each mirrored as the head sees it."""
    # valid: kind, width and length of the tape, quality before speed
    flags = 0x80 | 0x40 | 0x08 | 0x04 | 0x02
    roll = profile.paper_length == 0
    kind = 0x0A if roll else 0x0B
    told = bytes([flags, kind, profile.paper_width, profile.paper_length])
    header = (
        b"\x1biz" + told + picture.height.to_bytes(4, "little") + bytes([not first, 0])
        + b"\x1biM" + bytes([0x40 if profile.cutter else 0])
        + b"\x1biA\x01"
        + b"\x1biK" + bytes([0x08 if profile.cutter else 0])
        + b"\x1bid" + (_ROLL_FEED if roll else 0).to_bytes(2, "little")
    )  # fmt: skip
    head = Image.new("L", (HEAD, picture.height), 255)
    head.paste(picture, (HEAD - profile.width - right, 0))
    bits = packed(ImageOps.mirror(head))
    row = HEAD // 8
    rows = (bits[top : top + row] for top in range(0, len(bits), row))
    return header + b"".join(b"g\x00" + bytes([row]) + line for line in rows)
