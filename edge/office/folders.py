"""A campaign's files as a folder for as long as they are read, in memory where there is one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own is made in it)


@contextmanager
def memory_folder() -> Iterator[Path]:
    """Give a folder of our own that is gone afterwards: people's names are never on the disk."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="divoc-", dir=place) as folder:
        yield Path(folder)


@contextmanager
def as_folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Give a folder with a campaign's files."""
    with memory_folder() as folder:
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        yield folder
