"""``divoc-edge print``: is the printer well?"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from edge.adapters.lock import own_printer
from edge.adapters.profiles import site_profile
from edge.adapters.settings import PrinterSettings, read_settings
from edge.campaign.catalogue import to_catalogue
from edge.cli.common import FAILED, data_folder, data_option, printer_of
from edge.cli.doctor import calibrate_result, doctor
from edge.domain.errors import BadInput
from edge.folder import reading, reading_slips
from edge.journal import views
from edge.plugins import installed
from edge.services.printing.print_room import NO_PRINTER, drawn_as
from edge.slips.slip_maker import Wanted
from edge.slips.trial import test_slip
from printers.document import Document
from printers.fonts import Fonts, known_scripts
from printers.jobs import Job
from printers.profile import Profile
from printers.spooler import Spooler


@click.group(name="print")
def print_() -> None:
    """The printers of the site."""


print_.add_command(doctor)
print_.add_command(calibrate_result)


@print_.command()
@click.option("--printer", default="", help="Its name; the usual one by default.")
@data_option
def test(printer: str, data: Path) -> None:
    """Print a test slip and say what the printer answers."""
    settings = read_settings(data_folder(data))
    chosen = printer_of(settings.printers, printer)
    number = str(int(time.time()) % 1_000_000)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    profile = site_profile(data, chosen)
    slip = test_slip(chosen.name, chosen.connection, number, now)
    _print_at_once(data, chosen, profile, slip, int(number))


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
def slip(name: str, day: str, printer: str, picture: Path | None, data: Path) -> None:
    """Print the slip NAME: the day's tally sheet, or the set-up sheet of the site.

    Slips that name a person are printed from the site's pages, by those who may.
    """
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
        catalogue = to_catalogue(views.catalogue_body(db))
        wanted = Wanted(name, subject, serial=number)
        document = reading_slips(data).make(
            db, catalogue, wanted, profile.width, profile.dots_per_inch
        )
    if picture is not None:
        drawn = installed().drivers.draw(document, profile, Fonts(data / "fonts"))
        drawn.convert("1").save(picture, format="PNG")
        click.echo(f"The slip is drawn in {picture}.")
    elif chosen is not None:
        _print_at_once(data, chosen, profile, document, number)


@print_.command()
@click.argument("scripts", nargs=-1)
@data_option
def fonts(scripts: tuple[str, ...], data: Path) -> None:
    """Prepare the fonts of SCRIPTS, such as devanagari arabic; of all that there are without any.

    What is not prepared is prepared when it is first printed, which takes some seconds.
    """
    known = known_scripts()
    wanted = [one.upper() for one in scripts] or known
    for one in wanted:
        if one not in known:
            raise BadInput(
                "fonts.unknown-script",
                "{script} is not a script with a font of its own.",
                hint="Known are: {known}.",
                script=one.lower(),
                known=", ".join(known).lower(),
            )
    kept = Fonts(data_folder(data) / "fonts")
    kept.check()
    kept.prepare(wanted, lambda face: click.echo(face))
    click.echo("The fonts are ready.")


def _print_at_once(
    data: Path, chosen: PrinterSettings, profile: Profile, slip: Document, number: int
) -> None:
    """Print outside the queue, and say what the printer answers."""
    fonts = Fonts(data / "fonts")
    fonts.check()
    store, drivers = _OneJob(number), installed().drivers
    spooler = Spooler(
        profile,
        store,
        lambda _: drivers.proven(slip, profile, fonts),
        lambda: drivers.connect(chosen.connection),
        owner=lambda: own_printer(data, chosen.name),
        begin=drivers.begin,
    )
    spooler.run()
    click.echo(_SENTENCES.get(store.state, "").format(printer=chosen.name))
    if spooler.health.sentence:
        click.echo(spooler.health.sentence)
    if store.state != "printed":
        raise SystemExit(FAILED)


_SENTENCES = {
    "queued": "Nothing was sent to {printer}.",
    "printed": "{printer} says that the slip is printed.",
    "unknown": "The slip was sent to {printer}, which did not say whether it came out. Look.",
    "failed": "The slip cannot be printed on {printer}.",
}


class _OneJob:
    """A store of one test job, kept nowhere."""

    def __init__(self, number: int) -> None:
        self._job = Job(number)
        self.state = "queued"

    def next_job(self) -> Job | None:
        return self._job if self.state == "queued" else None

    def in_flight(self) -> list[Job]:
        return []

    def torn(self) -> bool:
        return False

    def hold(self, job: Job, cause: str) -> None:
        """Hold nothing: the health says why."""

    def move(self, job: Job, state: str, cause: str, sha256: str) -> bool:  # noqa: ARG002
        self.state = state
        return True
