"""``divoc-edge keys place`` and ``keys move``: where the journal's key is, and what for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import click

from edge.adapters.keys import file_keys
from edge.adapters.lock import SiteLock
from edge.cli.common import data_folder, data_option
from sync.commands import key_places
from sync.commands.answers import json_option
from sync.key_places import PLACES


@dataclass(frozen=True, slots=True)
class KeyPlaceChoice:
    """Where the journal's key is to be: the kind, its folder or file, and the passphrase for it."""

    kind: str = "file"
    where: str = ""
    passphrase: str = field(default="", repr=False)


IN_A_FILE = KeyPlaceChoice()
"""Beside the database, where no other place is named."""


def chosen_place(to: str, passphrase: str = "") -> KeyPlaceChoice:
    """Read ``file``, ``passphrase``, ``usb:FOLDER`` or ``credential:FILE``; asks a passphrase."""
    return KeyPlaceChoice(*key_places.asked_place(to, passphrase))


def move_key(data: Path, to: str, passphrase: str = "") -> None:
    """Move the journal's key: ``file``, ``passphrase``, ``usb:FOLDER`` or ``credential:FILE``."""
    place = chosen_place(to, passphrase)
    lock = SiteLock(data)
    try:
        file_keys(data).move(place.kind, place.where, place.passphrase)
    finally:
        lock.release()


def tell_place(data: Path) -> None:
    """Say where the journal's key is, and what that protects."""
    place = PLACES[file_keys(data).place.place()]
    key_places.tell_place("The journal's", place, "divoc-edge", data)


@click.command(name="place")
@data_option
@json_option
def place_(data: Path, as_json: bool) -> None:
    """Say where the journal's key is, and what that protects."""
    folder = data_folder(data)
    if as_json:
        key_places.show_place(PLACES[file_keys(folder).place.place()])
    else:
        tell_place(folder)


@click.command()
@key_places.to_option
@data_option
def move(to: str, data: Path) -> None:
    """Keep the journal's key in another place; the site must not be running.

    The key stays the same: the journal is not encrypted anew, and backups of it open as before.
    A passphrase is asked for. What lay in the place before is written over and removed.
    """
    folder = data_folder(data)
    move_key(folder, to)
    tell_place(folder)
    key_places.tell_unit("divoc-edge.service", "journal.key", to)
