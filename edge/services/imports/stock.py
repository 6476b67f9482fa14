"""Deliveries of vaccine: each is counted once, however its file is called or edited.

A delivery goes by its document's number. Without one the day it came in and what its lines say
decide, and lines like those of another day are asked about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from edge.campaign.mistakes import Mistake
from edge.campaign.stock_csv import DeliveryLine
from edge.campaign.tables import ValidRow
from edge.domain.catalogue import Catalogue
from edge.domain.deliveries import document_key
from edge.domain.errors import BadInput, Conflict
from edge.domain.lots import lot_key
from edge.journal import views
from edge.journal.derived_ids import derived_id
from edge.journal.unit import Unit
from edge.journal.views import ReceivedLine
from edge.services.doses.stock import check_vaccine
from edge.services.imports.books import Books
from edge.services.imports.reports import ImportOptions, Note, Question
from edge.services.imports.vaccines import named_vaccine
from sync.protocol.counted import Counted

UNNUMBERED = Note(
    "stock.no-document",
    "No document's number was given: equal lines of one day are counted once, as one delivery.",
)
_Line = tuple[str, str, date, int]
"""Vaccine's code, lot as it is compared, expiry, quantity."""


class Deliveries:
    """Takes the lines of a delivery's file, against what was taken in before it.

    ``document`` is the number given beside the file, for lines that have none of their own.
    """

    def __init__(
        self,
        file: str,
        lines: Sequence[ValidRow[DeliveryLine] | Mistake],
        catalogue_of: Callable[[Books], Catalogue],
        document: str,
        today: date,
        how: ImportOptions,
    ) -> None:
        self._file = file
        self._lines = [line for line in lines if isinstance(line, ValidRow)]
        self._catalogue_of = catalogue_of
        self._document = document
        self._today = today
        self._how = how
        self._before: dict[str, list[ReceivedLine]] = {}
        self._told: dict[str, Counter[_Line]] = {}
        self._seen: Counter[tuple[str, date | None, _Line]] = Counter()

    @property
    def unnumbered(self) -> bool:
        """Whether lines go by their day."""
        return any(not self._document_of(row.value) for row in self._lines)

    def look(self, books: Books) -> None:
        """See what was taken in before this file, and what all of the file says."""
        documents = {document_key(self._document_of(row.value)) for row in self._lines}
        self._before = {
            key: views.lines_of_document(books.journal, key)
            if key
            else views.lines_without_document(books.journal)
            for key in documents
        }
        for row in self._lines:
            try:
                line = self._line(books, row.value)
            except BadInput:
                continue  # it is named when its turn comes
            key = document_key(self._document_of(row.value))
            self._told.setdefault(key, Counter())[line] += 1

    def take(self, unit: Unit, books: Books, row: int, came: DeliveryLine) -> bool | Question:
        """Take a line in, if it is not known; raises :class:`Conflict` for one that was edited."""
        line, document = self._line(books, came), self._document_of(came)
        key, day = document_key(document), came.received or self._today
        place = (key, None if key else day, line)
        self._seen[place] += 1
        copy = self._seen[place]
        before = self._before.get(key, [])
        same_delivery = [old for old in before if key or old.received == day]
        if copy <= sum(_line_of(old) == line for old in same_delivery):
            return False
        if key:
            self._check_edited(key, document, line, before)
        elif not self._how.answers.again:
            asked = self._perhaps_taken(row, line, before)
            if asked is not None:
                return asked
        if row not in self._how.answers.different:
            asked = self._other_expiry(books, row, line)
            if asked is not None:
                return asked
        check_vaccine(books.journal, self._catalogue_of(books), line[0], line[1])
        vaccine, _, expiry, quantity = line
        body: dict[str, Any] = {
            "vaccine": vaccine,
            "lot": came.lot.lot,
            "expiry": expiry.isoformat(),
            "quantity": quantity,
        }
        whole = {**body, "document": key, "received": "" if key else day, "copy": copy}
        id_ = derived_id("delivery", whole)
        if books.has(id_):
            return False
        if document:
            body["document"] = document
        if day != self._today:
            body["received"] = day.isoformat()
        unit.append("StockReceived", body, id_=id_, by=self._how.by)
        return True

    def _line(self, books: Books, came: DeliveryLine) -> _Line:
        vaccine = named_vaccine(books, self._catalogue_of(books), came.lot.vaccine, "vaccine")
        return vaccine.code, lot_key(came.lot.lot), came.lot.expiry, came.lot.quantity

    def _document_of(self, came: DeliveryLine) -> str:
        return " ".join((came.document or self._document).split())

    def _check_edited(
        self, key: str, document: str, line: _Line, before: Iterable[ReceivedLine]
    ) -> None:
        """Refuse a line where an earlier one of the same lot stands in the file no more."""
        old = Counter(
            earlier for received in before if (earlier := _line_of(received))[:2] == line[:2]
        )
        lost = old - self._told.get(key, Counter())
        if lost:
            _, _, expiry, quantity = next(iter(lost))
            raise Conflict(
                "stock.edited",
                Counted(
                    "The delivery {document} is recorded with {quantity} dose of lot {lot},"
                    " expiry {expiry}, and the file says otherwise.",
                    "The delivery {document} is recorded with {quantity} doses of lot {lot},"
                    " expiry {expiry}, and the file says otherwise.",
                    "quantity",
                ),
                hint="The same delivery is not counted twice. Another one has another number.",
                field="quantity",
                document=document,
                quantity=quantity,
                lot=line[1],
                expiry=expiry,
            )

    def _perhaps_taken(
        self, row: int, line: _Line, before: Iterable[ReceivedLine]
    ) -> Question | None:
        days = sorted(old.received for old in before if _line_of(old) == line)
        if not days:
            return None
        return Question(
            self._file,
            row,
            "stock.perhaps-taken",
            "A line like this was taken in on {day}, also without a document's number.",
            "If this is another delivery, give the number of its document, or say so.",
            {"day": days[-1]},
        )

    def _other_expiry(self, books: Books, row: int, line: _Line) -> Question | None:
        """Ask before a lot that is at the site gets another expiry."""
        known = books.expiry(line[0], line[1])
        if known is None or known == line[2]:
            return None
        return Question(
            self._file,
            row,
            "lot.delivery-differs",
            "Lot {lot} is in stock with the expiry date {expiry}.",
            "Read the date on the vials. If the new one is right, say so and save again.",
            {"lot": line[1], "expiry": known},
        )


def _line_of(old: ReceivedLine) -> _Line:
    return old.vaccine, lot_key(old.lot), old.expiry, old.quantity
