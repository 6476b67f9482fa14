"""Why a device file cannot be opened, in words."""

from __future__ import annotations

import errno

from printers.errors import ConnectionFailed

_GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTDIR)
_TAKEN = (errno.EBUSY, errno.EAGAIN)


def cannot_open(path: str, number: int | None, group: str) -> ConnectionFailed:
    """Tell from an errno; ``group`` is the one whose members may use such a device."""
    if number in _GONE:
        return ConnectionFailed(
            "printer.unreachable",
            "There is no {path}: the printer is off or not plugged in.",
            path=path,
        )
    if number in (errno.EACCES, errno.EPERM):
        return ConnectionFailed(
            "printer.no-permission",
            "This program may not use {path}. Add its user to the group {group}, then start it"
            " again.",
            path=path,
            group=group,
        )
    if number in _TAKEN:
        return ConnectionFailed(
            "printer.in-use",
            "Another program uses {path}. Stop it, or take the printer out of CUPS.",
            path=path,
        )
    return ConnectionFailed("printer.unreachable", "{path} cannot be opened.", path=path)
