"""What a model of printer can do, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml.error import YAMLError

from printers.errors import PrinterError
from printers.plain_yaml import plain_yaml

Confirmation = Literal[
    "process-id", "transmit-status", "real-time-status", "document-end", "host-status",
    "printing-completed", "none",
]  # fmt: skip
CONFIRMATIONS: Mapping[str, tuple[Confirmation, ...]] = {
    "escpos": ("process-id", "transmit-status", "real-time-status", "none"),
    "starprnt": ("document-end", "none"),
    "zpl": ("host-status", "none"),
    "brother-ql": ("printing-completed", "none"),
}
"""How a printer of each language can say that paper came out; others cannot."""

_NATIVE = ("escpos", "starprnt", "")
"""Languages with letters of their own, and rows of whole bytes."""
_PAGES = ("pdf",)


@dataclass(frozen=True, slots=True)
class Profile:
    """One model.

    ``width`` in dots; ``columns`` of its usual font; ``code_page`` a Python codec, ``code_page_id``
    the n of ``ESC t n``; ``native_qr`` the most bytes its own QR command takes (0: it has none);
    ``confirmation`` how it says that paper came out: ``GS ( H`` function 48, ``GS r 1``,
    ``DLE EOT``, Star's ``ESC GS ETX``, ZPL's ``~HS``, Brother's status, or not at all;
    ``millimetres_per_second`` its speed, for time-outs.
    ``paper_width`` and ``paper_length`` in mm, for labels and pages; a length of 0 is a roll.
    ``margin`` in mm, on each side of a page.
    """

    name: str
    language: str
    width: int
    columns: int = 0
    code_page: str = "cp437"
    code_page_id: int = 0
    native_qr: int = 0
    confirmation: Confirmation = "none"
    cutter: bool = True
    millimetres_per_second: int = 80
    dots_per_inch: int = 203
    paper_width: int = 0
    paper_length: int = 0
    margin: int = 0

    @property
    def length(self) -> int:
        """Dots along a label; 0: a roll."""
        return round(self.paper_length * self.dots_per_inch / 25.4)


def read_profile(folder: Path, name: str, own: Path | None = None) -> Profile:
    """Read ``<name>.yaml``; raises :class:`PrinterError` naming the field that is wrong.

    ``own``: a file of the same form for one printer, whose fields go before the model's.
    """
    path = folder / f"{name}.yaml"
    if not name.replace("-", "").replace("_", "").isalnum() or not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.yaml")))
        raise PrinterError(
            "profile.unknown",
            "There is no printer profile {name}. Known are: {known}.",
            name=name,
            known=known,
        )
    document = _fields(path)
    if own is not None and own.is_file():
        path, document = own, document | _fields(own)
    _check(path, document)
    return Profile(**{"name": name, **document})


def _fields(path: Path) -> dict[str, Any]:
    """Read a file's fields, each of its right kind."""
    try:
        document = plain_yaml().load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError):
        document = None
    if not isinstance(document, dict):
        raise _wrong(path, "file", "is not a group of fields")
    document = {**_from_database(document.pop("escpos_model", "")), **document}
    known_fields = {field.name: field for field in fields(Profile)}
    for key, value in document.items():
        if key not in known_fields:
            raise _wrong(path, key, "is not known")
        kind = {"str": str, "int": int, "bool": bool}.get(str(known_fields[key].type), str)
        if type(value) is not kind:
            raise _wrong(path, key, f"must be {kind.__name__}")
    return document


def _check(path: Path, document: dict[str, Any]) -> None:
    """Refuse a profile no paper could come of; find the width of a page where it is left out."""
    language = document.get("language", "")
    resolution = document.get("dots_per_inch", 203)
    if not 100 <= resolution <= 1200:
        raise _wrong(path, "dots_per_inch", "must be 100 to 1200")
    for key in ("paper_width", "paper_length", "margin"):
        if not 0 <= document.get(key, 0) <= 1000:
            raise _wrong(path, key, "must be 0 to 1000 mm")
    if language in _PAGES:
        for key in ("paper_width", "paper_length"):
            if document.get(key, 0) < 30:
                raise _wrong(path, key, "must be at least 30 mm for a page")
        inside = document["paper_width"] - 2 * document.get("margin", 0)
        if inside < 20 or document["paper_length"] - 2 * document.get("margin", 0) < 20:
            raise _wrong(path, "margin", "leaves less than 20 mm of the page")
        document.setdefault("width", int(inside * resolution / 25.4))
    needed = ("language", "width", "columns") if language in _NATIVE else ("language", "width")
    for key in needed:
        if key not in document:
            raise _wrong(path, key, "is missing")
    possible = CONFIRMATIONS.get(language, ("none",))
    if document.get("confirmation", "none") not in possible:
        raise _wrong(path, "confirmation", "must be one of " + ", ".join(possible))
    if not 128 <= document["width"] <= (12_000 if language in _PAGES else 2400):
        raise _wrong(path, "width", "must be 128 to 2400 dots")
    if language in _NATIVE and document["width"] % 8:
        raise _wrong(path, "width", "must be a multiple of 8 dots")


def _from_database(model: str) -> dict[str, Any]:
    """Take width and columns of a model from python-escpos' database of printers."""
    if not model:
        return {}
    from escpos.capabilities import get_profile  # slow to import: only where a profile asks

    data = get_profile(model).profile_data
    found: dict[str, Any] = {"columns": int(data["fonts"]["0"]["columns"])}
    pixels = data["media"]["width"]["pixels"]
    if isinstance(pixels, int):
        found["width"] = pixels
    return found


def _wrong(path: Path, field: str, what: str) -> PrinterError:
    return PrinterError(
        "profile.wrong",
        "In the printer profile {file} the field {field} {what}.",
        file=path.name,
        field=field,
        what=what,
    )
