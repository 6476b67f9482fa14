"""The ministry's root that sites are told of in their enrolment codes, kept as the address is."""

from __future__ import annotations

from pathlib import Path

from sync.own_files import write_whole
from sync.protocol.errors import SyncError

_FILE = "campaign_root"


def told_root(folder: Path) -> str:
    """Give the root's fingerprint in hex; empty while the ministry signs no campaigns."""
    path = folder / _FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def tell_root(folder: Path, root: str, *, other: bool) -> bool:
    """Tell sites of a root from now on; says whether they were told of another one before.

    Raises :class:`SyncError` ``campaign.root-told`` where they were, unless ``other`` says that it
    is meant: who enrolled before goes on believing that one alone.
    """
    before = told_root(folder)
    if before == root:
        return False
    if before and not other:
        raise SyncError(
            "campaign.root-told",
            "Sites were told of the root {before}, and these keys are under the root {root}: they"
            " would refuse everything. Is it the right folder? If the ministry began anew, say so"
            " with --other-root, and give each site a new enrolment code.",
            before=before[:16],
            root=root[:16],
        )
    write_whole(folder / _FILE, f"{root}\n")
    return bool(before)
