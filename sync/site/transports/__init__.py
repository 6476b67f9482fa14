"""Ways to the registry, by the scheme of its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sync.protocol.errors import TransportError
from sync.site.transports import http


class Transport(Protocol):
    """One way to the registry; every method raises :class:`TransportError` in words.

    ``authenticated`` says that the way itself proves who answers, as pinned TLS does.
    """

    authenticated: bool

    def ask(self, path: str, body: bytes | None) -> Any:
        """Send a frame, or nothing, to a path below ``/v1``; the answer as JSON, opened."""
        ...

    def unchanged(self, path: str) -> bool:
        """Ask in the fewest bytes whether everything stands as when the path's tag was given."""
        ...


@dataclass(frozen=True, slots=True)
class LineOptions:
    """What a way needs beside its address: a CA file to believe alone, and how long to be patient.

    ``authority`` empty: the CAs of the system. ``idle``: seconds without a byte either way.
    """

    authority: str = ""
    idle: float = 60.0


Open = Callable[[str, LineOptions], Transport]

TRANSPORTS: Mapping[str, Open] = {
    "http": http.HttpTransport,
    "https": http.HttpTransport,
}
"""Every way by its URI scheme; a new one is a module and a line here."""


def transport(
    uri: str, line: LineOptions = LineOptions(), transports: Mapping[str, Open] = TRANSPORTS
) -> Transport:
    """Make the transport for an address, of one of some kinds."""
    scheme = uri.partition("://")[0]
    if scheme not in transports:
        raise TransportError(
            "transport.unknown",
            "{uri} is not the address of a registry. Addresses begin with: {known}.",
            uri=uri,
            known=", ".join(f"{name}://" for name in transports),
        )
    return transports[scheme](uri, line)
