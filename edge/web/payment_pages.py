"""The pages of money: how a dose is paid, and the day's cash book."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, redirect, request

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput, EdgeError, NotFound
from edge.domain.money import minor_units
from edge.domain.payments import payer_title
from edge.journal import views
from edge.services.csv_lines import csv_lines
from edge.slips.payments import MOVE_WORDS, payer_sums
from edge.web import calls, serializers
from edge.web.payment_form import payment_afterwards, payment_typed
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal
from sync.protocol.money import decimal

STATE_WORDS: Mapping[str, str] = {
    "free": "nothing to pay",
    "paid": "paid in cash",
    "billed": "is billed",
    "owed": "to be paid later",
}
"""How a dose is paid."""
RETURN_WORDS: Mapping[str, str] = {
    "person": "to the person",
    "guardian": "to who came with them",
    "other": "to somebody else",
}
"""To whom cash is given back."""
PAYMENT_WORDS = (*STATE_WORDS.values(), *RETURN_WORDS.values())
"""Words of money that stand in no sentence."""
_HEADINGS = (
    *("day", "receipt", "dose", "vaccine", "payer", "kind", "state", "party", "amount"),
    *("currency", "taken by"),
)
_MOST = 200
"""Payments on the page that are to be settled yet."""


def payment(visit: Visit, id_: str) -> Answer:
    """Show how a dose is paid, and take another word on it: paid now, or given back."""
    problem = None
    if request.method == "POST":
        try:
            visit.take(_asked(visit, id_))
            return redirect(f"/doses/{id_}/payment", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        record = views.recorded(db, id_)
        if record is None or record.dose.reported:
            raise NotFound("dose.unknown", "There is no such dose here.")
        found = views.payment_of(db, id_)
        catalogue = visit.backend.site.catalogues.current(db)
    dose = record.dose
    drawn = visit.page(
        "payment.html",
        record=record,
        person=record.person,
        vaccine=catalogue.find_vaccine(dose.vaccine),
        found=found,
        told=payment_told(catalogue, found),
        payment=payment_afterwards(visit, dose, found),
        may_pay=not record.withdrawn and (found is None or found.state != "paid"),
        words=STATE_WORDS,
        to_whom=RETURN_WORDS,
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def payment_told(catalogue: Catalogue, found: views.PaymentRecord | None) -> dict[str, str] | None:
    """Give what a page says of a payment: who pays, for whom or why, and the receipt's number."""
    if found is None:
        return None
    rules = catalogue.payments
    parties: dict[str, str] = {}
    if rules is not None:
        parties |= {named.code: named.name for named in rules.employers}
        parties |= {named.code: named.name for named in rules.issuers}
        parties |= {reason.code: reason.words for reason in rules.exemptions}
    return {
        "payer": payer_title(rules, found.payer),
        "party": parties.get(found.party, found.party),
        "receipt": found.receipt_number,
    }


def _asked(visit: Visit, dose: str) -> dict[str, Any]:
    form = visit.form
    if form.get("do") == "return":
        return {
            "type": "ReturnPayment",
            "payment": form.get("payment", "")[:64] or form_missing("payment"),
            "to": form.get("to") or form_missing("to"),
            "reason": form.get("reason", "").strip()[:200] or form_missing("reason"),
        }
    typed = payment_typed(form)
    if not typed:
        form_missing("payer")
    return {"type": "PayDose", "dose": dose, **typed, "printer": visit.printer}


def cash(visit: Visit) -> Answer:
    """Show the cash book of a day, and take a count or a handing over of one's own box."""
    problem, site = None, visit.backend.site
    if request.method == "POST":
        try:
            visit.take(_cash_command(visit))
            return redirect("/cash", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    today = site.clock.today()
    day = calls.query_day(request.args.get("on", ""), "on") or today
    with visit.backend.journal.reading() as db:
        catalogue = site.catalogues.current(db)
        before = views.boxes(db, day)
        after = views.boxes(db, day + timedelta(days=1))
        now = views.boxes(db)
        moves = views.cash_moves_on(db, day)
        sums = payer_sums(db, catalogue, day)
        open_ones = views.to_settle(db, _MOST)
    own = {currency: held for (box, currency), held in now.items() if box == visit.staff.code}
    if catalogue.payments is not None:
        own.setdefault(catalogue.payments.currency, 0)
    drawn = visit.page(
        "cash.html",
        day_shown=day,
        today=today,
        boxes=sorted({*before, *after, *((move.box, move.money.currency) for move in moves)}),
        before=before,
        after=after,
        moves=moves,
        sums=sums,
        own=own,
        open_ones=open_ones,
        told={found.id: payment_told(catalogue, found) for found in open_ones},
        vaccines=catalogue.ever.vaccines,
        colleagues=[
            member
            for member in catalogue.staff.values()
            if member.active
            and site.facility in member.facilities
            and member.code != visit.staff.code
        ],
        names={code: member.name for code, member in catalogue.ever.staff.items()},
        move_words=MOVE_WORDS,
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def _cash_command(visit: Visit) -> dict[str, Any]:
    form = visit.form
    currency = form.get("currency", "")[:3]
    if not currency:
        form_missing("currency")
    amount = minor_units(form.get("amount", ""), currency, "amount")
    if form.get("do") == "count":
        reason = form.get("reason", "")[:200]
        return {"type": "CountCash", "counted": amount, "currency": currency, "reason": reason}
    if amount < 1:
        raise BadInput(
            "cash.nothing", "Nothing would be handed over.", hint="Write how much.", field="amount"
        )
    return {
        "type": "HandOverCash",
        "receiver": form.get("receiver", "")[:64] or form_missing("receiver"),
        "pin": form.get("pin", "")[:32],
        "amount": amount,
        "currency": currency,
        "away": form.get("away") == "yes",
    }


def cash_table(visit: Visit) -> Answer:
    """Give the payments of a day as a file: nobody's name, a line each."""
    on = calls.query_day(request.args.get("on", ""), "on") or visit.backend.site.clock.today()
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        rows = [_line(catalogue, found) for found in views.payments_on(db, on)]
    return Response(
        "".join(csv_lines(_HEADINGS, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="payments-{on}.csv"'},
    )


def _line(catalogue: Catalogue, one: views.PaymentRecord) -> tuple[object, ...]:
    told = payment_told(catalogue, one) or {}
    return (
        *(one.on, told.get("receipt", ""), one.dose, one.vaccine, one.payer, one.kind),
        "owed" if one.owed else one.state,
        told.get("party", ""),
        decimal(one.money.amount, one.money.currency),
        one.money.currency,
        one.taken_by,
    )
