"""``divoc-edge schedule``: try the schedule engine against cases, and ask it for its reasons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.common import catalogue_in_force, data_folder, data_option, naming_mistakes
from edge.cli.schedule_cases import cases, diff
from edge.cli.schedule_people import check_told
from edge.cli.schedule_people import day_of as _day
from edge.cli.schedule_people import observation_of as _observation
from edge.cli.schedule_people import shot_of as _shot
from edge.cli.schedule_people import span_of as _span
from edge.cli.schedule_plan import plan
from edge.domain.errors import BadInput, NotFound
from sync.commands.answers import json_option, show_json
from sync.commands.paths import FILE

if TYPE_CHECKING:
    from edge.domain.schedule.engine import GroupAssessment
    from edge.domain.schedule.explanation import Reason
    from edge.domain.schedule.model import Schedule, Shot, Subject

_supporting = click.option(
    "--supporting",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of CDSi supporting data (XML).",
)


@click.group()
def schedule() -> None:
    """Which dose, when, and why not: CDC's CDSi logic over a country's data."""


schedule.add_command(cases)
schedule.add_command(diff)


@schedule.command()
@_supporting
@click.option(
    "--schedule",
    "file",
    type=FILE,
    help="A country's schedule (YAML), in place of CDSi's.",
)
@click.option(
    "--born", default="", help="Date of birth, year-month-day; or year-month, year, '9 months'."
)
@click.option("--gender", default="", help="Female, Male, or nothing.")
@click.option("--dose", "doses", multiple=True, help="DATE=VACCINE, may be repeated.")
@click.option("--observed", multiple=True, help="CODE or CODE=DATE of an observation.")
@click.option("--person", default="", help="The code of a person of this site, in place of these.")
@click.option("--on", "as_of", default="", help="As of this day; today by default.")
@click.option("--group", "only", default="", help="Only this vaccine group.")
@data_option
@json_option
def explain(
    supporting: Path | None,
    file: Path | None,
    born: str,
    gender: str,
    doses: tuple[str, ...],
    observed: tuple[str, ...],
    person: str,
    as_of: str,
    only: str,
    data: Path,
    as_json: bool,
) -> None:
    """Say of one person what counts, what is due and why: every rule that was asked, in words.

    With --json it is one object a vaccine group.
    """
    on = _day(as_of, "--on") if as_of else date.today()  # noqa: DTZ011  (the technician's day)
    people = (
        _of_the_site(data, person)
        if person
        else _told_here(_plan(supporting, file, born), born, gender, doses, observed, on, file)
    )
    for name, rules, subject, shots in people:
        for heading, born_then in _births(subject, on, name):
            if heading and not as_json:
                click.secho(heading, underline=True)
            for group in _asked(rules, born_then, shots, on, only, strict=not person):
                _tell(list(_reasons(group, rules, on)), group, heading, as_json=as_json)
            if person or file is not None or only:  # most of CDSi's groups are for few people
                _tell_of_nothing(rules, born_then, shots, on, only, heading, as_json=as_json)


def _told_here(
    plan: Schedule,
    born: str,
    gender: str,
    doses: tuple[str, ...],
    observed: tuple[str, ...],
    on: date,
    file: Path | None,
) -> Iterator[tuple[str, Schedule, Subject, list[Shot]]]:
    """Give the person that the options tell of, under one schedule."""
    from edge.domain.schedule.model import Subject

    span = _span(born, on)
    subject = Subject(
        born=span.first,
        born_last=None if span.exact else span.last,
        gender=gender,
        observations=dict(map(_observation, observed)),
    )
    shots = [_shot(text, cdsi=file is None) for text in doses]
    if file is not None:
        check_told(plan, [shot.cvx for shot in shots], subject.observations)
    yield "", plan, subject, shots


def _reasons(group: GroupAssessment, plan: Schedule, on: date) -> Iterator[Reason]:
    from edge.domain.schedule.changes import explain_with_changes

    return explain_with_changes(group, plan, on)


def _plan(supporting: Path | None, file: Path | None, born: str) -> Schedule:
    from edge.campaign.cdsi import read_supporting_data
    from edge.campaign.schedules import read_schedule
    from edge.extensions import installed
    from sync.resources import resource

    if (supporting is None) == (file is None) or not born:
        raise BadInput(
            "schedule.explain",
            "Say whom to explain: --person CODE, or --born DATE with --schedule or --supporting.",
        )
    if file is not None:
        with naming_mistakes():
            return read_schedule(file, resource("config/schemas"), installed().conditions)
    return read_supporting_data(supporting or Path())


def _births(subject: Subject, on: date, name: str) -> Iterator[tuple[str, Subject]]:
    """Give a person as born on the first and the last day that are possible, by name."""
    from dataclasses import replace

    if subject.born_last is None:
        yield name, subject
        return
    for day in (subject.born, max(subject.born, min(subject.born_last, on))):
        yield f"{name} (if born on {day})".strip(), replace(subject, born=day, born_last=None)


def _of_the_site(data: Path, code: str) -> Iterator[tuple[str, Schedule, Subject, list[Shot]]]:
    """Give the schedules of a site's programmes, and one of its people as they see them."""
    from edge.adapters.site_database import reading
    from edge.domain.histories import shots_of
    from edge.domain.scheduled import subject_of
    from edge.journal import views

    with reading(data_folder(data)) as db:
        person = next(
            (person for person in views.find_people(db, code) if person.code == code), None
        )
        if person is None:
            raise NotFound("person.unknown", "This person is not registered here.", field="person")
        subject = subject_of(person, views.observations(db, person.id))
        shots = shots_of(views.history(db, person.id))
        catalogue = catalogue_in_force(db)
    running = [plan for plan in catalogue.programmes.values() if plan.active]
    known = {code for programme in running for code in programme.schedule.vaccines}
    for shot in shots:
        if shot.cvx not in known:
            click.echo(
                f"The vaccine {shot.cvx} of {shot.on} is not known to any programme here.", err=True
            )
    for programme in running:
        yield programme.name, programme.schedule, subject, shots


