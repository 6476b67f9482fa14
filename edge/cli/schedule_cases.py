"""``divoc-edge schedule cases`` and ``diff``: schedules against cases, and against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from edge.cli.common import naming_mistakes
from edge.domain.errors import BadInput
from sync.commands.answers import json_always, json_option, show_json
from sync.commands.exits import Exit
from sync.commands.paths import FILE

WHO_REFERENCE_DAY = "2026-11-15"
"""A day on which no month is cut short: the examples of WHO's patients are told for it."""


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--supporting",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of CDSi supporting data (XML), for CDC's cases.",
)
@click.option(
    "--schedules",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of packs, or of a country's schedules, for WHO's example patients.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    default=WHO_REFERENCE_DAY,
    show_default=True,
    help="The day that WHO's example patients count from.",
)
@json_always
def cases(file: Path, supporting: Path | None, schedules: Path | None, on: datetime) -> None:
    """Run a case file: one JSON line a case, and a summary last.

    CDC's CDSi cases need --supporting, WHO's example patients --schedules. "difference" is empty
    where all is as expected. Ends with 0 only if every case is right.
    """
    if (supporting is None) == (schedules is None):
        raise BadInput(
            "schedule.cases",
            "Say what the cases are held against: --supporting DIR for CDC's CDSi cases,"
            " --schedules DIR for WHO's example patients.",
        )
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    tried = _who_cases(file, schedules, on.date()) if schedules else None
    for group, line in tried or _cdsi_cases(file, supporting or Path()):
        total[group] += 1
        right[group] += not line["difference"]
        show_json(line)
    whole, good = sum(total.values()), sum(right.values())
    show_json(
        {
            "cases": whole,
            "right": good,
            "share": round(good / whole, 4) if whole else 0,
            "groups": {name: [right[name], total[name]] for name in sorted(total)},
        }
    )
    if good < whole:
        raise SystemExit(Exit.FAILED)


def _cdsi_cases(file: Path, supporting: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Try CDC's cases: the vaccine group of each, and its line."""
    from edge.campaign.cdsi import read_supporting_data
    from edge.campaign.cdsi_cases import differences, read_cases

    data = read_supporting_data(supporting)
    for case in read_cases(file, data):
        got = case.run(data)
        yield (
            case.group,
            {
                "id": case.id,
                "group": case.group,
                "got": got.document(),
                "expected": case.expected.document(),
                "difference": differences(got, case.expected),
            },
        )


def _who_cases(file: Path, folder: Path, on: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Try WHO's example patients: the antigen of each, and its line."""
    from edge.campaign.who_cases import expected, try_case
    from edge.campaign.who_rows import read_who_cases
    from edge.campaign.who_tables import WhoSchedules
    from edge.extensions import installed
    from sync.resources import resource

    tables = WhoSchedules(folder, resource("config/schemas"), installed().conditions)
    for case in read_who_cases(file, on):
        with naming_mistakes():
            verdict = try_case(case, tables)
        yield (
            case.antigen,
            {
                "id": case.id,
                "group": case.antigen,
                "got": verdict.got(),
                "expected": expected(case),
                "difference": list(verdict.difference),
            },
        )


@click.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@json_option
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Say what is otherwise in the schedule NEW than in OLD: series, doses, ages, intervals.

    Each is a schedule, a pack (as its options are usually) or a schedule composed of packs. With
    --json it is one object a change.
    """
    from edge.campaign.schedule_diff import differences
    from edge.campaign.schedules import read_plain
    from edge.extensions import installed
    from sync.resources import resource

    schemas, added = resource("config/schemas"), installed().conditions
    with naming_mistakes():
        before, after = (read_plain(path, schemas, added).value for path in (old, new))
    found = differences(before, after)
    for change in found:
        if as_json:
            show_json(change.document())
        else:
            click.echo(str(change))
    if not found and not as_json:
        click.echo("Both say the same.")
