"""``divoc-edge followers``: where the journal goes, and what did not arrive there."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.adapters.settings import Settings, read_settings
from edge.adapters.site_database import reading
from edge.cli.common import data_folder, data_option
from edge.domain.errors import NotFound
from edge.journal import following
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.followers.table import Health

_WORDS = {"complete": "has everything", "waiting": "waits", "trouble": "is in trouble"}


@click.group()
def followers() -> None:
    """Show what reads the journal, and try again what it could not deliver."""


@followers.command()
@data_option
@json_option
def status(data: Path, as_json: bool) -> None:
    """Say how each follower stands, also while the site runs."""
    from edge.extensions import installed
    from edge.followers.table import Surroundings, health, registry_health

    settings = read_settings(data_folder(data))
    with reading(data) as db:
        found = [registry_health(db)] if settings.registry else []
        around = Surroundings(settings.facility, data, partial(reading, data))
        found += [
            health(db, follower, around, installed().followers) for follower in settings.followers
        ]
    if as_json:
        show_json([asdict(state) for state in found])
    else:
        for state in found:
            _say(state)
        if not found:
            click.echo("Nothing follows the journal of this site.")
    if any(state.state == "trouble" for state in found):
        raise SystemExit(Exit.FAILED)


@followers.command()
@click.argument("name")
@data_option
@json_option
def refused(name: str, data: Path, as_json: bool) -> None:
    """List what a follower could not deliver: places and reasons, nobody's data."""
    _known(read_settings(data_folder(data)), name)
    with reading(data) as db:
        found = following.undelivered(db, name)
    for entry in found:
        if as_json:
            show_json(asdict(entry))
        else:
            told = entry.sentence.format(**entry.values)
            click.echo(f"{entry.position:8} {entry.state:8} {entry.tries:4} times  {told}")


@followers.command()
@click.argument("name")
@data_option
@json_option
def retry(name: str, data: Path, as_json: bool) -> None:
    """Let a follower try again what was refused or put off. For a site that is not running."""
    from edge.node import Node

    node = Node(data_folder(data))
    try:
        _known(node.settings, name)
        count = node.journal.run(lambda unit: following.ask_again(unit.db, name))
    finally:
        node.close()
    if as_json:
        show_json({"follower": name, "again": count})
    else:
        click.echo(f"{count} entries will be tried again when the site runs.")


def _known(settings: Settings, name: str) -> None:
    known = [follower.name for follower in settings.followers]
    if name not in known:
        raise NotFound(
            "follower.unknown",
            "This site has no follower {name}.",
            hint="Known are: {known}.",
            field="name",
            name=name,
            known=", ".join(known) or "none",
        )


def _say(one: Health) -> None:
    click.echo(f"{one.name:16} {_WORDS[one.state]}, last {one.at or 'never'}")
    for count, what in (
        (one.waiting, "wait"), (one.later, "are tried again later"), (one.refused, "are refused"),
    ):  # fmt: skip
        if count:
            click.echo(f"{'':16} {count} entries {what}")
    if one.sentence:
        click.echo(f"{'':16} {one.sentence}")
