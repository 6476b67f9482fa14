"""A delivery of vaccine as a table: vaccine, lot, expiry, quantity, and its document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from edge.campaign.cells import count_in, day_in, plain
from edge.campaign.mistakes import Mistake
from edge.campaign.tables import Row, RowError, Source, ValidRow, needed, read_table
from edge.domain.catalogue import Lot
from edge.domain.errors import BadInput
from edge.domain.lots import LONGEST_LOT, expiry_day, lot_key, lot_number
from sync.protocol.counted import Counted

COLUMNS = ("vaccine", "lot", "expiry", "quantity")
OPTIONAL = ("document", "received")
_LONGEST_DOCUMENT = 60
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A line of a delivery: what came, under which document's number, and when.

    ``document`` is empty and ``received`` None where the file does not say.
    """

    lot: Lot
    document: str = ""
    received: date | None = None


def read_stock(
    source: Source, today: date = date.max
) -> Iterator[ValidRow[DeliveryLine] | Mistake]:
    """Read the lots of a delivery; the columns ``document`` and ``received`` may be missing."""

    def make(row: Row) -> DeliveryLine:
        lot, document = needed(row, "lot"), row["document"]
        _check_length("lot", lot_key(lot), LONGEST_LOT)
        _check_length("document", document, _LONGEST_DOCUMENT)
        received = day_in(row, "received") if row["received"] else None
        if received and received > today:
            raise RowError("received", "csv.future", "{column} is after today.", column="received")
        came = Lot(
            vaccine=needed(row, "vaccine"),
            lot=lot_number(lot),
            expiry=_expiry(row),
            quantity=count_in(row, "quantity", 1, _MOST),
        )
        return DeliveryLine(came, document, received)

    return read_table(source, [COLUMNS], make, optional=OPTIONAL)


def _expiry(row: Row) -> date:
    """Read an expiry: a day, or a month, which means its last day."""
    try:
        return expiry_day(plain(row["expiry"]))
    except BadInput:
        return day_in(row, "expiry")


def _check_length(column: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise RowError(
            column,
            f"csv.{column}",
            Counted(
                "{column} is longer than {longest} character.",
                "{column} is longer than {longest} characters.",
            ),
            column=column,
            longest=longest,
        )
