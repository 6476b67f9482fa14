"""The database of a site's data folder, for looking only, also while its node runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.domain.errors import Unavailable
from edge.journal import database


def handed_credentials() -> Path | None:
    """Give the folder in which systemd hands over credentials, if it started us with any."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None


@contextlib.contextmanager
def reading(folder: Path, keys: FileKeys | None = None) -> Iterator[Any]:
    """Open a site's database for looking only, also while the node runs."""
    path = folder / "journal.db"
    if not path.exists():
        raise Unavailable(
            "journal.none",
            "There is no journal in {folder} yet.",
            hint="Make a site with divoc-edge init, then import a campaign.",
            folder=folder,
        )
    keys = keys or FileKeys(folder / "keys", SystemEntropy(), handed_credentials())
    db = database.open_reader(path, keys.journal_key())
    try:
        yield db
    finally:
        db.conn.close()
