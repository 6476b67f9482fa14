"""``divoc-edge tls``: HTTPS for the tablets, with a certificate of the site's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.adapters.settings import Settings, read_settings, write_settings
from edge.cli.common import data_folder, data_option
from edge.domain.errors import Conflict, Unavailable
from sync.commands.answers import json_option, show_json

if TYPE_CHECKING:
    from edge.adapters.tls.site_tls import TlsState


@click.group()
def tls() -> None:
    """HTTPS for the tablets: the site's own certificate."""


@tls.command()
@click.option("--name", default="", help="Found as NAME.local; by default the facility's code.")
@click.option("--listen", default="0.0.0.0:443", show_default=True, help="host:port of HTTPS.")
@click.option("--plain", default=None, help="host:port of /trust; by default beside HTTPS.")
@click.option(
    "--pairing/--no-pairing",
    default=True,
    show_default=True,
    help="Whether staff sign in on paired tablets alone.",
)
@data_option
@json_option
def on(name: str, listen: str, plain: str | None, pairing: bool, data: Path, as_json: bool) -> None:
    """Switch TLS on: write the settings and make the site's authority. Then start the node anew.

    Each tablet has to trust the site once, and to be paired: divoc-edge tablet pair NAME.
    """
    settings = read_settings(data_folder(data))
    beside = plain_beside(listen) if plain is None else plain
    changed = with_tls(settings, name=name, listen=listen, plain=beside)
    _write(data, replace(changed, pairing=None if pairing else False))
    state = made_state(data)
    left = "" if settings.listen in (changed.listen, changed.plain) else settings.listen
    if as_json:
        show_json({**_document(state), "left": left})
        return
    _say(state)
    if left:
        click.echo(f"Left          {left}: nothing answers there any more, open https at {listen}")
    click.echo("Start the node anew. Then, for each tablet: divoc-edge tablet pair NAME")


def with_tls(settings: Settings, *, name: str, listen: str, plain: str) -> Settings:
    """Give a site's settings with TLS."""
    return replace(
        settings,
        tls=True,
        name=name or settings.name or machine_name(settings.facility),
        listen=listen,
        plain=plain,
        plain_http_reason="",
    )


def plain_beside(listen: str) -> str:
    """Give the address for plain HTTP that goes with one for HTTPS; empty where none is usual."""
    host, _, port = listen.rpartition(":")
    beside = {"443": "80", "8443": "8080"}.get(port)
    return f"{host}:{beside}" if beside else ""


def machine_name(facility: str) -> str:
    """Make a name of a machine out of a facility's code: small letters, digits and - alone."""
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in facility.lower())
    return "-".join(filter(None, kept.split("-")))[:63].strip("-") or "divoc-edge"


@tls.command()
@data_option
@json_option
def show(data: Path, as_json: bool) -> None:
    """Show the site's name, the authority's fingerprint, and how long both certificates last."""
    folder = data_folder(data)
    if not read_settings(folder).tls:
        raise _off()
    state = state_of(folder)
    if state is None:
        raise Unavailable(
            "tls.none",
            "There is no certificate yet.",
            hint="Start the node: it makes one.",
        )
    if as_json:
        show_json(_document(state))
    else:
        _say(state)


@tls.command(name="renew-authority")
@click.confirmation_option(prompt="Every tablet will have to trust the site anew. Go on?")
@data_option
@json_option
def renew_authority(data: Path, as_json: bool) -> None:
    """Make a new authority: after its key was stolen, for another name, or before its end.

    The node must not run. Every tablet has to trust the new one, and should forget the old.
    """
    from edge.adapters.keys import file_keys
    from edge.adapters.lock import SiteLock
    from edge.adapters.tls.site_tls import forget_authority

    if not read_settings(data_folder(data)).tls:
        raise _off()
    lock = SiteLock(data)
    try:
        forget_authority(file_keys(data))
        state = made_state(data)
    finally:
        lock.release()
    if as_json:
        show_json(_document(state))
    else:
        _say(state)


def made_state(data: Path) -> TlsState:
    """Make what is missing of a site's certificates, and say how it stands."""
    from edge.wiring.keys import wire_keys
    from edge.wiring.tls import wire_tls

    settings = read_settings(data)
    made = wire_tls(settings, wire_keys(data, settings))
    if made is None:
        raise _off()
    return made.state()


def state_of(data: Path) -> TlsState | None:
    """Say how a site stands with TLS, also while it runs; None if it has none."""
    from edge.adapters.addresses import machine_addresses, numbered
    from edge.adapters.clock import SystemClock
    from edge.adapters.keys import file_keys
    from edge.adapters.tls.site_tls import kept_state

    settings = read_settings(data)
    if not settings.tls:
        return None
    now = SystemClock(settings.zone, None).now()
    return kept_state(file_keys(data), now, numbered(machine_addresses(settings.listen)))


def _off() -> Conflict:
    return Conflict(
        "tls.off", "TLS is off at this site.", hint="Switch TLS on with: divoc-edge tls on"
    )


def _write(data: Path, settings: Settings) -> None:
    """Write settings that are in order, and none that are not."""
    before = read_settings(data)
    write_settings(data, settings)
    try:
        read_settings(data)
    except BaseException:
        write_settings(data, before)
        raise


def _document(state: TlsState) -> dict[str, object]:
    return {
        "host": state.host,
        "authority": state.fingerprint,
        "days": state.days,
        "authorityDays": state.authority_days,
        "addresses": list(state.addresses),
        "outside": list(state.outside),
    }


def _say(state: TlsState) -> None:
    click.echo(f"Name          {state.host}")
    click.echo(f"Authority     {state.fingerprint} (SHA-256)")
    click.echo(f"              good for {state.authority_days} days more")
    click.echo(f"Certificate   good for {state.days} days more, renewed by itself")
    for address in state.addresses:
        click.echo(f"Address       {address}")
    for address in state.outside:
        click.echo(f"Not for       {address}: it is no address of a private network")
