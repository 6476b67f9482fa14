"""Bytes and modelled seconds of one certificate's slip, against python-escpos.

``python -m benchmarks.slips`` prints the table of ``benchmarks/README.md``.
"""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from escpos.constants import QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q
from escpos.printer import Dummy
from PIL import Image

from benchmarks.paper_time import BAUDS, seconds_of_paper, seconds_to_confirmation
from printers.document import Cut, Document, Field, Qr, Rule, Space, Text
from printers.fonts import Fonts
from printers.interpreter import preview
from printers.languages import encode
from printers.profile import Profile, read_profile
from printers.qr import QUIET, lay_out
from printers.raster import Setter, stacked
from sync.resources import resource

SPEEDS = (150, 250)
"""Millimetres of paper a second: usual receipt printers, and the printer in software."""
_NUMBER = "7Q4W ZK2M 9XDE A0TB"
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_LEVELS = {"L": QR_ECLEVEL_L, "M": QR_ECLEVEL_M, "Q": QR_ECLEVEL_Q}
_CUT = b"\x1dVB\x00"


@dataclass(frozen=True, slots=True)
class Words:
    """What a slip says in one language: two lines of heading, and labels with values."""

    title: str
    subtitle: str
    fields: Mapping[str, str]
    rtl: bool = False


WORDS = {
    "Latin": Words(
        "Vaccination certificate",
        "Ministry of Health of Demoland",
        {
            "Name": "Almaz Tesfaye",
            "Date of birth": "1996-02-29",
            "Vaccine": "CoviProtect",
            "Lot": "CP2611A",
            "Dose": "1 / 2",
            "Date": "2026-11-24",
            "Facility": "Riverside Health Centre",
        },
    ),
    "Latin, one heading and six fields": Words(
        "Vaccination certificate",
        "",
        {
            "Name": "Almaz Tesfaye",
            "Date of birth": "1996-02-29",
            "Vaccine": "CoviProtect",
            "Lot": "CP2611A",
            "Dose": "1 / 2",
            "Date": "2026-11-24",
        },
    ),
    "Hindi": Words(
        "टीकाकरण प्रमाणपत्र",
        "स्वास्थ्य मंत्रालय, डेमोलैंड",
        {
            "नाम": "क्षत्रिय सिंह",
            "जन्म तिथि": "1996-02-29",
            "टीका": "CoviProtect",
            "बैच": "CP2611A",
            "खुराक": "1 / 2",
            "दिनांक": "2026-11-24",
            "केंद्र": "नदी तट स्वास्थ्य केंद्र",
        },
    ),
    "Arabic": Words(
        "شهادة تطعيم",
        "وزارة الصحة في ديمولاند",
        {
            "الاسم": "فاطمة الزهراء",
            "تاريخ الميلاد": "1996-02-29",
            "اللقاح": "CoviProtect",
            "رقم التشغيلة": "CP2611A",
            "الجرعة": "1 / 2",
            "التاريخ": "2026-11-24",
            "المرفق": "مركز ضفة النهر الصحي",
        },
        rtl=True,
    ),
}


def payload(size: int) -> bytes:
    """Make a code's content as health certificates have it: base45 behind ``HC1:``."""
    chance = random.Random(size)
    return ("HC1:" + "".join(chance.choice(_BASE45) for _ in range(size - 4))).encode()


def slip(words: Words, code: bytes) -> Document:
    """Lay the certificate's slip out, every word of it in its language."""
    fields = (
        Field(label, value, bold=place != 1)
        for place, (label, value) in enumerate(words.fields.items())
    )
    return Document(
        (
            Text(words.title, "large", bold=True, align="centre"),
            *([Text(words.subtitle, align="centre")] if words.subtitle else []),
            Rule(),
            Space(10),
            *fields,
            Rule(),
            Qr(code),
            Text(_NUMBER, bold=True, align="centre"),
            Cut(),
        ),
        words.rtl,
    )


