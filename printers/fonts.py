"""A font for every line: each script's Noto face, joined with Latin letters and digits.

A line is shaped in one piece by raqm, which knows bidi and joining but takes one font. Noto's
faces hold one script each, so a face is merged with the Latin one before it is used, once, and
kept in a folder of the site's data.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger, Options
from fontTools.subset import Options as SubsetOptions
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont
from PIL import ImageFont, features

from printers.errors import PrinterError

FOLDERS = (
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/noto"),
    Path("/usr/share/fonts/google-noto"),
    Path("/usr/local/share/fonts/noto"),
)
_SCRIPTS = {
    "DEVANAGARI": "NotoSansDevanagari",
    "BENGALI": "NotoSansBengali",
    "GURMUKHI": "NotoSansGurmukhi",
    "GUJARATI": "NotoSansGujarati",
    "ORIYA": "NotoSansOriya",
    "TAMIL": "NotoSansTamil",
    "TELUGU": "NotoSansTelugu",
    "KANNADA": "NotoSansKannada",
    "MALAYALAM": "NotoSansMalayalam",
    "SINHALA": "NotoSansSinhala",
    "THAI": "NotoSansThai",
    "LAO": "NotoSansLao",
    "MYANMAR": "NotoSansMyanmar",
    "KHMER": "NotoSansKhmer",
    "TIBETAN": "NotoSerifTibetan",
    "ETHIOPIC": "NotoSansEthiopic",
    "ARABIC": "NotoNaskhArabic",
    "HEBREW": "NotoSansHebrew",
    "ARMENIAN": "NotoSansArmenian",
    "GEORGIAN": "NotoSansGeorgian",
    "CJK": "NotoSansCJK",
    "HIRAGANA": "NotoSansCJK",
    "KATAKANA": "NotoSansCJK",
    "HANGUL": "NotoSansCJK",
}
"""The first word of a character's Unicode name, and the face that has it; others: Noto Sans."""
_LATIN = "NotoSans"
_RTL = ("R", "AL")
_PROOF = "क्षत्रिय"
"""With shaping its letters join into fewer glyphs and the word becomes a third shorter."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file at a size."""

    path: Path
    size: int

    def load(self) -> ImageFont.FreeTypeFont:
        """Open it for shaping with raqm."""
        return ImageFont.truetype(str(self.path), self.size, layout_engine=ImageFont.Layout.RAQM)


class Fonts:
    """Finds, merges and keeps faces; safe to share."""

    def __init__(self, cache: Path, folders: Iterable[Path] = FOLDERS) -> None:
        self._cache = cache
        self._folders = tuple(folder for folder in folders if folder.is_dir())
        self._lock = threading.Lock()
        self._loaded: dict[tuple[str, bool, int], ImageFont.FreeTypeFont] = {}

    def check(self) -> None:
        """Refuse to go on where text would come out wrong; raises :class:`PrinterError`."""
        if not features.check("raqm"):
            raise PrinterError(
                "fonts.no-raqm",
                "This machine cannot shape text: Pillow has no raqm, or FriBiDi is missing."
                " Install the Debian package libfribidi0.",
            )
        if self._find(_LATIN, bold=False) is None:
            raise PrinterError(
                "fonts.missing",
                "The Noto fonts are missing. Install the Debian package fonts-noto-core.",
            )
        shaped = self.font(_PROOF, 28)
        plain = ImageFont.truetype(shaped.path, 28, layout_engine=ImageFont.Layout.BASIC)
        if shaped.getlength(_PROOF) > 0.9 * plain.getlength(_PROOF):
            raise PrinterError(
                "fonts.not-shaping", "Text is not shaped on this machine: letters do not join."
            )

    def font(self, text: str, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """Give the font that sets a text, Latin letters and digits in it included."""
        family = _SCRIPTS.get(script_of(text), _LATIN)
        key = (family, bold, size)
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = Face(self._path(family, bold=bold), size).load()
            return self._loaded[key]

    def _path(self, family: str, *, bold: bool) -> Path:
        face = self._find(family, bold=bold) or self._find(family, bold=False)
        latin = self._find(_LATIN, bold=bold) or self._find(_LATIN, bold=False)
        if latin is None:
            self.check()
            raise AssertionError  # check() has said what is missing
        if face is None or family == _LATIN or face.suffix == ".ttc":
            return face or latin
        merged = self._cache / f"{face.stem}-with-latin.ttf"
        if not merged.exists():
            self._merge(face, latin, merged)
        return merged

    def _find(self, family: str, *, bold: bool) -> Path | None:
        weight = "Bold" if bold else "Regular"
        for folder in self._folders:
            for suffix in (".ttf", ".otf", ".ttc"):
                path = folder / f"{family}-{weight}{suffix}"
                if path.is_file():
                    return path
        return None

    def _merge(self, face: Path, latin: Path, target: Path) -> None:
        """Put Latin letters, digits and signs into a face that lacks them."""
        self._cache.mkdir(parents=True, exist_ok=True)
        part = self._cache / f"{target.stem}.latin"
        with TTFont(latin) as font, TTFont(face) as other:
            have = set(other.getBestCmap())
            options = SubsetOptions(layout_features=["kern"], notdef_outline=True)
            subsetter = Subsetter(options)
            wanted = {*range(0x20, 0x180), *range(0x2010, 0x2028), 0x20AC, 0x2116} - have
            subsetter.populate(unicodes=wanted)
            subsetter.subset(font)
            font.save(part)
        temporary = target.with_suffix(".new")
        merger = Merger(options=Options(drop_tables=["vmtx", "vhea", "STAT", "DSIG", "MATH"]))
        merged = merger.merge([str(face), str(part)])
        merged.save(temporary)
        temporary.replace(target)
        part.unlink()


def script_of(text: str) -> str:
    """Name the script of a text: that of its first letter that is not Latin, Greek or Cyrillic."""
    for character in text:
        if ord(character) < 0x590:
            continue
        word = unicodedata.name(character, "").split(" ")[0]
        if word in _SCRIPTS:
            return word
    return "LATIN"


def is_rtl(text: str) -> bool:
    """Say whether a text reads from right to left: by its first strong character (UAX #9, P2)."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction == "L":
            return False
        if direction in _RTL:
            return True
    return False


def has_rtl(text: str) -> bool:
    """Say whether a text holds a character that reads from right to left."""
    return any(unicodedata.bidirectional(character) in _RTL for character in text)


def isolated(value: str) -> str:
    """Shield a value from the direction of the text around it (UAX #9: FSI … PDI)."""
    return f"\u2068{value}\u2069"
