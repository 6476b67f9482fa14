"""What each printer of the site can do: its model's profile, and what was found out about it."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from ruamel.yaml.comments import CommentedMap

from edge.adapters.settings import PrinterSettings
from printers.plain_yaml import plain_yaml
from printers.profile import Profile, read_profile
from sync.own_files import private_folder, write_whole
from sync.resources import resource

_HEAD = "What calibration found out about this printer: these fields go before the profile's"


def own_file(folder: Path, printer: str) -> Path:
    """Give the file of one printer in the site's data folder, ``printers/NAME.yaml``."""
    return folder / "printers" / f"{quote(printer, safe='')}.yaml"


def site_profile(folder: Path, printer: PrinterSettings) -> Profile:
    """Read a printer's profile, its own file first; raises :class:`PrinterError` in words."""
    return read_profile(
        resource("config/printers"), printer.profile, own_file(folder, printer.name)
    )


def keep_own(folder: Path, printer: PrinterSettings, found: Mapping[str, object]) -> Path:
    """Write what was found into a printer's own file; what it had else stays.

    Raises :class:`PrinterError` for what makes no profile; then nothing is written.
    """
    path = own_file(folder, printer.name)
    yaml = plain_yaml("rt")
    document = yaml.load(path.read_text(encoding="utf-8")) if path.is_file() else None
    if not isinstance(document, CommentedMap):
        document = CommentedMap()
        document.yaml_set_start_comment(_HEAD)
    document.update(found)
    written = StringIO()
    yaml.dump(document, written)
    with TemporaryDirectory() as checked:
        tried = Path(checked) / path.name
        tried.write_text(written.getvalue(), encoding="utf-8")
        read_profile(resource("config/printers"), printer.profile, tried)
    private_folder(path.parent)
    write_whole(path, written.getvalue())
    return path
