"""Writes how a dose is paid: with the dose, later, in another way, and when money goes back."""

from __future__ import annotations

from typing import Any

from edge.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from edge.domain.payments import Settlement
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import PayDose, ReturnPayment, TakeBackDose
from edge.services.payments.cash import check_held
from edge.services.printing.queueing import queue_slip
from edge.services.request import Request
from edge.services.site import Site

RECEIPT = "receipt"
_TAKEN_BACK = "payer"
"""To whom what was no cash goes back: whoever would have paid."""


def record_payment(unit: Unit, request: Request[Any], site: Site, dose: str) -> None:
    """Write ``PaymentRecorded`` for a dose as its payer settled it, if one was asked.

    Cash gets the next receipt, which is queued. Raises :class:`BadInput` for a voucher that was
    spent here.
    """
    settled = request.settled
    if settled is None:
        return
    _append(unit, request, site, dose, settled, request.command.printer, id_=site.ids.new())


def pay_dose(unit: Unit, request: Request[PayDose], site: Site) -> None:
    """Write how a dose is paid that was recorded before, in place of what was recorded of it."""
    record = views.recorded(unit.db, request.command.dose)
    if record is None or record.dose.reported or record.withdrawn:
        raise NotFound("dose.unknown", "There is no such dose here.", field="dose")
    if request.settled is None:
        raise NotFound(
            "payment.none",
            "The campaign asks nothing to be paid for this dose.",
            hint="Nothing needs to be done.",
            field="payment",
        )
    before = views.payment_of(unit.db, record.dose.id)
    if before is not None and before.state == "paid":
        raise Conflict(
            "payment.paid",
            "This dose is paid: receipt {receipt}.",
            hint="Give the cash back first, if it is to be paid in another way.",
            field="payment",
            receipt=before.receipt_number,
        )
    _append(
        *(unit, request, site, record.dose.id, request.settled, request.command.printer),
        id_=request.id,
        before=before,
    )


def return_payment(unit: Unit, request: Request[ReturnPayment], site: Site) -> None:
    """Write ``PaymentReturned``: cash that was taken for a dose is given back.

    Whoever took it may on the same day, a supervisor always. Raises :class:`Conflict` where the
    box of who gives it does not hold as much by the book.
    """
    command = request.command
    found = views.payment(unit.db, command.payment)
    if found is None or not found.stands or found.state != "paid":
        raise _nothing_to_return("payment")
    _check_may_return(request, site, found)
    _append_return(unit, request, site, found, command.to, command.reason, id_=request.id)


def return_with_dose(
    unit: Unit, request: Request[Any], site: Site, dose: str, reason: str, *, signed: bool
) -> None:
    """Take a payment back with its dose; cash only if it is said to whom it was given.

    Cash that was not given back stays in the box, and the book says that it is to be. Who may give
    it back is as in :func:`return_payment`; ``signed``: a supervisor signed for the whole. Raises
    :class:`NotFound` where cash is said to be given back and none was taken.
    """
    found = views.payment_of(unit.db, dose)
    command = request.command
    to: str = command.returned_to if isinstance(command, TakeBackDose) else ""
    if to and (found is None or found.state != "paid"):
        raise _nothing_to_return("returnedTo")
    if found is None or (found.state == "paid" and not to):
        return
    if found.state == "paid" and not signed:
        _check_may_return(request, site, found)
    to = to if found.state == "paid" else _TAKEN_BACK
    _append_return(unit, request, site, found, to, reason, id_=site.ids.new())


def _nothing_to_return(field: str) -> NotFound:
    return NotFound(
        "payment.nothing-to-return",
        "There is no cash to give back for this.",
        hint="Look at the cash book: it may have been given back already.",
        field=field,
    )


def _check_may_return(request: Request[Any], site: Site, found: views.PaymentRecord) -> None:
    """Let only who took the cash give it back, and on the same day; a supervisor always."""
    own = found.taken_by == request.actor.code and found.on == site.clock.today()
    if not own and "supervisor" not in request.actor.roles:
        raise NotAllowed(
            "payment.return",
            "Only who took the cash may give it back, and only on the same day.",
            hint="Ask a supervisor to give it back.",
            field="payment",
        )


def _append(
    unit: Unit,
    request: Request[Any],
    site: Site,
    dose: str,
    settled: Settlement,
    printer: str,
    *,
    id_: str,
    before: views.PaymentRecord | None = None,
) -> None:
    _check_unspent(unit, settled.voucher)
    body: dict[str, Any] = {
        "dose": dose,
        "payer": settled.payer,
        "kind": settled.kind,
        "state": settled.state,
        "amount": settled.amount,
        "currency": settled.currency,
        "facility": site.facility,
        "on": site.clock.today().isoformat(),
    }
    told = {"party": settled.party, "voucher": settled.voucher, "trouble": settled.trouble}
    if before is not None:
        told |= {"replaces": before.id, "frees": before.voucher}
    body |= {name: text for name, text in told.items() if text}
    if settled.state == "paid":
        body["receipt"] = views.next_receipt(unit.db)
    first = {"command": request.digest} if id_ == request.id else {"cause": request.id}
    unit.append("PaymentRecorded", body, id_=id_, by=request.actor.code, **first)
    if settled.state == "paid" and (printer or site.printer):
        queue_slip(unit, site, RECEIPT, id_, 1, printer)


def _check_unspent(unit: Unit, voucher: str) -> None:
    earlier = views.spent(unit.db, voucher) if voucher else None
    if earlier is None:
        return
    raise BadInput(
        "voucher.spent",
        "This voucher was spent here on {day} already."
        if earlier.counts
        else "This voucher pays for a dose at another site: the registry has decided so.",
        hint="Take another way to pay, or let it be paid later.",
        field="payment",
        day=earlier.on,
    )


def _append_return(
    unit: Unit,
    request: Request[Any],
    site: Site,
    found: views.PaymentRecord,
    to: str,
    reason: str,
    *,
    id_: str,
) -> None:
    if found.state == "paid":
        check_held(unit, request.actor.code, found.money, "payment")
    body: dict[str, Any] = {
        "payment": found.id,
        "dose": found.dose,
        "payer": found.payer,
        "amount": found.money.amount,
        "currency": found.money.currency,
        "cash": found.state == "paid",
        "to": to,
        "reason": reason,
        "facility": site.facility,
        "on": site.clock.today().isoformat(),
    }
    if found.voucher:
        body["voucher"] = found.voucher
    first = {"command": request.digest} if id_ == request.id else {"cause": request.id}
    unit.append("PaymentReturned", body, id_=id_, by=request.actor.code, **first)
