"""``divoc-registry publish``: letters of the nation, to all sites.

What a letter says is checked where it is made (``divoc-edge campaign pack``) and again where it is
taken; the registry carries it, and signs what it hands out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from sync.bounded_files import MB, read_bounded, read_bounded_text
from sync.commands.answers import json_option, show_json
from sync.protocol.errors import SyncError
from sync.registry.cli.opening import data_option, database_option, instant, opening
from sync.registry.cli.withdraw_letters import letters, withdraw

if TYPE_CHECKING:
    from sync.registry.store.interface import Store

_LARGEST_FILE = 64 * MB
_LARGEST = 4 * MB
"""Bytes of one letter: with its page it must go into a message of 8 MB."""
_AROUND = 4096
"""Bytes that stand around a campaign in the entry that a site makes of it."""
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


def read_packed(content: bytes, name: str) -> dict[str, Any]:
    """Read a packed campaign; raises :class:`SyncError` for what no site takes, by its file."""
    from sync.protocol.entries import LARGEST_ENTRY, canonical

    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not {"id", "version", "programmes"} <= body.keys():
        raise SyncError(
            "publish.campaign",
            "{file} is not a packed campaign. Make it with: divoc-edge campaign pack FOLDER",
            file=name,
        )
    _refuse_verifiers(body, name)
    size = len(canonical(body))
    if size > LARGEST_ENTRY - _AROUND:
        raise SyncError(
            "publish.campaign-too-large",
            "This campaign is {size} kB long; a site takes at most {most} kB.",
            size=size // 1024,
            most=(LARGEST_ENTRY - _AROUND) // 1024,
        )
    return body


def read_region(content: bytes, name: str) -> dict[str, Any]:
    """Read a region's packed part; raises :class:`SyncError` for what is none, by its file."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.keys() != {"facilities", "staff"}:
        raise SyncError(
            "publish.region",
            "{file} is not a region's part. Make it with: divoc-edge campaign pack FOLDER --region",
            file=name,
        )
    _refuse_verifiers(body, name)
    return body


def _refuse_verifiers(body: Mapping[str, Any], name: str) -> None:
    from sync.registry.withheld import holds_verifier

    if holds_verifier(body):
        raise SyncError(
            "publish.verifiers",
            "{file} holds the verifiers of PINs, which are for nobody but a site. Pack the campaign"
            " again with: divoc-edge campaign pack FOLDER",
            file=name,
        )


def post_campaign(store: Store, campaign: Mapping[str, Any], letter: dict[str, Any]) -> int:
    """Put a campaign into the nation's feed as ``letter``; gives the letter's number."""
    from sync.registry.store.records import NATION, AuditLine

    number = post(store, NATION, "campaign", letter)
    version = str(campaign["version"])
    store.audit(AuditLine(instant(), "command line", "published a campaign", version))
    return number


def post_signed(
    store: Store,
    files: Mapping[str, bytes],
    root: str,
    now: datetime,
    proven: Callable[[], None],
) -> tuple[int, dict[str, Any]]:
    """Put a signed campaign into the feeds, once it is proven as a site will prove it.

    ``proven`` is called before anything is posted. Gives the letter's number and the nation's part.
    """
    from sync.protocol.campaign_files import LARGEST
    from sync.protocol.campaign_parts import apart
    from sync.protocol.signed_campaigns import CampaignTrust
    from sync.registry.campaigns.letters import check_regions, letter_of, posted_regions, too_large

    common, regions = apart(files)
    with tempfile.TemporaryDirectory() as trying:
        packed = CampaignTrust(Path(trying) / "site", root).parts(common, now).campaign
    body = read_packed(packed, "campaign.json")
    check_regions(common, regions, body, _check_region_size)
    shared = sum(map(len, common.values()))
    for name, own in regions.items():
        if shared + sum(map(len, own.values())) > LARGEST:
            raise too_large(name, shared + sum(map(len, own.values())), LARGEST)
    proven()
    numbers = posted_regions(store, regions, lambda feed, text: post(store, feed, "campaign", text))
    return post_campaign(store, body, letter_of(common, numbers)), body


def _check_region_size(campaign: Mapping[str, Any], name: str) -> None:
    from sync.protocol.entries import LARGEST_ENTRY, canonical
    from sync.registry.campaigns.letters import too_large

    size = len(canonical(dict(campaign)))
    if size > LARGEST_ENTRY - _AROUND:
        raise too_large(name, size, LARGEST_ENTRY - _AROUND)


def tell_campaign(number: int, campaign: Mapping[str, Any], what: str, as_json: bool) -> None:
    """Say which campaign is in which letter."""
    id_, version = campaign["id"], campaign["version"]
    if as_json:
        show_json({"letter": number, "campaign": id_, "version": version})
        return
    click.echo(f"Letter {number} to all sites: {what} {id_} {version}.")


def post(store: Store, feed: str, kind: str, body: dict[str, Any]) -> int:
    """Put a letter into a feed; gives its number."""
    from sync.protocol.entries import canonical

    text = canonical(body)
    if len(text) > _LARGEST:
        raise SyncError(
            "publish.too-large",
            "This is {size} MB; a letter holds at most 4 MB. Cut it into parts, or carry it by"
            " stick.",
            size=-(-len(text) // (1024 * 1024)),
        )
    return store.post(feed, kind, str(uuid4()), text.decode(), instant()).number


def utf8_text(file: Path) -> str:
    """Read a text that somebody hands in; raises :class:`SyncError` ``publish.text``."""
    try:
        return read_bounded_text(file, _LARGEST_FILE)
    except UnicodeDecodeError:
        raise SyncError(
            "publish.text", "{file} is not UTF-8 text. Save it again as UTF-8.", file=file.name
        ) from None
