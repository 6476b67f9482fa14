"""A dose is paid by whom the campaign says, and cash is in the book to the last minor unit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desks import of_type
from msgspec.structs import replace
from paying import PAYMENTS, asks_payment, voucher
from rebuilding import rebuilt_is_the_same
from sqlite_utils import Database

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, Conflict, EdgeError, NotAllowed, NotFound
from edge.journal import print_jobs, views
from edge.journal.attention import count_to_put_right
from edge.node import Node
from edge.services.commands import (
    Command,
    CountCash,
    GiveDose,
    HandOverCash,
    Override,
    PayDose,
    PaymentInput,
    ReturnPayment,
    TakeBackDose,
)

PRICE = 35050


@pytest.fixture(autouse=True)
def paying(node: Node, tmp_path: Path) -> None:
    asks_payment(node, tmp_path / "paying")


@pytest.fixture
def give(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> Callable[..., str]:
    """Give a dose paid in some way; give its id."""

    def given(payer: str = "individual", told: str = "", by: str = "V1", **more: Any) -> str:
        id_, later = node.site.ids.new(), bool(more.pop("later", False))
        asked = PaymentInput(payer=payer, told=told, later=later) if payer else None
        node.desk.take(id_, dose(payment=asked, **more), staff(by))
        return id_

    return given


@pytest.fixture
def take(node: Node, staff: Callable[[str], Staff]) -> Callable[..., str]:
    def taken(command: Command, by: str = "V1") -> str:
        id_ = node.site.ids.new()
        node.desk.take(id_, command, staff(by))
        return id_

    return taken


class Planned(Database):
    """A journal's connection that keeps how SQLite goes about each question."""

    def __init__(self, db: Database) -> None:
        self.__dict__ |= db.__dict__
        self._db = db
        self.steps: list[str] = []

    def execute(self, sql: str, parameters: Any = None) -> Any:
        told = () if parameters is None else parameters
        plan = self._db.execute(f"EXPLAIN QUERY PLAN {sql}", told).fetchall()
        self.steps += [step for *_, step in plan]
        return self._db.execute(sql, told)


def paid(node: Node, dose: str) -> views.PaymentRecord:
    with node.journal.reading() as db:
        found = views.payment_of(db, dose)
    assert found is not None
    return found


def held(node: Node, box: str = "V1") -> int:
    with node.journal.reading() as db:
        return views.box_holds(db, box, "KES")


def test_cash_is_in_the_box_of_who_took_it_and_has_the_next_receipt(
    node: Node, give: Callable[..., str], person: Callable[[str], str]
) -> None:
    first, second = give(), give(name="Tendai Moyo", by="S1")
    told = [paid(node, one) for one in (first, second)]
    assert [(one.state, one.money.amount, one.receipt) for one in told] == [
        ("paid", PRICE, 1), ("paid", PRICE, 2),
    ]  # fmt: skip
    assert (held(node, "V1"), held(node, "S1")) == (PRICE, PRICE)
    assert rebuilt_is_the_same(node, node.folder)


@pytest.mark.parametrize(
    ("payer", "told", "by", "state", "kind", "party"),
    [
        ("employer", "TEA", "V1", "billed", "direct", "TEA"),
        ("employer", "RAIL R-7", "V1", "billed", "direct", "RAIL"),
        ("voucher", voucher(), "V1", "billed", "voucher", "fund"),
        ("exemption", "refugee", "S1", "free", "government", "refugee"),
    ],
)
def test_who_pays_instead_is_kept_and_no_cash_is_taken(
    node: Node, give: Callable[..., str], payer: str, told: str, by: str, state: str, kind: str,
    party: str,
) -> None:  # fmt: skip
    found = paid(node, give(payer, told, by))
    assert (found.state, found.kind, found.party, found.receipt) == (state, kind, party, 0)
    assert held(node, by) == 0


