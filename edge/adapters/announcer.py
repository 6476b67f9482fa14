"""Announces ``NAME.local`` on the LAN, so that tablets find the site by its name (RFC 6762)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zeroconf import Zeroconf

_log = logging.getLogger("divoc_edge.announcer")
_KIND = "_https._tcp.local."


class Announcer:
    """Says under which addresses a name is, for as long as the site runs.

    What fails is in ``trouble`` and tried again at the next look; nothing waits for it.
    """

    def __init__(self, name: str, port: int, addresses: Callable[[], Sequence[str]]) -> None:
        self._name, self._port, self._addresses = name, port, addresses
        self._lock = threading.Lock()
        self._zeroconf: Zeroconf | None = None
        self._told: tuple[str, ...] = ()
        self._closed = False
        self.trouble = ""

    def look_again(self) -> None:
        """Announce the addresses that the machine has now, if they are others than before."""
        wanted = tuple(self._addresses())
        with self._lock:
            if self._closed or (wanted == self._told and self._zeroconf is not None):
                return
            self._stop()
            if not wanted:
                return
            try:
                self._begin(wanted)
            except Exception as error:  # the library raises much; the site runs without a name
                self._stop()
                if not self.trouble:
                    _log.error("%s.local is not announced: %s", self._name, type(error).__name__)
                self.trouble = str(error)[:200] or type(error).__name__
            else:
                self._told, self.trouble = wanted, ""

    def close(self) -> None:
        """Take the name back."""
        with self._lock:
            self._closed = True
            self._stop()

    def _begin(self, addresses: tuple[str, ...]) -> None:
        from zeroconf import ServiceInfo, Zeroconf

        self._zeroconf = zeroconf = Zeroconf(interfaces=list(addresses))
        info = ServiceInfo(
            _KIND,
            f"{self._name}.{_KIND}",
            port=self._port,
            server=f"{self._name}.local.",
            addresses=[ip_address(address).packed for address in addresses],
        )
        zeroconf.register_service(info, allow_name_change=True)

    def _stop(self) -> None:
        zeroconf, self._zeroconf, self._told = self._zeroconf, None, ()
        if zeroconf is not None:
            zeroconf.close()


def find_name(host: str, addresses: Sequence[str], seconds: float = 3.0) -> tuple[str, ...]:
    """Ask the LAN for a name as a tablet does; give the addresses that are answered."""
    from zeroconf import Zeroconf
    from zeroconf._services.info import AddressResolverIPv4

    found = AddressResolverIPv4(f"{host}.")
    zeroconf = Zeroconf(interfaces=list(addresses))
    try:
        found.request(zeroconf, seconds * 1000)
    finally:
        zeroconf.close()
    return tuple(sorted(found.parsed_addresses()))
