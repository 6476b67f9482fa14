"""``divoc-edge tablet``: which tablets staff may sign in on."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from edge.cli.at_site import do_at_site
from edge.cli.common import data_folder, data_option
from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json

if TYPE_CHECKING:
    import qrcode

    from edge.domain.device import Device
    from edge.slips.pairing import PairingSheet


@click.group()
def tablet() -> None:
    """The tablets of the site: pair one, list them, put one out."""


@tablet.command()
@click.argument("name")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the code into this PNG; delete it when the tablet is paired.",
)
@click.option("--printer", default=None, help="Print the sheet here; empty: the usual one.")
@data_option
@json_option
def pair(name: str, picture: Path | None, printer: str | None, data: Path, as_json: bool) -> None:
    """Make a set-up sheet for one tablet, which gets the NAME; its code works once, half an hour.

    The node may be running or not. The code is a secret: it is on the screen, in the picture and
    on the paper, and nowhere else.
    """
    from edge.adapters.addresses import site_addresses
    from edge.adapters.settings import read_settings
    from edge.tasks import PAIR

    settings = read_settings(data_folder(data))
    made = do_at_site(data, PAIR, {"name": name})
    link = f"{site_addresses(settings)[0]}pair#{made['secret']}"
    ends = datetime.fromisoformat(made["ends"]).astimezone(ZoneInfo(settings.zone))
    sheet = _sheet(data, made["name"], link, made["secret"], f"{ends:%H:%M}")
    if picture is not None:
        _code(link).make_image().save(str(picture))
    if as_json:
        show_json(
            {
                "name": made["name"],
                "link": link,
                "secret": made["secret"],
                "until": ends,
                "trust": sheet.trust,
                "authority": sheet.authority,
                "file": picture,
            }
        )
    else:
        _say(sheet)
    if printer is not None:
        _print(data, printer, sheet, as_json=as_json)


@tablet.command(name="list")
@data_option
@json_option
def list_(data: Path, as_json: bool) -> None:
    """List the paired tablets, those in use first; also while the site runs."""
    found = _devices(data)
    if as_json:
        show_json(
            {
                "tablets": [
                    {
                        "id": device.id,
                        "name": device.name,
                        "paired": device.paired_at,
                        "by": device.paired_by,
                        "seen": device.seen_at,
                        "revoked": device.revoked_at,
                    }
                    for device in found
                ]
            }
        )
        return
    for device in found:
        state = f"put out {device.revoked_at:%Y-%m-%d}" if device.revoked_at else "in use"
        click.echo(
            f"{device.id}  {device.name}  {state}, last seen {device.seen_at:%Y-%m-%d %H:%M} UTC"
        )
    if not found:
        click.echo("No tablet is paired yet: divoc-edge tablet pair NAME")


@tablet.command()
@click.argument("which", metavar="NAME-OR-ID")
@data_option
@json_option
def revoke(which: str, data: Path, as_json: bool) -> None:
    """Put a tablet out at its next request, with whoever is signed in on it.

    The node may be running or not.
    """
    from edge.tasks import REVOKE

    found = [
        device
        for device in _devices(data)
        if which in (device.id, device.name) and not device.revoked_at
    ]
    if len(found) != 1:
        raise BadInput(
            "device.which",
            "{count} tablets in use are called {which}.",
            hint="Name one by its id: divoc-edge tablet list",
            field="NAME-OR-ID",
            count=len(found),
            which=which,
        )
    done = do_at_site(data, REVOKE, {"device": found[0].id})
    if as_json:
        show_json({"id": found[0].id, "name": done["name"]})
    else:
        click.echo(f"{done['name']} is out.")


def _devices(data: Path) -> list[Device]:
    from edge.adapters.site_database import reading
    from edge.journal.devices import all_devices

    with reading(data_folder(data)) as db:
        return all_devices(db)


def _sheet(data: Path, name: str, link: str, secret: str, ends: str) -> PairingSheet:
    from edge.adapters.addresses import trust_address
    from edge.adapters.keys import file_keys
    from edge.adapters.settings import read_settings
    from edge.adapters.tls.site_tls import fingerprint, kept_authority
    from edge.slips.pairing import PairingSheet

    settings = read_settings(data)
    authority = kept_authority(file_keys(data)) if settings.tls else None
    return PairingSheet(
        settings.facility,
        name,
        link,
        secret,
        ends,
        trust_address(settings),
        fingerprint(authority) if authority else "",
    )


def _say(sheet: PairingSheet) -> None:
    click.echo(f"Set-up sheet of {sheet.name}, good once, until {sheet.ends}.")
    if sheet.trust:
        click.echo(f"1. On the tablet open {sheet.trust} and do what it says.")
        click.echo(f"   Fingerprint to compare (SHA-256): {sheet.authority}")
        click.echo("2. Then scan this with its camera:")
    buffer = io.StringIO()
    _code(sheet.link).print_ascii(out=buffer, invert=True)
    click.echo(buffer.getvalue(), nl=False)
    click.echo(f"Or open {sheet.link.partition('#')[0]} there, and type {sheet.secret}")


def _code(link: str) -> qrcode.QRCode:
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(link)
    code.make(fit=True)
    return code


def _print(data: Path, printer: str, sheet: PairingSheet, *, as_json: bool) -> None:
    from edge.adapters.profiles import site_profile
    from edge.adapters.settings import read_settings
    from edge.cli.common import printer_of
    from edge.cli.printing import print_at_once
    from edge.slips.pairing import pairing_sheet

    chosen = printer_of(read_settings(data).printers, printer)
    profile = site_profile(data, chosen)
    print_at_once(data, chosen, profile, pairing_sheet(sheet), 0, as_json=as_json)
