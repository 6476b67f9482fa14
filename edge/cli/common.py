"""What the commands share: the data folder, and errors in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from edge.adapters.settings import PrinterSettings
from edge.domain.errors import BadInput, EdgeError, Unavailable
from printers.errors import PrinterError
from sync.protocol.errors import SyncError

FAILED, TRY_LATER = 1, 75
"""Exit codes: 2 is click's own for a wrong call; 75 is sysexits' EX_TEMPFAIL."""

data_option = click.option(
    "--data",
    envvar="DIVOC_EDGE_DATA",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("site-data"),
    show_default=True,
    help="The site's data folder (or set DIVOC_EDGE_DATA).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")


class WordedError(click.ClickException):
    """An error of ours as click shows it: the sentence, the hint, the exit code."""

    def __init__(self, error: EdgeError | PrinterError | SyncError) -> None:
        hint = getattr(error, "hint", "")
        text = str(error)
        if hint:
            text += f"\n{hint.format(**error.values)}"
        super().__init__(text)
        self.temporary = error.temporary

    def show(self, file: Any = None) -> None:
        """Show it, and end with the code that says whether trying again helps."""
        super().show(file)
        raise SystemExit(TRY_LATER if self.temporary else FAILED)


class Worded(click.Group):
    """A group whose commands may raise our errors."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say in words what went wrong."""
        try:
            return super().invoke(ctx)
        except (EdgeError, PrinterError, SyncError) as error:
            raise WordedError(error) from None


def show_json(document: Any) -> None:
    """Print a document as one line of JSON."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str))


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
        known=", ".join(one.name for one in printers) or "none",
    )
