"""``divoc-registry operator`` and ``code``: who may use the registry, and which sites may join."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import click

from sync.commands.answers import json_option, show_json
from sync.protocol.enrolment_codes import STICK
from sync.protocol.errors import SyncError
from sync.registry.cli.factors import reset_second_factor, second_factor
from sync.registry.cli.opening import (
    address_option,
    checked_name,
    data_option,
    database_option,
    instant,
    opening,
)
from sync.registry.web.policy import ROLES

_SHELL = "command line"


@click.group()
def operator() -> None:
    """People and systems that may use the registry, each with a token and a role.

    viewer looks at the fleet, reader reads records for a national system, steward stops sites and
    makes codes, admin may do everything and sees the audit. Stewards and admins decide with a
    second factor.
    """


operator.add_command(second_factor)
operator.add_command(reset_second_factor)


@operator.command()
@click.argument("name", callback=checked_name)
@click.option("--role", type=click.Choice(ROLES), required=True)
@data_option
@database_option
@json_option
def add(name: str, role: str, data: Path, database: str | None, as_json: bool) -> None:
    """Let NAME in, and print the token: it is shown only now. Again: a new role and token."""
    from sync.registry.store.records import AuditLine, Operator
    from sync.registry.web.access import first_operator, token_digest

    if name == first_operator("").name:
        raise click.BadParameter("this name cannot be used", param_hint="NAME")
    token = secrets.token_urlsafe(18)
    with opening(data, database, make=True) as store:
        store.add_operator(Operator(name, role, token_digest(token), instant()))
        store.audit(AuditLine(instant(), _SHELL, f"let in as {role}", name))
    if as_json:
        show_json({"name": name, "role": role, "token": token})
    else:
        click.echo(token)


@operator.command()
@click.argument("name")
@data_option
@database_option
def remove(name: str, data: Path, database: str | None) -> None:
    """Let NAME in no more, also where they are signed in now."""
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        if store.operator(name) is None:
            raise SyncError("operator.unknown", "There is no operator called {name}.", name=name)
        store.remove_operator(name)
        store.audit(AuditLine(instant(), _SHELL, "let in no more", name))
    click.echo(f"{name} is let in no more.")


@operator.command(name="list")
@data_option
@database_option
@json_option
def list_(data: Path, database: str | None, as_json: bool) -> None:
    """List who may use the registry; the admin of the file operator.token is not among them."""
    with opening(data, database) as store:
        found = store.operators()
    if as_json:
        listed = [
            {"name": member.name, "role": member.role, "addedAt": member.added_at}
            for member in found
        ]
        show_json(listed)
        return
    for member in found:
        click.echo(f"{member.role:8} {member.added_at[:10]}  {member.name}")
    if not found:
        click.echo("No operator has been added yet.")


@click.group()
def code() -> None:
    """One-time codes with which sites enrol."""


@code.command(name="add")
@click.argument("facility")
@click.option("--days", default=14, show_default=True, help="How long it counts.")
@address_option
@data_option
@database_option
@json_option
def add_code(
    facility: str, days: int, address: str, data: Path, database: str | None, as_json: bool
) -> None:
    """Make a code for FACILITY, and print it: it is shown only now.

    It holds the registry's address and fingerprint, and a secret. Hand it on as it is, on paper
    or sealed: whoever has it first can enrol for the facility.
    """
    from sync.protocol.enrolment_codes import check_address
    from sync.registry.addresses import needed_address
    from sync.registry.campaigns.told_root import told_root
    from sync.registry.codes import make_code, whole_code
    from sync.registry.keys import registry_key
    from sync.registry.store.records import AuditLine

    if address != STICK:  # refused before a folder is made
        _ = check_address(address) if address else needed_address(data)
    with opening(data, database, make=True) as store:
        data.mkdir(parents=True, exist_ok=True)
        reached = STICK if address == STICK else needed_address(data, address)
        secret = make_code(store, facility, days, datetime.now(UTC))
        made = whole_code(secret, reached, registry_key(data).public_key(), told_root(data))
        store.audit(AuditLine(instant(), _SHELL, "made a code for", facility))
    if as_json:
        show_json({"facility": facility, "code": made, "days": days})
    else:
        click.echo(made)


@code.command(name="list")
@data_option
@database_option
@json_option
def list_codes(data: Path, database: str | None, as_json: bool) -> None:
    """List the newest codes: for whom, until when, and whether they were used."""
    with opening(data, database) as store:
        found = store.codes(limit=1000)
    now = instant()
    for issued in found:
        state = "used" if issued.node else "over" if issued.expires_at <= now else "unused"
        if as_json:
            told = {"facility": issued.facility, "state": state, "expiresAt": issued.expires_at}
            show_json({**told, "node": issued.node})
        else:
            click.echo(
                f"{state:7} until {issued.expires_at[:10]}  {issued.facility:12} {issued.node}"
            )
    if not found and not as_json:
        click.echo("No code has been made yet.")
