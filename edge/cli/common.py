"""What the commands share: the data folder, and a printer by its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edge.domain.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from edge.adapters.settings import PrinterSettings
    from edge.credentials.reading import ReadPicture
    from edge.domain.catalogue import Catalogue

_PICTURE_SECONDS = 20.0
"""Of a processor, for each picture that a command reads: longer than at the node, as none waits."""

data_option = click.option(
    "--data",
    envvar="DIVOC_EDGE_DATA",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("site-data"),
    show_default=True,
    help="The site's data folder (or set DIVOC_EDGE_DATA).",
)


def data_folder(folder: Path) -> Path:
    """Give the folder, or say that it is not there."""
    if not folder.is_dir():
        raise Unavailable(
            "settings.missing",
            "There is no data folder {folder}.",
            hint="Make a site with: divoc-edge init --data {folder} --facility CODE",
            folder=folder,
        )
    return folder


@contextmanager
def picture_reader() -> Iterator[ReadPicture]:
    """Give what reads the codes of pictures, in a process that a hostile one ends in its place."""
    from edge.adapters.pictures import PictureWorker

    with closing(PictureWorker()) as worker:
        yield lambda picture: worker.codes(picture, _PICTURE_SECONDS)


@contextmanager
def naming_mistakes() -> Iterator[None]:
    """Name each mistake of a campaign or a schedule that is read within, before it fails."""
    from edge.campaign.mistakes import CampaignErrors

    try:
        yield
    except CampaignErrors as error:
        for mistake in error.mistakes:
            click.echo(str(mistake), err=True)
        raise


def catalogue_in_force(db: Any) -> Catalogue:
    """Give the campaign in force at a site, or say that there is none yet."""
    from edge.campaign.catalogue import to_catalogue
    from edge.extensions import installed
    from edge.journal import views

    body = views.catalogue_body(db)
    if "issuer" not in body:
        raise no_campaign()
    return to_catalogue(body, installed().conditions)


def no_campaign() -> Unavailable:
    """Say that a site has no campaign yet."""
    return Unavailable(
        "campaign.none",
        "No campaign has been applied at this site yet.",
        hint="The technician applies one with: divoc-edge import campaign FOLDER",
    )


def printer_of(printers: tuple[PrinterSettings, ...], name: str) -> PrinterSettings:
    """Give a printer of the site by its name, the usual one for an empty one."""
    for printer in printers:
        if name in ("", printer.name):
            return printer
    raise BadInput(
        "printer.unknown",
        "There is no printer {printer} at this site.",
        hint="Choose one of: {known}.",
        field="printer",
        printer=name or "-",
        known=", ".join(settings.name for settings in printers) or "none",
    )
