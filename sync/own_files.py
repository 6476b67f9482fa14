"""Files that are their owner's alone: by our own hand, whoever starts us, and how."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FOLDER, _FILE, _OTHERS = 0o700, 0o600, 0o077
_PIECE = 1024 * 1024


_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of our own is made in it)


@contextlib.contextmanager
def memory_folder() -> Iterator[Path]:
    """Give a folder of our own that is gone afterwards, in memory where there is such a place."""
    place = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="divoc-", dir=place) as folder:
        yield Path(folder)


@contextlib.contextmanager
def private_files() -> Iterator[None]:
    """Make what is written meanwhile its owner's alone, whatever the mask was before."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def keep_private(folder: Path) -> None:
    """Take a folder and all in it away from everybody but their owner.

    Links are left alone, and what belongs to somebody else.
    """
    for place, folders, files in os.walk(folder):
        _own(Path(place), _FOLDER)
        folders[:] = [name for name in folders if not (Path(place) / name).is_symlink()]
        for name in files:
            _own(Path(place) / name, _FILE)


def _own(path: Path, mode: int) -> None:
    with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's
        found = path.lstat()
        if found.st_mode & _OTHERS and not path.is_symlink():
            path.chmod(found.st_mode & mode)


def private_folder(folder: Path) -> None:
    """Make a folder that is its owner's alone; one that is there already is closed.

    The name of each that is made is on the disk when this returns: what is written in it could
    else outlive a power cut without it.
    """
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
    _own(folder, _FOLDER)
    for place in reversed(made):
        with contextlib.suppress(PermissionError):  # somebody else's folder, which we may not list
            sync_folder(place.parent)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, its owner's alone, and only then under its name."""
    temporary = path.with_name(f"{path.name}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, _FILE)
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def write_once(path: Path, content: str) -> bool:
    """Write a file that is not there yet, whole; false if it is: the first of two counts."""
    with _held(path.parent):
        if path.is_file():
            return False
        write_whole(path, content)
    return True


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder for one process among those that ask; whoever else asks waits."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def overwrite(file: BinaryIO) -> None:
    """Write over an open file with random bytes, as long as it is, and bring that to the disk."""
    left = file.seek(0, os.SEEK_END)
    file.seek(0)
    while left > 0:
        left -= file.write(os.urandom(min(left, _PIECE)))
    file.flush()
    os.fsync(file.fileno())


def erase(path: Path) -> None:
    """Write over a file and remove it; what a flash disk keeps of it nobody can promise."""
    with contextlib.suppress(FileNotFoundError):
        with path.open("r+b") as file:
            overwrite(file)
        path.unlink()
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
