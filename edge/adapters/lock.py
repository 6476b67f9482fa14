"""One process a site: a lock file that the operating system lets go when the process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from edge.domain.errors import Unavailable


class SiteLock:
    """Holds a data folder for one process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises :class:`Unavailable` ``site.in-use`` when it is taken."""
        self._file = (folder / "lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "?"
            self._file.close()
            raise Unavailable(
                "site.in-use",
                "This site is already running, as process {process}.",
                hint="Stop it first, or use its pages.",
                process=holder,
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let the next process have the folder."""
        self._file.close()
