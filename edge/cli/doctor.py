"""``divoc-edge print doctor``: what is wrong with the printers, and what helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.calibrating import print_calibration_slip
from edge.cli.common import data_folder, data_option, printer_of
from printers.errors import PrinterError
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.adapters.settings import PrinterSettings
    from printers.discovery import Device
    from printers.doctor import Examination, Machine


@click.command()
@click.option("--printer", default="", help="Its name; all of them by default.")
@click.option("--calibrate", is_flag=True, help="Print the calibration slip as well.")
@click.option("--apply", is_flag=True, help="Keep the fields that fit, for each after a question.")
@data_option
@json_option
def doctor(printer: str, calibrate: bool, apply: bool, data: Path, as_json: bool) -> None:
    """Find printers, ask what each can do, and say what is wrong and what helps.

    Asking prints nothing. A printer that a running node is using just then is in use.
    """
    from printers.doctor import look, machine_troubles
    from printers.fonts import Fonts

    if apply and as_json:
        raise click.UsageError("--apply asks a question, which is not for scripts: leave out one.")
    printers = _printers(data, printer)
    machine = look(Fonts(data / "fonts"))
    troubles = [*machine_troubles(machine), *_site_troubles(data)]
    results = [_examined(data, settings) for settings in printers]
    pairs = list(zip(printers, results, strict=True))
    if as_json:
        show_json(_document(machine, troubles, pairs))
    else:
        _say(machine, troubles, pairs)
    if apply:
        _apply(data, pairs)
    bad = bool(troubles) or any(result.troubles for result in results)
    if calibrate:
        print_calibration_slip(data, printer_of(tuple(printers), printer))
    if bad:
        raise SystemExit(Exit.FAILED)


def _printers(data: Path, name: str) -> Sequence[PrinterSettings]:
    """Give the printers to look at; without a site only the machine is looked at."""
    from edge.adapters.settings import FILE, read_settings

    if not name and not (data / FILE).exists():
        return ()
    printers = read_settings(data_folder(data)).printers
    return (printer_of(printers, name),) if name else printers


def _site_troubles(data: Path) -> list[PrinterError]:
    """Say that there is nothing to be well: no site, or none of its printers."""
    from edge.adapters.settings import FILE, read_settings

    if not (data / FILE).exists():
        return [
            PrinterError(
                "machine.no-site",
                "No site was found in {folder}, so only this machine was looked at: name the"
                " site's folder with --data.",
                folder=data,
            )
        ]
    if not read_settings(data_folder(data)).printers:
        return [
            PrinterError(
                "machine.no-printers",
                "No printer of the site is set up: write one into {file}.",
                file=data / FILE,
            )
        ]
    return []


def _apply(data: Path, results: Sequence[tuple[PrinterSettings, Examination]]) -> None:
    """Keep the fields that fit in each printer's own file, when a person says so."""
    from edge.adapters.profiles import keep_own

    asked = False
    for printer, result in results:
        if not result.fits:
            continue
        asked = True
        if click.confirm(f"{printer.name}: keep {_fields(result.fits)}?"):
            path = keep_own(data, printer, result.fits)
            click.echo(f"Kept in {path}. It counts after a restart of the node.")
    if not asked:
        click.echo("There is nothing to keep.")


def _fields(fits: Mapping[str, object]) -> str:
    return ", ".join(f"{name}: {_yaml(value)}" for name, value in fits.items())


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _examined(data: Path, printer: PrinterSettings) -> Examination:
    from edge.adapters.profiles import site_profile
    from edge.extensions import installed
    from printers.doctor import Examination, examine
    from printers.languages import language_trouble

    drivers = installed().drivers
    try:
        profile = site_profile(data, printer)
        if trouble := language_trouble(profile, drivers.languages):
            raise trouble
    except PrinterError as error:
        return Examination(troubles=(error,))
    return examine(printer.connection, profile, drivers.connect)


def _say(
    machine: Machine,
    troubles: Sequence[PrinterError],
    results: Sequence[tuple[PrinterSettings, Examination]],
) -> None:
    from printers.doctor import unknown_printer

    for printer, result in results:
        _say_one(printer, result)
    for found in _others(machine, results):
        kind = "printer" if found.sure else "serial port"
        told = " ".join(filter(None, (kind, found.maker, found.model)))
        click.echo(f"not set up: {told}  {found.address}")
        _suggest(unknown_printer(found))
    for trouble in troubles:
        click.echo(f"! {trouble}")
    count = len(troubles) + sum(len(one.troubles) for _, one in results)
    if count:
        click.echo(f"{count} to put right.")
    elif any(one.notes for _, one in results):
        click.echo("Nothing to put right; look at what is said above.")
    else:
        click.echo("All is well.")


def _say_one(printer: PrinterSettings, result: Examination) -> None:
    from printers.findings import able

    click.echo(f"{printer.name}  {printer.connection}  {printer.profile}")
    if result.abilities is not None:
        click.echo(f"  {able(result.abilities)}")
    if result.identity is not None:
        click.echo(f"  {result.identity.name}")
    for trouble in result.troubles:
        click.echo(f"  ! {trouble}")
    for note in result.notes:
        click.echo(f"  - {note}")
    if result.fits:
        click.echo(f"  What fits it: {_fields(result.fits)}")
        click.echo(f"  Keep it: divoc-edge print doctor --printer {printer.name} --apply")
    if any(error.code.startswith("profile.") for error in result.troubles):
        _suggest(result)
    if not result.troubles and not result.notes:
        asked = result.abilities or result.identity
        click.echo("  well" if asked else "  there, but it cannot be asked")


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
                "fits": dict(result.fits),
                "problems": _problems(result.troubles),
                "notes": _problems(result.notes),
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
