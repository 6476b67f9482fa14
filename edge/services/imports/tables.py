"""One import from a file to its report, whoever asks for it: a command, a page, the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, tzinfo

from edge.campaign.divoc_csv import (
    read_certificates,
    read_enrolments,
    read_facilities,
    read_vaccinators,
)
from edge.campaign.files.table_file import TableFile
from edge.campaign.stock_csv import read_stock
from edge.domain.errors import BadInput
from edge.journal.journal import Journal
from edge.services.imports.importer import Importer
from edge.services.imports.reports import ImportOptions, Progress, Report, unseen
from edge.services.lookups import check_programme
from edge.services.site import Site

PROGRAMMED = ("enrolments", "certificates")
"""Tables that are of a programme."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Which table a file is, of which programme, and the number of a delivery's document."""

    kind: str
    programme: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """What reading depends on where it is done."""

    today: date
    zone: tzinfo
    region: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A file that was asked to be taken in, and how."""

    asked: ImportRequest
    file: TableFile
    how: ImportOptions
    progress: Progress


def unknown_kind(kind: str, known: Iterable[str]) -> BadInput:
    """Say that there is no such table, and which there are."""
    return BadInput(
        "import.kind",
        "There is no table of the kind {kind}.",
        hint="Choose one of: {known}.",
        field="kind",
        kind=kind[:40],
        known=", ".join(known),
    )


class TableImporter:
    """Takes files in as tables of a kind: ``enrolments``, ``certificates``, ``stock``, …"""

    def __init__(self, importer: Importer, journal: Journal, site: Site) -> None:
        self._importer = importer
        self._journal = journal
        self._site = site

    def take(
        self,
        asked: ImportRequest,
        file: TableFile,
        how: ImportOptions = ImportOptions(),  # noqa: B008  (it is frozen)
        progress: Progress = unseen,
    ) -> Report:
        """Take a file in, or only see what would come of it.

        Raises :class:`BadInput` for another kind, an unknown programme, and a file that is no such
        table.
        """
        make = _KINDS.get(asked.kind)
        if make is None:
            raise unknown_kind(asked.kind, KINDS)
        return make(self._importer, self._place(asked), _Table(asked, file, how, progress))

    def _place(self, asked: ImportRequest) -> _Place:
        with self._journal.reading() as db:
            catalogue = self._site.catalogues.current(db)
        if asked.kind in PROGRAMMED:
            check_programme(catalogue, asked.programme)
        clock = self._site.clock
        return _Place(clock.today(), clock.zone, catalogue.issuer.country)


def _enrolments(importer: Importer, place: _Place, table: _Table) -> Report:
    file = replace(table.file, zone=place.zone)
    rows = read_enrolments(file, place.today, place.region)
    programme = table.asked.programme
    return importer.enrolments(table.file.name, rows, programme, table.progress, table.how)


def _certificates(importer: Importer, place: _Place, table: _Table) -> Report:
    rows = read_certificates(table.file, place.today, zone=place.zone, region=place.region)
    programme = table.asked.programme
    return importer.certificates(table.file.name, rows, programme, table.progress, table.how)


def _stock(importer: Importer, place: _Place, table: _Table) -> Report:
    rows = read_stock(table.file, place.today)
    document = table.asked.document
    return importer.stock(table.file.name, rows, table.progress, document, table.how)


def _facilities(importer: Importer, _: _Place, table: _Table) -> Report:
    rows = read_facilities(table.file)
    return importer.catalogue(table.file.name, "facilities", rows, table.progress, table.how)


def _vaccinators(importer: Importer, _: _Place, table: _Table) -> Report:
    rows = read_vaccinators(table.file)
    return importer.catalogue(table.file.name, "staff", rows, table.progress, table.how)


_KINDS: Mapping[str, Callable[[Importer, _Place, _Table], Report]] = {
    "enrolments": _enrolments,
    "certificates": _certificates,
    "stock": _stock,
    "facilities": _facilities,
    "vaccinators": _vaccinators,
}
KINDS: tuple[str, ...] = tuple(_KINDS)
"""The tables there are."""
