"""What a model of printer can do, as data."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta
from ruamel.yaml.error import YAMLError

from printers.code_pages import CODE_PAGES
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

CutCommand = Literal["GS V", "ESC i", "ESC m"]
CUTS: tuple[CutCommand, ...] = get_args(CutCommand)
_NATIVE = ("escpos", "starprnt", "")
"""Languages with letters of their own, and rows of whole bytes."""
_PAGES = ("pdf",)
_LEAST, _WIDEST, _WIDEST_PAGE = 128, 2400, 12_000
"""Dots across: at the least, on a roll or label, and on a page."""
_LEAST_RESOLUTION = 100
_NEEDED = {"name": "", "language": "", "width": _LEAST}
"""What one of two files may leave to the other."""
Millimetres = Annotated[int, Meta(ge=0, le=1000)]
_BOUNDS: Mapping[str, tuple[int, int, str]] = {
    "dots_per_inch": (_LEAST_RESOLUTION, 1200, ""),
    "paper_width": (0, 1000, " mm"),
    "paper_length": (0, 1000, " mm"),
    "margin": (0, 1000, " mm"),
    "width": (_LEAST, _WIDEST, " dots"),
    "columns": (0, 400, ""),
    "code_page_id": (0, 255, ""),
    "native_qr": (0, 7089, " bytes"),
    "millimetres_per_second": (1, 2000, ""),
}
"""From and to which a number is right, and its unit."""
_KINDS = {"int": "a whole number", "bool": "true or false", "str": "text"}
_CHOICES: Mapping[str, tuple[str, ...]] = {"cut": CUTS, "pictures": ("GS v 0", "ESC *")}


@dataclass(frozen=True, slots=True)
class Profile:
    """One model.

    ``width`` in dots; ``columns`` of its usual font; ``code_page`` a Python codec, ``code_page_id``
    the n of ``ESC t n``; ``native_qr`` the most bytes its own QR command takes (0: it has none);
    ``pictures`` the command it draws dots with; ``raster_alignment`` whether ``ESC a`` moves
    ``GS v 0``; ``feeds`` whether ``ESC J`` moves the paper; ``cut`` the command its cutter knows,
    ``cut_feeds`` whether that feeds the last line past the cutter first.
    ``confirmation`` how it says that paper came out: ``GS ( H`` function 48, ``GS r 1``,
    ``DLE EOT``, Star's ``ESC GS ETX``, ZPL's ``~HS``, Brother's status, or not at all;
    ``millimetres_per_second`` its speed, for time-outs.
    ``paper_width`` and ``paper_length`` in mm, for labels and pages; a length of 0 is a roll.
    ``margin`` in mm, on each side of a page.
    """

    name: str
    language: str
    width: Annotated[int, Meta(ge=_LEAST, le=_WIDEST_PAGE)]
    columns: Annotated[int, Meta(ge=0, le=400)] = 0
    code_page: str = "cp437"
    code_page_id: Annotated[int, Meta(ge=0, le=255)] = 0
    native_qr: Annotated[int, Meta(ge=0, le=7089)] = 0
    confirmation: Confirmation = "none"
    cutter: bool = True
    cut: CutCommand = "GS V"
    cut_feeds: bool = False
    pictures: Literal["GS v 0", "ESC *"] = "GS v 0"
    raster_alignment: bool = True
    feeds: bool = True
    millimetres_per_second: Annotated[int, Meta(ge=1, le=2000)] = 80
    dots_per_inch: Annotated[int, Meta(ge=_LEAST_RESOLUTION, le=1200)] = 203
    paper_width: Millimetres = 0
    paper_length: Millimetres = 0
    margin: Millimetres = 0

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
        known = ", ".join(sorted(path.stem for path in folder.glob("*.yaml")))
        raise PrinterError(
            "profile.unknown",
            "There is no printer profile {name}. Known are: {known}.",
            name=name,
            known=known,
        )
    document = _fields(path)
    if own is not None and own.is_file():
        path, document = own, document | _fields(own)
    try:
        return _profile({"name": name, **document})
    except _WrongFieldError as wrong:
        raise _wrong(path, wrong.field, wrong.what) from None


class _WrongFieldError(Exception):
    def __init__(self, field: str, what: str) -> None:
        super().__init__(field, what)
        self.field = field
        self.what = what


def _fields(path: Path) -> dict[str, Any]:
    """Read a file's fields: all of them known, each of its kind and within its bounds."""
    try:
        found = plain_yaml().load(path.read_text(encoding="utf-8"))
    except (YAMLError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        found = None  # ValueError: no UTF-8, or a day that no calendar has
    if not isinstance(found, dict):
        raise _wrong(path, "file", "is not a group of fields")
    model = found.pop("escpos_model", "")
    try:
        document: dict[str, Any] = {**_from_database(model), **found}
    except (KeyError, TypeError):
        raise _wrong(
            path, "escpos_model", "is not in the database of printers" + _like_model(model)
        ) from None
    known = {field.name for field in fields(Profile)}
    for key in document:
        if key not in known:
            raise _wrong(path, key, "is not known" + _like(key, known))
    alone = {**_NEEDED, **document}
    if isinstance(document.get("confirmation"), str):
        del alone["confirmation"]  # which ones there are, the language says
    try:
        _known_letters(_in_kind(alone).code_page)
    except _WrongFieldError as wrong:
        raise _wrong(path, wrong.field, wrong.what) from None
    return document


def _profile(document: dict[str, Any]) -> Profile:
    """Make a profile that paper can come of; find the width of a page where it is left out."""
    language = document.get("language")
    if language in _PAGES:
        profile = _in_kind({"width": _LEAST, **document})
        return _page(profile, width=profile.width if "width" in document else 0)
    if language in _NATIVE and "columns" not in document:
        raise _WrongFieldError("columns" if "width" in document else "width", "is missing")
    profile = _in_kind(document)
    if profile.width > _WIDEST:
        raise _WrongFieldError("width", _bounds("width", profile.width))
    if language in _NATIVE and profile.width % 8:
        nearest = round(profile.width / 8) * 8
        raise _WrongFieldError(
            "width", f"must be a multiple of 8 dots: {nearest} is the nearest that works"
        )
    if language in _NATIVE and profile.columns < 1:
        raise _WrongFieldError("columns", "must be at least 1")
    return _confirming(profile)


def _page(profile: Profile, width: int) -> Profile:
    for key in ("paper_width", "paper_length"):
        if getattr(profile, key) < 30:
            raise _WrongFieldError(key, "must be at least 30 mm for a page")
    inside = profile.paper_width - 2 * profile.margin
    if inside < 20 or profile.paper_length - 2 * profile.margin < 20:
        raise _WrongFieldError("margin", "leaves less than 20 mm of the page")
    dots = width or int(inside * profile.dots_per_inch / 25.4)
    if not _LEAST <= dots <= _WIDEST_PAGE:
        raise _WrongFieldError("width", f"must be {_LEAST} to {_WIDEST_PAGE} dots")
    return _confirming(replace(profile, width=dots))


def _confirming(profile: Profile) -> Profile:
    possible = CONFIRMATIONS.get(profile.language, ("none",))
    if profile.confirmation not in possible:
        raise _WrongFieldError("confirmation", "must be one of " + ", ".join(possible))
    return profile


def _in_kind(document: dict[str, Any]) -> Profile:
    """Give the fields as they are declared: each of its kind, and within its bounds."""
    try:
        return msgspec.convert(document, Profile)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        what, _, path = str(error).partition(" - at `$.")
        missing = re.fullmatch(r"Object missing required field `(\w+)`", what)
        if missing:
            raise _WrongFieldError(missing[1], "is missing") from None
        field = path.strip("`") or "file"
        kind = re.match(r"Expected `(\w+)`, got", what)
        if field == "confirmation" and not kind:
            possible = CONFIRMATIONS.get(str(document.get("language")), ("none",))
            raise _WrongFieldError(field, "must be one of " + ", ".join(possible)) from None
        if kind:
            raise _WrongFieldError(field, f"must be {_KINDS.get(kind[1], kind[1])}") from None
        raise _WrongFieldError(field, _bounds(field, document.get(field))) from None


def _bounds(field: str, value: object) -> str:
    """Say what a value beyond its bounds must be, with the nearest that works."""
    if field in _CHOICES:
        return "must be one of " + ", ".join(_CHOICES[field])
    if field not in _BOUNDS or not isinstance(value, int):
        return "is out of range"
    least, most, unit = _BOUNDS[field]
    nearest = min(max(value, least), most)
    return f"must be {least} to {most}{unit}: {nearest} is the nearest that works"


def _known_letters(code_page: str) -> None:
    """Refuse a code page that Python does not know, or that is no table of 256 letters."""
    try:
        "".join(bytes([byte]).decode(code_page, "ignore") for byte in range(256)).encode("utf-8")
        known = len("é".encode(code_page, "replace")) == 1
    except (LookupError, ValueError):
        known = False
    if not known:
        near = _like(code_page, {"ascii", *CODE_PAGES.values()})
        raise _WrongFieldError("code_page", "is no table of letters such as cp858" + near)


def nearest(word: object, known: Iterable[str]) -> str:
    """Give the known word that is perhaps meant, whatever its capitals; none is near: empty."""
    folded = {name.casefold(): name for name in sorted(known)}
    near = difflib.get_close_matches(str(word).casefold(), list(folded), 1)
    return folded[near[0]] if near else ""


def _like(word: object, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f": perhaps {near} is meant" if near else ""


def _like_model(model: object) -> str:
    from escpos.capabilities import CAPABILITIES  # slow to import: only where a profile asks

    return _like(model, CAPABILITIES["profiles"])


def _from_database(model: Any) -> dict[str, Any]:
    """Take what python-escpos' database of printers knows of a model.

    Width, columns and resolution, and whether it draws rows of dots; what the database does not
    know is left out.
    """
    if not model:
        return {}
    from escpos.capabilities import get_profile  # slow to import: only where a profile asks

    data = get_profile(model).profile_data
    found: dict[str, Any] = {"columns": int(data["fonts"]["0"]["columns"])}
    pixels = data["media"]["width"]["pixels"]
    if isinstance(pixels, int):
        found["width"] = pixels // 8 * 8  # whole bytes: of two models it has 546
    resolution = data["media"].get("dpi")
    if isinstance(resolution, int) and resolution >= _LEAST_RESOLUTION:
        found["dots_per_inch"] = resolution
    features = data["features"]
    if features.get("bitImageColumn") and not features.get("bitImageRaster"):
        found["pictures"] = "ESC *"
    return found


def known_of(model: str) -> dict[str, Any]:
    """Give what the database of printers knows of the dots of a model; one it has not: nothing."""
    try:
        found = _from_database(model)
    except (KeyError, TypeError):
        return {}
    return {key: found[key] for key in ("width", "columns", "dots_per_inch") if key in found}


def _wrong(path: Path, field: str, what: str) -> PrinterError:
    return PrinterError(
        "profile.wrong",
        "In the printer profile {file} the field {field} {what}.",
        file=path.name,
        field=field,
        what=what,
    )
