"""``divoc-registry staff``: invitations of staff to set a first PIN of their own at a site."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sync.commands.answers import json_option, printable, show_json
from sync.commands.numbers import DAYS
from sync.registry.cli.opening import by_option, data_option, database_option, instant, opening

_code = click.argument("code")
_node = click.option("--node", default="", help="The site, by its id (divoc-registry nodes).")
_facility = click.option("--facility", default="", help="The site, by its facility's code.")


@click.group()
def staff() -> None:
    """Invite members of staff whom the campaign names to set a first PIN of their own."""


@staff.command()
@_code
@_node
@_facility
@click.option("--days", type=DAYS, default=7, show_default=True, help="For how long, 1 to 30.")
@by_option
@data_option
@database_option
@json_option
def invite(
    code: str,
    node: str,
    facility: str,
    days: int,
    by: str,
    data: Path,
    database: str | None,
    as_json: bool,
) -> None:
    """Invite the member of staff CODE; the one-time code is printed once and kept nowhere.

    It goes to the site sealed to it. The person types it there at /invited and chooses a PIN, which
    counts once a supervisor there has said that it is them. Another invitation replaces this one.
    """
    from sync.protocol.bundles.sealed import recipient_of
    from sync.registry.invitations import invite as send
    from sync.registry.invitations import is_named, place_of
    from sync.registry.keys import age_identities
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        site = place_of(store, node, facility)
        recipient, now = recipient_of(age_identities(data)[0]), datetime.now(UTC)
        made, secret = send(store, site, code, days, recipient, now)
        named = is_named(store, site.node, code)
        store.audit(AuditLine(instant(), f"{by} (command line)", "invited staff", code))
    if as_json:
        show_json(
            {
                "id": made.id,
                "staff": code,
                "node": site.node,
                "facility": site.facility,
                "code": secret,
                "expiresAt": made.expires,
                "named": named,
            }
        )
        return
    until = made.expires[:10]
    click.echo(f"The one-time code of {code} at {site.facility}, until {until}: {secret}")
    click.echo("Give it to that person and to nobody else. It is not shown again.")
    if named is False:
        click.echo(f"The campaign at {site.facility} does not name {code}: it counts once it does.")


@staff.command()
@_code
@_node
@_facility
@by_option
@data_option
@database_option
@json_option
def withdraw(
    code: str, node: str, facility: str, by: str, data: Path, database: str | None, as_json: bool
) -> None:
    """Withdraw what invitation the member of staff CODE has at a site; a PIN that is set stays."""
    from sync.registry.invitations import place_of
    from sync.registry.invitations import withdraw as take_back
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        site, now = place_of(store, node, facility), instant()
        count = take_back(store, site, code, _identities(data), now)
        store.audit(AuditLine(now, f"{by} (command line)", "withdrew an invitation", code))
    if as_json:
        show_json({"staff": code, "node": site.node, "withdrawn": count})
        return
    click.echo(f"The invitation of {code} at {site.facility} is withdrawn.")


@staff.command(name="list")
@_node
@_facility
@data_option
@database_option
@json_option
def list_(node: str, facility: str, data: Path, database: str | None, as_json: bool) -> None:
    """List the invitations of every site, or of one, and what became of each."""
    from sync.registry.invitations import place_of, sent
    from sync.registry.nodes import all_nodes

    with opening(data, database) as store:
        sites = [place_of(store, node, facility)] if node or facility else all_nodes(store)
        now, identities = instant(), _identities(data)
        told = [(site, sent(store, site.node, identities, now)) for site in sites]
    for site, invitations in told:
        for each in invitations:
            made = each.invitation
            if as_json:
                show_json(
                    {
                        "id": made.id,
                        "staff": made.staff,
                        "node": site.node,
                        "facility": site.facility,
                        "issuedAt": made.issued,
                        "expiresAt": made.expires,
                        "state": each.state,
                    }
                )
                continue
            until = made.expires[:10]
            click.echo(printable(f"{site.facility:12} {made.staff:16} {until} {each.state}"))
    if not as_json and not any(invitations for _, invitations in told):
        click.echo("Nobody was invited.")


def _identities(data: Path) -> list[str]:
    """Give what opens the letters that were sent; nothing where none was ever made."""
    from sync.registry.keys import age_identities

    return age_identities(data) if (data / "registry.age").exists() else []