@pytest.mark.parametrize(
    ("payer", "told", "code"),
    [
        ("employer", "COFFEE", "payment.employer"),
        ("employer", "RAIL R-9", "payment.staff-number"),
        ("voucher", "HC1:6BF", "voucher.unreadable"),
        ("voucher", voucher(issuer="nobody"), "voucher.issuer"),
        ("voucher", voucher(days=-2), "voucher.over"),
        ("voucher", voucher(programmes=("yellow-fever",)), "voucher.other-dose"),
        ("government", "", "payment.payer"),
        ("exemption", "refugee", "payment.not-allowed"),
    ],
)
def test_what_a_payer_does_not_accept_is_said_and_nothing_is_recorded(
    node: Node, give: Callable[..., str], payer: str, told: str, code: str
) -> None:
    before = len(of_type(node, "DoseGiven"))
    with pytest.raises(EdgeError) as refused:
        give(payer, told)
    assert (refused.value.code, refused.value.field) == (code, "payment")
    assert len(of_type(node, "DoseGiven")) == before


def test_a_voucher_is_spent_once_and_may_be_spent_again_when_its_dose_is_taken_back(
    node: Node, give: Callable[..., str], take: Callable[..., str], person: Callable[[str], str]
) -> None:
    text = voucher()
    first = give("voucher", text)
    with pytest.raises(BadInput, match="spent here") as refused:
        give("voucher", text, name="Tendai Moyo")
    assert refused.value.field == "payment"
    take(TakeBackDose(dose=first, kind="not-given", reason="Ran away"))
    assert paid(node, give("voucher", text, name="Tendai Moyo")).voucher == "fund/A-0001"
    assert rebuilt_is_the_same(node, node.folder)


def test_a_request_sent_again_pays_nothing_twice(
    node: Node, staff: Callable[[str], Staff], dose: Callable[..., GiveDose]
) -> None:
    id_, asked = node.site.ids.new(), dose(payment=PaymentInput(payer="voucher", told=voucher()))
    for _ in range(2):
        node.desk.take(id_, asked, staff("V1"))
    assert len(of_type(node, "PaymentRecorded")) == 1


def test_a_payer_that_fails_leaves_the_dose_to_be_paid_later(
    node: Node, give: Callable[..., str], take: Callable[..., str], tmp_path: Path
) -> None:
    rule = "- {code: x-insurance, title: Health insurance}\n"
    added = PAYMENTS.replace("- code: individual\n", f"- code: individual\n{rule}", 1)
    asks_payment(node, tmp_path / "added", added)
    owed = give("x-insurance")
    assert (paid(node, owed).state, paid(node, owed).trouble) == ("owed", "payment.not-installed")
    take(PayDose(dose=owed, payment=PaymentInput(payer="individual")))
    assert (paid(node, owed).state, paid(node, owed).receipt, held(node)) == ("paid", 1, PRICE)
    with pytest.raises(Conflict, match="is paid"):
        take(PayDose(dose=owed, payment=PaymentInput(payer="employer", told="TEA")))
    assert rebuilt_is_the_same(node, node.folder)


def test_nobody_is_taken_to_have_paid_where_nobody_said_so(
    node: Node, give: Callable[..., str]
) -> None:
    found = paid(node, give(""))
    assert (found.payer, found.state, found.trouble) == ("individual", "owed", "payment.not-asked")
    assert held(node) == 0


def test_cash_of_a_dose_taken_back_stays_in_the_book_until_somebody_has_it_back(
    node: Node, give: Callable[..., str], take: Callable[..., str], person: Callable[[str], str]
) -> None:
    kept = give()
    take(TakeBackDose(dose=kept, kind="not-given", reason="Ran away"))
    assert (paid(node, kept).to_give_back, held(node)) == (True, PRICE)
    take(ReturnPayment(payment=paid(node, kept).id, to="guardian", reason="Came back for it"))
    assert held(node) == 0
    at_once = give(name="Tendai Moyo")
    take(TakeBackDose(dose=at_once, kind="not-given", reason="Fainted", returned_to="person"))
    assert held(node) == 0
    assert [entry.body["to"] for entry in of_type(node, "PaymentReturned")] == [
        "guardian",
        "person",
    ]
    assert rebuilt_is_the_same(node, node.folder)


def test_cash_goes_back_once_and_by_whom_it_may(
    node: Node, give: Callable[..., str], take: Callable[..., str]
) -> None:
    id_ = paid(node, give()).id
    back = ReturnPayment(payment=id_, to="person", reason="Paid twice")
    with pytest.raises(NotAllowed, match="who took the cash"):
        take(back, "R1")
    take(HandOverCash(receiver="S1", amount=PRICE))
    take(back, "S1")
    assert (held(node, "V1"), held(node, "S1")) == (0, 0)
    with pytest.raises(NotFound, match="no cash to give back"):
        take(back, "S1")


