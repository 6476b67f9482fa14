"""The registry sees that a voucher was spent twice, whoever delivers or judges at that moment."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from delivering_nodes import Place, entry, uuid
from flask.testing import FlaskClient
from memory_journal import REGISTRY_KEY
from second_factors import confirm

from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.payments import DoubleSpending, double_spendings, payment_sums
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.store.records import Operator
from sync.registry.web.app import create_app
from sync.registry.web.office import office

SCHEMAS = Schemas(schemas_folder())
DAY = "2026-11-24"
MORNING, NOON = f"{DAY}T08:00:00.000Z", f"{DAY}T12:00:00.000Z"


@pytest.fixture
def judging(store: Store) -> Judging:
    return Judging(store, SCHEMAS, lambda: NOON)


def payment(number: int, facility: str = "DEMO01", **more: Any) -> dict[str, Any]:
    told = {"dose": uuid(number + 100), "payer": "voucher", "kind": "voucher", "state": "billed",
            "amount": 35050, "currency": "KES", "facility": facility, "on": DAY,
            "voucher": "fund/A-0001", "party": "fund", **more}  # fmt: skip
    body = {name: value for name, value in told.items() if value is not None}
    return entry(number, "PaymentRecorded", body)


def cash(number: int, **more: Any) -> dict[str, Any]:
    paid: dict[str, Any] = {"payer": "individual", "kind": "direct", "state": "paid"}
    paid["receipt"] = number
    return payment(number, **paid, voucher=None, party=None, **more)


def returned(number: int, of: int, **more: Any) -> dict[str, Any]:
    body = {"payment": uuid(of), "dose": uuid(of + 100), "payer": "individual", "amount": 35050,
            "cash": True, "to": "person", "reason": "Ran away", "currency": "KES",
            "facility": "DEMO01", "on": DAY, **more}  # fmt: skip
    return entry(number, "PaymentReturned", body)


def steward(store: Store) -> FlaskClient:
    registry = Registry(store, REGISTRY_KEY)
    app = create_app(registry, office(registry, "operator"))
    digest = hashlib.sha256(b"steward-token").hexdigest()
    store.add_operator(Operator("steward", "steward", digest, ""))
    client = app.test_client()
    client.post("/", data={"token": "steward-token"})
    confirm(client, store, REGISTRY_KEY, "steward")
    return client


def counting(place: Place) -> list[bool]:
    return [letter["counts"] for letter in place.letters()]


def test_the_spending_that_arrived_first_counts_whoever_is_judged_first(store: Store) -> None:
    late, early = Place(store, "a", "DEMO01"), Place(store, "b", "DEMO02")
    late.deliver(payment(1), at=NOON)
    early.deliver(payment(2, "DEMO02"), at=MORNING)
    Judging(store, SCHEMAS, lambda: NOON).run()
    assert (counting(late), counting(early)) == ([False], [True])
    assert late.letters()[0]["others"] == [{"facility": "DEMO02", "on": DAY}]
    told = [(one.voucher, one.node) for one in double_spendings(store)]
    assert set(told) <= {("fund/A-0001", "a"), ("fund/A-0001", "b")}
    assert told


def test_of_two_workers_that_settle_at_the_same_moment_the_later_one_tells_both(
    store: Store, judging: Judging, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Place(store, "a", "DEMO01"), Place(store, "b", "DEMO02")
    first.deliver(payment(1), at=MORNING)
    other, settle = Judging(store, SCHEMAS, lambda: NOON), store.settle

    def between(*told: Any) -> bool:
        monkeypatch.setattr(store, "settle", settle)
        second.deliver(payment(2, "DEMO02"), at=NOON)
        other.run()  # the first has claimed its piece
        return settle(*told)

    monkeypatch.setattr(store, "settle", between)
    judging.run()
    judging.run()
    assert (counting(first), counting(second)) == ([True], [False])


def test_nobody_hears_of_one_spending_or_of_one_that_was_over_before_the_next(
    store: Store, judging: Judging
) -> None:
    first, second = Place(store, "a", "DEMO01"), Place(store, "b", "DEMO02")
    first.deliver(payment(1), at=MORNING)
    judging.run()
    first.deliver(returned(3, 1, voucher="fund/A-0001", cash=False), at=MORNING)
    judging.run()
    second.deliver(payment(2, "DEMO02"), at=NOON)
    judging.run()
    assert (first.letters(), second.letters(), double_spendings(store)) == ([], [], [])


def test_another_site_takes_no_spending_back(store: Store, judging: Judging) -> None:
    first, second = Place(store, "a", "DEMO01"), Place(store, "b", "DEMO02")
    first.deliver(payment(1), at=MORNING)
    second.deliver(payment(2, "DEMO02"), at=NOON)
    judging.run()
    thief = Place(store, "c", "DEMO03")
    thief.deliver(returned(3, 1, voucher="fund/A-0001", cash=False), at=NOON)
    judging.run()
    assert counting(second) == [False]


def test_a_day_is_summed_up_by_site_and_payer_without_what_was_given_back(
    store: Store, judging: Judging
) -> None:
    first, second = Place(store, "a", "DEMO01"), Place(store, "b", "DEMO02")
    first.deliver(cash(1), cash(2), cash(3), returned(4, 3), at=MORNING)
    first.deliver(payment(5, payer="employer", party="TEA", voucher=None, kind="direct"), at=NOON)
    second.deliver(cash(6, facility="DEMO02", currency="XOF", amount=1500), at=NOON)
    second.deliver(cash(7, facility="DEMO02", on="2026-11-23"), at=NOON)
    judging.run()
    told = [(one.facility, one.payer, one.state, one.count, one.amount, one.currency)
            for one in payment_sums(store, DAY)]  # fmt: skip
    assert told == [
        ("DEMO01", "employer", "billed", 1, "350.50", "KES"),
        ("DEMO01", "individual", "paid", 2, "701.00", "KES"),
        ("DEMO02", "individual", "paid", 1, "1500", "XOF"),
    ]


def test_the_office_shows_a_days_payments_and_vouchers_spent_twice(
    store: Store, judging: Judging
) -> None:
    Place(store, "a", "DEMO01").deliver(cash(1), payment(2), at=MORNING)
    Place(store, "b", "DEMO02").deliver(payment(3, "DEMO02"), at=NOON)
    judging.run()
    client = steward(store)
    page = client.get(f"/payments?on={DAY}").text
    assert "350.50 KES" in page
    assert "Vouchers spent twice" in page
    assert "fund/A-0001" in page
    assert "No payment of this day" in client.get("/payments?on=2026-11-01").text
    assert client.get("/payments?on=yesterday").status_code == 400
    assert double_spendings(store) == [DoubleSpending("fund/A-0001", "b", "DEMO02", DAY)]


def test_the_office_names_who_paid_in_the_language_of_the_reader(
    store: Store, judging: Judging
) -> None:
    insured: dict[str, Any] = {
        "payer": "x-insurance",
        "voucher": None,
        "party": "N-1",
        "kind": "direct",
    }
    Place(store, "a", "DEMO01").deliver(cash(1), payment(2), payment(3, **insured), at=MORNING)
    judging.run()
    client = steward(store)
    for language, words in (("fr", ("Espèces", "Bon")), ("ar", ("نقدًا", "القسيمة"))):
        page = client.get(f"/payments?on={DAY}", headers={"Accept-Language": language}).text
        for word in (*words, "x-insurance"):
            assert f"<bdi>{word}</bdi>" in page
        assert "individual" not in page
