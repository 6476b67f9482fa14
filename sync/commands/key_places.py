"""What the commands about a database's key say and ask, at both ends."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import click

from sync.commands.answers import show_json

to_option = click.option(
    "--to",
    required=True,
    metavar="PLACE",
    help="file, passphrase, usb:FOLDER (where the stick is mounted) or credential:FILE.",
)


def asked_place(to: str, passphrase: str = "") -> tuple[str, str, str]:
    """Read ``--to``: the kind, where it is, and the new passphrase, asked for if it needs one."""
    kind, _, where = to.partition(":")
    if kind == "passphrase" and not passphrase:
        passphrase = click.prompt("New passphrase", hide_input=True, confirmation_prompt=True)
    return kind, where, passphrase


class Place(Protocol):
    """Where a key can be: its name, what that is in words, and what it protects."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def words(self) -> str: ...  # noqa: D102
    @property
    def protects(self) -> str: ...  # noqa: D102


def tell_place(whose: str, place: Place, program: str, data: Path) -> None:
    """Say where a key is, what that protects, and what would protect more."""
    click.echo(f"{whose} key is {place.words}.")
    click.echo(f"What that protects: {place.protects}")
    if place.kind == "file":
        click.echo(f"Another place: {program} keys move --to passphrase --data {data}")


def show_place(place: Place) -> None:
    """Say as JSON where a key is."""
    show_json({"place": place.kind, "protects": place.protects})


def tell_unit(unit: str, name: str, to: str) -> None:
    """Say what a unit of systemd needs so that it is given the key."""
    if to.startswith("credential:"):
        file = Path(to.partition(":")[2]).absolute()
        click.echo(f"In {unit}: LoadCredentialEncrypted={name}:{file}")
