"""``divoc-registry campaign``: a campaign that the ministry's own keys sign, away from any network.

The folder is carried from one key to the next, and at the last to the registry, which signs what is
the newest and nothing else.
"""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync.bounded_files import MB, read_bounded
from sync.commands.answers import json_option, show_json
from sync.commands.numbers import DAYS
from sync.commands.paths import FILE
from sync.registry.cli.campaign_parts import lists, lists_keys, region, until
from sync.registry.cli.campaign_signing import add_signatures, key, request, sign
from sync.registry.cli.campaign_sites import sites
from sync.registry.cli.campaign_withdrawals import withdraw
from sync.registry.cli.campaign_writing import check, diff, new
from sync.registry.cli.opening import data_option, database_option, instant, opening

if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import Key

    from sync.registry.campaigns.roles import RoleKeys
    from sync.registry.store.interface import Store

_LARGEST = 4 * MB
_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
_other_root = click.option(
    "--other-root",
    is_flag=True,
    help="The ministry began anew with other keys than sites were told of.",
)


def _role_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--root-key", "root", type=FILE, multiple=True, required=True,
                     help="A public key (.pub) that may change the keys. Give several."),
        click.option("--root-threshold", default=1, show_default=True,
                     help="How many of them must sign."),
        click.option("--campaign-key", "keys", type=FILE, multiple=True, required=True,
                     help="A public key (.pub) that may sign campaigns. Give several."),
        click.option("--campaign-threshold", default=1, show_default=True,
                     help="How many of them must sign."),
        click.option("--registry-key", "online", type=FILE, required=True,
                     help="The registry's public key, as campaign online writes it."),
        click.option("--days", type=DAYS, default=1095, show_default=True,
                     help="How long the keys count."),
        _folder,
        json_option,
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def campaign() -> None:
    """A campaign that the ministry signs offline, and the registry only carries."""


campaign.add_command(region)
campaign.add_command(lists)
campaign.add_command(lists_keys)
for command in (key, sign, request, add_signatures):
    campaign.add_command(command)
campaign.add_command(sites)
campaign.add_command(withdraw)
for of_tools in (new, check, diff):
    campaign.add_command(of_tools)


