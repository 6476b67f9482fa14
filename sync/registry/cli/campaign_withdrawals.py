"""``divoc-registry campaign withdraw``: an edition that says again what an earlier one said.

What was in force at a site is never taken away from it: a next edition takes its place.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from sync.commands.answers import json_option, show_json
from sync.commands.numbers import DAYS
from sync.protocol.errors import SyncError
from sync.registry.cli.campaign_parts import national, region, until

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
_days = click.option(
    "--days", type=DAYS, default=365, show_default=True, help="How long it may be handed out."
)


@click.command()
@_folder
@click.option("--back-to", default="", help="The version whose content is to count again.")
@click.option("--stop", is_flag=True, help="The newest content, with every programme stopped.")
@click.option("--version", required=True, help="The version of the edition that says so.")
@_days
@json_option
def withdraw(
    folder: Path, back_to: str, stop: bool, version: str, days: int, as_json: bool
) -> None:
    """Put an edition into FOLDER that withdraws the newest one; sign and publish it as ever.

    Facilities, staff and lists are those of the edition that counts again; regions' parts and
    signed lists stay as they are.
    """
    from sync.protocol.editions import is_newer
    from sync.protocol.entries import canonical
    from sync.registry.campaigns.folder import CampaignFolder
    from sync.registry.cli.publish import read_packed

    if bool(back_to) == stop:
        raise click.UsageError("Say what is to count: --back-to VERSION, or --stop.")
    found = CampaignFolder(folder)
    found.files.targets()  # raises: there is no campaign yet
    editions = [read_packed(packed, folder.name) for packed in found.editions()]
    body = dict(editions[0] if stop else _edition(editions, back_to))
    newest = str(editions[0]["version"])
    if not is_newer(version, newest):
        raise SyncError(
            "withdraw.version",
            "{version} is not newer than {newest}, which is to be withdrawn: sites would refuse"
            " it.",
            version=version[:40],
            newest=newest,
        )
    if stop:
        body["programmes"] = [{**programme, "active": False} for programme in body["programmes"]]
    body["version"] = version
    content = canonical(body)
    read_packed(content, folder.name)
    found.put(content, until(days))
    if as_json:
        show_json({"campaign": body["id"], "version": version, "withdraws": newest})
        return
    says = "stops every programme" if stop else f"says what {back_to} said"
    click.echo(f"The campaign {body['id']} {version} {says}. It is in {folder}, to be signed.")


@region.command(name="withdraw")
@_folder
@click.argument("name")
@click.option(
    "--back-to", type=click.IntRange(1, 10**15), required=True,
    help="The number of the part that is to count again, as region put said it.",
)  # fmt: skip
@_days
@json_option
def withdraw_region(folder: Path, name: str, back_to: int, days: int, as_json: bool) -> None:
    """Put what the region NAME said under a number into FOLDER again, for the region's keys."""
    from sync.registry.campaigns.delegations import earlier_region, put_region
    from sync.registry.campaigns.folder import CampaignFolder

    found = CampaignFolder(folder)
    content = earlier_region(found, name, back_to)
    number = put_region(found, name, content, national(found), datetime.now(UTC), until(days))
    if as_json:
        show_json({"region": name, "number": number, "says": back_to})
        return
    click.echo(f"The region {name}, {number}, says what {back_to} said, to be signed.")


def _edition(editions: list[dict[str, Any]], version: str) -> dict[str, Any]:
    for body in editions:
        if str(body["version"]) == version:
            return body
    there = ", ".join(dict.fromkeys(str(body["version"]) for body in editions))
    raise SyncError(
        "withdraw.edition",
        "There is no {version} in this folder; there is {there}.",
        version=version[:40],
        there=there,
    )