def test_no_box_goes_below_zero_when_cash_is_given_back(
    node: Node, give: Callable[..., str], take: Callable[..., str]
) -> None:
    dose = give()
    back = ReturnPayment(payment=paid(node, dose).id, to="person", reason="Paid twice")
    with_dose = TakeBackDose(dose=dose, kind="not-given", reason="Fainted", returned_to="person")
    for own in (back, with_dose):
        with pytest.raises(Conflict, match=r"0\.00 KES in your box") as refused:
            take(own, "S1")
        assert refused.value.field == "payment"
    assert (held(node, "V1"), held(node, "S1")) == (PRICE, 0)
    take(with_dose)
    assert held(node) == 0


def test_a_dose_taken_back_gives_no_cash_back_that_a_colleague_took(
    node: Node, give: Callable[..., str], take: Callable[..., str]
) -> None:
    dose = give("")
    take(PayDose(dose=dose, payment=PaymentInput(payer="individual")), "R1")
    back = TakeBackDose(dose=dose, kind="not-given", reason="Fainted", returned_to="person")
    bogus = Override(reason="Nobody signed", supervisor="V2")
    for own in (back, replace(back, override=bogus)):
        with pytest.raises(NotAllowed, match="who took the cash"):
            take(own, "V1")
    assert (held(node, "V1"), held(node, "R1")) == (0, PRICE)
    take(replace(back, returned_to=""), "V1")
    take(ReturnPayment(payment=paid(node, dose).id, to="person", reason="Fainted"), "R1")
    assert (held(node, "V1"), held(node, "R1")) == (0, 0)


def test_a_payment_goes_with_the_dose_that_was_really_given(
    node: Node, give: Callable[..., str], take: Callable[..., str], person: Callable[[str], str]
) -> None:
    wrong = give()
    take(
        TakeBackDose(dose=wrong, kind="other-person", reason="Twins", person=person("Tendai Moyo"))
    )
    with node.journal.reading() as db:
        record = views.recorded(db, wrong)
        assert record is not None
        assert record.withdrawn is not None
        right = record.withdrawn.replaced_by
    assert (paid(node, right).state, held(node)) == ("paid", PRICE)
    assert rebuilt_is_the_same(node, node.folder)


def test_cash_is_not_said_to_be_given_back_that_goes_with_the_dose_or_was_never_taken(
    node: Node, give: Callable[..., str], take: Callable[..., str], person: Callable[[str], str]
) -> None:
    to = person("Tendai Moyo")
    moved = TakeBackDose(
        dose=give(), kind="other-person", reason="Twins", person=to, returned_to="person"
    )
    billed = give("employer", "TEA", name="Tendai Moyo")
    gone = TakeBackDose(dose=billed, kind="not-given", reason="Fainted", returned_to="person")
    with pytest.raises(BadInput, match="no cash is given back") as with_the_dose:
        take(moved)
    with pytest.raises(NotFound, match="no cash to give back") as never_taken:
        take(gone)
    assert {with_the_dose.value.field, never_taken.value.field} == {"returnedTo"}
    assert of_type(node, "DoseWithdrawn") == []
    for mended in (gone, moved):
        take(replace(mended, returned_to=""))
    assert held(node) == PRICE


def test_what_is_to_be_settled_is_listed_and_found_by_an_index(
    node: Node, give: Callable[..., str], take: Callable[..., str], person: Callable[[str], str]
) -> None:
    kept = give()
    take(TakeBackDose(dose=kept, kind="not-given", reason="Ran away"))
    take(PayDose(dose=give("", name="Tendai Moyo"), payment=PaymentInput(payer="individual")))
    owed = give(later=True)

    def listed() -> list[str]:
        with node.journal.reading() as db:
            return [one.dose for one in views.to_settle(db, 5)]

    assert listed() == [kept, owed]
    take(ReturnPayment(payment=paid(node, kept).id, to="person", reason="Came back for it"))
    assert listed() == [owed]
    with node.journal.reading() as db:
        planned = Planned(db)
        for ask in (
            lambda: views.to_settle(planned, 5),
            lambda: views.lost_vouchers(planned, 5),
            lambda: views.spent(planned, "fund/A-0001"),
            lambda: views.payment_of(planned, owed),
            lambda: count_to_put_right(planned),
        ):
            ask()
    read_whole = {f"SCAN {table}" for table in ("payment", "given", "dose", "gone")}
    assert planned.steps
    assert read_whole.isdisjoint(planned.steps)


