"""``divoc-edge plugins``: what there is beside the core, what was left out, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.common import data_folder
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.journal.plugin_states import PluginState
    from sync.plugins import Plugin

Rows = list[tuple["Plugin", str]]


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="A site's data folder: also say how each is doing there.",
)
@click.option("--added", is_flag=True, help="Only what installed packages add.")
@json_option
def plugins(data: Path | None, added: bool, as_json: bool) -> None:
    """List plug-ins: table, name, package, version, whether it is used, and its last trouble."""
    from edge.extensions import installed, own_plugins

    found = [*installed().found, *([] if added else own_plugins())]
    rows = _with_states(found, _states(data) if data else {})
    if as_json:
        show_json([{**asdict(plugin), "trouble": trouble} for plugin, trouble in rows])
    else:
        _show(rows)
    if any(plugin.reason for plugin in found):
        raise SystemExit(Exit.FAILED)


def _states(data: Path) -> Mapping[tuple[str, str], PluginState]:
    from edge.adapters.settings import read_settings
    from edge.journal.plugin_states import plugin_states
    from edge.wiring.journal import readers

    folder = data_folder(data)
    kinds = {channel.name: channel.kind for channel in read_settings(folder).channels}
    with readers(folder) as journal, journal.reading() as db:
        return {  # a channel has a name of its own, and is listed by its kind
            (state.kind, kinds.get(state.name, state.name)
             if state.kind == "distribution" else state.name): state
            for state in plugin_states(db)
        }  # fmt: skip


def _with_states(found: list[Plugin], states: Mapping[tuple[str, str], PluginState]) -> Rows:
    rows: Rows = []
    for plugin in found:
        state = states.get((plugin.kind, plugin.name))
        if plugin.reason or state is None:
            rows.append((plugin, ""))
        else:
            said = f"{state.at}: {state.sentence}" if state.sentence else ""
            rows.append((replace(plugin, state=state.state), said))
    return rows


def _show(rows: Rows) -> None:
    for plugin, trouble in rows:
        origin = f"{plugin.package} {plugin.version}"
        click.echo(f"{plugin.kind:12} {plugin.name:20} {origin}  {plugin.state}")
        for told in filter(None, (plugin.reason, trouble)):
            click.echo(f"{'':12} {told}")
    if not rows:
        click.echo("No installed package adds anything.")
