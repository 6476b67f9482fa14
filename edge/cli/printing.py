"""``divoc-edge print``: is the printer well?"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from edge.adapters.profiles import site_profile
from edge.adapters.settings import read_settings
from edge.cli.common import FAILED, data_folder, data_option, printer_of
from edge.cli.doctor import calibrate_result, doctor
from edge.slips import test_slip
from printers.connections import connect
from printers.fonts import Fonts
from printers.languages import encode
from printers.spooler import Job, Spooler


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
    fonts = Fonts(data / "fonts")
    fonts.check()
    profile = site_profile(data, chosen)
    number = str(int(time.time()) % 1_000_000)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    slip = test_slip(chosen.name, chosen.connection, number, now)
    store = _OneJob(int(number))
    spooler = Spooler(
        profile, store, lambda _: encode(slip, profile, fonts), lambda: connect(chosen.connection)
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

    def in_flight(self) -> list[tuple[Job, str]]:
        return []

    def move(self, job: Job, state: str, cause: str, sha256: str) -> None:  # noqa: ARG002
        self.state = state
