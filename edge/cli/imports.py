"""``divoc-edge import``: campaigns, DIVOC's tables, deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.cli.common import data_folder, data_option
from edge.cli.trust import show_taken, taken_document
from edge.domain.errors import BadInput
from sync.commands.answers import json_option, show_json
from sync.commands.exits import Exit

if TYPE_CHECKING:
    from edge.campaign.mistakes import Mistake
    from edge.node import Node
    from edge.services.campaigns import CheckedCampaign
    from edge.services.imports import Progress, Report

_file = click.argument("file", type=click.Path(path_type=Path))
_programme = click.option("--programme", required=True, help="The programme's id.")


@click.group(name="import")
def import_() -> None:
    """Take in a campaign, DIVOC's tables, or a delivery of vaccine.

    Good rows are kept; each bad one is named by file, row and column. Importing a file again adds
    only what is new. The node must not be running.
    """


@import_.command()
@click.argument("folder", type=click.Path(path_type=Path))
@data_option
@json_option
def campaign(folder: Path, data: Path, as_json: bool) -> None:
    """Apply the campaign in FOLDER, whole or not at all."""
    checked = checked_campaign(folder)
    body = checked.body
    with opened(data) as node:
        applied = node.campaigns.apply(
            checked, progress=lambda face: _preparing(face, quiet=as_json)
        )
    if as_json:
        show_json(
            {
                "id": body["id"],
                "version": body["version"],
                "applied": applied.new,
                "lists": [taken_document(name, one) for name, one in applied.lists.items()],
            }
        )
        return
    for name, one in applied.lists.items():
        show_taken(name, one)
    if applied.new:
        click.echo(f"The campaign {body['id']} {body['version']} is in force.")
    else:
        click.echo(f"The campaign {body['id']} {body['version']} was in force already.")


def _preparing(face: str, *, quiet: bool) -> None:
    if not quiet:
        click.echo(f"Preparing the font {face} …")


def checked_campaign(folder: Path) -> CheckedCampaign:
    """Read a campaign and check it; name each mistake."""
    from edge.campaign.mistakes import CampaignErrors
    from edge.wiring.campaigns import campaign_reader

    try:
        return campaign_reader().folder(folder)
    except CampaignErrors as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        raise


@import_.command()
@_file
@data_option
@json_option
def facilities(file: Path, data: Path, as_json: bool) -> None:
    """Take in DIVOC's facilities table."""
    from edge.campaign.divoc_csv import read_facilities

    _run(
        file,
        data,
        lambda node, progress: node.importer.catalogue(
            file.name, "facilities", read_facilities(file), progress
        ),
        as_json=as_json,
    )


@import_.command()
@_file
@data_option
@json_option
def vaccinators(file: Path, data: Path, as_json: bool) -> None:
    """Take in DIVOC's vaccinators table; they get a PIN with divoc-edge staff set-pin."""
    from edge.campaign.divoc_csv import read_vaccinators

    _run(
        file,
        data,
        lambda node, progress: node.importer.catalogue(
            file.name, "staff", read_vaccinators(file), progress
        ),
        as_json=as_json,
    )


@import_.command()
@_file
@_programme
@data_option
@json_option
def enrolments(file: Path, programme: str, data: Path, as_json: bool) -> None:
    """Register the people of DIVOC's enrolments table."""
    from edge.campaign.divoc_csv import read_enrolments

    def take(node: Node, progress: Progress) -> Report:
        _check_programme(node, programme)
        rows = read_enrolments(file, node.clock.today())
        return node.importer.enrolments(file.name, rows, programme, progress)

    _run(file, data, take, as_json=as_json)


@import_.command()
@_file
@_programme
@data_option
@json_option
def certificates(file: Path, programme: str, data: Path, as_json: bool) -> None:
    """Record the doses of DIVOC's 28-column certification table as given elsewhere."""
    from edge.campaign.divoc_csv import read_certificates

    def take(node: Node, progress: Progress) -> Report:
        _check_programme(node, programme)
        rows = read_certificates(file, node.clock.today())
        return node.importer.certificates(file.name, rows, programme, progress)

    _run(file, data, take, as_json=as_json)


@import_.command()
@_file
@data_option
@json_option
def stock(file: Path, data: Path, as_json: bool) -> None:
    """Take a delivery into stock: columns vaccine, lot, expiry, quantity."""
    from edge.campaign.stock_csv import read_stock

    _run(
        file,
        data,
        lambda node, progress: node.importer.stock(file.name, read_stock(file), progress),
        as_json=as_json,
    )


@import_.command()
@click.argument("vaccine_icd", type=click.Path(path_type=Path))
@click.argument("icd", type=click.Path(path_type=Path))
@data_option
@json_option
def codes(vaccine_icd: Path, icd: Path, data: Path, as_json: bool) -> None:
    """Fill in the vaccines' ICD-11 codes from DIVOC's VACCINE_ICD.json and ICD.json."""
    from edge.campaign.codes import read_codes, with_codes
    from edge.campaign.tables import ValidRow
    from edge.journal import views

    listed = read_codes(vaccine_icd, icd)

    def take(node: Node, progress: Progress) -> Report:
        with node.journal.reading() as db:
            vaccines = views.catalogue_body(db)["vaccines"]
        filled = [
            found for vaccine in vaccines if (found := with_codes(vaccine, listed)) is not None
        ]
        rows = [ValidRow(number, item) for number, item in enumerate(filled, start=1)]
        return node.importer.catalogue(vaccine_icd.name, "vaccines", rows, progress)

    _run(vaccine_icd, data, take, as_json=as_json)


@contextmanager
def opened(data: Path) -> Iterator[Node]:
    """Open a site for one command, without its pages and jobs."""
    from edge.node import Node

    node = Node(data_folder(data))
    try:
        yield node
    finally:
        node.close()


def _run(
    file: Path, data: Path, take: Callable[[Node, Progress], Report], *, as_json: bool
) -> None:
    size = _rows(file)
    with (
        opened(data) as node,
        click.progressbar(length=size, label=file.name, hidden=as_json) as bar,
    ):

        def progress(rows: int) -> None:
            bar.update(rows - bar.pos)

        report = take(node, progress)
    if as_json:
        mistakes = [_mistake(mistake) for mistake in report.mistakes]
        show_json({"taken": report.taken, "known": report.known, "mistakes": mistakes})
    else:
        for mistake in report.mistakes:
            click.echo(str(mistake), err=True)
        known = f", {report.known} known before" if report.known else ""
        click.echo(f"{report.taken} taken{known}, {len(report.mistakes)} with mistakes.")
    if report.mistakes:
        raise SystemExit(Exit.FAILED)


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "code": mistake.code,
        "sentence": mistake.sentence.format(**mistake.values),
    }


def _rows(file: Path) -> int:
    """Count the lines for the progress bar; the reader itself says what is wrong with a file."""
    try:
        with file.open("rb") as content:
            return max(1, sum(1 for _ in content) - 1)
    except OSError:
        return 1


def _check_programme(node: Node, programme: str) -> None:
    with node.journal.reading() as db:
        known = node.site.catalogues.current(db).programmes
    if programme not in known:
        raise BadInput(
            "programme.unknown",
            "The programme {programme} is not in the campaign in force.",
            hint="Choose one of: {known}.",
            field="programme",
            programme=programme,
            known=", ".join(sorted(known)),
        )
