"""How much room the disk under a folder has, and what the system says when it takes no more."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from edge.domain.disk import DiskSpace, Trouble, disk_trouble
from edge.domain.errors import EdgeError
from edge.journal.database import read_trouble

_TROUBLES: Mapping[int, Trouble] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EIO: "failing",
    errno.EROFS: "read-only",
}


def disk_space(folder: Path) -> DiskSpace:
    """Ask the disk under a folder (statvfs); one that does not answer has no room."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return DiskSpace(0)
    return DiskSpace(found.f_bavail * found.f_frsize, bool(found.f_flag & os.ST_RDONLY))


def trouble_of(error: OSError) -> Trouble | None:
    """Say what kind of trouble with a disk an error of the system is; None: another one."""
    return _TROUBLES.get(error.errno or 0)


def disk_words(error: Exception) -> EdgeError | None:
    """Say in words what an error of a file, or of a database, tells of the disk; None: nothing."""
    if isinstance(error, OSError):
        trouble = trouble_of(error)
        return disk_trouble(trouble) if trouble else None
    return read_trouble(error)