@campaign.command()
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@json_option
def online(file: Path, data: Path, as_json: bool) -> None:
    """Write the registry's own public key into FILE, for init: it says which campaign is newest."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    from sync.registry.keys import registry_key

    public = registry_key(data).public_key()
    file.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    if as_json:
        show_json({"file": file})
        return
    click.echo(f"The registry's public key is in {file}.")


@campaign.command()
@_role_options
def init(folder: Path, as_json: bool, **keys: Any) -> None:
    """Begin in FOLDER: say whose keys count, and how many of them must sign."""
    from sync.registry.campaigns.folder import CampaignFolder

    CampaignFolder(folder).create(*_named(**keys))
    _tell(folder, as_json)


@campaign.command()
@_role_options
def renew(folder: Path, as_json: bool, **keys: Any) -> None:
    """Say anew whose keys count: a key was lost or stolen, somebody left, or the end is near."""
    from sync.registry.campaigns.folder import CampaignFolder

    CampaignFolder(folder).renew(*_named(**keys))
    _tell(folder, as_json)


@campaign.command()
@_folder
@click.argument("file", type=FILE)
@click.option(
    "--days", type=DAYS, default=365, show_default=True, help="How long it may be handed out."
)
@json_option
def add(folder: Path, file: Path, days: int, as_json: bool) -> None:
    """Put the campaign in FILE, which divoc-edge campaign pack wrote, into FOLDER."""
    from sync.registry.campaigns.folder import CampaignFolder
    from sync.registry.publishing import read_packed

    content = read_bounded(file, _LARGEST)
    body = read_packed(content, file.name)
    version = CampaignFolder(folder).put(content, until(days))
    if as_json:
        show_json({"campaign": body["id"], "version": body["version"], "number": version})
        return
    click.echo(f"The campaign {body['id']} {body['version']} is in {folder}, to be signed.")


@campaign.command()
@_folder
@json_option
def status(folder: Path, as_json: bool) -> None:
    """Say what is in FOLDER, who has signed it, and who is missing."""
    _tell(folder, as_json)


@campaign.command()
@_folder
@click.option(
    "--days", type=DAYS, default=90, show_default=True, help="How long sites may take it."
)
@_other_root
@data_option
@database_option
@json_option
def publish(
    folder: Path, days: int, other_root: bool, data: Path, database: str | None, as_json: bool
) -> None:
    """Give every site the campaign in FOLDER; it is proven here as a site will prove it.

    Enrolment codes name its keys from now on.
    """
    from securesystemslib.signer import CryptoSigner

    from sync.registry.campaigns.folder import CampaignFolder
    from sync.registry.cli.publish import tell_campaign
    from sync.registry.keys import registry_key
    from sync.registry.publishing import post_signed

    found, now = CampaignFolder(folder), datetime.now(UTC)
    with opening(data, database) as store:
        files = found.complete(CryptoSigner(registry_key(data)), now, days)
        number, body = post_signed(
            store,
            files,
            found.root_fingerprint,
            now,
            lambda: _tell_root(store, data, found.root_fingerprint, other_root),
        )
    tell_campaign(number, body, "the signed campaign", as_json)
    for draft in (state for state in found.states() if not state.enough):
        click.echo(
            f"Without {draft.role} {draft.version}, which too few keys have signed: the part of"
            " before counts, and where there is none its sites keep the campaign of before.",
            err=True,
        )


@campaign.command()
@_folder
@_other_root
@data_option
@database_option
@json_option
def trust(folder: Path, other_root: bool, data: Path, database: str | None, as_json: bool) -> None:
    """Name the keys of FOLDER in each enrolment code from now on, before anything is published."""
    from sync.registry.campaigns.folder import CampaignFolder

    root = CampaignFolder(folder).root_fingerprint
    with opening(data, database) as store:
        _tell_root(store, data, root, other_root)
    if as_json:
        show_json({"root": root})
        return
    click.echo(f"Enrolment codes name the root {root} from now on.")


def _tell_root(store: Store, data: Path, root: str, other: bool) -> None:
    from sync.registry.campaigns.told_root import tell_root
    from sync.registry.store.records import AuditLine

    if tell_root(data, root, other=other):
        store.audit(AuditLine(instant(), "command line", "told sites of another root", root[:32]))


def _tell(folder: Path, as_json: bool) -> None:
    from sync.registry.campaigns.folder import CampaignFolder
    from sync.registry.publishing import read_packed

    found = CampaignFolder(folder)
    packed = found.campaign()
    body = read_packed(packed, folder.name) if packed is not None else None
    digits = hashlib.sha256(packed).hexdigest() if packed is not None else ""
    if as_json:
        roles = [dataclasses.asdict(state) for state in found.states()]
        told = {"id": body["id"], "version": body["version"], "sha256": digits} if body else None
        show_json({"root": found.root_fingerprint, "campaign": told, "roles": roles})
        return
    click.echo(f"Root {found.root_fingerprint}: sites are told these digits.")
    if body:
        click.echo(f"Campaign {body['id']} {body['version']}; its file has the SHA-256 {digits}.")
    for state in found.states():
        still = ", ".join(key[:8] for key in state.missing)
        rest = "signed" if state.enough else f"not signed by enough keys; it may yet be by {still}"
        click.echo(f"{state.role} {state.version}, until {state.expires.date()}: {rest}.")


def _named(
    root: tuple[Path, ...],
    root_threshold: int,
    keys: tuple[Path, ...],
    campaign_threshold: int,
    online: Path,
    days: int,
) -> tuple[RoleKeys, RoleKeys, Key, datetime]:
    from sync.registry.campaigns.signers import read_public, read_role

    return (
        read_role(root, root_threshold),
        read_role(keys, campaign_threshold),
        read_public(online),
        until(days),
    )
