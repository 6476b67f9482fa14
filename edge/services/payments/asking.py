"""Asks who pays for the dose of a request before its unit of work begins: the answer goes in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from edge.domain.modules import PAYMENT, met
from edge.domain.payments import PaymentRules, rules_to_settle
from edge.journal import views
from edge.journal.journal import Journal
from edge.services.commands import GiveDose, PayDose
from edge.services.payments.payers import PayableDose, Payers
from edge.services.request import Request
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database


def with_payment(
    journal: Journal, site: Site, payers: Payers, request: Request[Any]
) -> Request[Any]:
    """Give the request with how its dose is paid; raises what the payer does not accept."""
    if not isinstance(request.command, GiveDose | PayDose):
        return request
    catalogue = site.catalogues.cached()
    if catalogue is None:
        with journal.reading() as db:
            catalogue = site.catalogues.current(db)
    if not met(PAYMENT, site.running(catalogue)):
        return request
    if catalogue.payments is None and isinstance(request.command, GiveDose):
        return request
    with journal.reading() as db:
        dose = _dose_to_pay(db, site, request)
        rules = _rules(db, catalogue.payments, request, dose) if dose else None
    if dose is None or rules is None:
        return request
    asked = request.command.payment
    return replace(request, settled=payers.settle(rules, dose, request.actor, asked))


def _rules(
    db: Database, rules: PaymentRules | None, request: Request[Any], dose: PayableDose
) -> PaymentRules | None:
    """Give the campaign's rules; for a dose that was recorded with its price, with that price."""
    command = request.command
    before = views.payment_of(db, command.dose) if isinstance(command, PayDose) else None
    if before is None or not before.has_price:
        return rules
    return rules_to_settle(rules, dose.programme, dose.vaccine, before.money)


def _dose_to_pay(db: Database, site: Site, request: Request[Any]) -> PayableDose | None:
    command = request.command
    if isinstance(command, GiveDose):
        on = command.on or site.clock.today()
        return PayableDose(command.programme, command.vaccine, on, site.facility)
    record = views.recorded(db, command.dose)
    if record is None:
        return None
    dose = record.dose
    return PayableDose(dose.programme, dose.vaccine, site.clock.today(), dose.facility)
