"""How doses are paid, and the cash book: what each box should hold, and what moved on a day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.money import Money
from edge.domain.payments import receipt_number

if TYPE_CHECKING:
    from sqlite_utils import Database

_NAMES = (
    *("id", "dose", "payer", "kind", "state", "amount", "currency", "party", "voucher", "trouble"),
    *("receipt", "facility", "taken_by", "on_day", "at", "replaced_by", "returned_at"),
    *("returned_to", "returned_by", "return_reason", "spent_also", "counts", "position"),
)
_COLUMNS = ", ".join(f"payment.{name}" for name in _NAMES)
_STANDING = "payment.replaced_by = '' AND payment.returned_at = ''"
_OPEN = f"{_STANDING} AND (payment.state = 'owed' OR payment.spent_also <> '')"
"""As the index ``payment_open`` has it: owed, or its voucher was spent elsewhere too."""
_OF_WITHDRAWN = (
    "SELECT payment.id FROM dose AS gone CROSS JOIN payment ON payment.dose = gone.id"
    " WHERE gone.withdrawn_at <> ''"
)
"""Payments of doses that were taken back, which are few: found from the dose."""


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """One payment: instants in ISO 8601, each empty where nothing of it happened.

    ``counts`` False: the registry has decided that its voucher pays for another dose; ``others``
    are where it was spent too. ``withdrawn``: its dose was taken back.
    """

    id: str
    dose: str
    payer: str
    kind: str
    state: str
    money: Money
    party: str
    voucher: str
    trouble: str
    receipt: int
    facility: str
    taken_by: str
    on: date
    at: str
    replaced_by: str
    returned_at: str
    returned_to: str
    returned_by: str
    return_reason: str
    others: Sequence[Mapping[str, Any]]
    counts: bool
    position: int
    withdrawn: bool
    vaccine: str

    @property
    def receipt_number(self) -> str:
        """The number of its receipt as it stands on paper; empty where there is none."""
        return receipt_number(self.facility, self.receipt, self.id)

    @property
    def stands(self) -> bool:
        """Whether it is how the dose is paid now."""
        return not self.replaced_by and not self.returned_at

    @property
    def has_price(self) -> bool:
        """Whether it says what the dose costs: it is owed, or somebody else is sent the bill."""
        return self.state in ("owed", "billed")

    @property
    def to_give_back(self) -> bool:
        """Whether cash was taken for a dose that was taken back, and not given back yet."""
        return self.stands and self.state == "paid" and self.withdrawn

    @property
    def owed(self) -> bool:
        """Whether it is to be paid yet: it was put off, or its voucher pays for another dose."""
        return self.stands and not self.withdrawn and (self.state == "owed" or not self.counts)


@dataclass(frozen=True, slots=True)
class CashMovement:
    """Cash that came into a box (``amount`` above 0) or left it; ``other`` is from or to whom.

    ``kind``: paid, returned, counted (``amount`` is the difference from the book), handed,
    received or away. ``counted`` is what was counted; ``receipt``, ``dose`` and
    ``facility`` those of the ``payment`` that moved it.
    """

    box: str
    kind: str
    money: Money
    on: date
    at: str
    other: str
    reason: str
    counted: int | None
    receipt: int
    dose: str
    facility: str
    payment: str

    @property
    def receipt_number(self) -> str:
        """The number of its receipt as it stands on paper; empty where there is none."""
        return receipt_number(self.facility, self.receipt, self.payment)


def payment(db: Database, id_: str) -> PaymentRecord | None:
    """Find a payment by its id."""
    return next(iter(_payments(db, "payment.id = ?", id_)), None)


def payment_of(db: Database, dose: str) -> PaymentRecord | None:
    """Give how a dose is paid now."""
    return next(iter(_payments(db, f"payment.dose = ? AND {_STANDING}", dose)), None)


def payments_of(db: Database, doses: Sequence[str]) -> dict[str, PaymentRecord]:
    """Give how doses are paid now, by the dose."""
    named = json.dumps(list(doses))
    named_ones = "payment.dose IN (SELECT value FROM json_each(?))"
    found = _payments(db, f"{named_ones} AND {_STANDING}", named)
    return {record.dose: record for record in found}


def payments_on(db: Database, day: date) -> list[PaymentRecord]:
    """Give the payments of a day that stand, oldest first."""
    return _payments(db, f"payment.on_day = ? AND {_STANDING}", day.isoformat())


def to_settle(db: Database, limit: int) -> list[PaymentRecord]:
    """Give what is owed, what is to be given back, and vouchers spent twice; oldest first."""
    open_ones = f"SELECT payment.id FROM payment WHERE {_OPEN}"  # noqa: S608
    where = f"payment.id IN ({open_ones} UNION ALL {_OF_WITHDRAWN}) AND {_STANDING}"
    found = _payments(db, where)
    return [each for each in found if each.owed or each.to_give_back or each.others][:limit]


def is_money_open(db: Database) -> bool:
    """Say whether a box holds anything by the book, or a payment is to be settled."""
    return any(boxes(db).values()) or bool(to_settle(db, 1))


def lost_vouchers(db: Database, limit: int) -> list[PaymentRecord]:
    """Give the doses whose voucher pays for another site's dose, to be paid yet; oldest first."""
    where = f"{_OPEN} AND payment.counts = 0 AND given.withdrawn_at = ''"
    return _payments(db, where)[:limit]


