"""``divoc-registry enrolments``: lists of people who are expected at sites, in sealed pieces."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, printable, show_json
from sync.commands.paths import FILE
from sync.registry.cli.opening import by_option, data_option, database_option, instant, opening

if TYPE_CHECKING:
    from sync.registry.enrolment_lists import SiteProgress

_name = click.argument("name")
_LINES = 20
"""Lines that a site did not take and that are named."""


@click.group()
def enrolments() -> None:
    """Lists of people who are expected at sites: each site fetches its own, sealed, in pieces."""


@enrolments.command()
@click.argument("file", type=FILE)
@click.option("--list", "name", required=True, help="Its name, such as measles-spring-2027.")
@click.option("--programme", required=True, help="The programme's id.")
@by_option
@data_option
@database_option
@json_option
def publish(
    file: Path,
    name: str,
    programme: str,
    by: str,
    data: Path,
    database: str | None,
    as_json: bool,
) -> None:
    """Publish DIVOC's enrolments table in FILE, in place of what the list held before.

    Its people go to the sites of the facilities in its column enrollmentScopeId, also to those
    that enrol later. Keep FILE where it is safe: the lines that sites cannot take are named by it.
    """
    from sync.protocol.bundles.sealed import recipient_of
    from sync.registry.cli.publish import utf8_text
    from sync.registry.enrolment_lists import ListFile
    from sync.registry.enrolment_lists import publish as publish_list
    from sync.registry.keys import age_identities
    from sync.registry.store.records import AuditLine

    table = ListFile(name, programme, utf8_text(file), file.name)
    with opening(data, database) as store:
        recipient, now = recipient_of(age_identities(data)[0]), instant()
        done = publish_list(store, table, recipient, now, secrets.token_bytes)
        store.audit(AuditLine(now, f"{by} (command line)", "published enrolments", name))
    if as_json:
        show_json(
            {
                "list": name,
                "edition": done.edition,
                "people": sum(done.people.values()),
                "facilities": done.people,
                "nodes": done.nodes,
                "withoutSite": done.without_site,
            }
        )
        return
    people, sites = sum(done.people.values()), len(done.nodes)
    click.echo(f"The list {name}: {people} people, told to {sites} sites.")
    for facility in done.without_site:
        click.echo(
            printable(f"    {facility}: {done.people[facility]} people, and no site has enrolled.")
        )


@enrolments.command()
@_name
@by_option
@data_option
@database_option
@json_option
def withdraw(name: str, by: str, data: Path, database: str | None, as_json: bool) -> None:
    """Take the list NAME back: sites take away whom they have never seen, and keep the others."""
    from sync.registry.enrolment_lists import withdraw as withdraw_list
    from sync.registry.store.records import AuditLine

    with opening(data, database) as store:
        now = instant()
        done = withdraw_list(store, name, now)
        store.audit(AuditLine(now, f"{by} (command line)", "withdrew enrolments", name))
    if as_json:
        show_json({"list": name, "edition": done.edition, "nodes": done.nodes})
        return
    click.echo(f"The list {name} is withdrawn, told to {len(done.nodes)} sites.")


@enrolments.command()
@click.argument("name", default="")
@data_option
@database_option
@json_option
def status(name: str, data: Path, database: str | None, as_json: bool) -> None:
    """Say how far each site is with the list NAME, or with all, and which lines it did not take."""
    from sync.registry.enrolment_lists import found, progress

    with opening(data, database) as store:
        lists = [found(store, name)] if name else store.published_lists()
        told = [(published, progress(store, published.name)) for published in lists]
    for published, sites in told:
        if not as_json:
            people = f"{len(sites)} sites" if sites else "withdrawn, or no site has enrolled"
            click.echo(f"{published.name} of {published.programme}, {published.edition}: {people}")
        for site in sites:
            _tell(published.name, site, as_json)
    if not told and not as_json:
        click.echo("No list was published.")


def _tell(name: str, site: SiteProgress, as_json: bool) -> None:
    if as_json:
        show_json(
            {
                "list": name,
                "node": site.node,
                "facility": site.facility,
                "people": site.people,
                "taken": site.taken,
                "held": [{"line": line, "code": code} for line, code in site.held],
            }
        )
        return
    click.echo(f"    {site.facility:12} {site.taken} of {site.people}")
    for line, code in site.held[:_LINES]:
        click.echo(printable(f"        not taken: line {line} ({code})"))
    if len(site.held) > _LINES:
        click.echo(f"        and {len(site.held) - _LINES} lines more")
