"""Who pays for a dose, as forms ask it and bring it back: one choice, the usual one preset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.catalogue import Catalogue
from edge.domain.dose import Dose
from edge.domain.modules import PAYMENT, met
from edge.domain.money import Money
from edge.domain.payments import PaymentRules, payer_title, rules_to_settle
from edge.journal import views
from edge.services.commands.doses import LONGEST_TOLD
from edge.services.payments.payers import PayerQuestion
from edge.web.offers import Offer
from edge.web.person_file import PersonFile
from edge.web.visit import Visit

LATER = "later"
"""What the form brings back in a payer's place where it is to be paid later."""


@dataclass(frozen=True, slots=True)
class OfferedPayer:
    """A way to pay as a form shows it, with what is asked for it."""

    code: str
    title: str
    asks: PayerQuestion


@dataclass(frozen=True, slots=True)
class PaymentQuestion:
    """What a form asks about paying for a dose; the first of the payers is the usual one."""

    price: Money
    payers: tuple[OfferedPayer, ...]

    @property
    def usual(self) -> OfferedPayer:
        """Who pays unless somebody says otherwise."""
        return self.payers[0]

    @property
    def must_look(self) -> bool:
        """Whether somebody has to look at it: the usual payer asks something, or takes money."""
        asks = self.usual.asks
        return bool(asks.choices or asks.typed or (asks.takes_cash and self.price.amount))

    @property
    def later(self) -> bool:
        """Whether it may be put off: there is something to pay or to ask."""
        return self.price.amount > 0 or not all(shown.asks.plain for shown in self.payers)


def asked_payment(visit: Visit, offer: Offer) -> PaymentQuestion | None:
    """Give what is asked about paying for a dose; None where there is nothing to choose."""
    return payment_for(visit, offer.programme.id, offer.vaccine.code)


def payment_for(visit: Visit, programme: str, vaccine: str) -> PaymentQuestion | None:
    """Give the same for a vaccine of a programme, by their codes."""
    asked = _question(visit, rules_of(visit), programme, vaccine)
    return asked if asked and (len(asked.payers) > 1 or asked.must_look) else None


def payment_afterwards(
    visit: Visit, dose: Dose, before: views.PaymentRecord | None
) -> PaymentQuestion | None:
    """Give what is asked about paying for a dose that is recorded; None where nobody may say.

    ``before`` is how it is paid now. What is owed may be settled whatever the campaign says today.
    """
    if before is None or not before.has_price:
        return payment_for(visit, dose.programme, dose.vaccine)
    rules = rules_to_settle(rules_of(visit), dose.programme, dose.vaccine, before.money)
    return _question(visit, rules, dose.programme, dose.vaccine)


def _question(
    visit: Visit, rules: PaymentRules | None, programme: str, vaccine: str
) -> PaymentQuestion | None:
    offered = rules.offered(programme, vaccine, visit.staff.roles) if rules else ()
    if rules is None or not offered:
        return None
    payers = tuple(
        OfferedPayer(
            rule.payer,
            payer_title(rules, rule.payer),
            visit.backend.payers.asks(rule, rules),
        )
        for rule in offered
    )
    return PaymentQuestion(rules.price(programme, vaccine), payers)


def prices_asked(visit: Visit, file: PersonFile) -> dict[tuple[str, str], Money]:
    """Give what vaccines cost that are due and of which a nurse has to look at who pays."""
    found = {
        (offer.programme.id, offer.vaccine.code): asked_payment(visit, offer)
        for offer in file.offers.due
    }
    return {key: asked.price for key, asked in found.items() if asked and asked.must_look}


def rules_of(visit: Visit) -> PaymentRules | None:
    """Give what the campaign says of payments; None where nobody asks here."""
    if not met(PAYMENT, visit.backend.running()):
        return None
    with visit.backend.journal.reading() as db:
        catalogue: Catalogue = visit.backend.site.catalogues.current(db)
    return catalogue.payments


def payment_typed(form: Mapping[str, str], last: str = "") -> dict[str, Any]:
    """Give the payment of a form as a field of a request; nothing where it asked nothing.

    ``last`` ends the names of its fields, where a page has several.
    """
    payer = form.get(f"payer{last}", "")
    if not payer:
        return {}
    if payer == LATER:
        usual = form.get(f"usual{last}", "")
        return {"payment": {"payer": usual[:64] or LATER, "later": True}}
    told = (form.get(f"{part}.{payer}{last}", "").strip() for part in ("choice", "typed"))
    return {"payment": {"payer": payer[:64], "told": " ".join(filter(None, told))[:LONGEST_TOLD]}}
