"""Copies a journal page by page, also while its node writes: one moment of it, encrypted as it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from edge.journal import database


def copy_pages(source: Path, target: Path, key: bytes) -> None:
    """Copy a journal into a new file, which then holds everything by itself (SQLite's backup API).

    Whoever writes meanwhile is not held up: what is copied is the moment at which it began.
    """
    with (
        closing(database.open_reader(source, key)) as read,
        closing(database.open_scratch(target, key)) as written,
    ):
        read.conn.backup(written.conn)
