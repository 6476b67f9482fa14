"""Files on a stick that somebody else may have filled: found by name, read whole, written whole.

Names are lower-case ASCII that FAT keeps as they are. What bears another name is not ours; a link
is never followed, for it could lead anywhere on this machine.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from sync.protocol.bundles.sealed import LARGEST
from sync.protocol.errors import ProtocolError, SyncError

MOST_FILES = 20_000
"""Files looked at in one folder at the most."""
_NODE = "([a-z2-7]{24})"
_OUTWARD = re.compile(rf"divoc-edge-{_NODE}-([0-9]{{4}})\.out\.age")
_PIECES = re.compile(rf"divoc-edge-{_NODE}-([0-9]{{4}})\.pieces\.age")
_INVITATION = re.compile(r"divoc-edge-[a-z0-9-]{1,60}\.invitation\.json")
INVITATION = "divoc-edge-registry.invitation.json"
"""The name of a registry's invitation; older registries put a facility's in its place."""
MOST_PARTS = 9999


class StickError(SyncError):
    """The stick cannot be read or written."""

    temporary = True


@dataclass(frozen=True, slots=True)
class BundlePart:
    """One part of a site's export, as its name says."""

    path: Path
    node: str
    number: int


def outward_name(node: str, part: int) -> str:
    """Name a part of a site's export."""
    return f"divoc-edge-{node}-{part:04}.out.age"


def inward_name(node: str) -> str:
    """Name the registry's answer to a site."""
    return f"divoc-edge-{node}.in.age"


def pieces_name(node: str, number: int) -> str:
    """Name a file with pieces of lists of people for a site."""
    return f"divoc-edge-{node}-{number:04}.pieces.age"


def pieces(folder: Path, node: str) -> list[Path]:
    """Find the files with pieces for a site, in order."""
    return sorted(
        folder / name
        for name in _plain_files(folder)
        if (match := _PIECES.fullmatch(name)) and match[1] == node
    )


def outward_parts(folder: Path) -> list[BundlePart]:
    """Find the parts of all sites' exports, in order of their names."""
    found = []
    for name in _plain_files(folder):
        match = _OUTWARD.fullmatch(name)
        if match:
            found.append(BundlePart(folder / name, match[1], int(match[2])))
    return sorted(found, key=lambda part: part.path.name)


def invitations(folder: Path) -> list[Path]:
    """Find invitations, in order of their names."""
    return sorted(folder / name for name in _plain_files(folder) if _INVITATION.fullmatch(name))


def is_folder(path: Path) -> bool:
    """Say whether a folder is there, and not on a stick that was pulled out."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Say whether anything bears a name, also a link; raises :class:`StickError`."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _failed("stick.read", "{path} cannot be read: {reason}.", path, error) from None
    return True


def read(path: Path) -> bytes:
    """Read a plain file whole; raises ``bundle.too-large``, or :class:`StickError`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ProtocolError("bundle.form", "This is not a bundle.")
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _failed("stick.read", "{path} cannot be read: {reason}.", path, error) from None
    if len(data) > LARGEST:
        raise ProtocolError("bundle.too-large", "It is larger than a bundle may be.")
    return data


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: under another name, to the disk, and only then its own."""
    temporary = path.with_name(path.name + ".new")
    try:
        temporary.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _failed("stick.write", "{path} cannot be written: {reason}.", path, error) from None


def remove(path: Path) -> None:
    """Remove a file; one that is gone already is as good."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _failed("stick.write", "{path} cannot be written: {reason}.", path, error) from None


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where its file system can."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _plain_files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as items:
            names = []
            for count, item in enumerate(items):
                if count >= MOST_FILES:
                    break
                if item.name.startswith("divoc-edge-") and item.is_file(follow_symlinks=False):
                    names.append(item.name)
            return names
    except OSError as error:
        raise _failed("stick.read", "{path} cannot be read: {reason}.", folder, error) from None


def _failed(code: str, sentence: str, path: Path, error: OSError) -> StickError:
    return StickError(code, sentence, path=path, reason=error.strerror or "input/output error")
