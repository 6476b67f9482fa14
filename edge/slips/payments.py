"""What the slips of payments can say: one receipt, a day's cash book, and who paid on a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, unknown_vaccine
from edge.domain.errors import NotFound
from edge.domain.money import Money
from edge.domain.payments import payer_title
from edge.journal import views
from edge.slips.layout import Values
from edge.slips.speech import Speech

if TYPE_CHECKING:
    from sqlite_utils import Database

Filled = tuple[Values, str, tuple[str, ...]]
TO_BE_PAID, TO_GIVE_BACK = "To be paid later", "To be given back"
"""What stands for the payer of a dose that is owed, and of one that was taken back."""
MOVE_WORDS: Mapping[str, str] = {
    "paid": "Paid",
    "returned": "Given back",
    "counted": "Counted: difference",
    "handed": "Handed over to",
    "received": "Received from",
    "away": "Left the site, seen by",
}
"""What moved cash, by the kind of the move; those with a colleague are followed by the name."""


def receipt_slip(db: Database, catalogue: Catalogue, subject: str, speech: Speech) -> Filled:
    """Say what was paid in cash for a dose; raises :class:`NotFound` where nothing was."""
    found = views.payment(db, subject)
    record = views.recorded(db, found.dose) if found else None
    if found is None or record is None or not found.receipt:
        raise NotFound(
            "payment.no-receipt",
            "There is no receipt for this here.",
            hint="Only cash has a receipt.",
            field="subject",
        )
    dose = record.dose
    vaccine = catalogue.find_vaccine(dose.vaccine) or unknown_vaccine(dose.vaccine)
    programme = catalogue.find_programme(dose.programme)
    number = found.receipt_number
    own = {
        "receipt": number,
        "date": speech.day(found.on),
        "vaccine": vaccine.name,
        "programme_name": programme.name if programme else dose.programme,
        "amount": speech.money(found.money),
        "taken_by": _name(catalogue, found.taken_by),
        "state": speech.say("GIVEN BACK") if found.returned_at else "",
    }
    return own, number, ()


def cash_slip(db: Database, catalogue: Catalogue, day: date, speech: Speech) -> Filled:
    """Say of each box what it held before and after a day, and what moved."""
    before, after = views.boxes(db, day), views.boxes(db, day + timedelta(days=1))
    moves = defaultdict(list)
    for move in views.cash_moves_on(db, day):
        moves[move.box, move.money.currency].append(move)

    def what(move: views.CashMovement) -> str:
        words = speech.say(MOVE_WORDS[move.kind])
        told = move.receipt_number or _name(catalogue, move.other)
        return " ".join(filter(None, (words, told, move.reason)))

    boxes: list[Values] = [
        {
            "holder": _name(catalogue, box),
            "before": speech.money(Money(before.get((box, currency), 0), currency)),
            "after": speech.money(Money(held, currency)),
            "moves": [
                {"what": what(move), "amount": speech.money(move.money)}
                for move in moves[box, currency]
            ],
        }
        for (box, currency), held in sorted(after.items())
        if held or before.get((box, currency)) or moves[box, currency]
    ]
    own: Values = {
        "date": speech.day(day),
        "boxes": boxes,
        **payer_values(db, catalogue, day, speech),
    }
    return own, day.isoformat(), ()


def payer_values(db: Database, catalogue: Catalogue, day: date, speech: Speech) -> Values:
    """Say how many doses of a day each payer paid, and how much."""
    return {
        "payers": [
            {
                "payer": speech.say(title),
                "count": speech.number(count),
                "amount": speech.money(money),
            }
            for title, count, money in payer_sums(db, catalogue, day)
        ]
    }


def payer_sums(db: Database, catalogue: Catalogue, day: date) -> list[tuple[str, int, Money]]:
    """Give of each payer of a day its title, how many doses it paid, and how much in all.

    What is owed yet, and cash that is to be given back, stand apart.
    """
    counts: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for payment in views.payments_on(db, day):
        title = payer_title(catalogue.payments, payment.payer)
        title = TO_BE_PAID if payment.owed else TO_GIVE_BACK if payment.to_give_back else title
        key = (title, payment.money.currency)
        counts[key] += 1
        sums[key] += payment.money.amount
    return [(key[0], counts[key], Money(sums[key], key[1])) for key in sorted(counts)]


def _name(catalogue: Catalogue, code: str) -> str:
    staff = catalogue.find_staff(code) if code else None
    return staff.name if staff else code
