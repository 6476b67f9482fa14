"""``divoc-edge import``: campaigns, DIVOC's tables, deliveries."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.at_site import do_at_site
from edge.cli.campaign_folders import checked_campaign
from edge.cli.campaign_lists import take_lists, tell_refused
from edge.cli.common import data_option
from edge.cli.trust import show_taken
from edge.domain.errors import BadInput
from sync.bounded_files import MB, read_bounded
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    pass

_file = click.argument("file", type=click.Path(path_type=Path))
_programme = click.option("--programme", required=True, help="The programme's id.")
_dry_run = click.option(
    "--dry-run", is_flag=True, help="Only say what would happen; nothing is recorded."
)
_encoding = click.option(
    "--encoding", default="", help="Of a text that is neither UTF-8 nor UTF-16, such as cp1252."
)
_different = click.option(
    "--different-person",
    "different",
    multiple=True,
    metavar="ROWS",
    help="Rows of people who only look like somebody here: 7,12-14, or a file of row numbers.",
)
_same = click.option(
    "--same-person",
    "same",
    multiple=True,
    metavar="ROW=CODE",
    help="The row is of the person here with this code.",
)


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command what every import of a table takes."""
    for option in (_file, _encoding, _dry_run, data_option, json_option):
        command = option(command)
    return command


@click.group(name="import")
def import_() -> None:
    """Take in a campaign, DIVOC's tables, or a delivery of vaccine.

    Good rows are kept; each other one is named by file, row and column. Importing a file again
    adds only what is new. The node may be running or not. Tables are text with any delimiter, or
    workbooks (.xlsx).
    """


@import_.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_dry_run
@data_option
@json_option
def campaign(folder: Path, dry_run: bool, data: Path, as_json: bool) -> None:
    """Apply the campaign in FOLDER, whole or not at all; it may be one that the ministry signed."""
    from edge.tasks import CAMPAIGN

    campaign, list_folder = _campaign_in(folder, data)
    body = do_at_site(data, CAMPAIGN, {**campaign, "dryRun": dry_run})
    applied = body["applied"]
    lists = body["lists"]
    if list_folder and not dry_run:
        lists = take_lists(data, list_folder).document()
    if as_json:
        show_json(
            {
                "id": body["id"],
                "version": body["version"],
                "applied": applied and not dry_run,
                "lists": lists["taken"],
                "withdrawnLists": lists["withdrawn"],
                **({"wouldApply": applied} if dry_run else {}),
            }
        )
    else:
        for document in lists["taken"]:
            show_taken(document)
        for name in lists["withdrawn"]:
            click.echo(f"{name}: withdrawn.")
        would = "would come into" if dry_run else "is in"
        state = f"{would} force." if applied else "was in force already."
        click.echo(f"The campaign {body['id']} {body['version']} {state}")
    if lists["refused"]:
        tell_refused(lists["refused"])


def _campaign_in(folder: Path, data: Path) -> tuple[dict[str, Any], Path | None]:
    """Read what is in a folder: a campaign and its lists, or the files of a signed one."""
    from edge.adapters.settings import read_settings
    from edge.cli.common import data_folder
    from sync.protocol.campaign_files import files_in

    if (folder / "metadata").is_dir():
        files = files_in(folder, read_settings(data_folder(data)).facility)
        return {
            "files": {name: content.decode(errors="replace") for name, content in files.items()}
        }, None
    checked = checked_campaign(folder)
    return {"body": checked.body}, checked.lists


@import_.command()
@table_options
def facilities(file: Path, **options: Any) -> None:
    """Take in DIVOC's facilities table."""
    _table("facilities", file, {}, options)


@import_.command()
@table_options
def vaccinators(file: Path, **options: Any) -> None:
    """Take in DIVOC's vaccinators table; they get a PIN from a supervisor, at a tablet."""
    _table("vaccinators", file, {}, options)


@import_.command()
@table_options
@_programme
@_different
@_same
def enrolments(
    file: Path, programme: str, different: tuple[str, ...], same: tuple[str, ...], **options: Any
) -> None:
    """Register the people who are expected at this facility.

    The file is DIVOC's table of enrolments, the same as JSON, or a FHIR bundle of appointments. A
    row that looks like somebody who is registered waits for a word.
    """
    answers = _answers(different, same)
    _table("enrolments", file, {"programme": programme, **answers}, options)


@import_.command()
@table_options
@_programme
@_different
@_same
def certificates(
    file: Path, programme: str, different: tuple[str, ...], same: tuple[str, ...], **options: Any
) -> None:
    """Record the doses of DIVOC's 28-column certification table as given elsewhere."""
    answers = _answers(different, same)
    _table("certificates", file, {"programme": programme, **answers}, options)


