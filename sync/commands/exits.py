"""With which code a command ends: one table for ``divoc-edge`` and ``divoc-registry``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Exit(IntEnum):
    """The code with which a command ends; 75 is EX_TEMPFAIL of sysexits.h, 2 is click's own."""

    GOOD = 0
    FAILED = 1
    WRONG_CALL = 2
    TRY_LATER = 75


MEANINGS: Mapping[Exit, str] = MappingProxyType(
    {
        Exit.GOOD: "It was done; what was checked is in order.",
        Exit.FAILED: "It was refused or broken off, or a check found something that is not in"
        " order. The same call fails again until that is put right.",
        Exit.WRONG_CALL: "The call itself is wrong: an option, an argument or a command that is"
        " not there.",
        Exit.TRY_LATER: "Something that it needs is not there now: a site that is running, the"
        " registry, its database, a data folder. The same call can succeed later.",
    }
)
"""What each code says to a script, as the manual pages and docs/commands.md say it."""