def spent(db: Database, voucher: str) -> PaymentRecord | None:
    """Give the payment here that a voucher was spent for, or that it does not pay for any more."""
    spoken_for = f"(payment.counts = 0 OR ({_STANDING}))"
    where = f"payment.voucher = ? AND payment.voucher <> '' AND {spoken_for}"  # as its index says
    return next(iter(_payments(db, where, voucher)), None)


def next_receipt(db: Database) -> int:
    """Give the number of the next receipt: they follow each other without a gap."""
    (last,) = db.execute("SELECT max(receipt) FROM payment WHERE receipt > 0").fetchone()
    return int(last or 0) + 1


def box_holds(db: Database, box: str, currency: str) -> int:
    """Give what a box should hold by the book, in minor units."""
    (held,) = db.execute(
        "SELECT total(amount) FROM cash_move WHERE box = ? AND currency = ?", (box, currency)
    ).fetchone()
    return int(held)


def boxes(db: Database, before: date | None = None) -> dict[tuple[str, str], int]:
    """Give what each box holds by the book, by staff code and currency: now, or before a day."""
    rows = db.execute(
        "SELECT box, currency, total(amount) FROM cash_move WHERE on_day < ? GROUP BY 1, 2",
        (before.isoformat() if before else "9999",),
    )
    return {(box, currency): int(held) for box, currency, held in rows}


def cash_moves_on(db: Database, day: date) -> list[CashMovement]:
    """Give what moved on a day, in order."""
    rows = db.execute(
        "SELECT box, cash_move.kind, cash_move.amount, cash_move.currency, cash_move.on_day,"
        " cash_move.at, other, reason, counted, ifnull(receipt, 0), ifnull(dose, ''),"
        " ifnull(facility, ''), ifnull(payment.id, '')"
        " FROM cash_move LEFT JOIN payment ON payment.id = cash_move.payment"
        " WHERE cash_move.on_day = ? ORDER BY cash_move.position, box",
        (day.isoformat(),),
    )
    return [
        CashMovement(box, kind, Money(amount, currency), date.fromisoformat(on), *rest)
        for box, kind, amount, currency, on, *rest in rows
    ]


def _payments(db: Database, where: str, *values: Any) -> list[PaymentRecord]:
    rows = db.execute(
        f"SELECT {_COLUMNS}, given.withdrawn_at <> '', given.vaccine FROM payment"  # noqa: S608
        f" JOIN dose AS given ON given.id = payment.dose WHERE {where} ORDER BY payment.position",
        values,
    )
    return [_record(row) for row in rows.fetchall()]


def _record(row: Sequence[Any]) -> PaymentRecord:
    told = dict(zip(_NAMES, row, strict=False))
    on, others = told.pop("on_day"), told.pop("spent_also")
    return PaymentRecord(
        money=Money(told.pop("amount"), told.pop("currency")),
        on=date.fromisoformat(on),
        others=json.loads(others) if others else (),
        counts=bool(told.pop("counts")),
        withdrawn=bool(row[-2]),
        vaccine=row[-1],
        **told,
    )
