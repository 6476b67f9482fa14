"""What a model of printer can do, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from printers.errors import PrinterError

Confirmation = Literal["process-id", "transmit-status", "real-time-status", "none"]


@dataclass(frozen=True, slots=True)
class Profile:
    """One model.

    ``width`` in dots; ``columns`` of its usual font; ``code_page`` a Python codec, ``code_page_id``
    the n of ``ESC t n``; ``native_qr`` the most bytes its own QR command takes (0: it has none);
    ``confirmation`` how it says that paper came out: ``GS ( H`` function 48, ``GS r 1``,
    ``DLE EOT``, or not at all; ``millimetres_per_second`` its speed, for time-outs.
    """

    name: str
    language: str
    width: int
    columns: int
    code_page: str = "cp437"
    code_page_id: int = 0
    native_qr: int = 0
    confirmation: Confirmation = "none"
    cutter: bool = True
    millimetres_per_second: int = 80


def read_profile(folder: Path, name: str) -> Profile:
    """Read ``<name>.yaml``; raises :class:`PrinterError` naming the field that is wrong."""
    path = folder / f"{name}.yaml"
    if not name.replace("-", "").replace("_", "").isalnum() or not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.yaml")))
        raise PrinterError(
            "profile.unknown",
            "There is no printer profile {name}. Known are: {known}.",
            name=name,
            known=known,
        )
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError:
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
    for key in ("language", "width", "columns"):
        if key not in document:
            raise _wrong(path, key, "is missing")
    if document.get("confirmation", "none") not in get_args(Confirmation):
        raise _wrong(path, "confirmation", "must be one of " + ", ".join(get_args(Confirmation)))
    if not 128 <= document["width"] <= 2400 or document["width"] % 8:
        raise _wrong(path, "width", "must be a multiple of 8 dots")
    return Profile(**{"name": name, **document})


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
