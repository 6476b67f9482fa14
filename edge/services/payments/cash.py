"""Cash in a member of staff's box: counted against the book, and handed over between two people."""

from __future__ import annotations

from edge.domain.errors import BadInput, Conflict
from edge.domain.money import Money, is_currency
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import CountCash, HandOverCash
from edge.services.request import Request
from edge.services.site import Site

_SHORTEST = 3


def count_cash(unit: Unit, request: Request[CountCash], site: Site) -> None:
    """Write ``CashCounted``; raises :class:`BadInput` for a difference without a reason."""
    command, box = request.command, request.actor.code
    currency = _currency(unit, site, command.currency)
    expected = views.box_holds(unit.db, box, currency)
    difference = command.counted - expected
    reason = command.reason.strip()
    if difference and len(reason) < _SHORTEST:
        raise BadInput(
            "cash.difference",
            "The book says {expected}, and {counted} was counted.",
            hint="Count again, or write down why it differs.",
            field="reason",
            expected=Money(expected, currency),
            counted=Money(command.counted, currency),
        )
    body = {
        "box": box,
        "expected": expected,
        "counted": command.counted,
        "currency": currency,
        "facility": site.facility,
        "on": site.clock.today().isoformat(),
    }
    if reason:
        body["reason"] = reason
    unit.append("CashCounted", body, id_=request.id, by=box, command=request.digest)


def hand_over_cash(unit: Unit, request: Request[HandOverCash], site: Site) -> None:
    """Write ``CashHandedOver``: two people sign, who gives it and who takes it or sees it leave.

    Raises :class:`BadInput` for a colleague who is none, :class:`Conflict` for more than the book
    has.
    """
    command, box = request.command, request.actor.code
    currency = _currency(unit, site, command.currency)
    staff = site.catalogues.current(unit.db).staff.get(command.receiver)
    here = staff is not None and staff.active and site.facility in staff.facilities
    if not here or command.receiver == box:
        raise BadInput(
            "cash.receiver",
            "Cash is handed over to a colleague who works here.",
            hint="Choose who takes it, and let them type their PIN.",
            field="receiver",
        )
    check_held(unit, box, Money(command.amount, currency), "amount")
    body = {
        "box": box,
        "receiver": command.receiver,
        "amount": command.amount,
        "currency": currency,
        "away": command.away,
        "facility": site.facility,
        "on": site.clock.today().isoformat(),
    }
    unit.append("CashHandedOver", body, id_=request.id, by=box, command=request.digest)


def check_held(unit: Unit, box: str, money: Money, field: str) -> None:
    """Raise :class:`Conflict` for more than a box holds by the book: none goes below zero."""
    held = views.box_holds(unit.db, box, money.currency)
    if money.amount > held:
        raise Conflict(
            "cash.more-than-there",
            "The book has {held} in your box: less than that.",
            hint="Count the cash, or have a colleague hand cash over to you first.",
            field=field,
            held=Money(held, money.currency),
        )


def _currency(unit: Unit, site: Site, told: str) -> str:
    """Give the currency meant: the campaign's, where none is named; raises for what is none."""
    rules = site.catalogues.current(unit.db).payments
    currency = told or (rules.currency if rules is not None else "")
    if is_currency(currency):
        return currency
    if currency:
        raise BadInput(
            "cash.unknown-currency",
            "{code} is no currency's code in ISO 4217.",
            hint="Name the currency of the cash, for example KES.",
            field="currency",
            code=currency,
        )
    raise BadInput(
        "cash.currency",
        "The campaign has no currency.",
        hint="Name the currency of the cash, for example KES.",
        field="currency",
    )
