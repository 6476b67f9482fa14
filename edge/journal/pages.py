"""Reads every page of the journal's file: what a worn card or a flipped bit has damaged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.domain.errors import EdgeError
from edge.journal import database

_PAGE = re.compile(r"\bpage (\d+)\b")
_MOST = 20
"""Faults of the file's structure that are named."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PageCheck:
    """What reading every page found: how many there are, which are damaged, what else is wrong.

    ``unreadable``: none of them can be read with the key that is here.
    """

    pages: int
    damaged: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()
    unreadable: bool = False

    @property
    def good(self) -> bool:
        """Say whether all of it is in order."""
        return not (self.damaged or self.faults or self.unreadable)

    def told(self) -> str:
        """Say in a sentence what was found (English, for commands and logs)."""
        if self.good:
            return f"All {self.pages} pages of the file are in order."
        if self.unreadable:
            return "No page of the file can be read: the key does not fit, or all are damaged."
        shown = ", ".join(map(str, self.damaged[:_SHOWN]))
        more = ", …" if len(self.damaged) > _SHOWN else ""
        pages = f"Damaged pages of the file: {shown}{more} ({len(self.damaged)} of {self.pages})."
        return pages if self.damaged else f"The structure of the file is damaged: {self.faults[0]}."

    def document(self) -> Mapping[str, Any]:
        """Give it as it is kept and as scripts read it."""
        return {
            "pages": self.pages,
            "damaged": list(self.damaged),
            "faults": list(self.faults),
            "unreadable": self.unreadable,
        }


def check_pages(path: Path, key: bytes) -> PageCheck:
    """Read every page of a journal's file, also while its node writes.

    Each has a HMAC, which a flipped bit breaks (SQLCipher, ``cipher_integrity_check``); a page that
    is being written just then is read again. Where all verify, SQLite looks how they hang together
    (``quick_check``). Raises ``OSError`` for a file that is not there.
    """
    count = -(-path.stat().st_size // database.PAGE)
    found = _unverified(path, key)
    if found:
        found &= _unverified(path, key)
    if found:
        everything = len(found) >= count
        return PageCheck(count, () if everything else tuple(sorted(found)), unreadable=everything)
    return PageCheck(count, faults=_structure(path, key))


def _unverified(path: Path, key: bytes) -> set[int]:
    with database.raw_reader(path, key) as connection:
        rows = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    return {int(place[1]) for (told,) in rows if (place := _PAGE.search(str(told)))}


def _structure(path: Path, key: bytes) -> tuple[str, ...]:
    try:
        db = database.open_reader(path, key)
        try:
            rows = db.execute(f"PRAGMA quick_check({_MOST})").fetchall()
        finally:
            db.conn.close()
    except (EdgeError, database.DatabaseError) as error:
        if not database.is_damage(error):
            raise  # a disk that cannot be read, or has no room: nothing is said of the file
        return (str(error),)
    lines = [line for (told,) in rows for line in str(told).splitlines()]
    return tuple(line for line in lines if line != "ok" and not line.startswith("***"))
