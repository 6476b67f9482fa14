"""``divoc-edge doctor``: whether tablets reach the site, and safely."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.common import data_folder, data_option
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.adapters.settings import Settings
    from edge.adapters.tls.site_tls import TlsState

_PATIENCE = 5.0
_FEW_DAYS, _FEW_DAYS_OF_AUTHORITY = 30, 365


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """One thing that was looked at: what was found, and what helps if it is not in order."""

    code: str
    good: bool
    sentence: str
    hint: str = ""


@click.command()
@data_option
@json_option
def doctor(data: Path, as_json: bool) -> None:
    """Look whether tablets reach the site safely, and say what is wrong and what helps.

    Looked at are the settings, the clock, the certificates, what answers at the addresses of a
    site that runs, the name on the network, and the paired tablets. Printers have their own:
    divoc-edge print doctor.
    """
    checks = list(_checks(data_folder(data)))
    wrong = [check for check in checks if not check.good]
    if as_json:
        keys = ("code", "good", "sentence", "hint")
        show_json({"checks": [{key: getattr(check, key) for key in keys} for check in checks]})
    else:
        for check in checks:
            click.echo(f"{' ' if check.good else '!'} {check.sentence}")
            if check.hint:
                click.echo(f"    {check.hint}")
        click.echo(f"{len(wrong)} to put right." if wrong else "All is well.")
    if wrong:
        raise SystemExit(Exit.FAILED)


def _checks(data: Path) -> Iterator[SiteCheck]:
    from edge.adapters.settings import read_settings
    from edge.cli.tls import state_of

    settings = read_settings(data)
    yield _clock(data, settings)
    if settings.tls:
        state = state_of(data)
        if state is None:
            yield SiteCheck(
                "tls.none", False, "There is no certificate yet.", "Start the node: it makes one."
            )
        else:
            yield from _certificates(state)
            yield _answers(data, settings, state)
            yield from _plain(settings)
            yield from _name(settings, state)
    else:
        yield _bare(settings)
    yield _tablets(data, settings)


def _clock(data: Path, settings: Settings) -> SiteCheck:
    from edge.adapters.clock import SystemClock
    from edge.domain.believable import HINT
    from edge.wiring.journal import last_moment

    belief = SystemClock(settings.zone, last_moment(data)).belief()
    if belief.believed:
        return SiteCheck("clock", True, "The clock is believed.")
    return SiteCheck("clock", False, belief.sentence.format(**belief.values), HINT)


def _bare(settings: Settings) -> SiteCheck:
    if settings.is_bare:
        return SiteCheck(
            "tls.bare",
            False,
            f"{settings.listen} is for other machines, and TLS is off: the site will not start.",
            "divoc-edge tls on, or plain_http_reason in site.toml",
        )
    why = settings.plain_http_reason.strip() or "it speaks to this machine alone"
    return SiteCheck("tls.off", True, f"TLS is off at {settings.listen}: {why}.")


def _certificates(state: TlsState) -> Iterator[SiteCheck]:
    yield SiteCheck(
        "tls.certificate",
        state.days >= _FEW_DAYS,
        f"The certificate for {state.host} is good for {state.days} days more.",
        "" if state.days >= _FEW_DAYS else "Is the node running? It renews it by itself.",
    )
    yield SiteCheck(
        "tls.authority",
        state.authority_days >= _FEW_DAYS_OF_AUTHORITY,
        f"The site's authority is good for {state.authority_days} days more.",
        ""
        if state.authority_days >= _FEW_DAYS_OF_AUTHORITY
        else "Make a new one in quiet days: divoc-edge tls renew-authority",
    )
    if not state.addresses:
        yield SiteCheck(
            "tls.addresses",
            True,
            f"Tablets find the site by its name alone: {state.host}.",
            "This machine has no address of a private network.",
        )


def _answers(data: Path, settings: Settings, state: TlsState) -> SiteCheck:
    """Ask as a tablet does that trusts the authority and nobody else."""
    from edge.adapters.keys import file_keys
    from edge.adapters.tls.profile import authority_pem
    from edge.adapters.tls.site_tls import kept_authority

    authority = kept_authority(file_keys(data))
    trusting = ssl.create_default_context(
        cadata=authority_pem(authority).decode() if authority else None
    )
    address = _own(settings.listen)
    try:
        with (
            socket.create_connection(address, _PATIENCE) as line,
            trusting.wrap_socket(line, server_hostname=state.host),
        ):
            pass
    except ssl.SSLError as error:
        return SiteCheck(
            "tls.answer",
            False,
            f"What answers at {settings.listen} is not trusted: {error.reason}.",
            "Start the node anew. Is another program there?",
        )
    except OSError:
        return SiteCheck(
            "tls.answer", False, f"Nothing answers at {settings.listen}.", "divoc-edge run"
        )
    return SiteCheck("tls.answer", True, f"https://{state.host} is answered, and is trusted.")


def _plain(settings: Settings) -> Iterator[SiteCheck]:
    if not settings.plain:
        yield SiteCheck(
            "tls.plain",
            False,
            "No address tells tablets how to trust the site.",
            'In site.toml: plain = "0.0.0.0:80"',
        )
        return
    try:
        socket.create_connection(_own(settings.plain), _PATIENCE).close()
    except OSError:
        yield SiteCheck(
            "tls.plain",
            False,
            f"Nothing answers at {settings.plain}, where /trust should be.",
            "Does the node run, and may it use that port?",
        )
        return
    yield SiteCheck("tls.plain", True, f"/trust is answered at {settings.plain}.")


def _name(settings: Settings, state: TlsState) -> Iterator[SiteCheck]:
    from edge.adapters.addresses import machine_addresses, numbered
    from edge.adapters.announcer import find_name

    if not settings.announce:
        yield SiteCheck(
            "mdns", True, f"{state.host} is not announced: the setting announce says so."
        )
        return
    own = numbered(machine_addresses(settings.listen))
    try:
        found = find_name(state.host, own)
    except OSError as error:
        found, reason = (), error.strerror or type(error).__name__
    else:
        reason = "nobody answers to it"
    others = sorted(set(found) - set(own))
    if others:
        yield SiteCheck(
            "mdns",
            False,
            f"Another machine answers to {state.host}: {', '.join(others)}.",
            "Give one of the two another name.",
        )
    elif found:
        yield SiteCheck("mdns", True, f"{state.host} is found on the network.")
    else:
        yield SiteCheck(
            "mdns",
            False,
            f"{state.host} is not found on the network: {reason}.",
            "Tablets can use the address in numbers. Does a firewall close port 5353 of UDP?",
        )


def _tablets(data: Path, settings: Settings) -> SiteCheck:
    from edge.adapters.site_database import reading
    from edge.journal.devices import count_in_use

    with reading(data) as db:
        count = count_in_use(db)
    told = f"{count} paired tablets"
    if settings.pairing_demanded and not count:
        return SiteCheck(
            "tablets", False, f"{told}: nobody can sign in.", "divoc-edge tablet pair NAME"
        )
    alone = "on these alone" if settings.pairing_demanded else "on others too"
    return SiteCheck("tablets", True, f"{told}; staff sign in {alone}.")


def _own(listen: str) -> tuple[str, int]:
    """Give the address under which this machine reaches itself."""
    host, _, port = listen.rpartition(":")
    bare = host.strip("[]")
    every = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  (not bound to)
    return every.get(bare, bare), int(port)
