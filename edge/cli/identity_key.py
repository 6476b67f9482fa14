"""``divoc-edge keys identity``: the key under which a campaign hides identity numbers."""

from __future__ import annotations

from pathlib import Path

import click

from edge.cli.common import data_folder, data_option
from edge.domain.errors import Conflict
from sync.commands.answers import json_option, show_json


@click.group()
def identity() -> None:
    """The key under which the campaign keeps identity numbers as digests."""


@identity.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def make(file: Path, as_json: bool) -> None:
    """Make the key of a campaign at the ministry, and print its check value for identities.yaml.

    The file goes to each site by a way on which nobody copies it, and to no campaign folder.
    """
    from edge.adapters.entropy import SystemEntropy
    from edge.services.identities import KEY_BYTES, key_check
    from sync.own_files import write_once

    key = SystemEntropy().bytes(KEY_BYTES)
    if not write_once(file, f"{key.hex()}\n"):
        raise Conflict(
            "keys.identity-there",
            "{path} is there already, and may be the key of a campaign.",
            hint="Name another file, or move that one away.",
            path=file,
        )
    check = key_check(key)
    if as_json:
        show_json({"file": str(file), "check": check})
        return
    click.echo(f"The key is in {file}. In identities.yaml:\n\nkey: {check}")


@identity.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@json_option
def take(file: Path, data: Path, as_json: bool) -> None:
    """Take the campaign's key into this site's folder of keys; restart the node afterwards.

    It is encrypted there under the journal's key. Delete the file, and every other copy on the way.
    """
    from edge.adapters.keys import file_keys, read_identity_key
    from edge.services.identities import key_check

    key = read_identity_key(file)
    file_keys(data_folder(data)).keep_identity_key(key)
    if as_json:
        show_json({"check": key_check(key)})
        return
    click.echo(f"The key {key_check(key)} is here. Restart the node, and delete {file}.")


@identity.command()
@data_option
@json_option
def show(data: Path, as_json: bool) -> None:
    """Say whether the site has the key that the campaign in force asks for."""
    from edge.adapters.keys import file_keys
    from edge.adapters.site_database import reading
    from edge.cli.common import catalogue_in_force
    from edge.services.identities import key_check

    folder = data_folder(data)
    key = file_keys(folder).identity_key()
    with reading(folder) as db:
        asked = catalogue_in_force(db).identities.key
    here = key_check(key) if key else ""
    if as_json:
        show_json({"asked": asked, "here": here})
        return
    if not asked:
        click.echo("The campaign in force hides no identity numbers.")
    elif here == asked:
        click.echo(f"The key {asked} is here.")
    else:
        click.echo(f"The campaign asks for the key {asked}, and here is {here or 'none'}.")
