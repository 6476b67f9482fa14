"""An application on a port of this machine, for as long as a test wants it."""

from __future__ import annotations

import threading
from typing import Any

from sync.web.serving import Limits, Server

_LIMITS = Limits()


class Serving:
    """Serves from a thread of its own until it is closed; ``port`` 0 is any that is free."""

    def __init__(
        self, app: Any, port: int = 0, threads: int = 4, limits: Limits = _LIMITS, **more: Any
    ) -> None:
        self.server = Server(app, "127.0.0.1", port, threads=threads, limits=limits, **more)
        self.port = self.server.port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.close()
        self._thread.join(20)
