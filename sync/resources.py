"""Finds the data that travels with the code: templates, config, systemd."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path


def resource(name: str) -> Path:
    """Give the path of a data file or folder, such as ``config/demo``.

    Looks beside the packages (a checkout or an editable install), then in the environment's
    ``share/divoc-edge`` (a wheel). Raises :class:`FileNotFoundError` when it is in neither.
    """
    for root in _roots():
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(f"{name} is not installed with divoc-edge; install it again")


def _roots() -> Iterator[Path]:
    yield Path(__file__).resolve().parent.parent
    yield from _installed_roots()  # looked for where it must be: the record is long


def _installed_roots() -> list[Path]:
    """A wheel's data lies where its record says: also under ``--user`` and ``--target``."""
    roots = [Path(sys.prefix) / "share" / "divoc-edge"]
    try:
        listed = files("divoc-edge") or []
    except PackageNotFoundError:
        return roots
    for entry in listed:
        if "share/divoc-edge/config/" in entry.as_posix():
            located = Path(str(entry.locate())).resolve()
            roots.extend(p for p in located.parents if p.name == "divoc-edge")
            break
    return roots
