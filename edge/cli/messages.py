"""``divoc-edge messages``: how the channels to people stand, and one message to try one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from edge.adapters.settings import read_settings
from edge.adapters.site_database import reading
from edge.cli.at_site import do_at_site
from edge.cli.common import data_folder, data_option
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

_WORDS = {"ready": "works", "trouble": "is in trouble", "off": "is switched off until a restart"}


@click.group()
def messages() -> None:
    """Say how the channels to people stand, try one, and send again what waits."""


@messages.command()
@data_option
@json_option
def status(data: Path, as_json: bool) -> None:
    """Say how each channel stands, also while the site runs."""
    from edge.services.messages.channel_states import channel_states

    settings = read_settings(data_folder(data))
    kinds = {channel.name: channel.kind for channel in settings.channels}
    with reading(data) as db:
        found = channel_states(db, kinds)
    if as_json:
        show_json([asdict(state) for state in found])
    for state in () if as_json else found:
        click.echo(f"{state.name:16} {state.kind}, {_WORDS[state.state]}")
        counted = ", ".join(f"{count} {word}" for word, count in sorted(state.counts.items()))
        click.echo(f"{'':16} {counted or 'no messages yet'}")
        if state.since:
            click.echo(f"{'':16} the oldest waits since {state.since}")
        for label, value in state.details.items():
            click.echo(f"{'':16} {label}: {value}")
        if state.trouble:
            click.echo(f"{'':16} {state.trouble} (since {state.at})")
    if not found and not as_json:
        click.echo("This site has no channel. Write [[channel]] into site.toml.")
    if any(state.state != "ready" for state in found):
        raise SystemExit(Exit.FAILED)


@messages.command("send-test")
@click.argument("name")
@click.argument("address")
@data_option
@json_option
def send_test(name: str, address: str, data: Path, as_json: bool) -> None:
    """Send one message to ADDRESS by the channel NAME, and say what became of it."""
    from edge.tasks import TEST_MESSAGE

    told = do_at_site(data, TEST_MESSAGE, {"channel": name, "address": address})
    if as_json:
        show_json(told)
    else:
        click.echo(f"{told['state']}. {told['sentence']}".rstrip())


@messages.command()
@click.argument("name")
@data_option
@json_option
def retry(name: str, data: Path, as_json: bool) -> None:
    """Try now what waits for the channel NAME. What may have arrived is never sent again."""
    from edge.tasks import RETRY_MESSAGES

    told = do_at_site(data, RETRY_MESSAGES, {"channel": name})
    if as_json:
        show_json(told)
    else:
        click.echo(f"{told['again']} messages will be tried now.")
