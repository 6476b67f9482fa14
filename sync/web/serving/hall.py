"""What all connections of a server share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sync.web.serving.gateway import Application
from sync.web.serving.limits import Limits
from sync.web.serving.places import Places
from sync.web.serving.refusals import Words
from sync.web.serving.turns import Turns


@dataclass(frozen=True, slots=True)
class Hall:
    """``soon`` calls something in the loop's thread; ``buffer`` is what each is read through."""

    application: Application
    limits: Limits
    places: Places
    turns: Turns
    words: Words
    soon: Callable[..., None]
    scheme: str
    port: int
    trusted: str
    buffer: bytearray
    now: Callable[[], float] = time.monotonic
