"""``divoc-edge campaign new``: a campaign from answered questions, which passes check at once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json

if TYPE_CHECKING:
    from edge.campaign.new_campaign import NewVaccine


LIKE = ("covid-19", "routine-immunisation", "yellow-fever", "hpv-in-schools")
"""The shipped campaigns that a new one can be like."""
MOST_DOSES = 12
PARTS = ("identities", "payments", "distribution", "sign_in")
"""The files that a campaign may have besides; a new one has those that are wanted."""


class Answer(click.ParamType[str]):
    """An answer of one kind; a wrong one is told with what to write, and asked for again."""

    name = "text"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """Give the answer as the campaign has it."""
        from edge.campaign.answers import answered

        try:
            return answered(self._kind, str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class FilesOption(click.ParamType[list[str]]):
    """Names of files that a campaign may have besides, with commas or blanks between them."""

    name = "files"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[str]:
        """Give the names, each once, in the order in which they are offered."""
        told = str(value).replace(",", " ").replace(".yaml", "").split()
        unknown = next((name for name in told if name not in PARTS), None)
        if unknown is not None:
            self.fail(f"{unknown} is none of them. Write some of: {', '.join(PARTS)}.", param, ctx)
        return [name for name in PARTS if name in told]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--like", type=click.Choice(LIKE), help="Copy this one, which is complete.")
@click.option("--country", type=Answer("country"), prompt="Country, as two letters (KE, SN, BD)")
@click.option("--ministry", type=Answer("text"), prompt="Who issues the certificates")
@click.option("--web", type=Answer("web"), prompt="Web address of the ministry")
@click.option("--title", type=Answer("text"), prompt="What the campaign is called")
@click.option("--facility", type=Answer("code"), prompt="Code of the first facility")
@click.option("--facility-name", type=Answer("text"), prompt="Its name")
@click.option("--district", type=Answer("text"), prompt="Its district")
@click.option("--vaccine", type=Answer("text"), help="The vaccine's name.")
@click.option("--manufacturer", type=Answer("text"), help="Who makes it.")
@click.option("--from-age", type=Answer("length"), help="From which age on, such as 9 months.")
@click.option("--until-age", type=Answer("length"), help="Until which age; empty: no limit.")
@click.option("--doses", type=click.IntRange(1, MOST_DOSES), help="How many doses.")
@click.option("--between", type=Answer("length"), help="How long between two doses.")
@click.option(
    "--with", "parts", type=FilesOption(), help="Files besides, such as payments,sign_in."
)
@json_option
def new(
    folder: Path, like: str | None, parts: list[str] | None, as_json: bool, **answers: Any
) -> None:
    """Make a campaign in FOLDER from answered questions; what is not said is asked for.

    It is one for a vaccine of your own, or with --like a copy of a campaign that is complete. It
    passes check at once, and is yours to change.
    """
    from edge.campaign.new_campaign import FirstFacility, Ministry, like_files, new_files
    from edge.campaign.new_parts import part_files
    from sync.resources import resource

    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise BadInput(
            "campaign.not-empty",
            "There is something in {folder} already.",
            hint="Name a new folder.",
            folder=folder,
        )
    ministry = Ministry(answers["country"], answers["ministry"], answers["web"])
    place = FirstFacility(answers["facility"], answers["facility_name"], answers["district"])
    today = date.today()  # noqa: DTZ011  (the clerk's day)
    if like:
        shipped = resource("config/campaigns") / like
        files = like_files(shipped, answers["title"], ministry, place)
    else:
        vaccine = _vaccine(answers)
        files = new_files(answers["title"], ministry, place, vaccine, today)
        if parts is None and answers["vaccine"] is None:  # somebody answers, line by line
            parts = click.prompt(
                f"Files besides: {', '.join(PARTS)} (Enter: none)",
                type=FilesOption(), default="", show_default=False,
            )  # fmt: skip
    files = part_files(parts or (), ministry.country) | files
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _tell(folder, sorted(files), as_json)


def _vaccine(answers: dict[str, Any]) -> NewVaccine:
    """Ask for what is not said of the vaccine."""
    from edge.campaign.new_campaign import NewVaccine

    def asked(name: str, question: str, kind: click.ParamType[Any], **more: Any) -> Any:
        given = answers[name]
        return click.prompt(question, type=kind, **more) if given is None else given

    name = asked("vaccine", "Name of the vaccine", Answer("text"))
    maker = asked("manufacturer", "Who makes it", Answer("text"))
    begin = asked("from_age", "From which age on", Answer("length"))
    until = asked("until_age", "Until which age (Enter: no limit)", Answer("length"),
                  default="", show_default=False)  # fmt: skip
    doses = asked("doses", "How many doses", click.IntRange(1, MOST_DOSES))
    gap = asked("between", "How long between two doses", Answer("length")) if doses > 1 else ""
    vaccine = NewVaccine(name, maker, begin, until, doses, gap)
    if not vaccine.is_for_somebody():
        raise BadInput(
            "campaign.ages",
            "Nobody is both from {begin} on and before {until}.",
            hint="Give a later age until which it is given.",
            field="--until-age",
            begin=begin,
            until=until,
        )
    return vaccine


def _tell(folder: Path, names: list[str], as_json: bool) -> None:
    """Check what was written, as anybody would."""
    from edge.cli.campaign_folders import checked_campaign

    body = checked_campaign(folder).body
    if as_json:
        show_json({"id": body["id"], "version": body["version"], "folder": folder, "files": names})
        return
    click.echo(f"The campaign {body['id']} {body['version']} is in {folder}, and in order:")
    for name in names:
        click.echo(f"  {name}")
    click.echo(f"Change what you like, and look again: divoc-edge campaign check {folder}")
