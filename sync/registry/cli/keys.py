"""``divoc-registry keys``: where the key of the registry's own database is, and what for."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sync.commands import key_places
from sync.commands.answers import json_option
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import data_option, no_registry


@click.group()
def keys() -> None:
    """The key of the registry's own database; registry.pem is a file of its own beside it."""


@keys.command()
@data_option
@json_option
def place(data: Path, as_json: bool) -> None:
    """Say where the key is, and what that protects."""
    from sync.key_places import PLACES

    found = PLACES[_place(data)]
    if as_json:
        key_places.show_place(found)
    else:
        key_places.tell_place("The registry's", found, "divoc-registry", data)


@keys.command()
@key_places.to_option
@data_option
def move(to: str, data: Path) -> None:
    """Keep the key in another place; the registry must not be running.

    The key stays the same: the database is not encrypted anew, and backups of it open as before.
    A passphrase is asked for. What lay in the place before is written over and removed.
    """
    from sync.key_places import PLACES
    from sync.registry.store.sqlite.key import folder_key

    _place(data)
    kind, where, new = key_places.asked_place(to)
    folder_key(data).move(kind, where, os.urandom, new)
    key_places.tell_place("The registry's", PLACES[_place(data)], "divoc-registry", data)
    key_places.tell_unit("the unit", "registry.key", to)


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
