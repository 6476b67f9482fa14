"""The pages on which people are found, and on which somebody who looks alike is shown first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from edge.journal import views
from edge.node import Node
from edge.services.commands import RegisterPerson

SignedIn = Callable[[str], FlaskClient]
FORM = {"name": "Hodan Noor", "gender": "Female", "birthDate": "2021-03-12", "phone": "0711222333",
        "programme": "covid-19", "district": "Kibera"}  # fmt: skip


def posted(browser: FlaskClient, node: Node, **fields: str) -> Any:
    return browser.post("/register", data={**FORM, "id": node.site.ids.new(), **fields})


@pytest.mark.slow
def test_who_looks_alike_is_shown_with_what_is_the_same_and_what_differs(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("R1")
    assert posted(browser, node, name="Hawa Noor").status_code == 303
    asked = posted(browser, node, district="Lamu")
    assert asked.status_code == 409
    row = asked.text.split('class="people alike"')[1].split("</li>")[0]
    assert "Hawa Noor" in row
    same, differs = row.split("The same")[1].split("Different")
    assert "Phone" in same
    assert "Date of birth" in same
    assert "Village or district" in differs
    looked_at = re.search(r'name="alike" value="([^"]*)"', asked.text)
    assert looked_at
    sure = posted(browser, node, district="Lamu", differentPerson="yes", alike=looked_at[1])
    assert sure.status_code == 303
    with node.journal.reading() as db:
        row_count = db.execute("SELECT count(*) FROM distinguished").fetchone()
    assert row_count == (1,)


def test_a_word_for_one_look_alike_is_none_for_the_next(node: Node, signed_in: SignedIn) -> None:
    browser = signed_in("R1")
    fields = {"name": "Deqa Salad", "birthDate": "2017-07-07", "phone": "0733444555"}
    assert posted(browser, node, **fields).status_code == 303
    word = {"differentPerson": "yes", "alike": "somebody-else"}
    assert posted(browser, node, **fields, **word).status_code == 409


def test_more_than_twenty_are_shown_a_page_at_a_time_and_of_how_many(
    node: Node, signed_in: SignedIn
) -> None:
    with node.journal.reading() as db:
        registrar = node.site.catalogues.current(db).staff["R1"]
    for number in range(45):
        name = f"Rukia {'abcdefghijklmno'[number % 15]}{'xyz'[number // 15]}ombo"
        command = RegisterPerson(
            name=name, gender="Female", birth_year=1930 + number, different_person=True
        )
        node.desk.take(node.site.ids.new(), command, registrar)
    browser = signed_in("R1")
    shown: list[str] = []
    for first, told in ((0, "1 to 20 of 45"), (20, "21 to 40 of 45"), (40, "41 to 45 of 45")):
        page = browser.post("/", data={"q": "rukia", "first": str(first)}).text
        assert told in page
        found = page.split("<h2>Found")[1].split("</section>")[0]
        shown += re.findall(r'href="/people/([0-9a-f-]{36})"', found)
        assert ('name="first" value="20"' in page) == (first != 20)
    assert len(shown) == len(set(shown)) == 45


def test_the_interface_tells_how_many_and_who_looks_alike(node: Node, signed_in: SignedIn) -> None:
    browser = signed_in("R1")
    fields = {"name": "Ikraan Warfa", "birthDate": "2015-05-05", "phone": "0744555666"}
    assert posted(browser, node, **fields).status_code == 303
    found = browser.post("/api/v1/people/find", json={"text": "warfa ikraan"}).get_json()
    assert (found["total"], found["first"], found["reached"]) == (1, 0, 1)
    asked = {"type": "RegisterPerson", "name": "Ikran Warfa", "gender": "Female",
             "birthDate": "2015-05-05"}  # fmt: skip
    (alike,) = browser.post("/api/v1/people/alike", json=asked).get_json()
    assert alike["person"]["name"] == "Ikraan Warfa"
    assert (alike["same"], alike["near"], alike["differs"]) == (["born", "gender"], ["name"], [])
    assert alike["score"] >= 0.5


def test_a_hard_name_is_escaped_on_every_page(node: Node, signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    name = 'Zoé "Zed" <b>O\'Neil</b> & {{ 7*7 }}'
    answer = posted(browser, node, name=name, birthDate="1999-09-09", phone="0755666777")
    assert answer.status_code == 303, answer.text
    person = answer.headers["Location"]
    for page in (browser.get(person).text, browser.post("/", data={"q": "zoé zed"}).text):
        assert "<b>O" not in page
        assert "&lt;b&gt;O" in page
        assert "49" not in page.split("Zed")[1][:80]
    with node.journal.reading() as db:
        assert views.find_people(db, "oneil zed")[0].name == name
