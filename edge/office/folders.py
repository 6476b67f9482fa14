"""A campaign's files as a folder for as long as they are read, and never on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sync.own_files import memory_folder


@contextmanager
def as_folder(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Give a folder with a campaign's files."""
    with memory_folder() as folder:
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        yield folder
