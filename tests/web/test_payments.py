"""Who pays is asked where somebody has to say it, and the cash book is one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from desks import of_type
from flask.testing import FlaskClient
from forms import newcomer
from next_edition import put_in_force
from paying import PAYERS, PAYMENTS, asks_payment, voucher
from site_factory import demonstration

from edge.node import Node

SignedIn = Callable[[str], FlaskClient]
GIVE = {"programme": "covid-19", "lot": "coviprotect|CP2611A", "vaccinator": "V1"}
PRICE = 35050


@pytest.fixture
def grace(signed_in: SignedIn, request: pytest.FixtureRequest) -> str:
    """Somebody new for each test: the site is that of them all."""
    return newcomer(signed_in("V1"), f"Grace {request.node.name}").rpartition("/")[2]


@pytest.fixture
def give(node: Node, signed_in: SignedIn, grace: str) -> Callable[..., tuple[int, str, str]]:
    """Send the form of a dose; give the status, what came back, and the number."""

    def given(by: str = "V1", person: str = "", **form: str) -> tuple[int, str, str]:
        id_ = node.site.ids.new()
        answer = signed_in(by).post(
            f"/people/{person or grace}/give", data={"id": id_, **GIVE, **form}
        )
        return answer.status_code, answer.text, id_

    return given


def test_where_the_government_pays_a_dose_is_one_tap_and_nothing_is_asked(
    node: Node, signed_in: SignedIn, grace: str, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:  # fmt: skip
    first = "- code: government\n" + PAYERS.partition("measles-rubella]\n")[2]
    asks_payment(node, tmp_path / "paying", PAYMENTS.replace(PAYERS, first))
    page = signed_in("V1").get(f"/people/{grace}").text
    assert f"/people/{grace}/ask/" not in page
    status, _, id_ = give()
    assert status == 303
    assert of_type(node, "PaymentRecorded")[-1].body["payer"] == "government"
    assert "The government pays" in signed_in("V1").get(f"/doses/{id_}").text


def test_a_campaign_without_the_file_asks_and_records_nothing(
    node: Node, signed_in: SignedIn, give: Callable[..., tuple[int, str, str]]
) -> None:
    put_in_force(node, demonstration())
    before = len(of_type(node, "PaymentRecorded"))
    assert give()[0] == 303
    assert len(of_type(node, "PaymentRecorded")) == before
    assert "/cash" not in signed_in("V1").get("/records").text


def test_cash_is_asked_with_its_price_and_the_usual_payer_set(
    node: Node, signed_in: SignedIn, grace: str, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:  # fmt: skip
    asks_payment(node, tmp_path / "paying")
    page = signed_in("V1").get(f"/people/{grace}").text
    assert "price: 350.50 KES" in page
    asked = signed_in("V1").get(f"/people/{grace}/ask/covid-19/coviprotect").text
    assert re.search(r'value="individual" checked', asked)
    assert 'value="exemption"' not in asked  # a supervisor's
    assert (
        'value="exemption"' in signed_in("S1").get(f"/people/{grace}/ask/covid-19/coviprotect").text
    )
    status, _, id_ = give(payer="individual")
    assert status == 303
    done = signed_in("V1").get(f"/doses/{id_}").text
    assert "Receipt" in done
    assert "350.50 KES" in signed_in("V1").get("/cash").text


def test_a_voucher_that_is_refused_leaves_the_form_as_it_was_with_another_way_to_pay(
    node: Node, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:
    asks_payment(node, tmp_path / "paying")
    text = voucher(days=-3)
    status, page, _ = give(payer="voucher", **{"typed.voucher": text})
    assert status == 409
    assert "This voucher was good until" in page
    assert re.search(r'value="voucher" checked', page)
    assert text[:20] in page
    assert give(payer="later", usual="individual")[0] == 303


def test_what_is_owed_is_paid_on_its_own_page_and_given_back_there(
    node: Node, signed_in: SignedIn, grace: str, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:  # fmt: skip
    asks_payment(node, tmp_path / "paying")
    _, _, id_ = give(payer="later", usual="individual")
    client = signed_in("V1")
    assert "to be paid: 350.50 KES" in client.get(f"/people/{grace}").text
    page = f"/doses/{id_}/payment"
    pay = {"id": node.site.ids.new(), "do": "pay", "payer": "individual"}
    assert client.post(page, data=pay).status_code == 303
    found = of_type(node, "PaymentRecorded")[-1]
    assert found.body["state"] == "paid"
    back = {"id": node.site.ids.new(), "do": "return", "payment": found.id, "to": "person"}
    assert client.post(page, data=back).status_code == 409  # without a reason
    back |= {"reason": "Free since today"}
    assert client.post(page, data=back).status_code == 303
    assert "0.00 KES" in client.get("/cash").text


def test_what_is_owed_can_be_paid_on_its_page_when_the_campaign_asks_for_nothing_any_more(
    node: Node, signed_in: SignedIn, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:
    asks_payment(node, tmp_path / "paying")
    _, _, id_ = give(payer="later", usual="individual")
    put_in_force(node, demonstration())
    client, page = signed_in("V1"), f"/doses/{id_}/payment"
    assert page in client.get("/cash").text
    assert "350.50 KES</bdi></legend>" in client.get(page).text
    assert "/cash" in client.get("/records").text
    pay = {"id": node.site.ids.new(), "do": "pay", "payer": "individual"}
    assert client.post(page, data=pay).status_code == 303
    assert "/cash" in client.get("/records").text, "the box has cash in it"


def test_cash_is_handed_over_with_the_colleagues_own_pin(
    node: Node, signed_in: SignedIn, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:
    asks_payment(node, tmp_path / "paying")
    give(payer="individual")
    form = {"do": "hand", "currency": "KES", "amount": "350.50", "receiver": "S1"}
    client = signed_in("V1")
    for pin, status in (("1111", 409), ("2468", 303)):
        form |= {"id": node.site.ids.new(), "pin": pin}
        assert client.post("/cash", data=form).status_code == status
    entry = of_type(node, "CashHandedOver")[-1]
    assert entry.body["receiver"] == "S1"
    assert "2468" not in entry.content
    form |= {"id": node.site.ids.new(), "receiver": "V1", "pin": ""}
    assert client.post("/cash", data=form).status_code == 409  # to oneself, without a PIN


def test_the_table_of_a_day_has_a_line_for_each_payment_and_nobodys_name(
    node: Node, signed_in: SignedIn, tmp_path: Path, give: Callable[..., tuple[int, str, str]]
) -> None:
    asks_payment(node, tmp_path / "paying")
    give(payer="individual")
    table = signed_in("R1").get("/cash.csv").text
    assert "DEMO01-0000" in table
    assert ",paid,,350.50,KES,V1" in table
    assert "Grace" not in table
    assert signed_in("T1").get("/cash.csv").status_code == 403


def test_the_api_pays_a_dose_and_gives_the_book_of_the_day(
    node: Node, signed_in: SignedIn, grace: str, tmp_path: Path
) -> None:
    asks_payment(node, tmp_path / "paying")
    client = signed_in("V1")
    vaccine = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A"}
    dose = {"type": "GiveDose", "person": grace, **vaccine, "payment": {"payer": "individual"}}
    id_ = node.site.ids.new()
    assert client.put(f"/api/v1/entries/{id_}", json=dose).status_code == 200
    book = client.get("/api/v1/payments").json
    assert book
    (paid,) = [one for one in book["payments"] if one["dose"] == id_]
    assert (paid["kind"], paid["state"], paid["amount"], paid["currency"]) == (
        *("direct", "paid", "350.50", "KES"),
    )
    (box,) = [one for one in book["boxes"] if one["box"] == "V1"]
    assert paid["receipt"] in [move.get("receipt") for move in box["movements"]]
    assert client.get("/api/v1/payments?on=today").status_code == 400
