"""``divoc-edge schedule``: try the schedule engine against cases, and ask it for its reasons."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import click

from edge.campaign.cdsi import read_supporting_data
from edge.campaign.cdsi_cases import differences, read_cases
from edge.cli.common import FAILED, show_json
from edge.domain.errors import BadInput
from edge.domain.schedule.engine import GroupAssessment, assess, unknown
from edge.domain.schedule.model import Shot, Subject

_folder = click.option(
    "--supporting",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="A folder of CDSi supporting data (XML).",
)


@click.group()
def schedule() -> None:
    """Which dose, when, and why not: CDC's CDSi logic over a country's data."""


@schedule.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_folder
def cases(file: Path, supporting: Path) -> None:
    """Run a CDSi case file: one JSON line a case, and a summary last.

    "difference" is empty where series status, every dose's evaluation and the three dates are as
    expected. Ends with 0 only if every case is right.
    """
    data = read_supporting_data(supporting)
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in read_cases(file, data):
        got = case.run(data)
        found = differences(got, case.expected)
        total[case.group] += 1
        right[case.group] += not found
        show_json(
            {
                "id": case.id,
                "group": case.group,
                "got": got.document(),
                "expected": case.expected.document(),
                "difference": found,
            }
        )
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
        raise SystemExit(FAILED)


@schedule.command()
@_folder
@click.option("--born", required=True, help="Date of birth, year-month-day.")
@click.option("--gender", default="", help="Female, Male, or nothing.")
@click.option("--dose", "doses", multiple=True, help="DATE=CVX, may be repeated.")
@click.option("--observed", multiple=True, help="CODE or CODE=DATE of a CDSi observation.")
@click.option("--on", "as_of", default="", help="As of this day; today by default.")
@click.option("--group", "only", default="", help="Only this vaccine group.")
def explain(
    supporting: Path,
    born: str,
    gender: str,
    doses: tuple[str, ...],
    observed: tuple[str, ...],
    as_of: str,
    only: str,
) -> None:
    """Say of one person what counts, what is due, and by which series, in words."""
    data = read_supporting_data(supporting)
    shots = [_shot(text) for text in doses]
    observations = {}
    for text in observed:
        code, _, when = text.partition("=")
        observations[code] = _day(when, "--observed") if when else None
    subject = Subject(born=_day(born, "--born"), gender=gender, observations=observations)
    on = _day(as_of, "--on") if as_of else date.today()  # noqa: DTZ011  (the technician's day)
    for shot in unknown(data, shots):
        click.echo(f"The vaccine {shot.cvx} of {shot.on} is not known to this schedule.", err=True)
    for name, found in assess(data, subject, shots, on).items():
        if not only or name.casefold() == only.casefold():
            _tell(found)


def _tell(found: GroupAssessment) -> None:
    due = found.forecast
    click.secho(f"{found.group}: {due.status}", bold=True)
    for one in found.evaluations:
        reason = f" ({one.reason})" if one.reason else ""
        target = f", held against dose {one.target}" if one.target else ""
        click.echo(f"  {one.shot.on} CVX {one.shot.cvx}: {one.status}{reason}{target}")
    if due.target:
        click.echo(
            f"  dose {due.target}: from {due.earliest}, best on {due.recommended},"
            f" late after {due.past_due or 'never'}, until {due.latest or 'any age'}"
        )
    for antigen, candidate in found.chosen.items():
        click.echo(f"  {antigen}: {candidate.series.name}")
        for number, done in enumerate(candidate.progress.targets, start=1):
            when = f" on {done.on}" if done.on else ""
            click.echo(f"    dose {number}: {done.status.lower()}{when}")


def _shot(text: str) -> Shot:
    when, _, cvx = text.partition("=")
    if not cvx.strip():
        raise BadInput(
            "schedule.dose",
            "{text} is not a dose.",
            hint="Write DATE=CVX, for example 2026-03-01=03",
            field="--dose",
            text=text,
        )
    return Shot(_day(when, "--dose"), cvx.strip().zfill(2))


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            "date.form",
            "The date must be written as year-month-day.",
            field=field,
        ) from None
