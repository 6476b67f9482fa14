"""A voucher spent at two sites without a line is settled at the centre, with a word to both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from desks import browser, of_type, take
from paying import asks_payment, voucher
from registry_server import Nation
from site_factory import fill

from edge.domain.errors import BadInput
from edge.journal import views
from edge.journal.attention import count_to_put_right
from edge.node import Node
from edge.services.commands import (
    GiveDose,
    PayDose,
    PaymentInput,
    RegisterPerson,
    TakeBackDose,
)

HANDS = {"DEMO01": "V1", "DEMO02": "V2"}


@pytest.fixture
def nation(tmp_path: Path) -> Iterator[Nation]:
    made = Nation(tmp_path)
    yield made
    made.close()


@pytest.fixture
def sites(nation: Nation, tmp_path: Path) -> list[Node]:
    def load(node: Node) -> None:
        fill(node)
        asks_payment(node, tmp_path / f"paying-{node.site.facility}")

    return [nation.site(facility, load) for facility in ("DEMO01", "DEMO02")]


def spend(node: Node, text: str, name: str = "Amina Diallo") -> str:
    who = RegisterPerson(name=name, gender="Female", birth_date=date(1990, 2, 3))
    person = take(node, who)
    asked = PaymentInput(payer="voucher", told=text)
    return take(
        node,
        GiveDose(
            person=person,
            programme="covid-19",
            vaccine="coviprotect",
            lot="CP2611A",
            payment=asked,
        ),
        HANDS[node.site.facility],
    )


def spent_twice(nation: Nation, winner: Node, loser: Node) -> tuple[str, str]:
    """Spend one voucher at both, which both hear of; gives the dose it pays for, and the other."""
    won = spend(winner, voucher())
    nation.exchange(winner)
    lost = spend(loser, voucher())
    nation.exchange(loser, winner)
    return won, lost


def paid(node: Node, dose: str) -> views.PaymentRecord:
    with node.journal.reading() as db:
        found = views.payment_of(db, dose)
    assert found is not None
    return found


def to_put_right(node: Node) -> int:
    with node.journal.reading() as db:
        return count_to_put_right(db)


def words(node: Node) -> list[bool]:
    return [entry.body["counts"] for entry in of_type(node, "VoucherSettled")]


def test_both_sites_hear_once_which_of_the_two_doses_the_voucher_pays_for(
    nation: Nation, sites: list[Node]
) -> None:
    first, second = sites
    late, early = spend(first, voucher()), spend(second, voucher())
    nation.exchange(second)  # spent later, and first to arrive: no site's clock is asked
    assert words(second) == []
    for _ in range(3):
        nation.exchange(first, second)
    assert (words(first), words(second)) == ([False], [True])
    assert paid(first, late).owed
    assert not paid(second, early).owed
    lost, won = (browser(node, HANDS[node.site.facility]) for node in (first, second))
    assert "pays for that dose" in lost.get(f"/doses/{late}/payment").text
    assert "The voucher was spent at another site too" in lost.get("/cash").text
    assert "pays for this dose" in won.get(f"/doses/{early}/payment").text


def test_a_dose_whose_voucher_pays_for_another_needs_attention_until_it_is_paid(
    nation: Nation, sites: list[Node]
) -> None:
    here, there = sites
    spend(there, voucher())
    nation.exchange(there)
    lost = spend(here, voucher())
    nobody = browser(here, "S1").get("/attention").text
    assert "Vouchers spent twice" not in nobody
    nation.exchange(here, there)
    assert [to_put_right(node) for node in sites] == [1, 0]
    supervisor, technician = (browser(here, by).get("/attention").text for by in ("S1", "T1"))
    assert f'href="/doses/{lost}/payment"' in supervisor
    assert "350.50" in supervisor
    assert "Nothing needs attention" not in supervisor
    assert "Vouchers spent twice" in technician
    assert lost not in technician
    assert not any("Amina" in page for page in (supervisor, technician))
    take(here, PayDose(dose=lost, payment=PaymentInput(payer="individual")), "V1")
    assert to_put_right(here) == 0
    assert "Nothing needs attention" in browser(here, "S1").get("/attention").text


def test_the_dose_that_lost_is_paid_in_another_way_and_the_voucher_is_refused_there(
    nation: Nation, sites: list[Node]
) -> None:
    first, second = sites
    _, lost = spent_twice(nation, first, second)
    again = PaymentInput(payer="voucher", told=voucher())
    with pytest.raises(BadInput, match="pays for a dose at another site"):
        take(second, PayDose(dose=lost, payment=again), "V2")
    take(second, PayDose(dose=lost, payment=PaymentInput(payer="individual")), "V2")
    assert not paid(second, lost).owed
    with pytest.raises(BadInput, match="pays for a dose at another site"):
        spend(second, voucher(), "Fatou Ndiaye")
    nation.exchange(first, second)
    assert words(first) == [True, True]  # nobody else spends it any more
    assert paid(first, of_type(first, "PaymentRecorded")[0].body["dose"]).others == []


def run_away(nation: Nation, dose: str, *heard: Node) -> None:
    """Have a dose taken back at the first of some sites, and the others hear of it."""
    take(heard[0], TakeBackDose(dose=dose, kind="not-given", reason="Ran away"), "V1")
    nation.exchange(*heard)


def test_when_the_dose_that_won_is_taken_back_the_voucher_pays_for_the_other(
    nation: Nation, sites: list[Node]
) -> None:
    first, second = sites
    won, lost = spent_twice(nation, first, second)
    assert paid(second, lost).owed
    run_away(nation, won, first, second)
    assert words(second) == [False, True]
    assert not paid(second, lost).owed


def test_a_voucher_that_pays_for_nothing_any_more_is_taken_again_where_it_had_lost(
    nation: Nation, sites: list[Node]
) -> None:
    first, second = sites
    won, lost = spent_twice(nation, first, second)
    take(second, PayDose(dose=lost, payment=PaymentInput(payer="individual")), "V2")
    nation.exchange(second)
    run_away(nation, won, first, second)
    again = spend(second, voucher(), "Fatou Ndiaye")
    nation.exchange(second, first)
    assert words(second) == [False, True, True]
    assert not paid(second, again).owed


def test_a_voucher_given_back_before_anybody_heard_of_it_costs_nobody_a_word(
    nation: Nation, sites: list[Node]
) -> None:
    first, second = sites
    gone = spend(first, voucher())
    run_away(nation, gone, first)
    kept = spend(second, voucher())
    nation.exchange(second, first)
    assert (words(first), words(second)) == ([], [])
    assert not paid(second, kept).owed


def test_another_voucher_of_the_same_fund_is_nobodys_business(
    nation: Nation, sites: list[Node]
) -> None:
    first, second = sites
    spend(first, voucher("A-0001"))
    spend(second, voucher("A-0002"))
    nation.exchange(first, second)
    assert (words(first), words(second)) == ([], [])
