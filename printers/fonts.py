"""A font for every line: the faces that cover exactly its letters, joined with Latin letters.

A line is shaped in one piece by raqm, which knows bidi and joining but takes one font. Most faces
hold one script each, so those that a line needs are merged before they are used, once, and kept in
a folder of the site's data. Which ones, the letters decide that each installed face covers.
"""

from __future__ import annotations

import hashlib
import os
import threading
import unicodedata
from collections import Counter, OrderedDict
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fontTools.unicodedata import Scripts, script_name
from PIL import ImageFont, features

from printers.errors import PrinterError
from printers.installed import BROKEN, FOLDERS, InstalledFace, InstalledFaces, installed_faces
from printers.merging import is_whole, merge
from printers.scripts import sample_of, script_code, visible

_BASE = frozenset(
    (
        *range(0x20, 0x250), *range(0x300, 0x530), *range(0x1E00, 0x2070), *range(0x20A0, 0x20C1),
        0x2116, 0x2212, 0x25CC, *range(0x2C60, 0x2C80), *range(0xA720, 0xA800), 0xFFFD,
    )
)  # fmt: skip
"""Latin, combining marks, Greek, Cyrillic, punctuation, currencies: what every merged face has."""
_PROOFS = {"क्षत्रिय": 0.9, "السلام عليكم": 0.85, "သတ္တဝါ": 0.85, "កម្ពុជា": 0.85}
"""With shaping each of these is at most so much of its width without, as its letters join."""
_EDITION = "-4"
"""Part of a merged face's file name: raised when merging changes, so that old ones are not used."""
_LONGEST_NAME = 100
"""Letters of a merged face's file name; a longer one is a digest (a disk takes 255 bytes)."""
_MOST_GLYPHS = 60_000
"""Glyphs of all faces of a line: a font has at most 65535."""
_MOST_FACES = 16
_MOST_KEPT, _MOST_OPEN, _MOST_CHOICES = 128, 64, 1024
"""Merged faces on the disk, fonts at a size in memory, and texts whose faces are remembered."""
_SAMPLE = 40
"""So many letters of a script say which face it is written in."""
_LATIN_SAMPLE = "Zoë Đặng 1"
"""What beside them makes a text for which the face is merged."""
Progress = Callable[[str], None]
"""Told the name of each face before it is merged."""
_Faces = tuple[InstalledFace, ...]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


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
    """Chooses, merges and keeps faces; safe to share. What is installed is read when needed."""

    def __init__(self, cache: Path, folders: Iterable[Path] = FOLDERS) -> None:
        self._cache = cache
        self._folders = tuple(folder for folder in folders if folder.is_dir())
        self._lock = threading.RLock()
        self._found: InstalledFaces | None = None
        self._unfit: set[str] = set()
        self._loaded: OrderedDict[tuple[Path, int, int], ImageFont.FreeTypeFont] = OrderedDict()
        self._choices: OrderedDict[tuple[str, bool], _Faces] = OrderedDict()
        self._merged: dict[tuple[_Faces, bool], Path] = {}

    def check(self) -> None:
        """Refuse to go on where text would come out wrong; raises :class:`PrinterError`."""
        if not features.check("raqm"):
            raise PrinterError(
                "fonts.no-raqm",
                "This machine cannot shape text: Pillow has no raqm, or FriBiDi is missing."
                " Install the Debian package libfribidi0.",
            )
        self._latin(bold=False)
        for proof, most in _PROOFS.items():
            faces = self._chosen(proof, bold=False)
            if not faces or self.missing(proof):
                continue
            path, index = Path(faces[0].path), faces[0].index
            shaped = Face(path, 28, index).load().getlength(proof)
            basic = ImageFont.Layout.BASIC
            plain = ImageFont.truetype(str(path), 28, index, layout_engine=basic)
            if shaped > most * plain.getlength(proof):
                raise PrinterError(
                    "fonts.not-shaping",
                    "Text is not shaped on this machine: letters of {family} do not join."
                    " Install the Debian packages libfribidi0 and fonts-noto-core again.",
                    family=faces[0].family,
                )

    def font(self, text: str, size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
        """Give the font that sets a text: every letter of it that can be had in one face."""
        with self._lock:
            path, index = self._file(text, bold=bold)
            key = (path, index, size)
            if key not in self._loaded:
                self._loaded[key] = Face(path, size, index).load()
            return _used(self._loaded, key, _MOST_OPEN)

    def missing(self, text: str) -> str:
        """Give the letters of a text that its font lacks, each once; the paper has boxes there."""
        faces = self._chosen(text, bold=False)
        base = None if _stands_alone(faces) else self._latin(bold=False)

        def has(character: str) -> bool:
            point = ord(character)
            if any(face.covers(point) for face in faces):
                return True
            return base is not None and (not faces or point in _BASE) and base.covers(point)

        return "".join(
            character
            for character in visible(text)
            # what is composed of letters that are there is drawn of them
            if not has(character) and not all(map(has, unicodedata.normalize("NFD", character)))
        )

    def scripts(self) -> list[str]:
        """Name the scripts that a face here has letters of."""
        with self._lock:
            names = (str(script_name(code)) for code in sorted(set(Scripts.VALUES)))
            return [name for name in names if self._family(name)]

    def prepare(self, scripts: Iterable[str], progress: Progress) -> None:
        """Merge the faces of scripts (as :meth:`scripts` names them) before they are needed."""
        for script in sorted(scripts):
            with self._lock:
                family = self._family(script)
            for bold in (False, True) if family else ():
                progress(f"{family} {'bold' if bold else 'regular'}")
                with self._lock:
                    self._file(sample_of(script, _SAMPLE) + _LATIN_SAMPLE, bold=bold)

    def _faces(self) -> InstalledFaces:
        with self._lock:
            if self._found is None:
                self._found = installed_faces(self._folders, self._cache / "installed.json")
            return self._found

    def _latin(self, *, bold: bool) -> InstalledFace:
        families = self._faces().having(ord("A"))
        if not families:
            raise PrinterError(
                "fonts.missing",
                "The Noto fonts are missing. Install the Debian package fonts-noto-core.",
            )
        return self._faces().face(families[0], bold=bold)

    def _family(self, script: str) -> str:
        faces = self._chosen(sample_of(script, _SAMPLE), bold=False)
        return faces[0].family if faces else ""

    def _chosen(self, text: str, *, bold: bool) -> _Faces:
        """Choose the faces for a text's letters; none: those of the Latin one are enough."""
        latin = self._latin(bold=False)
        wanted = [
            letter
            for letter in visible(text)
            if ord(letter) not in _BASE or not latin.covers(ord(letter))
        ]
        key = ("".join(wanted), bold)
        with self._lock:
            if key not in self._choices:
                self._choices[key] = self._choose(wanted, bold=bold)
            return _used(self._choices, key, _MOST_CHOICES)

    def _choose(self, wanted: list[str], *, bold: bool) -> _Faces:
        """Take for each script the family that covers the most of its letters, and then the rest.

        Signs that several scripts share come last: a face that is there already may have them.
        """
        by_script: dict[str, list[str]] = {}
        for letter in wanted:
            by_script.setdefault(script_code(letter), []).append(letter)
        shared = [by_script.pop(code) for code in ("Zinh", "Zyyy") if code in by_script]
        found: dict[str, InstalledFace] = {}
        region = _region(by_script)
        for letters in [*(by_script[code] for code in sorted(by_script)), *shared]:
            left = {
                letter
                for letter in letters
                if letters in by_script.values()
                or not any(face.covers(ord(letter)) for face in found.values())
            }
            while left and len(found) < _MOST_FACES and (family := self._best(left, region)):
                regular = self._faces().face(family, bold=False)
                covered = {letter for letter in left if regular.covers(ord(letter))}
                heavy = self._faces().face(family, bold=bold)
                whole = all(heavy.covers(ord(letter)) for letter in covered)
                found[family] = heavy if whole else regular
                left -= covered
        alone = [face for face in found.values() if _stands_alone((face,))]
        if alone:
            count = Counter(face for letter in wanted for face in alone if face.covers(ord(letter)))
            return (max(alone, key=lambda face: (count[face], face.path)),)
        faces, glyphs = [], 0
        for face in found.values():
            glyphs += face.glyphs
            if glyphs < _MOST_GLYPHS:
                faces.append(face)
        return tuple(sorted(faces, key=lambda face: face.path))

    def _best(self, letters: set[str], region: str) -> str:
        """Name the family that covers the most of some letters, the first in order; none: empty."""
        count: Counter[str] = Counter()
        places: dict[str, int] = {}
        for letter in letters:
            for place, family in enumerate(self._faces().having(ord(letter))):
                if family not in self._unfit:
                    count[family] += 1
                    places[family] = max(place, places.get(family, 0))

        def order(family: str) -> tuple[object, ...]:
            return -count[family], not family.endswith(region), places[family], family

        return min(count, key=order, default="")

    def _file(self, text: str, *, bold: bool) -> tuple[Path, int]:
        """Give the font file of a text, merged where it needs more than one face."""
        faces, latin = self._chosen(text, bold=bold), self._latin(bold=bold)
        if not faces or faces == (latin,):
            return Path(latin.path), latin.index
        if _stands_alone(faces) or (len(faces) == 1 and _has_all(faces[0], text)):
            return Path(faces[0].path), faces[0].index
        key = (faces, bold)
        if key not in self._merged or not self._merged[key].is_file():
            target = self._cache / f"{_name(faces)}{_EDITION}.ttf"
            if not is_whole(target):
                try:
                    merge(faces, latin, _BASE, target, bold=bold)
                except (*BROKEN, NotImplementedError, AttributeError, IndexError):
                    self._unfit |= {face.family for face in faces}
                    self._choices.clear()
                    return self._file(text, bold=bold)
                self._tidy()
            os.utime(target)
            self._merged[key] = target
        return self._merged[key], 0

    def _tidy(self) -> None:
        """Keep the merged faces that were used last: names in many scripts do not fill a disk."""
        files = sorted(self._cache.glob("*.ttf"), key=lambda path: path.stat().st_mtime)
        for path in files[:-_MOST_KEPT]:
            path.unlink(missing_ok=True)


def _used(kept: OrderedDict[_Key, _Value], key: _Key, most: int) -> _Value:
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[key]


def _stands_alone(faces: _Faces) -> bool:
    """Say whether a face is used as it is: too large, or of outlines that are not joined."""
    return len(faces) == 1 and (faces[0].outlines != "glyf" or faces[0].glyphs > _MOST_GLYPHS // 2)


def _has_all(face: InstalledFace, text: str) -> bool:
    """Say whether a face sets a text without letters of another."""
    return face.covers(ord(" ")) and all(face.covers(ord(letter)) for letter in visible(text))


def _region(scripts: Container[str]) -> str:
    """Give how a family ends whose ideographs are a text's: Japan's, Korea's, China's."""
    if "Hira" in scripts or "Kana" in scripts:
        return " JP"
    return " KR" if "Hang" in scripts else " SC"


def _name(faces: _Faces) -> str:
    """Name a merged face after its faces; another when one of their files has changed."""
    stems = "+".join(Path(face.path).stem for face in faces)
    told = [(face.path, face.index, Path(face.path).stat().st_mtime_ns) for face in faces]
    digest = hashlib.sha256(repr(told).encode()).hexdigest()
    return f"{stems}-{digest[:8]}" if len(stems) < _LONGEST_NAME else digest