@import_.command()
@table_options
@click.option("--document", default="", help="The number of the delivery's document.")
@click.option(
    "--another-delivery",
    "again",
    is_flag=True,
    help="Lines like those of another day are of another delivery.",
)
@click.option(
    "--new-expiry",
    "different",
    multiple=True,
    metavar="ROWS",
    help="Rows whose expiry date is the right one for a lot that is in stock with another.",
)
def stock(
    file: Path, document: str, again: bool, different: tuple[str, ...], **options: Any
) -> None:
    """Take a delivery into stock: columns vaccine, lot, expiry, quantity, perhaps document.

    A delivery is counted once, by its document's number; without one equal lines of one day are
    counted once, and lines like those of another day wait for a word.
    """
    answers = _answers(different, ())
    _table("stock", file, {"document": document, "again": again, **answers}, options)


@import_.command()
@click.argument("vaccine_icd", type=click.Path(path_type=Path))
@click.argument("icd", type=click.Path(path_type=Path))
@_dry_run
@data_option
@json_option
def codes(vaccine_icd: Path, icd: Path, dry_run: bool, data: Path, as_json: bool) -> None:
    """Fill in the vaccines' ICD-11 codes from DIVOC's VACCINE_ICD.json and ICD.json."""
    from edge.campaign.codes import read_codes
    from edge.tasks import CODES

    asked = {"listed": read_codes(vaccine_icd, icd), "name": vaccine_icd.name, "dryRun": dry_run}
    _show(do_at_site(data, CODES, asked), as_json=as_json, dry_run=dry_run)


def _table(kind: str, file: Path, asked: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    from edge.tasks import IMPORT

    as_json, dry_run = options["as_json"], options["dry_run"]
    arguments = {**asked, "kind": kind, "encoding": options["encoding"], "dryRun": dry_run}
    with click.progressbar(length=_rows(file), label=file.name, hidden=as_json) as bar:

        def progress(rows: int) -> None:
            bar.update(rows - bar.pos)

        answer = do_at_site(options["data"], IMPORT, arguments, [file], progress)
    _show(answer, as_json=as_json, dry_run=dry_run)


def _show(answer: Mapping[str, Any], *, as_json: bool, dry_run: bool) -> None:
    mistakes, questions = answer["mistakes"], answer.get("questions", ())
    if as_json:
        show_json({**answer, **({"dryRun": True} if dry_run else {})})
    else:
        for row in (*mistakes, *questions):
            click.echo(row["told"], err=True)
        for note in answer.get("notes", ()):
            click.echo(note, err=True)
        known = f", {answer['known']} known before" if answer["known"] else ""
        asked = f", {len(questions)} to be asked about" if questions else ""
        would = "would be taken" if dry_run else "taken"
        click.echo(f"{answer['taken']} {would}{known}{asked}, {len(mistakes)} with mistakes.")
        if answer.get("broken"):
            click.echo("The file breaks; what stands before the last line named was read.")
    if mistakes or questions:
        raise SystemExit(Exit.FAILED)


def _answers(different: tuple[str, ...], same: tuple[str, ...]) -> dict[str, Any]:
    rows = [row for text in different for row in _row_numbers(text)]
    named = dict(_named(text) for text in same)
    return {"different": rows, "same": named}


def _row_numbers(text: str) -> list[int]:
    """Read 7,12-14, or the first number of each line of a file."""
    path = Path(text)
    if path.is_file():
        lines = read_bounded(path, MB).decode("utf-8-sig", errors="replace").splitlines()
        return [int(match[1]) for line in lines if (match := re.match(r"\s*(\d{1,9})\b", line))]
    rows: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part)
        if match is None or int(match[2] or match[1]) - int(match[1]) > 100_000:
            raise BadInput(
                "import.rows",
                "{text} is not a list of rows.",
                hint="Write 7,12-14, or name a file with a row's number in each line.",
                field="--different-person",
                text=text[:40],
            )
        rows += range(int(match[1]), int(match[2] or match[1]) + 1)
    return rows


def _named(text: str) -> tuple[str, str]:
    row, _, code = text.partition("=")
    if not (row.isascii() and row.isdecimal() and code):
        raise BadInput(
            "import.same-person",
            "{text} is not ROW=CODE.",
            hint="For example 7=DL26004.",
            field="--same-person",
            text=text[:40],
        )
    return row, code.strip()


def _rows(file: Path) -> int:
    """Count the lines for the progress bar; the reader itself says what is wrong with a file."""
    try:
        if not file.is_file():
            return 1
        with file.open("rb") as content:
            pieces = iter(partial(content.read, 1 << 20), b"")
            return max(1, sum(piece.count(b"\n") for piece in pieces))
    except OSError:
        return 1
