"""How the process asks the system for memory."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""``M_MMAP_THRESHOLD`` and ``M_ARENA_MAX`` of glibc's ``mallopt``."""
_LARGE = 1024 * 1024
_ARENAS = 2


def give_large_blocks_back() -> None:
    """Have each block of a megabyte or more given back as soon as it is free (glibc).

    Left alone, glibc learns from the first photograph to keep such blocks, for every thread its
    own: 16 threads kept up to 100 MB of pictures long answered. What is smaller lies in two heaps
    and not in one for nearly every thread. Elsewhere nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, _LARGE)
        mallopt(_ARENA_MAX, _ARENAS)
