"""Whether what is read from a site's journal is what the journal makes."""

from __future__ import annotations

import shutil
from pathlib import Path

from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.journal import database, maintenance
from edge.node import Node


def rebuilt_is_the_same(node: Node, folder: Path) -> bool:
    """Make the tables of a copy again, and compare."""
    with node.journal.reading() as db:
        live = maintenance.fingerprint(db)
    copy = folder / "copy.db"
    for ending in ("", "-wal"):
        file = folder / f"journal.db{ending}"
        if file.exists():
            shutil.copy(file, f"{copy}{ending}")
    db = database.open_writer(copy, FileKeys(folder / "keys", SystemEntropy()).journal_key())
    try:
        maintenance.rebuild(db)
        return maintenance.fingerprint(db) == live
    finally:
        db.conn.close()
