"""What the disk still leaves room for, and what is said where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Literal

from edge.domain.errors import Unavailable

MB = 1024 * 1024
Trouble = Literal["full", "failing", "read-only"]


class Purpose(Enum):
    """What is to be written: what no paper can wait for, what the site keeps up, or the rest.

    ``ESSENTIAL`` are people, doses, what corrects or withdraws them, and their paper; ``UPKEEP`` is
    small and lets people go on working: who signed in, which PINs were tried, who saw whom.
    """

    ESSENTIAL = "essential"
    UPKEEP = "upkeep"
    OTHER = "other"


class DiskLevel(IntEnum):
    """How much is still recorded: everything, the essentials, or nothing."""

    WHOLE = 0
    ESSENTIALS = 1
    READING = 2


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """What a disk says of itself: bytes that this process may still take, and whether it may."""

    free: int
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class DiskLimits:
    """Below how many free bytes only the essentials are recorded, and below how many nothing is."""

    essentials: int = 128 * MB
    reading: int = 32 * MB

    def level(self, space: DiskSpace) -> DiskLevel:
        """Say how much is still recorded with so much space."""
        if space.read_only or space.free < self.reading:
            return DiskLevel.READING
        return DiskLevel.ESSENTIALS if space.free < self.essentials else DiskLevel.WHOLE


_PAPER = "Keep a paper record and call the technician: the disk needs free space."
_CALL = "Call the technician: the disk needs free space. What waits can be done then."
_TROUBLES: dict[Trouble, tuple[str, str]] = {
    "full": ("Nothing was saved: the disk of the site computer is full.", _PAPER),
    "failing": (
        "Nothing was saved: the disk of the site computer is failing.",
        "Keep a paper record and call the technician: the disk may have to be replaced.",
    ),
    "read-only": (
        "Nothing was saved: the disk of the site computer can only be read.",
        "Keep a paper record and call the technician: it may be failing, or locked.",
    ),
}


def disk_trouble(trouble: Trouble) -> Unavailable:
    """Say of a write that the disk did not take."""
    sentence, hint = _TROUBLES[trouble]
    return Unavailable(f"disk.{trouble}", sentence, hint=hint)


def refusal(space: DiskSpace, limits: DiskLimits, purpose: Purpose) -> Unavailable | None:
    """Say why something is not to be written with so much space; None: it may be."""
    if space.read_only:
        return disk_trouble("read-only")
    if purpose is Purpose.UPKEEP:
        return None
    level = limits.level(space)
    if level is DiskLevel.READING:
        return Unavailable(
            "disk.reading-only",
            "The disk of the site computer is nearly full: nothing is recorded any more, all can"
            " still be read.",
            hint=_PAPER,
        )
    if level is DiskLevel.ESSENTIALS and purpose is not Purpose.ESSENTIAL:
        return Unavailable(
            "disk.essentials-only",
            "The disk of the site computer is filling up: only people, doses and their corrections"
            " are recorded now.",
            hint=_CALL,
        )
    return None


@dataclass(frozen=True, slots=True)
class DiskState:
    """How the disk is, as pages and commands show it; ``told`` None: all is recorded."""

    free: int
    level: DiskLevel
    told: Unavailable | None

    @property
    def records(self) -> str:
        """Say what is still recorded: ``everything``, ``essentials`` or ``nothing``."""
        return ("everything", "essentials", "nothing")[self.level]


def disk_state(space: DiskSpace, limits: DiskLimits, trouble: Trouble | None = None) -> DiskState:
    """Say how a disk is; ``trouble`` is that of the last write, if it was not taken."""
    told = disk_trouble(trouble) if trouble else refusal(space, limits, Purpose.OTHER)
    return DiskState(space.free, DiskLevel.READING if trouble else limits.level(space), told)
