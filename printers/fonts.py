"""A font for every line: the Noto faces of exactly its scripts, joined with Latin letters.

A line is shaped in one piece by raqm, which knows bidi and joining but takes one font. Noto's
faces hold one script each, so those that a line needs are merged before they are used, once, and
kept in a folder of the site's data.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.ttLib.sfnt import calcChecksum
from PIL import ImageFont, features

from printers.errors import PrinterError

FOLDERS = (
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto"),
    Path("/usr/share/fonts/noto-cjk"),
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
_CJK = "NotoSansCJK"
_REGIONS = {"HIRAGANA": 0, "KATAKANA": 0, "HANGUL": 1, "CJK": 2}
"""Which font of Noto's collection draws a text's ideographs: Japan's, Korea's, China's."""
_BASE = (
    *range(0x20, 0x250),
    *range(0x300, 0x530),
    *range(0x1E00, 0x2070),
    *range(0x20A0, 0x20C1),
    0x2116,
    0x2212,
    0x25CC,
    0xFFFD,
)
"""Latin, combining marks, Greek, Cyrillic, punctuation, currencies: what every merged face has."""
_PROOFS = {
    "NotoSansDevanagari": ("क्षत्रिय", 0.9),
    "NotoNaskhArabic": ("السلام عليكم", 0.85),
    "NotoSansMyanmar": ("သတ္တဝါ", 0.85),
    "NotoSansKhmer": ("កម្ពុជា", 0.85),
}
"""With shaping each of these is at most so much of its width without, as its letters join."""
_EDITION = "-2"
"""Part of a merged face's file name: raised when merging changes, so that old ones are not used."""
_LONGEST_NAME = 100
"""Letters of a merged face's file name; a longer one is a digest (a disk takes 255 bytes)."""
_WHOLE = 0xB1B0AFBA
"""What the words of a whole font file add up to (OpenType, table ``head``)."""
_INVISIBLE = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
Progress = Callable[[str], None]
"""Told the name of each face before it is merged."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font file at a size; ``index`` is its place in a collection."""

    path: Path
    size: int
    index: int = 0

    def load(self) -> ImageFont.FreeTypeFont:
        """Open it for shaping with raqm."""
        return ImageFont.truetype(
            str(self.path), self.size, self.index, layout_engine=ImageFont.Layout.RAQM
        )


