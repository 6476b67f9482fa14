"""One process a site, one a printer: lock files that go with the process that holds them."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from edge.domain.errors import Unavailable
from printers.errors import PrinterError


class SiteLock:
    """Holds a data folder for one process."""

    def __init__(self, folder: Path) -> None:
        """Take the lock; raises :class:`Unavailable` ``site.in-use`` when it is taken."""
        self._file = _lock_file(folder)
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
        with contextlib.suppress(OSError):  # a disk that takes nothing: held all the same
            self._file.truncate(0)
            self._file.write(str(os.getpid()))
            self._file.flush()

    def release(self) -> None:
        """Let the next process have the folder."""
        with contextlib.suppress(OSError):  # what a full disk did not take is tried again
            self._file.close()


def _lock_file(folder: Path) -> TextIO:
    """Open the file that is held; on a disk that can only be read it is there from before."""
    try:
        return (folder / "lock").open("a+")
    except OSError as error:
        if error.errno not in (errno.EROFS, errno.ENOSPC, errno.EDQUOT):
            raise
        return (folder / "lock").open("r")


@contextmanager
def own_printer(folder: Path, name: str) -> Iterator[None]:
    """Hold a printer of a site for one process; raises :class:`PrinterError` ``printer.owned``."""
    locks = folder / "locks"
    locks.mkdir(mode=0o700, exist_ok=True)
    with (locks / f"printer-{name}").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PrinterError(
                "printer.owned", "Another command is using this printer just now.", temporary=True
            ) from None
        yield
