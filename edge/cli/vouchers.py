"""``divoc-edge campaign vouchers``: a key of one's own, and vouchers that it signs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, time
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import click

from sync.commands.answers import json_option, show_json
from sync.commands.passphrases import passphrase_option, read_passphrase

if TYPE_CHECKING:
    from edge.adapters.ministry_folder import MinistryFolder

_folder = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder with the key, on a machine without a network.",
)
_KEY = "the voucher-signing key"


@click.group()
def vouchers() -> None:
    """Make vouchers that pay for doses: signed codes, each spent once."""


@vouchers.command()
@_folder
@passphrase_option
@json_option
def key(folder: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make the key that signs vouchers, and print its public half for payments.yaml."""
    from sync.own_files import private_files

    with private_files():
        public = _keeper(folder).create_key(read_passphrase(passphrase_file, _KEY, confirm=True))
    if as_json:
        show_json({"key": public})
        return
    click.echo(f"The key is in {folder}. In the campaign's payments.yaml, under voucher_issuers:")
    click.echo(f"- {{code: …, name: …, key: {public}}}")


@vouchers.command()
@_folder
@click.option("--issuer", required=True, help="Its code in payments.yaml.")
@click.option("--count", type=click.IntRange(1, 100_000), default=1, help="How many; 1 by default.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The last day on which they count.",
)
@click.option(
    "--programme", "programmes", multiple=True, help="For this programme; may be repeated."
)
@click.option("--vaccine", "vaccines", multiple=True, help="For this vaccine; may be repeated.")
@passphrase_option
@json_option
def make(
    folder: Path,
    issuer: str,
    count: int,
    until: datetime,
    programmes: tuple[str, ...],
    vaccines: tuple[str, ...],
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Write vouchers as CSV: a number and the text of its QR code on each line.

    Numbers are drawn at random, so that nobody guesses another one's.
    """
    from edge.credentials.vouchers import Voucher, VoucherSigner, issue
    from edge.services.csv_lines import csv_lines

    signer = VoucherSigner(_keeper(folder).key(read_passphrase(passphrase_file, _KEY)))
    end = datetime.combine(until.date(), time(23, 59, 59), UTC)

    def made() -> tuple[str, str]:
        number = token_hex(6).upper()
        voucher = Voucher(
            issuer=issuer, number=number, until=end, programmes=programmes, vaccines=vaccines
        )
        return number, issue(voucher, signer)

    rows = (made() for _ in range(count))
    if as_json:
        show_json([{"number": number, "code": code} for number, code in rows])
        return
    for line in csv_lines(("number", "code"), rows):
        sys.stdout.write(line)


def _keeper(folder: Path) -> MinistryFolder:
    from edge.adapters.ministry_folder import MinistryFolder

    return MinistryFolder(folder, "voucher-signing", "divoc-edge campaign vouchers key")
