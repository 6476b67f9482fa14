# riverside_edge/spool.py
"""A printer that is a folder: every job a file, for a program that prints from there."""

from pathlib import Path
from urllib.parse import SplitResult, unquote
from uuid import uuid4

from printers.errors import ConnectionFailed


class Spool:
    """One job."""

    answers = False  # nobody says whether it came out, so a person looks

    def __init__(self, folder: Path) -> None:
        self._new = folder / f"{uuid4()}.new"
        self._taken = 0

    def write(self, data: bytes) -> None:
        try:
            with self._new.open("ab") as file:
                file.write(data)
        except OSError:
            raise ConnectionFailed(
                "printer.unreachable", "The spool folder cannot be written.", self._taken
            ) from None
        self._taken += len(data)

    def read(self, seconds: float) -> bytes:
        return b""

    def close(self) -> None:
        if self._new.exists():
            self._new.rename(self._new.with_suffix(".job"))


def connect(parts: SplitResult) -> Spool:
    """Open ``spool:///folder``."""
    folder = Path(unquote(parts.path))
    if not folder.is_dir():
        raise ConnectionFailed("printer.unreachable", "There is no spool folder.")
    return Spool(folder)
