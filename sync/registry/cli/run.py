"""``divoc-registry run``; what it does is in ``serving``, which loads the registry."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import click

from sync.commands.numbers import COUNT, MOST_DAYS, POSITIVE
from sync.registry.cli.locker_options import locker_options
from sync.registry.cli.log_options import log_options
from sync.registry.cli.opening import address_option, data_option, database_option, schemas_option
from sync.registry.cli.provider_options import ProviderOptions, provider_options
from sync.registry.lifetimes import AUDIT_DAYS, LEAST_AUDIT_DAYS
from sync.registry.locker.settings import LockerSettings
from sync.registry.rate_limits import Limits

_LIMITS = Limits()
_MOST_PORTS = 65535


def _address(text: str | None) -> str | None:
    """Write an IP address as a connection has it: any other text would never be met with."""
    try:
        return None if text is None else str(ip_address(text))
    except ValueError:
        raise click.BadParameter("write the proxy's IP address, such as 127.0.0.1") from None


def _listen(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    if text is None:
        return None
    host, _colon, port = text.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > _MOST_PORTS:
        raise click.BadParameter("write it as host:port")
    return text


_listen_option = click.option(
    "--listen", default="127.0.0.1:8900", show_default=True, callback=_listen, help="host:port"
)
_metrics_option = click.option(
    "--metrics",
    callback=_listen,
    metavar="HOST:PORT",
    help="Answer Prometheus there; let nobody else reach it.",
)
_judging_option = click.option(
    "--no-judging",
    is_flag=True,
    help="Leave what sites deliver to be judged by divoc-registry judge --keep-on.",
)
_behind_option = click.option(
    "--behind",
    metavar="ADDRESS",
    callback=lambda _, __, text: _address(text),
    help="The proxy whose X-Forwarded-For is believed.",
)

_code_option = click.option(
    "--enrolment-code",
    "codes",
    multiple=True,
    help="The secret of a code that enrols any site, any number; the whole code is printed.",
)
_audit_option = click.option(
    "--audit-days",
    type=click.IntRange(LEAST_AUDIT_DAYS, MOST_DAYS),
    default=AUDIT_DAYS,
    show_default=True,
    help="How long it is kept who did or looked at what.",
)


_LIMIT_OPTIONS: dict[str, tuple[click.IntRange, str]] = {
    "entries_a_day": (POSITIVE, "Of a site; one of more than 4 kB counts for several."),
    "passes_a_minute": (POSITIVE, "Of a site."),
    "histories_a_day": (COUNT, "Questions of a site for people's histories."),
    "without_paper_a_day": (
        COUNT,
        "People whom a site asks for by identity number, name and birth alone.",
    ),
    "morning_window": (
        click.IntRange(0, 86400),
        "Seconds over which sites are spread; 0: only while the registry is busy.",
    ),
}
"""What of :class:`Limits` is an option, in the order of the help."""


def _limit_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of what one site may do, in their order."""
    for name, (kind, told) in reversed(_LIMIT_OPTIONS.items()):
        option = f"--{name.replace('_', '-')}"
        default = getattr(_LIMITS, name)
        command = click.option(option, type=kind, default=default, show_default=True, help=told)(
            command
        )
    return command


@click.command()
@data_option
@database_option
@_listen_option
@schemas_option
@_code_option
@_limit_options
@_audit_option
@_behind_option
@address_option
@_metrics_option
@_judging_option
@log_options
@locker_options
@provider_options
def run(
    data: Path,
    database: str | None,
    listen: str,
    codes: tuple[str, ...],
    schemas: Path | None,
    audit_days: int,
    behind: str | None,
    address: str,
    metrics: str | None,
    no_judging: bool,
    log: str,
    log_level: str,
    locker: LockerSettings | None,
    provider: ProviderOptions | None,
    **limits: int,
) -> None:
    """Run the registry until it is stopped (Ctrl-C, or SIGTERM)."""
    from sync.registry.cli.serving import ServingOptions, serve

    serve(
        ServingOptions(
            data=data,
            database=database,
            listen=listen,
            codes=codes,
            schemas=schemas,
            limits=Limits(**limits),
            audit_days=audit_days,
            address=address,
            behind=behind,
            metrics=metrics,
            judging=not no_judging,
            log=(log, log_level),
            locker=locker,
            provider=provider,
        )
    )