def _asked(
    plan: Schedule, subject: Subject, shots: list[Shot], on: date, only: str, *, strict: bool = True
) -> list[GroupAssessment]:
    """Assess the vaccine groups that were asked for."""
    from edge.domain.schedule.engine import assess, unknown

    for shot in unknown(plan, shots) if strict else ():  # of a site it was said once
        click.echo(f"The vaccine {shot.cvx} of {shot.on} is not known to this schedule.", err=True)
    groups = assess(plan, subject, shots, on)
    if strict and only and only.casefold() not in {name.casefold() for name in plan.groups}:
        raise BadInput(
            "schedule.no-group",
            "This schedule has no vaccine group {group}.",
            hint="Known are: {known}.",
            field="--group",
            group=only,
            known=", ".join(plan.groups),
        )
    return [
        found for name, found in groups.items() if not only or name.casefold() == only.casefold()
    ]


def _tell_of_nothing(
    plan: Schedule,
    subject: Subject,
    shots: list[Shot],
    on: date,
    only: str,
    heading: str,
    *,
    as_json: bool,
) -> None:
    """Name the groups of which no series is for the person, and why."""
    from edge.domain.schedule.engine import assess
    from edge.domain.schedule.not_for import not_for

    for name, reasons in not_for(plan, subject, assess(plan, subject, shots, on), on):
        if only and name.casefold() != only.casefold():
            continue
        if as_json:
            said = [{"depth": reason.depth, "sentence": str(reason)} for reason in reasons]
            show_json({"programme": heading, "group": name, "status": "", "reasons": said})
            continue
        click.secho(f"{name}: no series is for this person", bold=True)
        for reason in reasons:
            click.echo(f"  {reason}")


def _tell(reasons: list[Reason], found: GroupAssessment, programme: str, *, as_json: bool) -> None:
    if as_json:
        show_json(_document(reasons, found, programme))
        return
    click.secho(f"{found.group}: {found.forecast.status}", bold=True)
    for reason in reasons:
        source = f" [{reason.source}]" if reason.source else ""
        click.echo(f"{'  ' * (reason.depth + 1)}{reason}{source}")


def _document(reasons: list[Reason], found: GroupAssessment, programme: str) -> dict[str, Any]:
    forecast = found.forecast
    return {
        "programme": programme,
        "group": found.group,
        "status": forecast.status,
        "dose": forecast.target,
        "earliest": forecast.earliest,
        "recommended": forecast.recommended,
        "pastDue": forecast.past_due,
        "latest": forecast.latest,
        "unanswered": forecast.unanswered,
        "reasons": [
            {
                "depth": reason.depth,
                "sentence": str(reason),
                "rule": reason.rule,
                "source": reason.source,
            }
            for reason in reasons
        ],
    }


schedule.add_command(plan)
