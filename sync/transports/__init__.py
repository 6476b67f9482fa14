"""Ways to the registry, by the scheme of its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sync.errors import TransportError
from sync.transports import http


class Transport(Protocol):
    """One way to the registry; every method raises :class:`TransportError` in words."""

    def enrol(self, enrolment: Mapping[str, str]) -> Any:
        """Introduce the node; the registry's answer as JSON."""
        ...

    def deliver(self, node: str, batch: bytes) -> Any:
        """Hand over a batch; the registry's answer as JSON."""
        ...

    def heads(self, node: str) -> Any:
        """Ask what the registry holds of a node; its answer as JSON."""
        ...


TRANSPORTS: Mapping[str, Callable[[str], Transport]] = {
    "http": http.HttpTransport,
    "https": http.HttpTransport,
}
"""Every way by its URI scheme; a new one is a module and a line here."""


def transport(uri: str) -> Transport:
    """Make the transport for an address."""
    scheme = uri.partition("://")[0]
    if scheme not in TRANSPORTS:
        raise TransportError(
            "transport.unknown",
            "{uri} is not the address of a registry. Addresses begin with: {known}.",
            uri=uri,
            known=", ".join(f"{name}://" for name in TRANSPORTS),
        )
    return TRANSPORTS[scheme](uri)