def as_picture(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Let python-escpos print our paper as one picture."""
    host = Dummy()
    host.image(preview(encode(document, profile, fonts), profile.width).convert("1"), center=False)
    return bytes(host.output) + _CUT


def as_text(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Let python-escpos print text and code as it can best.

    Text is its own text where it has the script, else one picture of all lines: Hindi comes out
    as question marks, Arabic as single letters from left to right. The code is the printer's own
    where the profile takes one, else its picture.
    """
    host = Dummy()
    for block in document.blocks:
        match block:
            case Text(text):
                large = block.size == "large"
                align = "center" if block.align == "centre" else "left"
                host.set(
                    align=align,
                    bold=block.bold,
                    normal_textsize=not large,
                    double_width=large,
                    double_height=large,
                )
                host.textln(text)
            case Field(label, value):
                host.set(align="left", bold=False, normal_textsize=True)
                host.text(label.ljust(profile.columns * 3 // 8))
                host.set(bold=block.bold)
                host.textln(value)
            case Rule():
                host.set(align="left", bold=False, normal_textsize=True)
                host.textln("-" * profile.columns)
            case Qr(code):
                _code(host, code, profile)
    if b"?" not in host.output and not document.rtl:
        return bytes(host.output) + _CUT
    return _drawn_text(document, profile, fonts)


def _drawn_text(document: Document, profile: Profile, fonts: Fonts) -> bytes:
    host, setter, waiting = Dummy(), Setter(fonts, profile.width), list[Image.Image]()
    for block in document.blocks:
        if isinstance(block, Qr):
            host.image(stacked(waiting, profile.width).convert("1"), center=False)
            waiting.clear()
            _code(host, block.payload, profile)
        else:
            waiting += setter.block(block, rtl=document.rtl)
    host.image(stacked(waiting, profile.width).convert("1"), center=False)
    return bytes(host.output) + _CUT


def _code(host: Dummy, code: bytes, profile: Profile) -> None:
    own = profile.native_qr >= len(code)
    symbol = lay_out(code, profile.width, in_bytes=own)
    host.set(align="center")
    host.print_and_feed(1)
    host.qr(code.decode(), ec=_LEVELS[symbol.level], size=symbol.dots, native=own)
    host.print_and_feed(-(-QUIET * symbol.dots // 30))
    host.set(align="left")


Contender = Callable[[Document, Profile, Fonts], bytes]
CONTENDERS: Mapping[str, Contender] = {
    "here": encode,
    "python-escpos, text and code": as_text,
    "python-escpos image()": as_picture,
}


def _quietly(make: Contender, document: Document, profile: Profile, fonts: Fonts) -> bytes:
    """Leave out what python-escpos writes to standard output."""
    with contextlib.redirect_stdout(io.StringIO()):
        return make(document, profile, fonts)


PROFILES = {"virtual-80": "the printer's own QR", "escpos-80": "drawn QR"}


@dataclass(frozen=True, slots=True)
class Line:
    """One contender with one slip: bytes, seconds over each line, and the paper's own seconds."""

    what: str
    contender: str
    speed: int
    bytes: int
    seconds: Mapping[str, float]
    paper: float


def lines(folder: Path, size: int = 300) -> Iterator[Line]:
    """Model every contender with every language, printer and speed."""
    fonts = Fonts(folder / "fonts")
    for name, code in PROFILES.items():
        profile = read_profile(resource("config/printers"), name)
        for language, words in WORDS.items():
            document = slip(words, payload(size))
            for contender, make in CONTENDERS.items():
                data = _quietly(make, document, profile, fonts)
                for speed in SPEEDS:
                    seconds = {
                        f"{baud or 'TCP'}": seconds_to_confirmation(
                            data, profile.width, speed, baud
                        )
                        for baud in (*BAUDS, None)
                    }
                    paper = seconds_of_paper(data, profile.width, speed)
                    what = f"{language}, {code}"
                    yield Line(what, contender, speed, len(data), seconds, paper)


def measure(folder: Path) -> dict[str, float]:
    """Give the figures by name; for 965 bytes, and 58 mm of paper, the bytes alone."""
    found: dict[str, float] = {}
    for line in lines(folder):
        label = f"{line.what}, {line.contender}"
        found[f"{label}: bytes"] = float(line.bytes)
        for way, seconds in line.seconds.items():
            found[f"{label}: modelled s, {way}, {line.speed} mm/s"] = seconds
    fonts = Fonts(folder / "fonts")
    for size, name in (
        (965, "virtual-80"),
        (965, "escpos-80"),
        (300, "escpos-58"),
        (965, "escpos-58"),
    ):
        profile = read_profile(resource("config/printers"), name)
        for language, words in WORDS.items():
            document = slip(words, random.Random(size).randbytes(size))
            ours, theirs = (_quietly(one, document, profile, fonts) for one in (encode, as_picture))
            label = f"{language}, {size} bytes in the code, {name}"
            found[f"{label}: bytes"] = float(len(ours))
            found[f"{label}: share of python-escpos image()"] = len(ours) / len(theirs)
    profile = read_profile(resource("config/printers"), "escpos-80")
    start = time.perf_counter()
    encode(slip(WORDS["Hindi"], payload(300)), profile, fonts)
    found["Hindi, drawn QR: milliseconds to encode"] = (time.perf_counter() - start) * 1000
    return found


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        ways = [*map(str, BAUDS), "TCP"]
        print(f"| slip | contender | mm/s | bytes | {' | '.join(ways)} | paper alone |")
        print("|---|---|---|---|" + "---|" * (len(ways) + 1))
        for line in lines(Path(folder)):
            seconds = " | ".join(f"{line.seconds[way]:.2f}" for way in ways)
            print(
                f"| {line.what} | {line.contender} | {line.speed} | {line.bytes:,} | {seconds}"
                f" | {line.paper:.2f} |"
            )


if __name__ == "__main__":
    main()
