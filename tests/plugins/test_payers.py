"""Each payer of the project keeps the contract; one that fails holds up no dose and sees nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from desks import of_type, take
from payers import CHARGE, PayerContract
from paying import PAYMENTS, asks_payment, voucher
from ruamel.yaml import YAML
from site_factory import fill

from edge.adapters.settings import Settings
from edge.campaign.payments import to_payments
from edge.cli.site import make_site
from edge.domain.catalogue import Staff
from edge.domain.payments import Charge, PayerRule, PaymentRules, Settlement
from edge.extensions import installed
from edge.node import Node
from edge.plugins.contract import READY, Health, Need
from edge.plugins.guard import Guard
from edge.plugins.payment.contract import Payer, PaymentChoice
from edge.plugins.payment.table import PAYERS
from edge.services.commands import AddressInput, GiveDose, PaymentInput, RegisterPerson
from edge.services.payments.payers import PayableDose, Payers

RIGHT = {
    "government": "",
    "individual": "",
    "employer": "RAIL R-7",
    "voucher": voucher(),
    "exemption": "refugee",
}


@pytest.fixture(params=sorted(PAYERS))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


class TestOwnPayers(PayerContract):
    @pytest.fixture
    def payer(self, name: str) -> Payer:
        return PAYERS[name]()

    @pytest.fixture
    def rules(self) -> PaymentRules:
        return rules_of(PAYMENTS)

    @pytest.fixture
    def rule(self, name: str) -> PayerRule:
        return PayerRule(payer=name)

    @pytest.fixture
    def right(self, name: str) -> str:
        return RIGHT[name]


class OddPayer:
    """An insurance in software that behaves, and misbehaves as it is told to."""

    needs: frozenset[Need] = frozenset({"line"})
    takes_cash = False
    typed = "Card number"

    def __init__(self) -> None:
        self.mood: Callable[[Charge], object] = self.settled
        self.charges: list[Charge] = []

    def health(self) -> Health:
        return READY

    def choices(self, _rules: PaymentRules) -> Sequence[PaymentChoice]:
        return ()

    def settle(self, charge: Charge, _rule: PayerRule, _rules: PaymentRules) -> Settlement:
        self.charges.append(charge)
        return self.mood(charge)  # type: ignore[return-value]

    def settled(self, charge: Charge) -> Settlement:
        return Settlement(payer="x-odd", state="billed", amount=charge.price.amount, currency="KES")


MOODS: dict[str, Callable[[Charge], object]] = {
    "raises": lambda _: 1 / 0,
    "says nothing": lambda _: None,
    "says another thing": lambda _: "paid",
    "takes money that it may not": lambda _: Settlement(
        payer="x-odd", state="paid", amount=1, currency="KES"
    ),
    "pays in another currency": lambda _: Settlement(
        payer="x-odd", state="billed", amount=1, currency="EUR"
    ),
    "pays in another's name": lambda _: Settlement(
        payer="government", state="free", amount=0, currency="KES"
    ),
    "pays less than nothing": lambda _: Settlement(
        payer="x-odd", state="billed", amount=-1, currency="KES"
    ),
    "spends a voucher of nobody's": lambda _: Settlement(
        payer="x-odd", state="billed", amount=1, currency="KES", voucher="A-0001"
    ),
    "names who pays with a number": lambda _: Settlement(
        payer="x-odd",
        state="billed",
        amount=1,
        currency="KES",
        party=7,  # type: ignore[arg-type]
    ),
    "never answers": lambda _: threading.Event().wait(30),
}


RULES = PAYMENTS.replace("payers:\n", "payers:\n- {code: x-odd, title: Odd insurance}\n", 1)
VERA = Staff(code="V1", name="Vera", facilities=("DEMO01",))
DOSE = PayableDose("covid-19", "coviprotect", CHARGE.on, "DEMO01")


def rules_of(text: str) -> PaymentRules:
    found = to_payments(YAML(typ="safe").load(text), "en")
    assert found is not None
    return found


@pytest.mark.parametrize("mood", MOODS)
def test_whatever_a_payer_does_the_dose_is_recorded_and_is_to_be_paid_later(mood: str) -> None:
    odd, kept = OddPayer(), list[Health]()
    odd.mood = MOODS[mood]
    guard = Guard("payment", "x-odd", lambda _kind, _name, health: kept.append(health), 0.5)
    payers = Payers({"x-odd": (odd, guard)})
    asked = PaymentInput(payer="x-odd", told="77")
    settled = payers.settle(rules_of(RULES), DOSE, VERA, asked)
    assert settled is not None
    assert (settled.state, settled.trouble) == ("owed", "plugin.unavailable")
    assert (settled.amount, settled.payer) == (CHARGE.price.amount, "x-odd")
    assert [health.state for health in kept] == ["off" if mood == "never answers" else "trouble"]


def test_a_payer_is_told_of_the_dose_and_nothing_of_the_person(tmp_path: Path) -> None:
    odd = OddPayer()
    make_site(tmp_path / "site", Settings(facility="DEMO01"))
    more = installed()
    systems = {**more.systems, "payment": {**PAYERS, "x-odd": lambda: odd}}
    node = Node(tmp_path / "site", more=replace(more, systems=systems))
    try:
        fill(node)
        asks_payment(node, tmp_path / "paying", RULES)
        canary = RegisterPerson(
            name="Canary Name",
            gender="Female",
            birth_year=1903,
            identity="did:canary:234123412346",
            phone="+254700000001",
            address=AddressInput(district="Canary District"),
            passport_name="CANARY NAME",
        )
        asked = PaymentInput(payer="x-odd", told="77")
        dose = GiveDose(
            person=take(node, canary, "R1"),
            programme="covid-19",
            vaccine="coviprotect",
            lot="CP2611A",
            payment=asked,
        )
        take(node, dose, "V1")
        (entry,) = of_type(node, "PaymentRecorded")
        assert (entry.body["payer"], entry.body["state"]) == ("x-odd", "billed")
    finally:
        node.close()
    assert odd.charges == [replace(CHARGE, told="77", on=odd.charges[0].on)]
