"""The faces that this machine has: what each covers, read once and kept until a file changes.

A face is chosen by the letters that it covers. Where several cover as many, the order is fixed:
Noto before others, sans before serif, plain names before those of variants; so a machine draws a
text the same way each time.
"""

from __future__ import annotations

import bisect
import contextlib
import functools
import os
import struct
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from fontTools.ttLib import TTCollection, TTFont, TTLibError

FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
REGULAR, BOLD = 400, 700
_EDITION = 1
"""Raised when what is kept of a face changes."""
_MOST_FILES = 5000
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_VARIANTS = (
    "Serif", "Slab", "Mono", "Display", "Condensed", "Looped", "Kufi", "Nastaliq", "Rashi", "UI",
    "Unjoined", "Slanted", "Traditional", "Math", "Symbols", "Symbols2", "Music", "Supplement",
    "Light", "Thin", "Black", "Emoji",
)  # fmt: skip
"""Words in the name of a family that another is taken before."""
_LIKED = ("Noto Naskh Arabic",)
"""Families that are taken before their kin, because their letters are read more easily."""
BROKEN = (TTLibError, OSError, struct.error, KeyError, ValueError, AssertionError, TypeError)
"""What fontTools raises at files that are no fonts, or broken ones."""


class InstalledFace(msgspec.Struct, frozen=True):
    """A face: ``index`` is its place in a collection, ``weight`` as OS/2 tells it.

    ``starts`` and ``ends``: the code points it covers, as stretches. ``outlines``: ``glyf`` or
    ``CFF``; ``glyphs``: how many it has.
    """

    path: str
    index: int
    family: str
    weight: int
    outlines: str
    glyphs: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def covers(self, point: int) -> bool:
        """Say whether it has a letter."""
        place = bisect.bisect_right(self.starts, point) - 1
        return place >= 0 and point < self.ends[place]


class _File(msgspec.Struct, frozen=True):
    path: str
    size: int
    changed: int


class _Kept(msgspec.Struct, frozen=True):
    edition: int
    files: tuple[_File, ...]
    faces: tuple[InstalledFace, ...]


class InstalledFaces:
    """Every face of some folders, by family; families in the order in which they are taken."""

    def __init__(self, faces: Iterable[InstalledFace]) -> None:
        families: dict[str, list[InstalledFace]] = {}
        for face in faces:
            families.setdefault(face.family, []).append(face)
        self._families = {
            name: sorted(families[name], key=lambda face: (face.weight, face.path))
            for name in sorted(families, key=_order)
        }
        self._having = functools.lru_cache(maxsize=4096)(self._find_having)

    def having(self, point: int) -> tuple[str, ...]:
        """Name the families that have a letter, the one to take first."""
        return self._having(point)

    def _find_having(self, point: int) -> tuple[str, ...]:
        return tuple(name for name in self._families if self.face(name, bold=False).covers(point))

    def face(self, family: str, *, bold: bool) -> InstalledFace:
        """Give a family's face that is nearest to regular or bold."""
        wanted = BOLD if bold else REGULAR
        return min(self._families[family], key=lambda face: abs(face.weight - wanted))

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self._families)


def _order(family: str) -> tuple[object, ...]:
    words = family.split()
    return (
        family not in _LIKED,
        words[0] != "Noto",
        sum(word in _VARIANTS for word in words),
        len(words),
        family,
    )


def installed_faces(folders: Iterable[Path], kept: Path) -> InstalledFaces:
    """Read the faces of folders, or what ``kept`` says of them where no file has changed."""
    files = tuple(_files(folders))
    known: dict[_File, list[InstalledFace]] = {}
    with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
        before = msgspec.json.decode(kept.read_bytes(), type=_Kept)
        if before.edition == _EDITION:
            if before.files == files:
                return InstalledFaces(before.faces)
            by_path: dict[str, list[InstalledFace]] = {}
            for face in before.faces:
                by_path.setdefault(face.path, []).append(face)
            known = {file: by_path.get(file.path, []) for file in before.files}
    faces = tuple(
        face for file in files for face in (known[file] if file in known else _faces(file.path))
    )
    _keep(kept, msgspec.json.encode(_Kept(_EDITION, files, faces)))
    return InstalledFaces(faces)


def _files(folders: Iterable[Path]) -> Iterator[_File]:
    found = {
        str(path): path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES
    }
    for name in sorted(found)[:_MOST_FILES]:
        with contextlib.suppress(OSError):
            told = found[name].stat()
            yield _File(name, told.st_size, told.st_mtime_ns)


def _keep(path: Path, data: bytes) -> None:
    """Write it whole or not at all; where that cannot be, it is read again the next time."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)


def _faces(path: str) -> list[InstalledFace]:
    """Read the faces of a file; a broken one, and one without outlines, has none."""
    try:
        if path.lower().endswith("c"):
            with TTCollection(path, lazy=True) as collection:
                found = [_face(path, place, font) for place, font in enumerate(collection)]
        else:
            with TTFont(path, lazy=True) as font:
                found = [_face(path, 0, font)]
    except BROKEN:
        return []
    return [face for face in found if face is not None]


def _face(path: str, index: int, font: TTFont) -> InstalledFace | None:
    outlines = "glyf" if "glyf" in font else "CFF" if "CFF " in font or "CFF2" in font else ""
    if not outlines or "COLR" in font or "CBDT" in font or _is_placeholder(font):
        return None
    looks, names = font["OS/2"], font["name"]
    if looks.fsSelection & 1 or looks.usWidthClass != 5:  # italic, or condensed
        return None
    family = names.getDebugName(16) or names.getDebugName(1) or ""
    starts, ends = _stretches(sorted(font.getBestCmap() or ()))
    if not family.split() or not starts:
        return None
    glyphs = font["maxp"].numGlyphs
    return InstalledFace(path, index, family, looks.usWeightClass, outlines, glyphs, starts, ends)


def _is_placeholder(font: TTFont) -> bool:
    """Say whether a font draws one box for many letters, as "last resort" fonts do."""
    return any(table.format == 13 for table in font["cmap"].tables)


def _stretches(points: Iterable[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give code points as stretches; those of private use mean something else in each font."""
    starts: list[int] = []
    ends: list[int] = []
    for point in points:
        if unicodedata.category(chr(point)) == "Co":
            continue
        if ends and ends[-1] == point:
            ends[-1] = point + 1
        else:
            starts.append(point)
            ends.append(point + 1)
    return tuple(starts), tuple(ends)