class Fonts:
    """Finds, merges and keeps faces; safe to share."""

    def __init__(self, cache: Path, folders: Iterable[Path] = FOLDERS) -> None:
        self._cache = cache
        self._folders = tuple(folder for folder in folders if folder.is_dir())
        self._lock = threading.Lock()
        self._loaded: dict[tuple[tuple[str, ...], bool, int, int], ImageFont.FreeTypeFont] = {}
        self._known: dict[tuple[str, ...], frozenset[int]] = {}
        self._merged: set[Path] = set()

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
        for family, (proof, most) in _PROOFS.items():
            path = self._find(family, bold=False)
            if path is None:
                continue
            shaped = Face(path, 28).load().getlength(proof)
            plain = ImageFont.truetype(str(path), 28, layout_engine=ImageFont.Layout.BASIC)
            if shaped > most * plain.getlength(proof):
                raise PrinterError(
                    "fonts.not-shaping",
                    "Text is not shaped on this machine: letters of {family} do not join."
                    " Install the Debian packages libfribidi0 and fonts-noto-core again.",
                    family=family,
                )

    def font(self, text: str, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """Give the font that sets a text: every script in it that can be had in one face."""
        families = self._families(text)
        index = _region(text) if families == (_CJK,) else 0
        key = (families, bold, size, index)
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = Face(self._path(families, bold=bold), size, index).load()
            return self._loaded[key]

    def missing(self, text: str) -> str:
        """Give the letters of a text that its font lacks, each once; the paper has boxes there."""
        lacking = set(text) - {chr(code) for code in self._letters(self._families(text))}
        return "".join(
            sorted(
                character
                for character in lacking
                if unicodedata.category(character) not in _INVISIBLE
            )
        )

    def prepare(self, scripts: Iterable[str], progress: Progress) -> None:
        """Merge the faces of scripts (as :func:`scripts_of` names them) before they are needed."""
        for family in sorted({_SCRIPTS[script] for script in scripts if script in _SCRIPTS}):
            for bold in (False, True):
                if self._find(family, bold=False) is not None:
                    progress(f"{family} {'bold' if bold else 'regular'}")
                    with self._lock:
                        self._path((family,), bold=bold)

    def _families(self, text: str) -> tuple[str, ...]:
        """Name the families a text needs, in a fixed order; ideographs fill one alone."""
        found = sorted({_SCRIPTS[script] for script in scripts_of(text)})
        here = [family for family in found if self._find(family, bold=False) is not None]
        return (_CJK,) if _CJK in here else tuple(here)

    def _letters(self, families: tuple[str, ...]) -> frozenset[int]:
        with self._lock:
            if families not in self._known:
                path = self._path(families, bold=False)
                with TTFont(path, fontNumber=0, lazy=True) as font:
                    self._known[families] = frozenset(font.getBestCmap())
            return self._known[families]

    def _path(self, families: tuple[str, ...], *, bold: bool) -> Path:
        latin = self._find(_LATIN, bold=bold) or self._find(_LATIN, bold=False)
        if latin is None:
            self.check()
            raise AssertionError  # check() has said what is missing
        faces = [
            face
            for family in families
            if (face := self._find(family, bold=bold) or self._find(family, bold=False))
        ]
        if not faces:
            return latin
        if faces[0].suffix == ".ttc":
            return faces[0]
        name = "+".join(face.stem for face in faces)
        if len(name) > _LONGEST_NAME:
            name = hashlib.sha256(name.encode()).hexdigest()
        merged = self._cache / f"{name}{_EDITION}.ttf"
        if merged not in self._merged:
            if not _is_whole(merged):
                self._merge(faces, latin, merged)
            self._merged.add(merged)
        return merged

    def _find(self, family: str, *, bold: bool) -> Path | None:
        weight = "Bold" if bold else "Regular"
        for folder in self._folders:
            for suffix in (".ttf", ".otf", ".ttc"):
                path = folder / f"{family}-{weight}{suffix}"
                if path.is_file():
                    return path
        return None

    def _merge(self, faces: list[Path], latin: Path, target: Path) -> None:
        """Join faces, and put the letters, digits and signs of the Latin one where they lack them.

        All are brought to the first one's units per em. Done once for each face of a site: what
        it needs is not kept in the memory of one that has its faces.
        """
        from fontTools.merge import Merger
        from fontTools.merge import Options as MergeOptions
        from fontTools.subset import Options as SubsetOptions
        from fontTools.subset import Subsetter
        from fontTools.ttLib.scaleUpem import scale_upem

        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache) as folder:
            parts: list[str] = []
            have: set[int] = set()
            units = 0
            for place, path in enumerate([*faces, latin]):
                with TTFont(path) as font:
                    own = set(font.getBestCmap())
                    wanted = (set(_BASE) & own if path == latin else own) - have
                    if place:  # the first stays whole; a letter comes from the first that has it
                        options = SubsetOptions(layout_features=["*"], notdef_outline=True)
                        subsetter = Subsetter(options)
                        subsetter.populate(unicodes=wanted)
                        subsetter.subset(font)
                    units = units or font["head"].unitsPerEm
                    if font["head"].unitsPerEm != units:
                        scale_upem(font, units)
                    parts.append(str(Path(folder) / f"{place}.ttf"))
                    font.save(parts[-1])
                    have |= own
            drop = ["vmtx", "vhea", "STAT", "DSIG", "MATH"]
            # A site and a command beside it may merge the same face: each its own, the last stays.
            whole = Path(folder) / "whole.ttf"
            Merger(options=MergeOptions(drop_tables=drop)).merge(parts).save(whole)
            with whole.open("rb") as file:
                os.fsync(file.fileno())
            whole.replace(target)


def _is_whole(path: Path) -> bool:
    """Say whether a font file is there, and not cut short by a power cut."""
    return path.is_file() and calcChecksum(path.read_bytes()) == _WHOLE


def _region(text: str) -> int:
    return min(_REGIONS[script] for script in scripts_of(text) if script in _REGIONS)


def known_scripts() -> list[str]:
    """Name every script that has a face of its own."""
    return sorted(_SCRIPTS)


def scripts_of(text: str) -> list[str]:
    """Name the scripts of a text that need a face of their own, in order of appearance."""
    found: dict[str, None] = {}
    for character in text:
        if ord(character) >= 0x530:
            word = _script_word(unicodedata.name(character, ""))
            if word in _SCRIPTS:
                found[word] = None
    return list(found)


def _script_word(name: str) -> str:
    """Give the script's word in a character's name: the digits of Arabic do not begin with it."""
    return "ARABIC" if "ARABIC-INDIC" in name else name.split(" ")[0]


def script_of(text: str) -> str:
    """Name the first script of a text that is not Latin, Greek or Cyrillic; none: ``LATIN``."""
    return next(iter(scripts_of(text)), "LATIN")
