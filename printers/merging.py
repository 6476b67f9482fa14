"""Faces joined into one file, because a line is shaped in one piece by one font."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence, Set
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.ttLib.sfnt import calcChecksum

from printers.installed import BOLD, REGULAR, InstalledFace

_WHOLE = 0xB1B0AFBA
"""What the words of a whole font file add up to (OpenType, table ``head``)."""
_TABLES = frozenset(
    (
        "GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name",
        "post", "GDEF", "GSUB", "GPOS", "cvt ", "fpgm", "prep", "gasp",
    )
)  # fmt: skip
"""What a line of text needs; what else a font brings often cannot be joined."""


def merge(
    faces: Sequence[InstalledFace],
    latin: InstalledFace,
    base: Set[int],
    target: Path,
    *,
    bold: bool,
) -> None:
    """Join faces, and put the ``base`` letters of the Latin one where they lack them.

    All are brought to the first one's units per em. Done once for each face of a site: what
    it needs is not kept in the memory of one that has its faces. Raises what fontTools does
    where a font cannot be joined.
    """
    from fontTools.merge import Merger
    from fontTools.merge import Options as MergeOptions
    from fontTools.subset import Options as SubsetOptions
    from fontTools.subset import Subsetter
    from fontTools.ttLib.scaleUpem import scale_upem

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        parts: list[str] = []
        have: set[int] = set()
        units = 0
        for place, face in enumerate([*faces, *([] if latin in faces else [latin])]):
            with TTFont(face.path, fontNumber=face.index) as opened:
                font = _of_one_weight(opened, bold=bold)
                for table in set(font.keys()) - _TABLES:
                    del font[table]
                own = set(font.getBestCmap())
                wanted = (own if face in faces else base & own) - have
                if place:  # the first stays whole; a letter comes from the first that has it
                    names = font["name"]
                    del font["name"]  # the first's counts, and to thin it out takes long
                    options = SubsetOptions(
                        layout_features=["*"], notdef_outline=True, hinting=False
                    )
                    subsetter = Subsetter(options)
                    subsetter.populate(unicodes=wanted)
                    subsetter.subset(font)
                    font["name"] = names
                units = units or font["head"].unitsPerEm
                if font["head"].unitsPerEm != units:
                    scale_upem(font, units)
                parts.append(str(Path(folder) / f"{place}.ttf"))
                font.save(parts[-1])
                have |= own
        # A site and a command beside it may merge the same face: each its own, the last stays.
        whole = Path(folder) / "whole.ttf"
        options = MergeOptions(drop_tables=["vmtx", "vhea", "STAT", "DSIG", "MATH"])
        Merger(options=options).merge(parts).save(whole)
        with whole.open("rb") as file:
            os.fsync(file.fileno())
        whole.replace(target)


def is_whole(path: Path) -> bool:
    """Say whether a font file is there, and not cut short by a power cut."""
    return path.is_file() and calcChecksum(path.read_bytes()) == _WHOLE


def _of_one_weight(font: TTFont, *, bold: bool) -> TTFont:
    """Give a variable font at regular or bold, another as it is."""
    if "fvar" not in font:
        return font
    from fontTools.varLib.instancer import instantiateVariableFont

    places = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes}
    for axis in font["fvar"].axes:
        if axis.axisTag == "wght":
            wanted = BOLD if bold else REGULAR
            places["wght"] = min(max(wanted, axis.minValue), axis.maxValue)
    return instantiateVariableFont(font, places)
