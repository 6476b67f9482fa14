"""What all connections of a server share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sync.web.serving.connection_table import ConnectionTable
from sync.web.serving.limits import Limits
from sync.web.serving.refusals import Words
from sync.web.serving.worker_pool import WorkerPool
from sync.web.serving.wsgi import Application


@dataclass(frozen=True, slots=True)
class ServerContext:
    """``soon`` calls something in the loop's thread; ``buffer`` is what each is read through.

    A view, for asyncio reads a second record of TLS into ``buffer[offset:]``: of a ``bytearray``
    that is a copy, and what stood there before, of somebody else, would be taken for it.
    """

    application: Application
    limits: Limits
    table: ConnectionTable
    workers: WorkerPool
    words: Words
    soon: Callable[..., None]
    scheme: str
    port: int
    trusted: str
    buffer: memoryview
    now: Callable[[], float] = time.monotonic
