"""ZPL II: each label is one picture in ``^GFA``, compressed as Z64.

Source: Zebra's ZPL II programming guide, ``^GF``, ``^LL``, ``^MN``, ``^PQ``, ``^PW``, ``~HS``.
Text and QR codes are always drawn. A label then has every script, and nothing anybody typed is
ever in the stream as text, so no caret or tilde in it can be a command. ``^BQ`` is not used: it
takes its data through the printer's character set, so it is not exact for every byte, models set
its symbol at different heights, and with Z64 it would save a few hundred bytes.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass

from PIL import Image

from printers.document import Document
from printers.fonts import Fonts
from printers.profile import Profile
from printers.raster import Sheet, packed, sheets

QUESTION = b"~HS"
"""Host status: how the printer is, and how many labels it still has to print."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What ``~HS`` answers; ``waiting`` counts formats received, ``left`` labels of this batch."""

    paper_out: bool
    paused: bool
    head_open: bool
    ribbon_out: bool
    waiting: int
    left: int

    @property
    def done(self) -> bool:
        """Say whether everything sent so far is on paper."""
        trouble = self.paper_out or self.paused or self.head_open or self.ribbon_out
        return not trouble and self.waiting == 0 and self.left == 0


def encode(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Write a document as labels, one for each cut.

    Raises :class:`PrinterError`, ``qr.does-not-fit`` or ``label.too-short``.
    """
    return b"".join(_label(label.image, profile) for label in labels(document, profile, fonts))


def labels(document: Document, profile: Profile, fonts: Fonts) -> list[Sheet]:
    """Draw the labels of a document."""
    margin = round(profile.margin * profile.dots_per_inch / 25.4)
    return sheets(document, fonts, profile.width, profile.length, profile.dots_per_inch, margin)


def host_status(data: bytes) -> HostStatus | None:
    """Read an answer to :data:`QUESTION`; none: it is not there yet, or not whole.

    Three lines between STX and ETX: the first has paper, pause and the formats waiting, the second
    head, ribbon and the labels left.
    """
    lines = []
    for part in data.split(b"\x02")[1:]:
        text, end, _ = part.partition(b"\x03")
        if end:
            lines.append(text.decode("ascii", "replace").split(","))
    if len(lines) < 2:
        return None
    first, second = lines[-3:][:2]
    try:
        return HostStatus(
            paper_out=first[1] == "1",
            paused=first[2] == "1",
            head_open=second[2] == "1",
            ribbon_out=second[3] == "1",
            waiting=int(first[4]),
            left=int(second[8]),
        )
    except (IndexError, ValueError):
        return None


def _label(picture: Image.Image, profile: Profile) -> bytes:
    # on a roll the length is ours (^MNN); on labels the printer finds the gap as it was taught
    media = b"" if profile.length else b"^MNN"
    head = f"^XA^PW{profile.width}^LL{picture.height}^LH0,0^PON^LRN".encode()
    return head + media + b"^FO0,0" + _graphic(picture) + b"^FS^PQ1^XZ\n"


def _graphic(picture: Image.Image) -> bytes:
    bits = packed(picture)
    row = -(-picture.width // 8)
    text = base64.b64encode(zlib.compress(bits, 9))
    check = binascii.crc_hqx(text, 0)
    return f"^GFA,{len(bits)},{len(bits)},{row},:Z64:".encode() + text + f":{check:04X}".encode()
