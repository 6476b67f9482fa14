"""The wing of TLS: what the site shows to tablets, and under which name it is found."""

from __future__ import annotations

from functools import partial

from edge.adapters.addresses import machine_addresses, numbered
from edge.adapters.announcer import Announcer
from edge.adapters.settings import Settings
from edge.adapters.tls.site_tls import SiteTls
from edge.wiring.keys import Keys


def wire_tls(settings: Settings, keys: Keys) -> SiteTls | None:
    """Open the site's authority and certificate, which are made if they are not there."""
    if not settings.tls:
        return None
    return SiteTls(keys.files, settings.name, keys.clock, partial(lan_addresses, settings))


def wire_announcer(settings: Settings) -> Announcer | None:
    """Make what announces the site's name on its LAN, if it is to be announced."""
    if not (settings.tls and settings.announce):
        return None
    port = int(settings.listen.rpartition(":")[2])
    return Announcer(settings.name, port, partial(lan_addresses, settings))


def lan_addresses(settings: Settings) -> tuple[str, ...]:
    """Give the addresses of the machine under which tablets reach the site, as they are now."""
    try:
        return numbered(machine_addresses(settings.listen))
    except OSError:  # the system does not tell: the site is found by its name
        return ()
