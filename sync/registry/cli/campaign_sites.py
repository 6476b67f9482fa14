"""``divoc-registry campaign sites``: what each site runs, refused and believes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, show_json
from sync.registry.cli.opening import data_option, database_option, opening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync.registry.site_campaigns import SiteCampaign


@click.command()
@data_option
@database_option
@json_option
def sites(data: Path, database: str | None, as_json: bool) -> None:
    """List which campaign each site runs, which lists it has, and what it refused."""
    from sync.registry.campaigns.told_root import told_root
    from sync.registry.nodes import all_nodes
    from sync.registry.site_campaigns import site_campaign

    told = told_root(data)
    with opening(data, database) as store:
        for record in all_nodes(store):
            found = site_campaign(store, record.node)
            if as_json:
                show_json(
                    {
                        "node": record.node,
                        "facility": record.facility,
                        **dataclasses.asdict(found),
                    }
                )
                continue
            runs = f"{found.id} {found.version} since {found.at}" if found.version else "none yet"
            click.echo(f"{record.facility:12} {runs}")
            for line in _root_lines(found, told):
                click.echo(f"{'':12} {line}")
            for refused in found.refused:
                click.echo(f"{'':12} not applied: {refused.version}. {refused.sentence}")
                for mistake in refused.mistakes:
                    click.echo(f"{'':14} {mistake}")
            for line in _list_lines(found):
                click.echo(f"{'':12} {line}")


def _list_lines(site: SiteCampaign) -> Iterator[str]:
    """Say which lists a site has, and what it could not take."""
    taken = [listed.name for listed in site.lists if listed.state == "taken"]
    if taken:
        yield f"lists: {', '.join(taken)}"
    for listed in site.lists:
        if listed.state != "taken":
            yield f"list {listed.name}: {listed.state}. {listed.sentence}".rstrip()
    for letter in site.letters:
        yield f"{letter.at[:16]} not taken: {letter.kind} {letter.name}. {letter.sentence}"


def _root_lines(site: SiteCampaign, told: str) -> Iterator[str]:
    """Say what is odd in the root that a site believes, and that it is not the first one."""
    from sync.registry.site_campaigns import root_remark

    root, remark = site.root, root_remark(site, told)
    if remark == "unsigned":
        yield "takes campaigns that nobody signed: give it a new enrolment code"
    if root and remark == "other":
        yield f"believes another root than sites are told of: {root.root[:32]}"
    if root and root.before:
        yield f"believed the root {root.before[:32]} until {root.at}"
