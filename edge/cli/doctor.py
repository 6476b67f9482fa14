"""``divoc-edge print doctor``: what is wrong with the printers, and what helps."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.common import data_folder, data_option, printer_of
from printers.code_pages import CODE_PAGES, COLUMNS
from printers.errors import PrinterError
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.adapters.settings import PrinterSettings
    from printers.discovery import Device
    from printers.doctor import Examination, Machine
    from printers.profile import Profile

_NO_LINE = "none"
"""What is said where no line of letters on the slip is right."""


@click.command()
@click.option("--printer", default="", help="Its name; all of them by default.")
@click.option("--calibrate", is_flag=True, help="Print the calibration slip as well.")
@data_option
@json_option
def doctor(printer: str, calibrate: bool, data: Path, as_json: bool) -> None:
    """Find printers, ask what each can do, and say what is wrong and what helps.

    Asking prints nothing. A printer that a running node is using just then is in use.
    """
    from printers.doctor import look, machine_troubles
    from printers.fonts import Fonts

    printers = _printers(data, printer)
    machine = look(Fonts(data / "fonts"))
    troubles = machine_troubles(machine)
    results = [_examined(data, settings) for settings in printers]
    if as_json:
        show_json(_document(machine, troubles, list(zip(printers, results, strict=True))))
    else:
        _say(machine, troubles, list(zip(printers, results, strict=True)))
    bad = bool(troubles) or any(result.troubles for result in results)
    if calibrate:
        _calibrate(data, printer_of(tuple(printers), printer))
    if bad:
        raise SystemExit(Exit.FAILED)


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
    from edge.credentials.pictures import codes_in_picture
    from edge.credentials.reading import LARGEST_PAYLOAD
    from edge.credentials.verdict import UnreadableError
    from printers.calibration import proven_fields, proven_sizes
    from printers.marks import marks_in

    texts = []
    for picture in pictures:
        with picture.open("rb") as file, contextlib.suppress(UnreadableError):
            codes = codes_in_picture(file.read(LARGEST_PAYLOAD))
            texts += [code.decode(errors="replace") for code in codes]
    marks, sizes = marks_in(texts), proven_sizes(texts)
    if not marks and not sizes:
        raise PrinterError(
            "calibration.nothing-read", "No code that the printer made can be read in this picture."
        )
    return proven_fields(marks, sizes, profile)


def _printers(data: Path, name: str) -> Sequence[PrinterSettings]:
    """Give the printers to look at; without a site only the machine is looked at."""
    from edge.adapters.settings import FILE, read_settings

    if not name and not (data / FILE).exists():
        return ()
    printers = read_settings(data_folder(data)).printers
    return (printer_of(printers, name),) if name else printers


def _examined(data: Path, printer: PrinterSettings) -> Examination:
    from edge.adapters.profiles import site_profile
    from edge.extensions import installed
    from printers.doctor import Examination, examine

    try:
        profile = site_profile(data, printer)
    except PrinterError as error:
        return Examination(troubles=(error,))
    return examine(printer.connection, profile, installed().drivers.connect)


def _calibrate(data: Path, printer: PrinterSettings) -> None:
    from edge.adapters.profiles import site_profile
    from edge.extensions import installed
    from printers.calibration import calibration_slip, offered
    from printers.fonts import Fonts

    fonts = Fonts(data / "fonts")
    fonts.check()
    profile = site_profile(data, printer)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    slip = calibration_slip(profile, fonts, printer.name, now)
    connection = installed().drivers.connect(printer.connection)
    try:
        connection.write(slip)
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


def _say(
    machine: Machine,
    troubles: Sequence[PrinterError],
    results: Sequence[tuple[PrinterSettings, Examination]],
) -> None:
    from printers.doctor import able, unknown_printer

    for printer, result in results:
        click.echo(f"{printer.name}  {printer.connection}  {printer.profile}")
        if result.abilities is not None:
            click.echo(f"  {able(result.abilities)}")
        if result.identity is not None:
            click.echo(f"  {result.identity.name}")
        for trouble in result.troubles:
            click.echo(f"  ! {trouble}")
        if any(error.code.startswith("profile.") for error in result.troubles):
            _suggest(result)
        if not result.troubles:
            asked = result.abilities or result.identity
            click.echo("  well" if asked else "  there, but it cannot be asked")
    for found in _others(machine, results):
        kind = "printer" if found.sure else "serial port"
        told = " ".join(filter(None, (kind, found.maker, found.model)))
        click.echo(f"not set up: {told}  {found.address}")
        _suggest(unknown_printer(found))
    for trouble in troubles:
        click.echo(f"! {trouble}")
    count = len(troubles) + sum(len(one.troubles) for _, one in results)
    click.echo("All is well." if not count else f"{count} to put right.")


def _suggest(result: Examination) -> None:
    """Show the profile that fits what a printer answered."""
    if result.suggested:
        click.echo("  A profile that fits it, for config/printers or its own file in printers/:")
        for line in result.suggested.splitlines():
            click.echo(f"    {line}")


def _others(
    machine: Machine, results: Sequence[tuple[PrinterSettings, Examination]]
) -> list[Device]:
    """Give what was found and is no printer of the site, by whichever name."""
    paths = {printer.connection.split("?")[0].split("://")[-1] for printer, _ in results}
    return [
        device
        for device in machine.found
        if device.device not in paths and device.address.split("?")[0].split("://")[-1] not in paths
    ]


def _document(
    machine: Machine,
    troubles: Sequence[PrinterError],
    results: Sequence[tuple[PrinterSettings, Examination]],
) -> dict[str, Any]:
    return {
        "printers": [
            {
                "name": printer.name,
                "address": printer.connection,
                "profile": printer.profile,
                "abilities": _abilities(result),
                "identity": result.identity.name if result.identity else None,
                "suggestedProfile": result.suggested,
                "problems": _problems(result.troubles),
            }
            for printer, result in results
        ],
        "found": [
            {
                "address": device.address,
                "maker": device.maker,
                "model": device.model,
                "printer": device.sure,
            }
            for device in machine.found
        ],
        "problems": _problems(troubles),
    }


def _abilities(result: Examination) -> dict[str, Any] | None:
    known = result.abilities
    if known is None:
        return None
    return {
        "maker": known.maker,
        "model": known.model,
        "firmware": known.firmware,
        "realTimeStatus": known.real_time,
        "automaticStatus": known.automatic,
        "confirmation": known.confirmation,
        "cutter": known.cutter,
        "nativeQrClaimed": known.native_qr,
    }


def _problems(troubles: Sequence[PrinterError]) -> list[dict[str, str]]:
    return [{"code": trouble.code, "sentence": str(trouble)} for trouble in troubles]
