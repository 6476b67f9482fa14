"""Bytes of one certificate's slip, against python-escpos printing a picture of the same slip."""

from __future__ import annotations

import random
import time
from pathlib import Path

from escpos.printer import Dummy

from edge.resources import resource
from printers.document import Cut, Document, Field, Qr, Rule, Space, Text
from printers.fonts import Fonts
from printers.interpreter import preview
from printers.languages import encode
from printers.profile import read_profile

NAMES = {"Latin": "Almaz Tesfaye", "Hindi": "क्षत्रिय सिंह", "Arabic": "فاطمة الزهراء"}


def slip(name: str, payload: bytes, *, rtl: bool) -> Document:
    return Document(
        (
            Text("Vaccination certificate", "large", bold=True, align="centre"),
            Text("Ministry of Health of Demoland", align="centre"),
            Rule(),
            Space(10),
            Field("Name", name, bold=True),
            Field("Date of birth", "1996-02-29"),
            Field("Vaccine", "CoviProtect", bold=True),
            Field("Lot", "CP2611A"),
            Field("Dose", "1 / 2", bold=True),
            Field("Date", "2026-11-24", bold=True),
            Field("Facility", "Riverside Health Centre"),
            Rule(),
            Qr(payload),
            Text("7Q4W ZK2M 9XDE A0TB", bold=True, align="centre"),
            Cut(),
        ),
        rtl,
    )


def measure(folder: Path) -> dict[str, float]:
    fonts = Fonts(folder / "fonts")
    found: dict[str, float] = {}
    for size in (300, 965):
        payload = random.Random(size).randbytes(size)
        for profile_name, what in (
            ("virtual-80", "native QR"),
            ("escpos-80", "drawn QR"),
            ("escpos-58", "drawn QR, 58 mm"),
        ):
            profile = read_profile(resource("config/printers"), profile_name)
            for language, name in NAMES.items():
                document = slip(name, payload, rtl=language == "Arabic")
                encode(document, profile, fonts)
                start = time.perf_counter()
                data = encode(document, profile, fonts)
                seconds = time.perf_counter() - start
                picture = preview(data, profile.width).convert("1")
                theirs = Dummy()
                theirs.image(picture)
                label = f"{language}, {size}-byte code, {what}"
                found[f"{label}: bytes"] = float(len(data))
                found[f"{label}: share of python-escpos image()"] = len(data) / len(theirs.output)
                if language == "Hindi" and profile_name == "escpos-80":
                    found[f"{label}: milliseconds to encode"] = seconds * 1000
    return found
