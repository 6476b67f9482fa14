"""A form that was refused comes back with what was typed, and means nothing else by it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from edge.journal import sessions
from edge.node import Node

SignedIn = Callable[[str], FlaskClient]
Newcomer = Callable[..., str]


@pytest.fixture
def newcomer(node: Node, signed_in: SignedIn) -> Newcomer:
    """Register somebody who waits for a dose against COVID-19; give the path of the page."""

    def register(name: str) -> str:
        id_ = node.site.ids.new()
        form = {"id": id_, "name": name, "gender": "Female", "birthDate": "1990-05-05",
                "programme": "covid-19", "differentPerson": "yes"}  # fmt: skip
        assert signed_in("R1").post("/register", data=form).status_code == 303
        return f"/people/{id_}"

    return register


def send(node: Node, browser: FlaskClient, path: str, status: int, **fields: str) -> str:
    answer = browser.post(path, data={"id": node.site.ids.new(), **fields})
    assert answer.status_code == status, answer.text
    return answer.headers.get("Location", "") or answer.text


def selected(page: str, name: str) -> str:
    """Give what a browser would send of a choice: what is marked, else the first."""
    select = re.search(rf'<select name="{name}".*?</select>', page, re.S)
    assert select
    values = re.findall(r'<option value="([^"]*)" ?(selected)?', select[0])
    return next((value for value, mark in values if mark), values[0][0])


def failures(node: Node, code: str) -> int:
    with node.journal.reading() as db:
        return sessions.failures_since(db, code, "")


@pytest.mark.parametrize("lot", ["coviprotect|CP2503Z", "coviprotect|GONE", "nothing|X", "|"])
def test_a_lot_that_is_at_hand_no_more_is_not_replaced_by_another(
    node: Node, signed_in: SignedIn, newcomer: Newcomer, lot: str
) -> None:
    path = newcomer("Lot Gone")
    form = {"programme": "covid-19", "lot": lot}
    page = send(node, signed_in("V1"), f"{path}/give", 409, **form)
    assert selected(page, "lot") == ""
    assert "primary give" not in page


def test_a_programme_that_is_none_of_those_on_offer_is_not_replaced_by_another(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    form = {"programme": "polio", "lot": "coviprotect|CP2611A"}
    page = send(node, signed_in("V1"), f"{newcomer('Programme Gone')}/give", 409, **form)
    assert selected(page, "programme") == ""


def test_the_button_is_not_green_for_another_day_than_the_one_that_was_judged(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    browser, path = signed_in("V1"), newcomer("Day Before")
    on = (node.clock.today() - timedelta(days=28)).isoformat()
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    send(node, browser, f"{path}/give", 303, **form, on=on)
    assert "primary give" in browser.get(path).text
    yesterday = (node.clock.today() - timedelta(days=1)).isoformat()
    page = send(node, browser, f"{path}/give", 409, **form, on=yesterday)
    assert yesterday in page
    assert "primary give" not in page


def test_a_wrong_pin_leaves_the_reason_and_the_supervisor_as_they_were_typed(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    browser, path = signed_in("V1"), newcomer("Wrong Pin")
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    dose = send(node, browser, f"{path}/give", 303, **form)
    signed = {"reason": "Travels far & long", "supervisor": "S1", "pin": "0000"}
    page = send(node, browser, f"{path}/give", 409, **form, **signed)
    assert "The code or the PIN is wrong." in page
    assert 'value="Travels far &amp; long"' in page
    assert selected(page, "supervisor") == "S1"
    assert 'name="pin"' in page
    assert "0000" not in page
    send(node, browser, f"{path}/give", 303, **form, **{**signed, "pin": "2468"})
    moved = {"on": (node.clock.today() - timedelta(days=60)).isoformat(), **signed}
    page = send(node, browser, f"{dose}/correct", 409, **moved)
    assert selected(page, "supervisor") == "S1"
    assert 'name="pin"' in page


def test_a_supervisor_who_typed_no_pin_has_not_decided_and_is_not_locked_out(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    browser, path = signed_in("V1"), newcomer("No Pin")
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    on = (node.clock.today() - timedelta(days=3)).isoformat()
    dose = send(node, browser, f"{path}/give", 303, **form, on=on)
    before = failures(node, "S1")
    unsigned = {"reason": "Written too late", "supervisor": "S1", "pin": ""}
    for _ in range(6):
        page = send(node, browser, f"{path}/give", 409, **form, **unsigned)
        assert "is due on" in page
        early = (node.clock.today() - timedelta(days=60)).isoformat()
        page = send(node, browser, f"{dose}/correct", 409, on=early, **unsigned)
        assert "would be due today" in page
    assert failures(node, "S1") == before
    # another day, against no rule, needs nobody's word
    other = (node.clock.today() - timedelta(days=2)).isoformat()
    send(node, browser, f"{dose}/correct", 303, on=other, **unsigned)


def test_a_pin_without_a_reason_is_asked_for_the_reason(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    browser, path = signed_in("V1"), newcomer("No Reason")
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    send(node, browser, f"{path}/give", 303, **form)
    page = send(node, browser, f"{path}/give", 409, **form, supervisor="S1", pin="2468")
    assert "The reason is too short." in page
    assert 'name="pin"' in page
