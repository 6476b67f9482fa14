"""``divoc-registry publish``: letters of the nation, to all sites.

What a letter says is checked where it is made (``divoc-edge campaign pack``) and again where it is
taken; the registry carries it, and signs what it hands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.bounded_files import MB, read_bounded, read_bounded_text
from sync.commands.answers import json_option, show_json
from sync.commands.paths import FILE
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import data_option, database_option, instant, opening
from sync.registry.cli.withdraw_letters import letters, withdraw
from sync.registry.publishing import post, post_campaign, read_packed

if TYPE_CHECKING:
    pass

_LARGEST_FILE = 64 * MB
_file = click.argument("file", type=FILE)


@click.group()
def publish() -> None:
    """Tell the sites something: they take it with their next pass."""


publish.add_command(letters)
publish.add_command(withdraw)


@publish.command()
@_file
@data_option
@database_option
@json_option
def campaign(file: Path, data: Path, database: str | None, as_json: bool) -> None:
    """Give every site the campaign in FILE, which divoc-edge campaign pack wrote."""
    body = read_packed(read_bounded(file, _LARGEST_FILE), file.name)
    with opening(data, database) as store:
        number = post_campaign(store, body, {"campaign": body})
    tell_campaign(number, body, "the campaign", as_json)


@publish.command(name="list")
@_file
@data_option
@database_option
@json_option
def list_(file: Path, data: Path, database: str | None, as_json: bool) -> None:
    """Give every site the list in FILE, which the ministry signed with divoc-edge lists.

    It takes the place of the one of its name. Sites take it when they have pinned the key.
    """
    from sync.protocol.signed_lists import checked, read_line
    from sync.registry.store.records import NATION, AuditLine

    text = utf8_text(file)
    found = checked(file, {read_line(file).key})
    with opening(data, database) as store:
        number = post(store, NATION, "list", {"name": found.name, "text": text})
        store.audit(AuditLine(instant(), "command line", "published a list", found.name))
    if as_json:
        show_json({"letter": number, "list": found.name, "key": found.fingerprint})
        return
    click.echo(f"Letter {number} to all sites: the list {found.name}.")
    click.echo(f"Signed with the key {found.fingerprint}")


def tell_campaign(number: int, campaign: Mapping[str, Any], what: str, as_json: bool) -> None:
    """Say which campaign is in which letter."""
    id_, version = campaign["id"], campaign["version"]
    if as_json:
        show_json({"letter": number, "campaign": id_, "version": version})
        return
    click.echo(f"Letter {number} to all sites: {what} {id_} {version}.")


def utf8_text(file: Path) -> str:
    """Read a text that somebody hands in; raises :class:`SyncError` ``publish.text``."""
    try:
        return read_bounded_text(file, _LARGEST_FILE)
    except UnicodeDecodeError:
        raise SyncError(
            "publish.text", "{file} is not UTF-8 text. Save it again as UTF-8.", file=file.name
        ) from None
