"""``divoc-registry keys``: where the key of the registry's own database is, and what for."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sync.commands.answers import json_option, show_json
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import data_option, no_registry


@click.group()
def keys() -> None:
    """The key of the registry's folder: of its database, and of the operators' second factors."""


@keys.command()
@data_option
@json_option
def place(data: Path, as_json: bool) -> None:
    """Say where the key is, and what that protects."""
    from sync.key_places import PLACES

    found = _place(data)
    if as_json:
        show_json({"place": found, "protects": PLACES[found].protects})
    else:
        _tell(data)


@keys.command()
@click.option(
    "--to",
    required=True,
    metavar="PLACE",
    help="file, passphrase, usb:FOLDER (where the stick is mounted) or credential:FILE.",
)
@data_option
def move(to: str, data: Path) -> None:
    """Keep the key in another place; the registry must not be running.

    The key stays the same: the database is not encrypted anew, and backups of it open as before.
    A passphrase is asked for. What lay in the place before is written over and removed.
    """
    from sync.registry.store.sqlite.key import folder_key

    _place(data)
    kind, _, where = to.partition(":")
    new = ""
    if kind == "passphrase":
        new = click.prompt("New passphrase", hide_input=True, confirmation_prompt=True)
    folder_key(data).move(kind, where, os.urandom, new)
    _tell(data)
    if kind == "credential":
        click.echo(f"In the unit: LoadCredentialEncrypted=registry.key:{Path(where).absolute()}")


def _place(data: Path) -> str:
    from sync.registry.store.sqlite.key import folder_key

    if not (data / "registry.db").exists() and not (data / "registry.pem").exists():
        raise no_registry(data)
    found = folder_key(data).place()
    if not found:
        raise SyncError(
            "keys.none",
            "There is no key in {folder} yet. Run divoc-registry migrate.",
            folder=data,
        )
    return found


def _tell(data: Path) -> None:
    from sync.key_places import PLACES

    found = PLACES[_place(data)]
    click.echo(f"The registry's key is {found.words}.")
    click.echo(f"What that protects: {found.protects}")
    if found.kind == "file":
        click.echo(f"Another place: divoc-registry keys move --to passphrase --data {data}")
