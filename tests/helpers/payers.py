"""What any payer must stand, as a class whose tests run on each."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from edge.domain.errors import EdgeError
from edge.domain.money import Money
from edge.domain.payments import Charge, PayerRule, PaymentRules, PaymentState
from edge.plugins.contract import Need
from edge.plugins.payment.contract import Payer

CHARGE = Charge(
    programme="covid-19",
    vaccine="coviprotect",
    on=date(2026, 11, 30),
    facility="DEMO01",
    price=Money(35050, "KES"),
    told="",
)
NONSENSE = ("", " ", "-", "\0", "x" * 1000, "\u202eabc", "HC1:", "HC1:6BF", "' OR 1=1", "TEA\nRAIL")


class PayerContract:
    """What holds of every payer.

    Inherit, and give the fixtures ``payer`` and ``rules`` (a campaign that offers it) and ``rule``
    (its line there), and ``right``: what is told to it that it accepts.
    """

    def test_it_says_what_it_needs_and_how_it_is_doing(self, payer: Payer) -> None:
        assert payer.needs <= set(get_args(Need))
        assert payer.health().state in ("ready", "trouble", "off")

    def test_what_it_accepts_is_paid_in_its_name_and_in_the_charges_currency(
        self, payer: Payer, rule: PayerRule, rules: PaymentRules, right: str
    ) -> None:
        settled = payer.settle(replace(CHARGE, told=right), rule, rules)
        assert (settled.payer, settled.currency) == (rule.payer, "KES")
        assert settled.state in get_args(PaymentState)
        assert settled.state != "paid" or payer.takes_cash
        assert settled.amount in (0, CHARGE.price.amount)
        assert len(settled.party) <= 64

    def test_asked_twice_it_says_the_same_and_charges_nobody(
        self, payer: Payer, rule: PayerRule, rules: PaymentRules, right: str
    ) -> None:
        charge = replace(CHARGE, told=right)
        before = pickle.dumps((charge, rule, rules))
        first = payer.settle(charge, rule, rules)
        assert payer.settle(charge, rule, rules) == first
        assert pickle.dumps((charge, rule, rules)) == before

    @pytest.mark.parametrize("told", NONSENSE, ids=range(len(NONSENSE)))
    def test_nonsense_is_refused_in_words_that_name_the_field_and_a_remedy(
        self, payer: Payer, rule: PayerRule, rules: PaymentRules, told: str
    ) -> None:
        refused: EdgeError | None = None
        try:
            payer.settle(replace(CHARGE, told=told), rule, rules)
        except EdgeError as error:
            refused = error
        if refused is None:
            assert not (payer.typed and payer.choices(rules))  # something had to be said
            return
        assert (refused.field, bool(refused.hint)) == ("payment", True)
        assert len(str(refused)) < 300

    def test_what_it_asks_can_be_chosen(self, payer: Payer, rules: PaymentRules) -> None:
        codes = [choice.code for choice in payer.choices(rules)]
        assert len(codes) == len(set(codes))
        assert all(code and " " not in code for code in codes)  # a blank ends the choice
