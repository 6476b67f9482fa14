"""``divoc-edge recall``: who is due or overdue."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import click

from edge.adapters.settings import read_settings
from edge.campaign.catalogue import to_catalogue
from edge.cli.common import data_folder, data_option
from edge.domain.errors import BadInput
from edge.folder import reading
from edge.journal import views
from edge.services.doses.recall import as_csv
from edge.services.doses.recall import recall as recalled


@click.command()
@click.option("--until", default="", help="Who is due until this day; today by default.")
@click.option("--programme", default="", help="Only this programme.")
@click.option("--out", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@data_option
def recall(until: str, programme: str, out: TextIO, data: Path) -> None:
    """Write who is due or overdue as CSV. The node may be running or not."""
    folder = data_folder(data)
    today = datetime.now(ZoneInfo(read_settings(folder).zone)).date()
    try:
        day = date.fromisoformat(until) if until else today
    except ValueError:
        raise BadInput(
            "date.form", "The date must be written as year-month-day.", field="--until"
        ) from None
    with (
        reading(folder) as db,
        click.progressbar(length=1, label="Looking", file=sys.stderr) as bar,
    ):

        def progress(done: int, whole: int) -> None:
            bar.length = whole
            bar.update(done - bar.pos)

        def same() -> nullcontext[Any]:
            return nullcontext(db)

        catalogue = to_catalogue(views.catalogue_body(db))
        found = recalled(same, catalogue, today, day, programme, progress)
        for line in as_csv(found):
            out.write(line)
