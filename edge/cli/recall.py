"""``divoc-edge recall``: who is due or overdue."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import click

from edge.cli.common import catalogue_in_force, data_folder, data_option
from edge.domain.errors import BadInput
from sync.commands.answers import json_option


@click.command()
@click.option("--until", default="", help="Who is due until this day; today by default.")
@click.option("--programme", default="", help="Only this programme.")
@click.option("--out", type=click.File("w", encoding="utf-8", lazy=True), default="-")
@data_option
@json_option
def recall(until: str, programme: str, out: TextIO, data: Path, as_json: bool) -> None:
    """Write who is due or overdue as CSV. The node may be running or not.

    With --json it is one object a line.
    """
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.services.doses import recall as recalls

    folder = data_folder(data)
    settings = read_settings(folder)
    today = datetime.now(ZoneInfo(settings.zone)).date()
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

        catalogue = catalogue_in_force(db)
        found = recalls.recall(
            same,
            recalls.RecallQuery(catalogue, today, day, settings.facility, programme),
            progress,
        )
        if as_json:
            for document in recalls.as_documents(found):
                out.write(json.dumps(document, ensure_ascii=False) + "\n")
        else:
            for line in recalls.as_csv(found):
                out.write(line)
