"""``divoc-edge campaign diff`` and ``try``: what another campaign is, and would do at a site."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from edge.cli.campaign_folders import campaign_at
from edge.cli.common import data_folder, data_option, no_campaign
from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.campaign.campaign_diff import CampaignChange
    from edge.domain.catalogue import Catalogue
    from edge.services.campaign_trial import CampaignTrial, PeopleChange

IN_FORCE = "in-force"
"""Stands for the campaign that is in force at the site of ``--data``."""
_CHANGES = {
    "due": "due then",
    "notDue": "not due any more",
    "overdue": "overdue then",
}


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="A site's folder.")
@json_option
def diff(old: str, new: str, data: Path | None, as_json: bool) -> None:
    """Say in words what is otherwise in the campaign NEW than in OLD.

    Each is a folder, a packed campaign, or in-force: what the site of --data has. With --data also
    how many of its people are called for otherwise. With --json it is one object a line.
    """
    from edge.campaign.campaign_diff import campaign_changes

    before, after = (_body(name, data) for name in (old, new))
    _tell_changes(campaign_changes(before, after), as_json)
    if data is not None:
        people = _people(data, _catalogue(before), _catalogue(after))
        if as_json:
            show_json(_people_document(people))
        else:
            _tell_people(people, "here")


@click.command(name="try")
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@json_option
def try_(folder: Path, data: Path, as_json: bool) -> None:
    """Say what the campaign in FOLDER would change at a site, and apply nothing.

    FOLDER may be a packed campaign. The node may run. Ends with 1 for a campaign that would not
    come into force there, and says why.
    """
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.campaign.campaign_diff import campaign_changes
    from edge.cli.common import catalogue_in_force
    from edge.services.campaign_trial import campaign_in_force, try_campaign

    settings = read_settings(data_folder(data))
    body = _body(str(folder), None)
    new = _catalogue(body)
    with reading(data) as db:
        before = campaign_in_force(db)
        old = catalogue_in_force(db) if before else None
        trial = try_campaign(
            *(db, body, settings.facility, old, new), datetime.now(ZoneInfo(settings.zone))
        )
    people = _people(data, old, new) if old is not None else None
    changes = campaign_changes(before, body) if before else []
    if as_json:
        show_json(_document(body, trial, people, changes, signed=bool(settings.campaign_root)))
    else:
        _tell_changes(changes, as_json=False)
        _tell_trial(trial)
        if people is not None:
            _tell_people(people, f"at {settings.facility}")
        if settings.campaign_root:
            click.echo("This site takes it only with the signatures of the ministry's keys.")
        _tell_verdict(body, trial)
    if trial.refusal is not None:
        raise SystemExit(Exit.FAILED)


def _body(name: str, data: Path | None) -> dict[str, Any]:
    """Read a campaign that is named on the command line, and check it."""
    from edge.wiring.campaigns import campaign_reader

    if name == IN_FORCE:
        return _in_force(data)
    return dict(campaign_at(Path(name), campaign_reader()).body)


def _in_force(data: Path | None) -> dict[str, Any]:
    from edge.adapters.site_database import reading
    from edge.services.campaign_trial import campaign_in_force

    if data is None:
        raise BadInput(
            "campaign.whose",
            "in-force is the campaign of a site: say of which.",
            hint="Add --data and the site's folder.",
            field="--data",
        )
    with reading(data_folder(data)) as db:
        body = campaign_in_force(db)
    if not body:
        raise no_campaign()
    return body


def _catalogue(body: dict[str, Any]) -> Catalogue:
    from edge.campaign.catalogue import to_catalogue
    from edge.plugins import installed

    return to_catalogue(body, installed().conditions)


def _people(data: Path, old: Catalogue, new: Catalogue) -> PeopleChange:
    """Compare for everybody at a site, with a bar on how far it is."""
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.services.campaign_trial import people_changes

    folder = data_folder(data)
    today = datetime.now(ZoneInfo(read_settings(folder).zone)).date()
    with (
        reading(folder) as db,
        click.progressbar(length=1, label="Looking", file=sys.stderr) as bar,
    ):

        def progress(done: int, whole: int) -> None:
            bar.length = max(1, whole)
            bar.update(done - bar.pos)

        return people_changes(lambda: nullcontext(db), old, new, today, progress)


def _tell_changes(changes: list[CampaignChange], as_json: bool) -> None:
    for change in changes:
        if as_json:
            show_json(change.document())
        else:
            click.echo(str(change))
    if not changes and not as_json:
        click.echo("Nothing is otherwise.")


def _tell_trial(trial: CampaignTrial) -> None:
    if trial.signed_out:
        click.echo(f"Could not sign in any more: {', '.join(trial.signed_out)}.")
    if trial.without_pin:
        told = ", ".join(trial.without_pin)
        click.echo(f"Would need a PIN first (divoc-edge staff set-pin CODE): {told}.")
    for vaccine, left in trial.stock.items():
        click.echo(f"{left} doses of {vaccine} are in stock, and nobody could give them any more.")
    if trial.unkept:
        click.echo(
            f"{trial.unkept:,} appointments would have no place: these people must be called."
        )
    for paper in trial.paper:
        before, after = (", ".join(names) or "nothing" for names in (paper.before, paper.after))
        click.echo(
            f"Certificates of {paper.programme} on paper of {paper.width} mm: {after} in place of"
            f" {before}."
        )


def _tell_people(people: PeopleChange, where: str) -> None:
    click.echo(
        f"Of {people.people:,} people {where} {people.due:,} become due, {people.not_due:,} are"
        f" not due any more, {people.overdue:,} become overdue."
    )
    for (change, programme, vaccine, number), count in sorted(people.doses.items()):
        click.echo(f"  {count:,} {_CHANGES[change]}: {programme}, dose {number} of {vaccine}")


def _tell_verdict(body: dict[str, Any], trial: CampaignTrial) -> None:
    named = f"The campaign {body['id']} {body['version']}"
    if trial.refusal is not None:
        click.echo(f"It would be refused. {trial.refusal} {trial.refusal.hint}".rstrip(), err=True)
    elif trial.unchanged:
        click.echo(f"{named} is in force here already.")
    else:
        click.echo(f"{named} would come into force at {trial.facility}. Nothing was applied.")


def _people_document(people: PeopleChange) -> dict[str, Any]:
    return {
        "people": people.people,
        "due": people.due,
        "notDue": people.not_due,
        "overdue": people.overdue,
        "doses": [
            {"change": change, "programme": programme, "vaccine": vaccine, "dose": number,
             "people": count}
            for (change, programme, vaccine, number), count in sorted(people.doses.items())
        ],
    }  # fmt: skip


def _document(
    body: dict[str, Any],
    trial: CampaignTrial,
    people: PeopleChange | None,
    changes: list[CampaignChange],
    *,
    signed: bool,
) -> dict[str, Any]:
    refusal = trial.refusal
    return {
        "id": body["id"],
        "version": body["version"],
        "facility": trial.facility,
        "wouldApply": refusal is None and not trial.unchanged,
        "refused": {"code": refusal.code, "sentence": str(refusal)} if refusal else None,
        "needsSignatures": signed,
        "signedOut": trial.signed_out,
        "withoutPin": trial.without_pin,
        "stockOfNobody": trial.stock,
        "appointmentsWithoutPlace": trial.unkept,
        "paper": [
            {"programme": paper.programme, "width": paper.width, "before": paper.before,
             "after": paper.after}
            for paper in trial.paper
        ],
        "people": _people_document(people) if people is not None else None,
        "changes": [change.document() for change in changes],
    }  # fmt: skip
