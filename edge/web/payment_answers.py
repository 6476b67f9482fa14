"""What the API answers of payments."""

from __future__ import annotations

from datetime import date
from typing import Literal

from edge.domain.payments import PaymentKind, PaymentState
from edge.web.answer import Answer


class SpentAlsoAnswer(Answer, frozen=True):
    """Where the same voucher was spent too."""

    facility: str
    on: str


class PaymentAnswer(Answer, frozen=True):
    """How a dose is paid; ``amount`` is a decimal with a point, in ``currency`` (ISO 4217).

    ``kind`` is what DIVOC's tablets call it. ``party`` is the employer, the voucher's issuer or the
    reason of an exemption, ``receipt`` the receipt's number, ``trouble`` why it is owed; each empty
    where there is none. ``owed``: it is to be paid yet. ``toGiveBack``: its dose was taken back,
    and the cash is in the box. ``others``: where its voucher was spent too.
    """

    id: str
    dose: str
    payer: str
    kind: PaymentKind
    state: PaymentState
    amount: str
    currency: str
    on: date
    taken_by: str
    party: str = ""
    receipt: str = ""
    trouble: str = ""
    owed: bool = False
    to_give_back: bool = False
    others: tuple[SpentAlsoAnswer, ...] = ()


class CashMovementAnswer(Answer, frozen=True):
    """Cash that came into a box or (below 0) left it; ``counted`` is what was counted."""

    kind: Literal["paid", "returned", "counted", "handed", "received", "away"]
    amount: str
    at: str
    other: str = ""
    reason: str = ""
    receipt: str = ""
    counted: str = ""


class CashBoxAnswer(Answer, frozen=True):
    """The cash of a member of staff by the book: before and after the day, and what moved."""

    box: str
    currency: str
    before: str
    after: str
    movements: list[CashMovementAnswer]


class CashBookAnswer(Answer, frozen=True):
    """The payments of a day that stand, and the cash of each member of staff."""

    on: date
    payments: list[PaymentAnswer]
    boxes: list[CashBoxAnswer]
