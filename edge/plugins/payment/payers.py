"""The project's own payers: each decides from the charge and the campaign, and asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from edge.credentials import vouchers
from edge.domain.errors import BadInput
from edge.domain.payments import (
    Charge,
    PayerRule,
    PaymentRules,
    Settlement,
)
from edge.plugins.contract import READY, Health, Need
from edge.plugins.payment.contract import PaymentChoice


class _Offline:
    """Needs nothing and is always ready; nothing is chosen or typed."""

    needs: ClassVar[frozenset[Need]] = frozenset()
    typed: ClassVar[str] = ""
    takes_cash: ClassVar[bool] = False

    def health(self) -> Health:
        """Say that it is ready."""
        return READY

    def choices(self, rules: PaymentRules) -> Sequence[PaymentChoice]:  # noqa: ARG002
        """Give nothing to choose."""
        return ()


class GovernmentPayer(_Offline):
    """The government pays: nothing is asked, and nothing is taken."""

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:  # noqa: ARG002
        """Settle the dose as free."""
        return _settled(charge, rule, free=True)


class CashPayer(_Offline):
    """The person pays the price in cash, and gets a receipt."""

    takes_cash = True

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:  # noqa: ARG002
        """Settle the dose as paid; a dose without a price costs nothing."""
        settled = _settled(charge, rule, free=charge.price.amount == 0)
        return replace(settled, state="paid") if charge.price.amount else settled


class EmployerPayer(_Offline):
    """An employer of the campaign's list gets the bill."""

    typed = "Staff number, where the employer has a list"

    def choices(self, rules: PaymentRules) -> Sequence[PaymentChoice]:
        """Give the employers."""
        return [PaymentChoice(named.code, named.name) for named in rules.employers]

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:
        """Bill the employer; raises :class:`BadInput` for another, or a number not in its list."""
        code, _, number = charge.told.strip().partition(" ")
        found = next((named for named in rules.employers if named.code == code), None)
        if found is None:
            raise _not_chosen(
                "payment.employer", "The employer {told} is not in the campaign.", code
            )
        if found.numbers and number.strip() not in found.numbers:
            raise BadInput(
                "payment.staff-number",
                "{employer} has no such staff number in its list.",
                hint="Read the number on the staff card again, or take another way to pay.",
                field="payment",
                employer=found.name,
            )
        return replace(_settled(charge, rule), party=found.code)


class VoucherPayer(_Offline):
    """A signed voucher pays; that it is spent once is the journal's to see, and the centre's."""

    typed = "Scan the voucher"

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:
        """Bill the issuer; raises :class:`BadInput` for what no voucher for this dose is."""
        keys = {issuer.code: issuer.key for issuer in rules.issuers}
        voucher = vouchers.read(charge.told, keys)
        if voucher.until.date() < charge.on:
            raise BadInput(
                "voucher.over",
                "This voucher was good until {until}.",
                hint="Take another way to pay.",
                field="payment",
                until=voucher.until.date(),
            )
        if (voucher.programmes and charge.programme not in voucher.programmes) or (
            voucher.vaccines and charge.vaccine not in voucher.vaccines
        ):
            raise BadInput(
                "voucher.other-dose",
                "This voucher is for another vaccine.",
                hint="Take another way to pay.",
                field="payment",
            )
        name = f"{voucher.issuer}/{voucher.number}"
        settled = _settled(charge, rule)
        return replace(settled, party=voucher.issuer, voucher=name)


class ExemptionPayer(_Offline):
    """Nobody pays, for a reason of the campaign's list."""

    def choices(self, rules: PaymentRules) -> Sequence[PaymentChoice]:
        """Give the reasons."""
        return [PaymentChoice(reason.code, reason.words) for reason in rules.exemptions]

    def settle(self, charge: Charge, rule: PayerRule, rules: PaymentRules) -> Settlement:
        """Settle the dose as free; raises :class:`BadInput` without a reason of the list."""
        code = charge.told.strip()
        if code not in {reason.code for reason in rules.exemptions}:
            raise _not_chosen(
                "payment.exemption", "The reason {told} is not in the campaign.", code
            )
        return replace(_settled(charge, rule, free=True), party=code)


def _settled(charge: Charge, rule: PayerRule, *, free: bool = False) -> Settlement:
    return Settlement(
        payer=rule.payer,
        state="free" if free else "billed",
        amount=0 if free else charge.price.amount,
        currency=charge.price.currency,
    )


def _not_chosen(code: str, sentence: str, told: str) -> BadInput:
    return BadInput(
        code,
        sentence,
        hint="Choose one of the list.",
        field="payment",
        told=told[:40] or "-",
    )
