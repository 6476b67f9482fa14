"""Appointments at a tablet and over the API: booked, moved, cancelled, listed, printed."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from desks import take
from flask.testing import FlaskClient
from forms import give, ids
from next_edition import put_in_force
from site_factory import demonstration
from slots import LATER, MORNING, PROGRAMME, book, found, put_slots, register, slot, tomorrow

from edge.node import Node
from edge.services.commands import BookAppointment

SignedIn = Callable[[str], FlaskClient]


@pytest.fixture(scope="module", autouse=True)
def slots_(node: Node) -> Iterator[None]:
    put_slots(node, slot(2), slot(2, LATER))
    yield
    put_in_force(node, demonstration())


def form(page: str, on: object, hours: str) -> dict[str, str]:
    return {"id": ids(page)[0], "programme": PROGRAMME, "at": f"{on}|{hours}"}


@pytest.mark.slow
def test_a_nurse_books_moves_and_cancels_and_the_page_says_when_somebody_is_expected(
    node: Node, signed_in: SignedIn
) -> None:
    browser, person, on = signed_in("V1"), register(node, "Nakato Babirye"), tomorrow(node)
    path = f"/people/{person}/book"
    page = browser.get(f"{path}?programme={PROGRAMME}&from={on}").text
    assert f'value="{on}|{MORNING}" required checked' in page
    assert browser.post(path, data=form(page, on, MORNING)).status_code == 303
    page = browser.get(f"/people/{person}").text
    assert "Expected on" in page
    assert "10:00–11:00" in page
    appointment = page.partition('href="/appointments/')[2].partition("/")[0]
    move = f"/appointments/{appointment}/move"
    moved = browser.post(move, data=form(browser.get(move).text, on, LATER))
    assert moved.status_code == 303
    assert "11:00–12:00" in browser.get(f"/people/{person}").text
    found = browser.post("/", data={"q": "Nakato Babirye"}).text
    assert "11:00–12:00" in found
    cancel = {"id": node.site.ids.new(), "reason": "Cannot come"}
    assert browser.post(f"/appointments/{appointment}/cancel", data=cancel).status_code == 303
    page = browser.get(f"/people/{person}").text
    assert "Expected on" not in page
    assert "Cannot come" in page
    told = browser.get(f"/api/v1/people/{person}/appointments").json
    assert told
    assert (told[0]["state"], told[0]["slot"], told[0]["reason"]) == (
        "cancelled",
        LATER,
        "Cannot come",
    )


def test_a_dose_before_the_day_asks_whether_the_appointment_is_still_needed(
    node: Node, signed_in: SignedIn
) -> None:
    browser, person, on = signed_in("V1"), register(node, "Early Nansubuga"), tomorrow(node)
    other = take(node, BookAppointment(person=person, programme="yellow-fever", on=on), "R1")
    booked = book(node, person)
    done = give(browser, f"/people/{person}")
    later = book(node, person, on + timedelta(days=28))
    page = browser.get(done).text
    asked = re.findall(r'action="/appointments/([^/]+)/cancel"', page)
    assert asked == [booked], "not what was booked after the dose, nor for another programme"
    kept = browser.get(f"{done}?keep={booked}").text
    assert "is that still needed?" not in kept
    cancel = {"id": node.site.ids.new(), "reason": "Came earlier", "dose": done.split("/")[-1]}
    gone = browser.post(f"/appointments/{booked}/cancel", data=cancel)
    assert gone.headers["Location"] == done
    assert "is that still needed?" not in browser.get(done).text
    today = node.clock.today()
    assert [found(node, id_).state(today) for id_ in (booked, later, other)] == [
        "cancelled", "expected", "expected"
    ]  # fmt: skip
    elsewhere = {"id": node.site.ids.new(), "reason": "Cannot come", "dose": "//evil.example"}
    assert (
        browser.post(f"/appointments/{later}/cancel", data=elsewhere)
        .headers["Location"]
        .endswith(f"/people/{person}")
    )


def test_a_full_slot_comes_back_with_the_next_one_chosen(node: Node, signed_in: SignedIn) -> None:
    browser, on = signed_in("R1"), tomorrow(node) + timedelta(days=1)
    people = [register(node, f"Full {number}") for number in range(3)]
    path = f"/people/{people[2]}/book"
    page = browser.get(f"{path}?programme={PROGRAMME}&from={on}").text
    for person in people[:2]:
        book(node, person, on)
    refused = browser.post(path, data=form(page, on, MORNING))
    assert refused.status_code == 409
    assert "is full: it has room for 2." in refused.text
    assert f'value="{on}|{MORNING}" required disabled' in refused.text
    assert f'value="{on}|{LATER}" required checked' in refused.text


def test_the_list_of_a_day_is_the_same_as_page_as_json_and_as_csv_and_on_paper(
    node: Node, signed_in: SignedIn
) -> None:
    browser, on = signed_in("V1"), tomorrow(node) + timedelta(days=2)
    names = ("=Zola Mensah", "Abena Mensah")
    for name in names:
        book(node, register(node, name), on, LATER)
    page = browser.get(f"/appointments?on={on}").text
    assert page.index(names[1]) > page.index("11:00–12:00") > page.index("10:00–11:00")
    assert "2 of 2 booked · full" in page
    assert "0 of 2 booked · 2 left" in page
    past = browser.get(f"/appointments?on={node.clock.today() - timedelta(days=1)}").text
    assert "0 of 2 booked · over" in past
    assert "2 left" not in past, "nobody comes to a slot that is over"
    answer = browser.get(f"/api/v1/appointments?on={on}").json
    assert answer
    assert [(one["slot"], one["booked"], one["left"]) for one in answer["slots"]
            if one["programme"] == PROGRAMME] == [
        (MORNING, 0, 2), (LATER, 2, 0),
    ]  # fmt: skip
    assert {one["person"]["name"] for one in answer["appointments"]} == set(names)
    for place in ("/appointments.csv", "/api/v1/appointments.csv"):
        rows = list(csv.DictReader(browser.get(f"{place}?on={on}").text.splitlines()))
        assert {row["name"] for row in rows} == {f"'{names[0]}", names[1]}
        assert {(row["day"], row["slot"], row["state"]) for row in rows} == {
            (str(on), LATER, "expected")
        }
    assert browser.get(f"/slips/expected?of={on}").status_code == 200
    assert browser.get(f"/slips/expected.png?of={on}").mimetype == "image/png"


def test_the_slots_over_the_api_say_what_is_left_and_odd_questions_are_refused(
    node: Node, signed_in: SignedIn
) -> None:
    browser, on = signed_in("R1"), tomorrow(node) + timedelta(days=3)
    book(node, register(node, "Efua Owusu"), on)
    found = browser.get(f"/api/v1/slots?programme={PROGRAMME}&from={on}&days=1").json
    assert found
    assert [(one["slot"], one["left"]) for one in found] == [(MORNING, 1), (LATER, 2)]
    for query in ("programme=none", f"programme={PROGRAMME}&days=0", f"programme={PROGRAMME}&days=x",
                  f"programme={PROGRAMME}&from=tomorrow", f"programme={PROGRAMME}&facility=x"):  # fmt: skip
        assert browser.get(f"/api/v1/slots?{query}").status_code == 400, query
    last = browser.get(f"/api/v1/slots?programme={PROGRAMME}&from=9999-12-31")
    assert (last.status_code, len(last.json or ())) == (200, 2)
    for day in ("9999-12-31", "0001-01-01"):
        assert browser.get(f"/appointments?on={day}").status_code == 200


def test_an_appointment_elsewhere_is_told_and_takes_no_room_here(
    node: Node, signed_in: SignedIn
) -> None:
    person = register(node, "Kofi Annor")
    command = BookAppointment(
        person=person, programme=PROGRAMME, on=tomorrow(node), facility="DEMO02"
    )
    take(node, command, "R1")
    page = signed_in("R1").get(f"/people/{person}").text
    with node.journal.reading() as db:
        name = node.site.catalogues.current(db).facilities["DEMO02"].name
    assert f"at <bdi>{name}</bdi>" in page


@pytest.mark.parametrize("at", ["", "x", "2026-13-01|10:00-11:00", "9999-12-31|", "|||"])
def test_a_form_with_an_odd_slot_comes_back(node: Node, signed_in: SignedIn, at: str) -> None:
    browser, person = signed_in("R1"), register(node, "Odd One")
    path = f"/people/{person}/book"
    answer = browser.post(path, data={**form(browser.get(path).text, "", ""), "at": at})
    assert answer.status_code == 409, answer.text


def test_a_technician_sees_no_list_and_an_appointment_that_is_none_is_not_found(
    signed_in: SignedIn,
) -> None:
    assert signed_in("T1").get("/appointments").status_code == 403
    assert signed_in("T1").get("/api/v1/appointments").status_code == 403
    assert signed_in("R1").get("/appointments/none/move").status_code == 404
