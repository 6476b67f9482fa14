"""Asks the payer of a dose how it is paid, before anything is recorded; never holds the dose up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import get_args

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed, Unavailable
from edge.domain.money import LARGEST, Money
from edge.domain.payments import (
    Charge,
    PayerRule,
    PaymentRules,
    PaymentState,
    Settlement,
)
from edge.plugins.guard import Guard
from edge.plugins.payment.contract import Payer, PaymentChoice
from edge.services.commands import PaymentInput

MISSING = "payment.not-installed"
"""Why a dose is owed whose payer's package is not installed here."""
ASKED_FOR = "payment.not-asked"
"""Why a dose is owed that was recorded without a word on who pays, where somebody has to say it."""
PUT_OFF = "payment.put-off"
"""Why a dose is owed that somebody chose to have paid later."""


_LONGEST_PARTY = 64
"""Characters of who pays."""
_VOUCHER = re.compile(r"[!-~]{1,40}/[ -~]{1,40}")
"""A voucher's issuer and number, as the entry has them."""


@dataclass(frozen=True, slots=True)
class PayableDose:
    """What is paid for: a dose's programme, vaccine and day, and where it is given."""

    programme: str
    vaccine: str
    on: date
    facility: str


@dataclass(frozen=True, slots=True)
class PayerQuestion:
    """What is asked with a payer: something to choose, something to type, money."""

    choices: tuple[PaymentChoice, ...] = ()
    typed: str = ""
    takes_cash: bool = False

    @property
    def plain(self) -> bool:
        """Whether nobody needs to choose, type or pay anything."""
        return not (self.choices or self.typed or self.takes_cash)


NOTHING_ASKED = PayerQuestion()


class Payers:
    """The payers of this site by name, each with its guard."""

    def __init__(self, payers: Mapping[str, tuple[Payer, Guard]]) -> None:
        self._payers = payers

    def asks(self, rule: PayerRule, rules: PaymentRules) -> PayerQuestion:
        """Say what is asked with a payer; nothing where it fails or is not installed."""
        if rule.payer not in self._payers:
            return NOTHING_ASKED
        payer, guard = self._payers[rule.payer]
        try:
            return guard.call(
                lambda: PayerQuestion(tuple(payer.choices(rules)), payer.typed, payer.takes_cash)
            )
        except EdgeError:
            return NOTHING_ASKED

    def settle(
        self, rules: PaymentRules, dose: PayableDose, actor: Staff, asked: PaymentInput | None
    ) -> Settlement | None:
        """Say how a dose is paid; None where the campaign says nothing of this dose.

        What the payer does not accept is its answer, and raised. A payer that fails, is switched
        off or is not installed leaves the dose to be paid later. Raises :class:`BadInput` for a
        payer that is not offered, :class:`NotAllowed` for one that others choose.
        """
        rule = _chosen(rules, dose, actor, asked)
        if rule is None:
            return None
        price = rules.price(dose.programme, dose.vaccine)
        owed = partial(_owed, rule, price)
        if asked is not None and asked.later:
            return owed(PUT_OFF)
        if rule.payer not in self._payers:
            return owed(MISSING)
        payer, guard = self._payers[rule.payer]
        if asked is None and not self.asks(rule, rules).plain:
            return owed(ASKED_FOR)
        charge = Charge(
            programme=dose.programme,
            vaccine=dose.vaccine,
            on=dose.on,
            facility=dose.facility,
            price=price,
            told=asked.told if asked else "",
        )
        try:
            return guard.call(
                lambda: _sound(payer.settle(charge, rule, rules), payer, rule, charge)
            )
        except Unavailable as error:
            return owed(error.code)


def _chosen(
    rules: PaymentRules, dose: PayableDose, actor: Staff, asked: PaymentInput | None
) -> PayerRule | None:
    offered = rules.offered(dose.programme, dose.vaccine, actor.roles)
    if asked is None:
        return next(iter(offered), None)
    found = next((rule for rule in offered if rule.payer == asked.payer), None)
    if found is not None:
        return found
    others = rules.offered(dose.programme, dose.vaccine, ("registrar", "vaccinator", "supervisor"))
    by = next((rule.by for rule in others if rule.payer == asked.payer), None)
    if by is not None:
        raise NotAllowed(
            "payment.not-allowed",
            "Your role may not choose this way to pay.",
            hint="Ask a colleague with the role: {roles}.",
            field="payment",
            roles=", ".join(sorted(by)),
        )
    raise BadInput(
        "payment.payer",
        "{payer} is no way to pay for this dose.",
        hint="Choose one of: {known}.",
        field="payment",
        payer=asked.payer,
        known=", ".join(rule.payer for rule in offered) or "none",
    )


def _owed(rule: PayerRule, price: Money, trouble: str) -> Settlement:
    return Settlement(
        payer=rule.payer,
        state="owed",
        amount=price.amount,
        currency=price.currency,
        trouble=trouble,
    )


def _sound(settled: object, payer: Payer, rule: PayerRule, charge: Charge) -> Settlement:
    """Let an answer through that fits in the book; another is a fault of the plug-in's."""
    if (
        not isinstance(settled, Settlement)
        or (settled.payer, settled.currency) != (rule.payer, charge.price.currency)
        or settled.state not in get_args(PaymentState)
        or (settled.state == "paid" and not payer.takes_cash)
        or type(settled.amount) is not int
        or not 0 <= settled.amount <= LARGEST
        or not isinstance(settled.party, str)
        or len(settled.party) > _LONGEST_PARTY
        or not isinstance(settled.voucher, str)
        or (settled.voucher and not _VOUCHER.fullmatch(settled.voucher))
    ):
        raise TypeError("a payer's answer is none")
    return settled
