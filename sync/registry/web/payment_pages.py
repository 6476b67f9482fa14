"""The operators' page of who paid for doses, by day."""

from __future__ import annotations

from datetime import date

from flask import Response, request

from sync.protocol.errors import ProtocolError
from sync.protocol.payers import PAYER_TITLES
from sync.registry.payments import double_spendings, payment_sums
from sync.registry.web.screen import Screen

STATE_WORDS = {
    "free": "nothing to pay",
    "paid": "in cash",
    "billed": "billed",
    "owed": "to be paid later",
}
"""How a dose is paid."""


def payments(screen: Screen) -> Response:
    """Sum up the payments of a day by site and payer, and list vouchers spent twice."""
    text = request.args.get("on", "") or screen.registry.instant()[:10]
    try:
        day = date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return screen.refused(
            ProtocolError("query.day", "A day is written as year-month-day."), 400
        )
    return screen.shown(
        "payments.html",
        day=day,
        sums=payment_sums(screen.store, day),
        doubles=double_spendings(screen.store),
        states=STATE_WORDS,
        payers=PAYER_TITLES,
    )
