"""What the address of a PostgreSQL database says of the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

_SURE = frozenset({"require", "verify-ca", "verify-full"})
"""With any other ``sslmode`` libpq goes on without TLS where the server, or somebody between, has
none (https://www.postgresql.org/docs/current/libpq-ssl.html)."""


def leaves_in_clear(uri: str, environment: Mapping[str, str]) -> bool:
    """Say whether records may leave this machine in clear on the way to a database.

    ``environment`` holds what the address leaves out, as libpq reads it: PGHOST, PGHOSTADDR,
    PGSSLMODE.
    """
    if not uri.startswith(("postgresql://", "postgres://")):
        return False
    parts = urlsplit(uri)
    asked = parse_qs(parts.query)

    def told(name: str, variable: str) -> str:
        return asked[name][-1] if name in asked else environment.get(variable, "")

    named = parts.netloc.rpartition("@")[2]
    hosts = [_host(one) for one in named.split(",")] if named else []
    listed = told("hostaddr", "PGHOSTADDR") or told("host", "PGHOST")
    if "hostaddr" in asked or "host" in asked or not any(hosts):
        hosts = listed.split(",")
    return told("sslmode", "PGSSLMODE") not in _SURE and not all(map(_here, hosts))


def _host(text: str) -> str:
    """Take the port off a host."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return unquote(text.partition(":")[0])


def _here(host: str) -> bool:
    """Say whether a host is this machine: a socket's folder, or the loopback."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