def test_a_difference_is_written_down_with_a_reason_and_the_book_goes_on_from_the_count(
    node: Node, give: Callable[..., str], take: Callable[..., str]
) -> None:
    give()
    with pytest.raises(BadInput, match=r"350\.50 KES, and 300\.00 KES was counted") as refused:
        take(CountCash(counted=30000))
    assert refused.value.field == "reason"
    take(CountCash(counted=30000, reason="Wrong change"))
    take(CountCash(counted=30000))
    assert held(node) == 30000
    assert rebuilt_is_the_same(node, node.folder)


@pytest.mark.parametrize("currency", ["ab", "kes", "ÄÖÜ", "QQQ", "K S"])
def test_cash_is_counted_in_a_currency_that_there_is(
    node: Node, take: Callable[..., str], currency: str
) -> None:
    before = len(of_type(node, "CashCounted"))
    with pytest.raises(BadInput, match="is no currency's code") as refused:
        take(CountCash(counted=5, currency=currency, reason="A float"))
    assert refused.value.field == "currency"
    assert len(of_type(node, "CashCounted")) == before
    take(CountCash(counted=5, currency="KWD", reason="Found at the gate"))


def test_a_voucher_whose_issuer_and_number_are_as_long_as_may_be_pays(
    node: Node, give: Callable[..., str], tmp_path: Path
) -> None:
    issuer, number = "f" * 40, "9" * 40
    asks_payment(node, tmp_path / "long", PAYMENTS.replace("code: fund", f"code: {issuer}"))
    found = paid(node, give("voucher", voucher(number, issuer=issuer)))
    assert (found.state, found.voucher) == ("billed", f"{issuer}/{number}")


def test_cash_is_handed_over_to_a_colleague_or_out_of_the_site(
    node: Node, give: Callable[..., str], take: Callable[..., str]
) -> None:
    give()
    for wrong in ("V1", "V3", "T9"):  # oneself, who works elsewhere, nobody
        with pytest.raises(BadInput) as refused:
            take(HandOverCash(receiver=wrong, amount=1))
        assert refused.value.field == "receiver"
    with pytest.raises(Conflict, match=r"350\.50 KES"):
        take(HandOverCash(receiver="S1", amount=PRICE + 1))
    take(HandOverCash(receiver="S1", amount=PRICE))
    assert (held(node, "V1"), held(node, "S1")) == (0, PRICE)
    take(HandOverCash(receiver="V1", amount=30000, away=True), "S1")
    assert (held(node, "V1"), held(node, "S1")) == (0, PRICE - 30000)
    assert rebuilt_is_the_same(node, node.folder)


def test_receipt_cash_book_and_tally_come_out_of_the_printer(
    node: Node, give: Callable[..., str], printed: Callable[[str, str], str]
) -> None:
    found = paid(node, give())
    receipt = printed("receipt", found.id)
    assert found.receipt_number.startswith("DEMO01-000001-")
    assert found.receipt_number in receipt
    assert "350.50 KES" in receipt
    assert "Tendai" not in receipt
    today = node.clock.today().isoformat()
    assert f"Paid {found.receipt_number}" in printed("cash", today)
    assert "1 · 350.50 KES" in printed("tally", today)


@pytest.fixture
def printed(node: Node) -> Callable[[str, str], str]:
    from edge.slips.slip_maker import SlipRequest

    def text(slip: str, subject: str) -> str:
        with node.journal.reading() as db:
            catalogue = node.site.catalogues.current(db)
            document = node.site.slips.make(db, catalogue, SlipRequest(slip, subject), 576)
        return " ".join(repr(block) for block in document.blocks)

    return text


def test_a_receipt_is_queued_where_there_is_a_printer(node: Node, give: Callable[..., str]) -> None:
    found = paid(node, give())
    with node.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, found.id, "receipt")
    assert len(jobs) == (1 if node.site.printer else 0)
