"""Calibration on the command line: its slip is printed, and what that shows is kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edge.cli.common import data_folder, data_option, picture_reader, printer_of
from printers.code_pages import CODE_PAGES, COLUMNS
from printers.errors import PrinterError
from sync.commands.answers import json_option, show_json

if TYPE_CHECKING:
    from edge.adapters.settings import PrinterSettings
    from printers.profile import Profile

_NO_LINE = "none"
"""What is said where no line of letters on the slip is right."""


@click.command("calibrate-result")
@click.argument("result", metavar="SIZE", default="")
@click.option(
    "--picture",
    "pictures",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A photograph of the slip, JPEG or PNG; any number.",
)
@click.option("--printer", default="", help="Its name; the usual one by default.")
@click.option(
    "--width", type=click.Choice([str(number) for number in COLUMNS]), help="Dots it shows."
)
@click.option(
    "--code-page",
    type=click.Choice([*(str(number) for number in CODE_PAGES), _NO_LINE]),
    help="The line of letters that is right: n of ESC t, or none.",
)
@click.option("--uncut", is_flag=True, help="The slip was not cut off: another way is tried.")
@data_option
@json_option
def calibrate_result(
    result: str,
    pictures: tuple[Path, ...],
    printer: str,
    width: str | None,
    code_page: str | None,
    uncut: bool,
    data: Path,
    as_json: bool,
) -> None:
    """Keep what the calibration slip showed.

    SIZE is the largest of the printer's own QR codes that was read, as a number or the whole text
    that a scanner gives; 0 when none was. Photographs of the slip show that and all the rest.
    """
    from edge.adapters.profiles import keep_own, site_profile
    from edge.adapters.settings import read_settings
    from printers.calibration import letters_seen, next_cut, size_read

    if not result and not pictures:
        raise click.UsageError("Give the SIZE that was read, or photographs with --picture.")
    chosen = printer_of(read_settings(data_folder(data)).printers, printer)
    profile = site_profile(data, chosen)
    found = _shown(pictures, profile) if pictures else {}
    if result:
        found["native_qr"] = size_read(result)
    if width:
        found |= {"width": int(width), "columns": COLUMNS[int(width)]}
    if code_page:
        found = letters_seen("" if code_page == _NO_LINE else code_page) | found
    if uncut:
        found |= next_cut(profile)
    path = keep_own(data, chosen, found)
    if as_json:
        show_json({"printer": chosen.name, "found": found, "file": path})
        return
    told = ", ".join(f"{name} {value}" for name, value in found.items())
    click.echo(f"{chosen.name}: {told}, kept in {path}. It counts after a restart of the node.")


def _shown(pictures: Sequence[Path], profile: Profile) -> dict[str, object]:
    """Give what photographs of the slip prove; one without any code proves nothing."""
    from edge.credentials.reading import LARGEST_PAYLOAD
    from edge.credentials.verdict import UnreadableError
    from printers.calibration import proven_fields, proven_sizes
    from printers.marks import marks_in

    texts = []
    with picture_reader() as read:
        for picture in pictures:
            with picture.open("rb") as file, contextlib.suppress(UnreadableError):
                codes = read(file.read(LARGEST_PAYLOAD))
                texts += [code.decode(errors="replace") for code in codes]
    marks, sizes = marks_in(texts), proven_sizes(texts)
    if not marks and not sizes:
        raise PrinterError(
            "calibration.nothing-read", "No code that the printer made can be read in this picture."
        )
    return proven_fields(marks, sizes, profile)


def print_calibration_slip(data: Path, printer: PrinterSettings) -> None:
    """Print the slip, whatever the printer answers, and say what to do with it."""
    from edge.adapters.lock import own_printer
    from edge.adapters.profiles import site_profile
    from edge.extensions import installed
    from printers.calibration import calibration_slip, offered
    from printers.dialogues.base import Dialogue
    from printers.fonts import Fonts
    from printers.sending import send_all

    fonts = Fonts(data / "fonts")
    fonts.check()
    profile = site_profile(data, printer)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    slip = calibration_slip(profile, fonts, printer.name, now)
    with own_printer(data, printer.name):
        connection = installed().drivers.connect(printer.connection)
        try:
            mute = Dialogue(profile, connection, time.monotonic)
            send_all(mute, slip, lambda _: False, time.monotonic)
        finally:
            connection.close()
    click.echo(f"The calibration slip was sent to {printer.name}.", err=True)
    click.echo(
        "Read it on the printers' page of a tablet, or keep what a photograph of it shows:",
        err=True,
    )
    command = f"divoc-edge print calibrate-result --printer {printer.name}"
    click.echo(f"  {command} --picture PHOTOGRAPH", err=True)
    sizes = "|".join(map(str, (0, *offered(profile))))
    click.echo(f"  {command} {sizes}   the largest code that is read", err=True)
