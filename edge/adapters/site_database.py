"""The database of a site's data folder, for looking only, also while its node runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.adapters.keys import file_keys
from edge.domain.errors import Unavailable
from edge.journal import database
from edge.journal.schema import check_shape

FILE = "journal.db"


@contextlib.contextmanager
def reading(folder: Path) -> Iterator[Any]:
    """Open a site's database for looking only, also while the node runs.

    Raises :class:`EdgeError` for one that another version has written.
    """
    db = database.open_reader(journal_file(folder), file_keys(folder).journal_key())
    try:
        check_shape(db)
        yield db
    finally:
        db.close()


def journal_file(folder: Path) -> Path:
    """Give the file of a site's journal, or say that there is none yet."""
    path = folder / FILE
    if not path.exists():
        raise Unavailable(
            "journal.none",
            "There is no journal in {folder} yet.",
            hint="Make a site with divoc-edge init, then import a campaign.",
            folder=folder,
        )
    return path
