"""The address at which sites reach the registry, as its office has told it once."""

from __future__ import annotations

from pathlib import Path

from sync.own_files import write_whole
from sync.protocol.enrolment_codes import check_address
from sync.protocol.errors import SyncError

_FILE = "address"


def registry_address(folder: Path, told: str = "") -> str:
    """Give the address that is told now, and keep it; or the one told before; or nothing.

    Raises :class:`~sync.protocol.errors.ProtocolError` ``enrolment.address`` for one that is none.
    """
    path = folder / _FILE
    if told:
        address = check_address(told)
        write_whole(path, f"{address}\n")
        return address
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def needed_address(folder: Path, told: str = "") -> str:
    """Give the address; raises :class:`SyncError` ``registry.address`` where none was told."""
    address = registry_address(folder, told)
    if not address:
        raise SyncError(
            "registry.address",
            "An enrolment code holds the address of the registry. Add it once:"
            " --address https://registry.example, or --address stick for a site without a line.",
        )
    return address
