"""The addresses under which tablets of the local network reach this machine."""

from __future__ import annotations

from ipaddress import ip_address

import ifaddr


def site_addresses(listen: str) -> tuple[str, ...]:
    """Give the URLs of a site that listens on ``host:port``.

    A host of all zeros stands for every address of the machine that is not its own loopback or
    bound to one link (RFC 3927, RFC 4291 section 2.5.6).
    """
    host, _, port = listen.rpartition(":")
    bare = host.strip("[]")
    if bare not in ("0.0.0.0", "::", ""):  # noqa: S104  (looked for, not bound to)
        return (_url(bare, port),)
    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            address = ip_address(text)
            if address.is_loopback or address.is_link_local:
                continue
            if bare == "0.0.0.0" and address.version == 6:  # noqa: S104
                continue
            found.append(_url(text, port))
    return tuple(sorted(set(found)))


def _url(host: str, port: str) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
