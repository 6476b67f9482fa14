"""The other end of a line, made of a bare socket: it says whatever a test has it say."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def peer(
    serve: Callable[[socket.socket], None], window: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Let one connection be served in a thread; give its address.

    ``window``: bytes that its end may hold and not have read, or nothing: the kernel's choice.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        if window:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)

        def run() -> None:
            connection, _ = listening.accept()
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            with connection:
                serve(connection)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(30)
        assert not thread.is_alive()
