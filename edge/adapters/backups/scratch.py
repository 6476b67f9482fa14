"""A scratch folder in a site's own, for whoever makes or tries a backup of it."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.own_files import private_files, private_folder

_FOLDER, _LOCK = "backup-scratch", "backup.lock"


@contextmanager
def scratch_in(folder: Path) -> Iterator[Path]:
    """Give an empty folder that is gone afterwards; what a power cut left of one goes first.

    One process at a time has it, others wait. What is put there is encrypted as in the site.
    """
    with private_files(), (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place = folder / _FOLDER
        shutil.rmtree(place, ignore_errors=True)
        private_folder(place)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
