"""``divoc-edge import``: campaigns, DIVOC's tables, deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from edge.campaign.codes import read_codes, with_codes
from edge.campaign.divoc_csv import (
    read_certificates,
    read_enrolments,
    read_facilities,
    read_vaccinators,
)
from edge.campaign.loader import read_campaign
from edge.campaign.mistakes import CampaignErrors
from edge.campaign.stock_csv import read_stock
from edge.campaign.tables import Good
from edge.cli.common import FAILED, data_folder, data_option
from edge.cli.trust import show_taken
from edge.domain.errors import BadInput
from edge.journal import views
from edge.node import Node
from edge.plugins import installed
from edge.resources import resource
from edge.services.certificates.formats import load_formats
from edge.services.imports import Progress, Report
from edge.services.printing.paper_fit import check_paper

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
def campaign(folder: Path, data: Path) -> None:
    """Apply the campaign in FOLDER, whole or not at all."""
    body = checked_campaign(folder)
    with opened(data) as node:
        applied = node.importer.campaign(body)
        lists = folder / "trust"
        taken = node.take_lists(lists) if lists.is_dir() else {}
        node.prepare_fonts(lambda face: click.echo(f"Preparing the font {face} …"))
    for name, one in taken.items():
        show_taken(name, one)
    if applied:
        click.echo(f"The campaign {body['id']} {body['version']} is in force.")
    else:
        click.echo(f"The campaign {body['id']} {body['version']} was in force already.")


def checked_campaign(folder: Path) -> dict[str, Any]:
    """Read a campaign and check it, also that its certificates fit on paper; name each mistake."""
    try:
        body = read_campaign(folder, resource("config/schemas"))
        check_paper(body, load_formats(installed().formats).issuing)
    except CampaignErrors as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        raise
    return body


@import_.command()
@_file
@data_option
def facilities(file: Path, data: Path) -> None:
    """Take in DIVOC's facilities table."""
    _run(
        file,
        data,
        lambda node, progress: node.importer.catalogue(
            file.name, "facilities", read_facilities(file), progress
        ),
    )


@import_.command()
@_file
@data_option
def vaccinators(file: Path, data: Path) -> None:
    """Take in DIVOC's vaccinators table; they get a PIN with divoc-edge staff set-pin."""
    _run(
        file,
        data,
        lambda node, progress: node.importer.catalogue(
            file.name, "staff", read_vaccinators(file), progress
        ),
    )


@import_.command()
@_file
@_programme
@data_option
def enrolments(file: Path, programme: str, data: Path) -> None:
    """Register the people of DIVOC's enrolments table."""

    def take(node: Node, progress: Progress) -> Report:
        _check_programme(node, programme)
        rows = read_enrolments(file, node.clock.today())
        return node.importer.enrolments(file.name, rows, programme, progress)

    _run(file, data, take)


@import_.command()
@_file
@_programme
@data_option
def certificates(file: Path, programme: str, data: Path) -> None:
    """Record the doses of DIVOC's 28-column certification table as given elsewhere."""

    def take(node: Node, progress: Progress) -> Report:
        _check_programme(node, programme)
        rows = read_certificates(file, node.clock.today())
        return node.importer.certificates(file.name, rows, programme, progress)

    _run(file, data, take)


@import_.command()
@_file
@data_option
def stock(file: Path, data: Path) -> None:
    """Take a delivery into stock: columns vaccine, lot, expiry, quantity."""
    _run(
        file,
        data,
        lambda node, progress: node.importer.stock(file.name, read_stock(file), progress),
    )


@import_.command()
@click.argument("vaccine_icd", type=click.Path(path_type=Path))
@click.argument("icd", type=click.Path(path_type=Path))
@data_option
def codes(vaccine_icd: Path, icd: Path, data: Path) -> None:
    """Fill in the vaccines' ICD-11 codes from DIVOC's VACCINE_ICD.json and ICD.json."""
    listed = read_codes(vaccine_icd, icd)

    def take(node: Node, progress: Progress) -> Report:
        with node.journal.reading() as db:
            vaccines = views.catalogue_body(db)["vaccines"]
        filled = [found for one in vaccines if (found := with_codes(one, listed)) is not None]
        rows = [Good(number, item) for number, item in enumerate(filled, start=1)]
        return node.importer.catalogue(vaccine_icd.name, "vaccines", rows, progress)

    _run(vaccine_icd, data, take)


@contextmanager
def opened(data: Path) -> Iterator[Node]:
    """Open a site for one command, without its pages and jobs."""
    node = Node(data_folder(data))
    try:
        yield node
    finally:
        node.close()


def _run(file: Path, data: Path, take: Callable[[Node, Progress], Report]) -> None:
    size = _rows(file)
    with opened(data) as node, click.progressbar(length=size, label=file.name) as bar:

        def progress(rows: int) -> None:
            bar.update(rows - bar.pos)

        report = take(node, progress)
    for mistake in report.mistakes:
        click.echo(str(mistake), err=True)
    known = f", {report.known} known before" if report.known else ""
    click.echo(f"{report.taken} taken{known}, {len(report.mistakes)} with mistakes.")
    if report.mistakes:
        raise SystemExit(FAILED)


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
