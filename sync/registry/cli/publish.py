"""``divoc-registry publish``: letters of the nation, to all sites or to those of a facility.

What a letter says is checked where it is made (``divoc-edge campaign pack``) and again where it is
taken; the registry carries it, and signs what it hands out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.bounded_files import MB, read_bounded, read_bounded_text
from sync.commands.answers import json_option, show_json
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import data_option, database_option, instant, opening
from sync.registry.cli.withdraw_letters import letters, withdraw
from sync.registry.publishing import post, post_campaign, read_packed

if TYPE_CHECKING:
    from sync.registry.store.interface import Store

_LARGEST_FILE = 64 * MB
_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))


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

    text = _text(file)
    found = checked(file, {read_line(file).key})
    with opening(data, database) as store:
        number = post(store, NATION, "list", {"name": found.name, "text": text})
        store.audit(AuditLine(instant(), "command line", "published a list", found.name))
    if as_json:
        show_json({"letter": number, "list": found.name, "key": found.fingerprint})
        return
    click.echo(f"Letter {number} to all sites: the list {found.name}.")
    click.echo(f"Signed with the key {found.fingerprint}")


@publish.command()
@_file
@click.option("--facility", required=True, help="Its code: only its sites get the letter.")
@click.option("--programme", required=True, help="The programme's id.")
@data_option
@database_option
@json_option
def enrolments(
    file: Path, facility: str, programme: str, data: Path, database: str | None, as_json: bool
) -> None:
    """Give the sites of a facility the people of DIVOC's enrolments table in FILE."""
    from sync.registry.store.records import AuditLine

    body = {"name": file.name, "programme": programme, "text": _text(file)}
    with opening(data, database) as store:
        nodes = list(_nodes_of(store, facility))
        if not nodes:
            raise SyncError(
                "publish.facility", "No site of the facility {code} has enrolled.", code=facility
            )
        for node in nodes:
            post(store, node, "enrolments", body)
        store.audit(AuditLine(instant(), "command line", "published enrolments", facility))
    if as_json:
        show_json({"facility": facility, "nodes": nodes})
        return
    click.echo(f"A letter to {len(nodes)} sites of {facility}: {file.name}.")


def tell_campaign(number: int, campaign: Mapping[str, Any], what: str, as_json: bool) -> None:
    """Say which campaign is in which letter."""
    id_, version = campaign["id"], campaign["version"]
    if as_json:
        show_json({"letter": number, "campaign": id_, "version": version})
        return
    click.echo(f"Letter {number} to all sites: {what} {id_} {version}.")


def _nodes_of(store: Store, facility: str) -> Iterator[str]:
    after = ("", "")
    while page := store.of_facility(facility, after):
        yield from (record.node for record in page if record.facility == facility)
        after = (page[-1].facility, page[-1].node)


def _text(file: Path) -> str:
    try:
        return read_bounded_text(file, _LARGEST_FILE)
    except UnicodeDecodeError:
        raise SyncError(
            "publish.text", "{file} is not UTF-8 text. Save it again as UTF-8.", file=file.name
        ) from None
