"""Money outlives what took it: a journal that was restored, payers and keys that are others now."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from desks import take
from next_edition import put_in_force
from paying import KEY, PAYERS, PAYMENTS, asks_payment, voucher
from site_factory import demonstration

from edge.domain.errors import BadInput, NotAllowed
from edge.domain.money import Money
from edge.journal import views
from edge.node import Node
from edge.services.commands import GiveDose, PayDose, PaymentInput
from sync.protocol.keys import public_text


@pytest.fixture(autouse=True)
def paying(node: Node, tmp_path: Path) -> None:
    asks_payment(node, tmp_path / "paying")


def paid(node: Node, dose: str) -> views.PaymentRecord:
    with node.journal.reading() as db:
        found = views.payment_of(db, dose)
    assert found is not None
    return found


def paid_in_cash(node: Node, dose: Callable[..., GiveDose], name: str) -> views.PaymentRecord:
    given = dose(name, payment=PaymentInput(payer="individual"))
    return paid(node, take(node, given, "V1"))


def test_a_restored_site_repeats_no_receipt_of_the_days_that_were_lost(
    node: Node, dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    told = [paid_in_cash(node, dose, "Grace Wanjiru")]
    asked = [
        dose(name, payment=PaymentInput(payer="individual"))
        for name in ("Tendai Moyo", "Ngozi Okonkwo")
    ]
    node.close()
    for name in ("lost", "restored"):
        with closing(Node(Path(shutil.copytree(node.folder, tmp_path / name)))) as copy:
            told += [paid(copy, take(copy, given, "V1")) for given in asked]
    assert [one.receipt for one in told] == [1, 2, 3, 2, 3], "each counts on from the copy"
    assert len({one.receipt_number for one in told}) == len(told)


def owed_dose(node: Node, dose: Callable[..., GiveDose]) -> str:
    later = PaymentInput(payer="individual", later=True)
    return take(node, dose("Grace Wanjiru", payment=later), "V1")


@pytest.mark.parametrize(
    "campaign",
    [
        PAYMENTS.replace("350.50", "900"),
        PAYMENTS.replace('- {programmes: [covid-19], amount: "350.50"}\n', ""),
        PAYMENTS.replace("KES", "TND").replace("1200.00", "1200.000").replace("350.50", "7.125"),
        PAYMENTS.replace(PAYERS, "- {code: individual, programmes: [yellow-fever]}\n"),
        None,
    ],
    ids=["dearer", "free", "another currency", "only for others", "no payments at all"],
)
def test_a_dose_that_is_owed_is_paid_at_its_own_price_whatever_the_campaign_says_now(
    node: Node, dose: Callable[..., GiveDose], tmp_path: Path, campaign: str | None
) -> None:
    owed = owed_dose(node, dose)
    if campaign is None:
        put_in_force(node, demonstration())
    else:
        asks_payment(node, tmp_path / "next", campaign)
    take(node, PayDose(dose=owed, payment=PaymentInput(payer="individual")), "V1")
    found = paid(node, owed)
    assert (found.state, found.money) == ("paid", Money(35050, "KES"))
    with node.journal.reading() as db:
        assert views.to_settle(db, 10) == []


def test_a_supervisor_lets_a_dose_be_free_for_which_nobody_is_asked_any_more(
    node: Node, dose: Callable[..., GiveDose]
) -> None:
    owed = owed_dose(node, dose)
    put_in_force(node, demonstration())
    free = PayDose(dose=owed, payment=PaymentInput(payer="government"))
    with pytest.raises(NotAllowed):
        take(node, free, "V1")
    take(node, free, "S1")
    assert (paid(node, owed).state, paid(node, owed).money.amount) == ("free", 0)


def test_a_fund_that_is_withdrawn_pays_for_nothing_more_and_what_it_paid_for_stays_paid(
    node: Node, dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    asked = PaymentInput(payer="voucher", told=voucher("A-1"))
    given = take(node, dose("Grace Wanjiru", payment=asked), "V1")
    asks_payment(node, tmp_path / "next", PAYMENTS.replace("code: fund,", "code: trust,"))
    assert (paid(node, given).state, paid(node, given).party) == ("billed", "fund")
    other = PaymentInput(payer="voucher", told=voucher("A-2"))
    with pytest.raises(BadInput) as refused:
        take(node, dose("Tendai Moyo", payment=other), "V1")
    assert refused.value.code == "voucher.issuer"


def test_a_voucher_of_before_its_fund_changed_its_key_is_not_called_a_forgery_alone(
    node: Node, dose: Callable[..., GiveDose], tmp_path: Path
) -> None:
    other = public_text(Ed25519PrivateKey.generate().public_key())
    asks_payment(node, tmp_path / "next", PAYMENTS.replace(KEY, other))
    asked = PaymentInput(payer="voucher", told=voucher("A-1"))
    with pytest.raises(BadInput) as refused:
        take(node, dose("Grace Wanjiru", payment=asked), "V1")
    assert refused.value.code == "voucher.signature"
    assert "older than the key" in refused.value.hint
