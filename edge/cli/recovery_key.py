"""``divoc-edge keys recovery``: the key on paper that opens the site's backups."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from edge.adapters.settings import read_settings, write_settings
from edge.cli.common import data_folder, data_option
from sync.commands.answers import json_option, show_json


@click.command()
@click.option(
    "--recipient",
    default="",
    metavar="AGE1…",
    help="What backups are sealed to: the nation's, in place of a key of the site's own.",
)
@click.option("--qr", is_flag=True, help="Draw the key as a QR code as well.")
@data_option
@json_option
def recovery(recipient: str, qr: bool, data: Path, as_json: bool) -> None:
    """Make the key that opens this site's backups, and show it once, for a paper in a safe.

    The site keeps only what backups are sealed to, with that of every key of before. With
    --recipient the nation keeps the key.
    """
    from edge.adapters.backups.recovery import new_recovery_key, on_paper, read_recipient

    folder = data_folder(data)
    settings, secret = read_settings(folder), ""
    if recipient:
        address = str(read_recipient(recipient))
    else:
        secret, address = new_recovery_key()
    known = tuple(name for name in settings.recovery if name != address)
    write_settings(folder, replace(settings, recovery=(*known, address)))
    if as_json:
        show_json({"recipient": address, "key": secret, "sealedTo": len(known) + 1})
        return
    if secret:
        click.echo("The recovery key of this site. It is shown this once and kept nowhere here:")
        click.echo(f"\n{on_paper(secret)}\n")
        if qr:
            _draw(secret)
        click.echo("Print it or copy it, and keep the paper in a safe away from the site.")
        click.echo("Whoever has it and a backup reads everything; without it no backup opens.")
    click.echo(f"Backups are sealed to {address} from now on.")
    click.echo("Restart the node, if it runs.")


def _draw(secret: str) -> None:
    import io

    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(secret)
    drawn = io.StringIO()
    code.print_ascii(out=drawn)
    click.echo(drawn.getvalue())
