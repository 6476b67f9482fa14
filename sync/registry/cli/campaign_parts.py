"""``divoc-registry campaign region`` and ``lists``: what the nation's keys hand on to others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync.bounded_files import MB, read_bounded, read_bounded_text
from sync.commands.answers import json_option, show_json
from sync.commands.numbers import DAYS
from sync.commands.paths import FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sync.registry.campaigns.folder import CampaignFolder

_LARGEST = 4 * MB
_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


def _key_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--key", "keys", type=FILE, multiple=True, required=True,
                     help="A public key (.pub) that may sign. Give several."),
        click.option("--threshold", default=1, show_default=True,
                     help="How many of them must sign."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def region() -> None:
    """Regions that sign their own facilities and staff, with keys of their own."""


@region.command(name="add")
@_folder
@click.argument("name")
@_key_options
@click.option(
    "--facility",
    "codes",
    multiple=True,
    metavar="CODE",
    help="A facility of the region, or the beginning of codes and a star: 'NO*'.",
)
@click.option("--facilities", "file", type=FILE, help="A file with such codes, one in a line.")
@json_option
def add_region(
    folder: Path,
    name: str,
    keys: tuple[Path, ...],
    threshold: int,
    codes: tuple[str, ...],
    file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Have the region NAME speak of its facilities and their staff; or change who does.

    The campaign's keys sign that. A region says nothing of vaccines, programmes, or facilities
    that are not its own.
    """
    from sync.registry.campaigns.delegations import add_region as put
    from sync.registry.campaigns.signers import read_role

    lines = read_bounded_text(file, _LARGEST).split() if file else []
    found = _opened(folder)
    count = put(found, name, read_role(keys, threshold), [*codes, *lines])
    if as_json:
        show_json({"region": name, "facilities": count})
        return
    click.echo(f"The region {name} speaks of {count} facilities, once the campaign's keys sign it.")


@region.command(name="put")
@_folder
@click.argument("name")
@click.argument("file", type=FILE)
@click.option(
    "--days", type=DAYS, default=365, show_default=True, help="How long it may be handed out."
)
@json_option
def put_region(folder: Path, name: str, file: Path, days: int, as_json: bool) -> None:
    """Put what divoc-edge campaign pack --region wrote into FOLDER, for the region's keys."""
    from sync.registry.campaigns.delegations import put_region as put
    from sync.registry.publishing import read_region

    found, content = _opened(folder), read_bounded(file, _LARGEST)
    body = read_region(content, file.name)
    number = put(found, name, content, national(found), datetime.now(UTC), until(days))
    counts = {part: len(body.get(part, ())) for part in ("facilities", "staff")}
    if as_json:
        show_json({"region": name, "number": number, **counts})
        return
    click.echo(
        f"The region {name}, {number}: {counts['facilities']} facilities and {counts['staff']}"
        " staff, to be signed."
    )


@region.command(name="drop")
@_folder
@click.argument("name")
@json_option
def drop_region(folder: Path, name: str, as_json: bool) -> None:
    """Take the region's word away; the campaign's keys sign that. Its sites keep what they have."""
    from sync.registry.campaigns.delegations import drop_region as drop

    drop(_opened(folder), name)
    if as_json:
        show_json({"region": name})
        return
    click.echo(f"The region {name} speaks no more, once the campaign's keys have signed that.")


@region.command(name="list")
@_folder
@json_option
def list_regions(folder: Path, as_json: bool) -> None:
    """List the regions: how many facilities each names, and how many of its keys must sign."""
    from sync.registry.campaigns.delegations import regions

    for name, role in regions(_opened(folder)):
        count = len(role.paths or ()) - 1
        if as_json:
            show_json(
                {
                    "region": name,
                    "facilities": count,
                    "keys": role.keyids,
                    "threshold": role.threshold,
                }
            )
            continue
        keys = ", ".join(key[:8] for key in role.keyids)
        click.echo(f"{name:20} {count} facilities; {role.threshold} of {keys}")


@click.command()
@_folder
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--days", type=DAYS, default=365, show_default=True, help="How long they may be handed out."
)
@json_option
def lists(folder: Path, files: tuple[Path, ...], days: int, as_json: bool) -> None:
    """Put the lists in FILES, or in a folder of them, into FOLDER, in place of those before.

    They are lists that divoc-edge lists signed: trusted keys, revocations, value sets. Without
    FILES there are none any more. The keys of campaign lists-keys sign them, else the campaign's.
    """
    from sync.protocol.signed_lists import checked, read_line
    from sync.registry.campaigns.delegations import put_lists

    found: dict[str, bytes] = {}
    for path in files:
        for file in sorted(path.glob("*.list")) if path.is_dir() else [path]:
            name = checked(file, {read_line(file).key}).name
            found[name] = read_bounded(file, _LARGEST)
    role = put_lists(_opened(folder), found, until(days))
    if as_json:
        show_json({"lists": sorted(found), "role": role})
        return
    told = ", ".join(sorted(found)) or "none"
    click.echo(f"The lists: {told}. To be signed by the keys of {role}.")


@click.command(name="lists-keys")
@_folder
@_key_options
@json_option
def lists_keys(folder: Path, keys: tuple[Path, ...], threshold: int, as_json: bool) -> None:
    """Have other keys than the campaign's sign the lists, which change more often than it does.

    The campaign's keys sign that.
    """
    from sync.registry.campaigns.delegations import delegate_lists
    from sync.registry.campaigns.signers import read_role

    delegate_lists(_opened(folder), read_role(keys, threshold))
    if as_json:
        show_json({"keys": len(keys), "threshold": threshold})
        return
    click.echo(f"{threshold} of {len(keys)} keys sign the lists, once the campaign's keys sign it.")


def _opened(folder: Path) -> CampaignFolder:
    from sync.registry.campaigns.folder import CampaignFolder

    return CampaignFolder(folder)


def national(found: CampaignFolder) -> Mapping[str, Any]:
    """Give the nation's own part as a folder has it; empty before there is one."""
    from sync.registry.publishing import read_packed

    packed = found.campaign()
    return read_packed(packed, "campaign.json") if packed is not None else {}


def until(days: int) -> datetime:
    """Give the end of so many days from now."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
