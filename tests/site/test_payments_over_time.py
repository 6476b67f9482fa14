"""Money outlives what took it: a journal that was restored, payers and keys that are others now."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from desks import take
from paying import asks_payment

from edge.journal import views
from edge.node import Node
from edge.services.commands import GiveDose, PaymentInput


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
