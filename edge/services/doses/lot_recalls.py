"""Lots that the nation has recalled: what is left of them here, and who was given one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.domain.approval import LotRecall
from edge.domain.catalogue import Catalogue, Lot
from edge.journal import views
from edge.services.csv_lines import csv_lines

if TYPE_CHECKING:
    from sqlite_utils import Database


_COLUMNS = (
    *("recall", "vaccine", "lot", "on", "facility", "here"),
    *("code", "name", "birthDate", "phone", "district"),
)


@dataclass(frozen=True, slots=True)
class RecalledLots:
    """A recall with the lots of it that are in stock here, and the doses of them, newest first."""

    recall: LotRecall
    stock: tuple[Lot, ...]
    doses: tuple[views.DoseRecord, ...]


def recalled_lots(db: Database, catalogue: Catalogue) -> list[RecalledLots]:
    """Give every recall of the campaign in force, newest first."""
    lots = views.lots(db)
    return [
        RecalledLots(
            recall,
            tuple(lot for lot in lots if recall.names(lot.vaccine, lot.lot)),
            tuple(views.given_of_lots(db, recall.vaccine, recall.lots)),
        )
        for recall in sorted(catalogue.lot_recalls, key=lambda recall: recall.on, reverse=True)
    ]


def recalled_csv(found: Iterable[RecalledLots]) -> Iterator[str]:
    """Write who was given a recalled lot as CSV, a line for each dose, columns first."""
    return csv_lines(
        _COLUMNS,
        (_row(lots.recall, record) for lots in found for record in lots.doses),
    )


def _row(recall: LotRecall, record: views.DoseRecord) -> tuple[str, ...]:
    dose, person = record.dose, record.person
    return (
        recall.code,
        dose.vaccine,
        dose.lot,
        dose.on.isoformat(),
        dose.facility,
        "no" if dose.reported else "yes",
        person.code,
        person.name,
        person.born_text,
        person.phone,
        person.address.district,
    )
