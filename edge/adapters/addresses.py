"""The addresses under which tablets of the local network reach this machine."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import ifaddr

from edge.adapters.settings import Settings
from edge.adapters.tls.certificates import host_of, is_private

_USUAL_PORTS = {"http": "80", "https": "443"}


def machine_addresses(listen: str) -> tuple[str, ...]:
    """Give the addresses of a site that listens on ``host:port``; a name is given as it is.

    A host of all zeros stands for every address of the machine that is not its own loopback or
    bound to one link (RFC 3927, RFC 4291 section 2.5.6).
    """
    bare = listen.rpartition(":")[0].strip("[]")
    if bare not in ("0.0.0.0", "::", ""):  # noqa: S104  (looked for, not bound to)
        return (bare,)
    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ip_address(text)
            if address.is_loopback or address.is_link_local:
                continue
            if bare == "0.0.0.0" and address.version == 6:  # noqa: S104
                continue
            found.append(text)
    return tuple(sorted(set(found)))


def numbered(addresses: Sequence[str]) -> tuple[str, ...]:
    """Give those of some addresses that are numbers."""
    return tuple(address for address in addresses if _is_number(address))


def site_addresses(settings: Settings) -> tuple[str, ...]:
    """Give the URLs of a site: with TLS its name first, and the addresses it is good for."""
    port = settings.listen.rpartition(":")[2]
    found = machine_addresses(settings.listen)
    if not settings.tls:
        return tuple(url("http", host, port) for host in found)
    good = [host for host in numbered(found) if is_private(host)]
    return tuple(url("https", host, port) for host in (host_of(settings.name), *good))


def trust_address(settings: Settings) -> str:
    """Give the URL that tells how to trust a site; empty where plain HTTP tells nothing."""
    if not settings.plain:
        return ""
    port = settings.plain.rpartition(":")[2]
    return url("http", host_of(settings.name), port, "/trust")


def url(scheme: str, host: str, port: str, path: str = "/") -> str:
    """Write an address as browsers do."""
    shown = f"[{host}]" if ":" in host else host
    at = "" if port == _USUAL_PORTS.get(scheme) else f":{port}"
    return f"{scheme}://{shown}{at}{path}"


def _is_number(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
