"""``divoc-registry operator second-factor`` and ``reset-second-factor``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.protocol.errors import SyncError
from sync.registry.cli.opening import by_option, data_option, database_option, instant, opening

if TYPE_CHECKING:
    from sync.registry.second_factors import SecondFactors
    from sync.registry.store.interface import Store

_SHELL = "command line"


@click.command(name="second-factor")
@click.argument("name")
@data_option
@database_option
def second_factor(name: str, data: Path, database: str | None) -> None:
    """Set up the second factor of NAME, who is here with the telephone.

    Shows a QR code for the app, asks for the six digits that it shows then, and prints the
    recovery codes: they are shown only now.
    """
    from sync.registry.store.records import AuditLine

    with _factors(name, data, database) as (store, factors):
        made = factors.begin(name)
        _draw(made.uri)
        click.echo(f"The key, to be typed instead: {made.secret}")
        codes = factors.confirm(name, click.prompt("The six digits that the app shows"))
        store.audit(AuditLine(instant(), _SHELL, "set up a second factor", name))
    click.echo("Recovery codes, each for one sign-in without the telephone:")
    for code in codes:
        click.echo(f"  {code}")


@click.command(name="reset-second-factor")
@click.argument("name")
@by_option
@data_option
@database_option
def reset_second_factor(name: str, by: str, data: Path, database: str | None) -> None:
    """Forget the second factor of NAME, who has lost the telephone and the recovery codes.

    Until it is set up again the token alone signs in, to look and not to decide.
    """
    from sync.registry.store.records import AuditLine

    with _factors(name, data, database) as (store, factors):
        if not factors.reset(name):
            raise SyncError("factor.none-set", "{name} has no second factor.", name=name)
        who = f"{by} (command line)"
        store.audit(AuditLine(instant(), who, "reset the second factor of", name))
    click.echo(f"The second factor of {name} is reset.")


@contextmanager
def _factors(name: str, data: Path, database: str | None) -> Iterator[tuple[Store, SecondFactors]]:
    from sync.registry.keys import registry_key
    from sync.registry.second_factors import SecondFactors
    from sync.registry.web.access import first_operator
    from sync.registry.web.policy import DECIDING

    with opening(data, database) as store:
        known = first_operator("") if name == first_operator("").name else store.operator(name)
        if known is None:
            raise SyncError("operator.unknown", "There is no operator called {name}.", name=name)
        if known.role not in DECIDING:
            raise SyncError(
                "factor.role",
                "{name} decides nothing as {role}, and needs no second factor.",
                name=name,
                role=known.role,
            )
        yield store, SecondFactors(store, registry_key(data), lambda: datetime.now(UTC))


def _draw(text: str) -> None:
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    buffer = io.StringIO()
    code.print_ascii(out=buffer, invert=True)
    click.echo(buffer.getvalue())
