"""What the API says of payments: the day's, and the cash book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from edge.journal import views
from edge.web.calls import ApiInput, query_day
from edge.web.payment_answers import (
    CashBookAnswer,
    CashBoxAnswer,
    CashMovementAnswer,
    PaymentAnswer,
    SpentAlsoAnswer,
)
from edge.web.serializers import answer_of
from sync.protocol.money import decimal


def payments(call: ApiInput) -> CashBookAnswer:
    """Give the payments of a day (query ``on``, today by default) and its cash book."""
    on = query_day(call.query.get("on", ""), "on") or call.backend.site.clock.today()
    with call.backend.journal.reading() as db:
        found = views.payments_on(db, on)
        before, after = views.boxes(db, on), views.boxes(db, on + timedelta(days=1))
        moves = views.cash_moves_on(db, on)
    keys = sorted({*before, *after})
    return CashBookAnswer(
        on=on,
        payments=[_payment(record) for record in found],
        boxes=[
            CashBoxAnswer(
                box=box,
                currency=currency,
                before=decimal(before.get((box, currency), 0), currency),
                after=decimal(after.get((box, currency), 0), currency),
                movements=_movements(moves, box, currency),
            )
            for box, currency in keys
        ],
    )


def _payment(record: views.PaymentRecord) -> PaymentAnswer:
    money = record.money
    return answer_of(
        PaymentAnswer,
        record,
        amount=decimal(money.amount, money.currency),
        currency=money.currency,
        receipt=record.receipt_number,
        others=tuple(SpentAlsoAnswer(**other) for other in record.others),
    )


def _movements(
    moves: Sequence[views.CashMovement], box: str, currency: str
) -> list[CashMovementAnswer]:
    return [
        answer_of(
            CashMovementAnswer,
            move,
            amount=decimal(move.money.amount, currency),
            receipt=move.receipt_number,
            counted="" if move.counted is None else decimal(move.counted, currency),
        )
        for move in moves
        if (move.box, move.money.currency) == (box, currency)
    ]
