"""``divoc-edge print``: is the printer well?"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from edge.cli.calibrating import calibrate_result
from edge.cli.common import catalogue_in_force, data_folder, data_option, printer_of
from edge.cli.doctor import doctor
from edge.domain.errors import BadInput
from printers.jobs import Job, PrintState, RenderedSlip, moved
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.adapters.settings import PrinterSettings
    from printers.document import Document
    from printers.profile import Profile


@click.group(name="print")
def print_() -> None:
    """The printers of the site."""


print_.add_command(doctor)
print_.add_command(calibrate_result)


@print_.command()
@click.option("--printer", default="", help="Its name; the usual one by default.")
@data_option
@json_option
def test(printer: str, data: Path, as_json: bool) -> None:
    """Print a test slip and say what the printer answers."""
    from edge.adapters.profiles import site_profile
    from edge.adapters.settings import read_settings
    from edge.slips.trial import test_slip

    settings = read_settings(data_folder(data))
    chosen = printer_of(settings.printers, printer)
    number = str(int(time.time()) % 1_000_000)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    profile = site_profile(data, chosen)
    slip = test_slip(chosen.name, chosen.connection, number, now)
    print_at_once(data, chosen, profile, slip, int(number), as_json=as_json)


@print_.command()
@click.argument("name", type=click.Choice(["tally", "setup"]))
@click.option("--date", "day", default="", help="The tally's day; today by default.")
@click.option("--printer", default="", help="Its name; the usual one by default.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw it into this PNG instead of printing it.",
)
@data_option
@json_option
def slip(
    name: str, day: str, printer: str, picture: Path | None, data: Path, as_json: bool
) -> None:
    """Print the slip NAME: the day's tally sheet, or the set-up sheet of the site.

    Slips that name a person are printed from the site's pages, by those who may.
    """
    from edge.adapters.profiles import site_profile
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.extensions import installed
    from edge.folder import reading_slips
    from edge.services.printing.print_room import NO_PRINTER, drawn_as
    from edge.slips.slip_maker import SlipRequest

    settings = read_settings(data_folder(data))
    known = picture is None or bool(settings.printers)
    chosen = printer_of(settings.printers, printer) if known else None
    profile = site_profile(data, chosen) if chosen else NO_PRINTER
    if picture is not None:
        profile = drawn_as(profile, installed().drivers)
    number = int(time.time()) % 1_000_000
    today = datetime.now(ZoneInfo(settings.zone)).date().isoformat()
    subject = settings.facility if name == "setup" else day or today
    with reading(data) as db:
        catalogue = catalogue_in_force(db)
        wanted = SlipRequest(name, subject, serial=number)
        document = reading_slips(data).make(
            db, catalogue, wanted, profile.width, profile.dots_per_inch
        )
    _tell_missing(document, data)
    if picture is not None:
        _draw(data, document, profile, picture, as_json=as_json)
    elif chosen is not None:
        print_at_once(data, chosen, profile, document, number, as_json=as_json)


def _tell_missing(document: Document, data: Path) -> None:
    """Say before anything is printed which letters no font here has, and what helps."""
    from printers.fonts import Fonts
    from printers.glyphs import missing_letters
    from printers.scripts import package_for

    letters = missing_letters(document, Fonts(data / "fonts"))
    if letters:
        package = package_for(letters)
        helps = f"install the Debian package {package}" if package else "no Debian package has them"
        told = f"No font of this machine has {letters}, which will be boxes on the paper: {helps}."
        click.echo(told, err=True)


def _draw(
    data: Path, document: Document, profile: Profile, picture: Path, *, as_json: bool
) -> None:
    from edge.extensions import installed
    from printers.fonts import Fonts

    drawn = installed().drivers.draw(document, profile, Fonts(data / "fonts"))
    dots = profile.dots_per_inch
    drawn.convert("1").save(picture, format="PNG", dpi=(dots, dots))
    length = round(drawn.height / dots * 25.4)
    if as_json:
        show_json({"file": picture, "millimetres": length})
    else:
        click.echo(f"The slip is drawn in {picture}: {length} mm of paper.")


@print_.command()
@click.argument("scripts", nargs=-1)
@data_option
@json_option
def fonts(scripts: tuple[str, ...], data: Path, as_json: bool) -> None:
    """Prepare the fonts of SCRIPTS, such as devanagari arabic; without any, of those in daily use.

    What is not prepared is prepared when it is first printed, which takes some seconds.
    """
    from printers.fonts import Fonts
    from printers.scripts import EVERYDAY

    kept = Fonts(data_folder(data) / "fonts")
    kept.check()
    known = {name.lower().replace(" ", "-"): name for name in kept.scripts()}
    for text in scripts:
        if text.lower() not in known:
            raise BadInput(
                "fonts.unknown-script",
                "No font of this machine has letters of {script}.",
                hint="There are: {known}.",
                script=text.lower(),
                known=", ".join(sorted(known)),
            )
    wanted = [known[text.lower()] for text in scripts] or EVERYDAY
    prepared: list[str] = []
    kept.prepare(wanted, prepared.append if as_json else click.echo)
    if as_json:
        show_json({"fonts": prepared})
    else:
        click.echo("The fonts are ready.")


def print_at_once(
    data: Path,
    chosen: PrinterSettings,
    profile: Profile,
    slip: Document,
    number: int,
    *,
    as_json: bool,
) -> None:
    """Print outside the queue, and say what the printer answers.

    Raises :class:`PrinterError` in words where the slip cannot be made; nothing is sent then.
    """
    from edge.adapters.lock import own_printer
    from edge.extensions import installed
    from printers.fonts import Fonts
    from printers.spooler import Spooler

    fonts = Fonts(data / "fonts")
    fonts.check()
    store, drivers = _OneJob(number), installed().drivers
    made = RenderedSlip(drivers.proven(slip, profile, fonts))
    spooler = Spooler(
        profile,
        store,
        lambda _: made,
        lambda: drivers.connect(chosen.connection),
        owner=lambda: own_printer(data, chosen.name),
        begin=drivers.begin,
    )
    spooler.run()
    sentence = _SENTENCES.get(store.state, "").format(printer=chosen.name)
    health = spooler.health.sentence
    if as_json:
        told = {"printer": chosen.name, "state": store.state}
        show_json({**told, "sentence": sentence, "trouble": health})
    else:
        click.echo(sentence)
        if health:
            click.echo(health)
    if store.state is not PrintState.PRINTED:
        raise SystemExit(Exit.FAILED)


_SENTENCES = {
    "queued": "Nothing was sent to {printer}.",
    "printed": "{printer} says that the slip is printed.",
    "unknown": "The slip was sent to {printer}, which did not say whether it came out. Look.",
}


class _OneJob:
    """A store of one test job, kept nowhere."""

    def __init__(self, number: int) -> None:
        self._job = Job(number)
        self.state = PrintState.QUEUED

    def next_job(self) -> Job | None:
        return self._job if self.state is PrintState.QUEUED else None

    def in_flight(self) -> list[Job]:
        return []

    def torn(self) -> bool:
        return False

    def hold(self, job: Job, cause: str) -> None:
        """Hold nothing: the health says why."""

    def move(self, job: Job, state: PrintState, cause: str, sha256: str) -> bool:  # noqa: ARG002
        self.state = moved(self.state, state)
        return True

    def remark_missing_letters(self, job: Job) -> None:
        """Remark nothing: the slip is made of the site's own words."""
