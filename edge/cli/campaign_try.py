"""``divoc-edge campaign diff`` and ``try``: what another campaign is, and would do at a site."""

from __future__ import annotations

import sys
import tempfile
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from edge.cli.campaign_folders import campaign_at
from edge.cli.campaign_told import (
    tell_changes,
    tell_people,
    tell_refused,
    tell_site,
    tell_verdict,
    trial_document,
)
from edge.cli.common import data_folder, data_option, naming_mistakes, no_campaign
from edge.cli.languages import language_option, tell_in
from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.domain.catalogue import Catalogue
    from edge.services.campaign_people import PeopleChange
    from edge.services.campaigns import CheckedCampaign

IN_FORCE = "in-force"
"""Stands for the campaign that is in force at the site of ``--data``."""


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="A site's folder.")
@language_option
@json_option
def diff(old: str, new: str, data: Path | None, language: str, as_json: bool) -> None:
    """Say in words what is otherwise in the campaign NEW than in OLD.

    Each is a folder, a packed campaign, or in-force: what the site of --data has. With --data one
    may be signed, and it is said whom of the site's people, staff and stock it concerns. It is
    said in the language of the terminal, or in that of --language; with --json, which is one
    object a line, in English unless --language is given.
    """
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.campaign.campaign_diff import campaign_changes
    from edge.services.campaign_trial import site_change

    before, after = (_body(name, data) for name in (old, new))
    tell = tell_in(language, as_json)
    tell_changes(campaign_changes(before, after), as_json, tell)
    if data is None:
        return
    catalogues = _catalogue(before), _catalogue(after)
    settings = read_settings(data_folder(data))
    with reading(data) as db:
        now = datetime.now(ZoneInfo(settings.zone))
        change = site_change(db, settings.facility, before, after, *catalogues, now)
    people = _people(data, *catalogues)
    if as_json:
        show_json({**people.document(), **change.document()})
    else:
        tell_site(change, tell)
        tell_people(people, tell=tell)


@click.command(name="try")
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@json_option
def try_(folder: Path, data: Path, as_json: bool) -> None:
    """Say what the campaign in FOLDER would change at a site, and apply nothing.

    FOLDER may be a packed campaign, or what the ministry signed: its signatures are proven as the
    site would. The node may run. Ends with 1 for a campaign that would not come into force there,
    and says why.
    """
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.campaign.campaign_diff import campaign_changes
    from edge.cli.common import catalogue_in_force
    from edge.services.campaign_trial import campaign_in_force, try_campaign

    settings = read_settings(data_folder(data))
    try:
        checked = _checked(folder, data)
    except BadInput as error:
        if not _is_signed(folder):
            raise
        tell_refused(error, as_json)
        raise SystemExit(Exit.FAILED) from None
    body = dict(checked.body)
    new = _catalogue(body)
    with reading(data) as db:
        before = campaign_in_force(db)
        old = catalogue_in_force(db) if before else None
        now = datetime.now(ZoneInfo(settings.zone))
        trial = try_campaign(db, body, settings.facility, old, new, now)
    people = _people(data, old, new) if old is not None else None
    changes = campaign_changes(before, body) if before else []
    unsigned = bool(_root(data)) and not checked.signed
    if as_json:
        show_json(trial_document(body, trial, people, changes, unsigned=unsigned))
    else:
        tell_changes(changes, as_json=False)
        tell_site(trial.change)
        if people is not None:
            tell_people(people, settings.facility)
        tell_verdict(body, trial, unsigned=unsigned)
    if trial.refusal is not None:
        raise SystemExit(Exit.FAILED)


def _body(name: str, data: Path | None) -> dict[str, Any]:
    """Read a campaign that is named on the command line, and check it."""
    if name == IN_FORCE:
        return _in_force(data)
    return dict(_checked(Path(name), data).body)


def _checked(path: Path, data: Path | None) -> CheckedCampaign:
    """Read a campaign and check it; one that is signed is proven as the site of ``data`` would."""
    from edge.wiring.campaigns import campaign_reader

    if not _is_signed(path):
        return campaign_at(path, campaign_reader())
    if data is None:
        raise BadInput(
            "campaign.proven-where",
            "{folder} is a signed campaign: its signatures are proven by what a site knows.",
            hint="Add --data and the site's folder.",
            field="--data",
            folder=path.name,
        )
    return _proven(path, data_folder(data))


def _is_signed(path: Path) -> bool:
    return (path / "metadata").is_dir()


def _proven(path: Path, data: Path) -> CheckedCampaign:
    """Prove a signed campaign by a copy of what a site believes: nothing changes there."""
    from edge.adapters.clock import SystemClock
    from edge.adapters.settings import read_settings
    from edge.services.campaigns import in_words
    from edge.wiring.campaigns import campaign_reader
    from edge.wiring.certificates import campaign_trust
    from edge.wiring.journal import last_moment
    from sync.protocol.campaign_files import files_in
    from sync.protocol.errors import ProtocolError

    settings = read_settings(data)
    now = SystemClock(settings.zone, last_moment(data)).now()
    try:
        files = files_in(path, settings.facility)
    except ProtocolError as error:
        raise in_words(error) from None
    with tempfile.TemporaryDirectory() as copy, naming_mistakes():
        trust = campaign_trust(data, _root(data)).copied(Path(copy))
        return campaign_reader().signed(files, trust, now, settings.facility)


def _root(data: Path) -> str:
    """Give the ministry's root that a site believes; empty for none."""
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.services.campaign_root import kept_root

    with reading(data) as db:
        return read_settings(data).campaign_root or kept_root(db)


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
    from edge.extensions import installed

    return to_catalogue(body, installed().conditions)


def _people(data: Path, old: Catalogue, new: Catalogue) -> PeopleChange:
    """Compare for everybody at a site, with a bar on how far it is."""
    from edge.adapters.settings import read_settings
    from edge.adapters.site_database import reading
    from edge.services.campaign_people import people_changes

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
