"""``divoc-edge schedule plan``: all coming visits of a person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from edge.cli.common import catalogue_in_force, data_folder, data_option
from edge.cli.schedule_people import check_told, day_of, observation_of, shot_of, span_of
from edge.domain.errors import BadInput, NotFound
from sync.commands.answers import json_option, show_json
from sync.commands.paths import FILE

if TYPE_CHECKING:
    from edge.domain.dose import Dose
    from edge.domain.scheduled import Case
    from edge.domain.session_days import SessionDays
    from edge.domain.visits import VisitPlan


@click.command()
@click.option("--person", default="", help="The code of a person of this site.")
@click.option(
    "--schedule",
    "file",
    type=FILE,
    help="A country's schedule (YAML), for somebody who is told of here.",
)
@click.option(
    "--born", default="", help="Date of birth, year-month-day; or year-month, year, '9 months'."
)
@click.option("--gender", default="", help="Female, Male, or nothing.")
@click.option("--dose", "doses", multiple=True, help="DATE=VACCINE, may be repeated.")
@click.option("--observed", multiple=True, help="CODE or CODE=DATE of an observation.")
@click.option(
    "--session",
    "sessions",
    multiple=True,
    help="A day of sessions: Mon to Sun, or a date; may be repeated. Of a site's people: its own.",
)
@click.option("--closed", multiple=True, help="A date without a session, may be repeated.")
@click.option("--on", "as_of", default="", help="As of this day; today by default.")
@click.option("--until", default="", help="No visit after this day; 20 years by default.")
@data_option
@json_option
def plan(
    person: str,
    file: Path | None,
    born: str,
    gender: str,
    doses: tuple[str, ...],
    observed: tuple[str, ...],
    sessions: tuple[str, ...],
    closed: tuple[str, ...],
    as_of: str,
    until: str,
    data: Path,
    as_json: bool,
) -> None:
    """Plan all coming visits of a person: as few as the rules allow, none late if it can be.

    With --json it is one object, as the API gives it.
    """
    from edge.domain.visits import plan_visits

    on = day_of(as_of, "--on") if as_of else None
    last = day_of(until, "--until") if until else None
    if person:
        _tell(_of_the_site(data_folder(data), person, on, last), as_json=as_json)
        return
    if file is None or not born:
        raise BadInput(
            "schedule.plan",
            "Say whom to plan for: --person CODE, or --born DATE with --schedule FILE.",
        )
    today = on or date.today()  # noqa: DTZ011  (the technician's day)
    case = _told(file, born, gender, doses, observed, today)
    _tell(plan_visits(case, today, _sessions(sessions, closed), last), as_json=as_json)


def _of_the_site(folder: Path, code: str, on: date | None, until: date | None) -> VisitPlan:
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.journal import views
    from edge.journal.coming_visits import coming_visits

    settings = read_settings(folder)
    zone = ZoneInfo(settings.zone)
    with reading(folder) as db:
        person = views.person_by_code(db, code)
        if person is None:
            raise NotFound("person.unknown", "This person is not registered here.", field="person")
        today = on or datetime.now(zone).date()
        catalogue = catalogue_in_force(db)
        return coming_visits(db, catalogue, settings.facility, person, today, zone, until)


def _told(
    file: Path,
    born: str,
    gender: str,
    doses: tuple[str, ...],
    observed: tuple[str, ...],
    today: date,
) -> Case:
    """Make a case of what the options tell, under a programme of the schedule alone."""
    from edge.campaign.schedules import read_schedule
    from edge.cli.common import naming_mistakes
    from edge.domain.catalogue import Catalogue, Issuer, Programme, Vaccine
    from edge.domain.schedule.model import Subject
    from edge.domain.scheduled import Case
    from edge.extensions import installed
    from sync.resources import resource

    with naming_mistakes():
        schedule = read_schedule(file, resource("config/schemas"), installed().conditions)
    vaccines = {code: Vaccine(code=code, name=code, manufacturer="") for code in schedule.vaccines}
    name = file.stem
    programme = Programme(
        id=name, name=name, vaccines=tuple(vaccines), schedule=schedule, start=date.min
    )
    span, known = span_of(born, today), dict(map(observation_of, observed))
    history = [_dose(place, text) for place, text in enumerate(doses)]
    check_told(schedule, [dose.vaccine for dose in history], known)
    return Case(
        subject=Subject(
            born=span.first,
            born_last=None if span.exact else span.last,
            gender=gender,
            observations=known,
        ),
        history=history,
        catalogue=Catalogue(
            version="",
            issuer=Issuer("", "", "", "", ""),
            programmes={name: programme},
            vaccines=vaccines,
            facilities={},
            staff={},
        ),
        zone=UTC,
    )


def _dose(place: int, text: str) -> Dose:
    from edge.domain.dose import Dose

    shot = shot_of(text, cdsi=False)
    return Dose(
        id=f"told-{place}", person="", programme="", vaccine=shot.cvx, number=0, total=0, lot="",
        on=shot.on, facility="", vaccinator="", reported=True,
    )  # fmt: skip


def _sessions(told: tuple[str, ...], closed: tuple[str, ...]) -> SessionDays:
    from edge.domain.session_days import WEEKDAYS, session_days

    for text in told:
        if text not in WEEKDAYS:
            day_of(text, "--session")
    for text in closed:
        day_of(text, "--closed")
    return session_days(told, closed)


def _tell(plan: VisitPlan, *, as_json: bool) -> None:
    from edge.domain.dose_kinds import place_by_command

    if as_json:
        show_json(_document(plan))
        return
    click.echo(f"As of {plan.as_of}, until {plan.until}:")
    if plan.births:
        click.echo(f"Born between {plan.births[0]} and {plan.births[1]}: no visit is earlier than")
        click.echo("is right for all of these days.")
    if not plan.visits:
        click.echo("No visit is planned.")
    for visit in _document(plan)["visits"]:
        click.secho(f"{visit['on']:%Y-%m-%d %A}", bold=True)
        for dose in visit["doses"]:
            late = " (overdue)" if dose["late"] else ""
            which = place_by_command(dose["dose"], dose["total"], dose["kind"])
            click.echo(f"  {dose['vaccine']} {which}{late}: {dose['series']}")
            for sentence in dose["why"]:
                click.echo(f"    {sentence}")
    for missing in plan.unplanned:
        click.echo(f"To be decided first: {missing.vaccine}. {missing.why}")
    if plan.more:
        click.echo(f"More visits come after {plan.until}.")


def _document(plan: VisitPlan) -> dict[str, Any]:
    """Give a plan as the API does, its sentences in English."""
    from edge.domain.visit_reasons import why

    return {
        "asOf": plan.as_of,
        "until": plan.until,
        "visits": [
            {
                "on": visit.on,
                "doses": [
                    {
                        "programme": dose.programme,
                        "vaccine": dose.vaccine,
                        "series": dose.series,
                        "dose": dose.number,
                        "total": dose.total,
                        "kind": dose.kind,
                        "notBefore": dose.not_before,
                        "recommended": dose.recommended,
                        "pastDue": dose.past_due,
                        "until": dose.until,
                        "late": visit.late(dose),
                        "unsure": dose.vaccine in visit.unsure,
                        "why": [str(reason) for reason in why(visit, dose, plan.as_of)],
                    }
                    for dose in visit.doses
                ],
            }
            for visit in plan.visits
        ],
        "unplanned": [
            {
                "programme": missing.programme,
                "vaccine": missing.vaccine,
                "objection": {
                    "code": missing.why.code,
                    "sentence": str(missing.why),
                    "hint": missing.why.hint,
                },
            }
            for missing in plan.unplanned
        ],
        "more": plan.more,
        "bornFrom": plan.births[0] if plan.births else None,
        "bornUntil": plan.births[1] if plan.births else None,
    }
