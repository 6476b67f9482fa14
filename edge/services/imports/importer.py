"""The imports of one site."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from edge.campaign.divoc_csv import Enrolment, ReportedDose
from edge.campaign.stock_csv import DeliveryLine
from edge.domain.catalogue import Catalogue
from edge.journal.derived_ids import derived_id
from edge.journal.journal import Journal
from edge.journal.unit import Stamp, Unit
from edge.services.imports.books import Books
from edge.services.imports.certificates import reporting
from edge.services.imports.identities import with_kept_identities
from edge.services.imports.ledgers import DraftLedger, KeptLedger, Ledger
from edge.services.imports.people import NamedPeople, enrolling, withdrawing
from edge.services.imports.reports import ImportOptions, Progress, Question, Report
from edge.services.imports.rows import Rows, T, Taker, take_rows
from edge.services.imports.staying_open import staying_open
from edge.services.imports.stock import UNNUMBERED, Deliveries
from edge.services.lookups import check_programme
from edge.services.site import Site

_USUAL = ImportOptions()


class Importer:
    """Takes tables in, or shows what taking them in would come to.

    Each import keeps the good rows and names every other one in its report.
    """

    def __init__(self, journal: Journal, site: Site) -> None:
        self._journal = journal
        self._site = site

    def catalogue(
        self,
        file: str,
        kind: str,
        rows: Rows[dict[str, Any]],
        progress: Progress,
        how: ImportOptions = _USUAL,
    ) -> Report:
        """Record facilities, staff or vaccines beside the campaign's."""

        def take(unit: Unit, books: Books, _row: int, item: dict[str, Any]) -> bool | Question:
            id_ = derived_id(kind, item)
            if books.has(id_):
                return False
            kept = staying_open(books.journal, self._site.facility, kind, item)
            unit.append("CatalogueRecorded", {"kind": kind, "items": [kept]}, id_=id_, by=how.by)
            return True

        return self._take(file, rows, take, progress, how)

    def enrolments(
        self,
        file: str,
        rows: Rows[Enrolment],
        programme: str,
        progress: Progress,
        how: ImportOptions = _USUAL,
        named: NamedPeople | None = None,
    ) -> Report:
        """Register who is expected here, for a programme; ``named``: they are of a list."""
        self._check(programme)
        take = enrolling(file, self._site, programme, how, named)
        kept = with_kept_identities(self._site, file, rows, "identity")
        return self._take(file, kept, take, progress, how)

    def withdrawn_enrolments(
        self, file: str, rows: Rows[Enrolment], programme: str, how: ImportOptions = _USUAL
    ) -> Report:
        """Expect people no longer whom :meth:`enrolments` registered; their records stay."""
        take = withdrawing(self._site, programme, how)
        kept = with_kept_identities(self._site, file, rows, "identity")
        return self._take(file, kept, take, lambda _: None, how)

    def certificates(
        self,
        file: str,
        rows: Rows[ReportedDose],
        programme: str,
        progress: Progress,
        how: ImportOptions = _USUAL,
    ) -> Report:
        """Record doses given elsewhere; a person not known here is registered with them."""
        self._check(programme)
        take = reporting(file, self._catalogue, programme, self._today(), how)
        kept = with_kept_identities(self._site, file, rows, "recipientIdentity")
        return self._take(file, kept, take, progress, how)

    def stock(
        self,
        file: str,
        rows: Rows[DeliveryLine],
        progress: Progress,
        document: str = "",
        how: ImportOptions = _USUAL,
    ) -> Report:
        """Take a delivery into stock; the same delivery is counted once.

        ``document`` is the number of its document, for lines that name none.
        """
        lines = list(rows)
        delivery = Deliveries(file, lines, self._catalogue, document, self._today(), how)
        with self._journal.reading() as db:
            delivery.look(Books(db))
        report = self._take(file, lines, delivery.take, progress, how)
        return replace(report, notes=(UNNUMBERED,)) if delivery.unnumbered else report

    def _take(
        self, file: str, rows: Rows[T], take: Taker[T], progress: Progress, how: ImportOptions
    ) -> Report:
        ledger = self._ledger(how)
        try:
            return take_rows(ledger, file, rows, take, progress)
        finally:
            ledger.close()
            self._site.catalogues.forget()

    def _ledger(self, how: ImportOptions) -> Ledger:
        if not how.dry_run:
            return KeptLedger(self._journal)
        clock = self._site.clock
        return DraftLedger(self._journal, Stamp(clock.now(), clock.believed()))

    def _catalogue(self, books: Books) -> Catalogue:
        return self._site.catalogues.current(books.journal)

    def _check(self, programme: str) -> None:
        with self._journal.reading() as db:
            check_programme(self._site.catalogues.current(db), programme)

    def _today(self) -> date:
        return self._site.clock.today()
