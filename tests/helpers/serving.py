"""An application on a port of this machine, for as long as a test wants it."""

from __future__ import annotations

import threading
from typing import Any

from waitress.server import create_server
from waitress.wasyncore import close_all


class Serving:
    """Serves from a thread of its own until it is closed; ``port`` 0 is any that is free."""

    def __init__(self, app: Any, port: int = 0, threads: int = 4) -> None:
        self._server = create_server(app, host="127.0.0.1", port=port, threads=threads)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # In its own thread: from here, its sockets could be closed under the loop that waits on them.
        self._server.trigger.pull_trigger(lambda: close_all(self._server._map))
        self._thread.join(10)
