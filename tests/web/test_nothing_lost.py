"""Nothing that was typed is lost when a session ends, and a problem leaves the way open."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from edge.journal import views
from edge.node import Node
from edge.web.kept_forms import read_kept

SignedIn = Callable[[str], FlaskClient]
Find = Callable[[str], str]


def kept(page: str) -> str:
    found = re.search(r'name="kept" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def entries(node: Node) -> int:
    with node.journal.reading() as db:
        return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def forms(person: str) -> list[tuple[str, dict[str, str], list[str]]]:
    """Give forms, each with what has to be on the page again."""
    return [
        ("/register", {"name": "Ada Lovelace", "gender": "Female", "birthYear": "1985",
                       "programme": "yellow-fever", "district": "Nord & Süd"},
         ['value="Ada Lovelace"', 'value="1985"', "Nord &amp; Süd",
          'name="programme" value="yellow-fever" checked']),
        (f"/people/{person}/give",
         {"programme": "covid-19", "lot": "coviprotect|CP2610X", "vaccinator": "V2",
          "on": "2026-11-20", "reason": "Travels", "supervisor": "S1", "pin": "2468"},
         ['value="coviprotect|CP2610X" required checked', 'value="V2" required checked',
          'value="2026-11-20"', 'value="Travels"', 'value="S1" selected']),
        (f"/people/{person}/correct",
         {"name": "Another Name", "phone": "0555 77", "reason": "Misheard", "gender": "Other"},
         ['value="Another Name"', 'value="0555 77"', 'value="Misheard"']),
        ("/stock", {"vaccine": "duomorb", "lot": "MRX", "expiry": "2031-05-05", "quantity": "7"},
         ['value="MRX"', 'value="2031-05-05"', 'value="7"']),
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(4))
@pytest.mark.slow
def test_a_form_sent_after_the_session_ended_is_there_again_after_the_sign_in_and_is_not_saved(
    node: Node, signed_in: SignedIn, find: Find, number: int
) -> None:
    path, form, shown = forms(find("Grace"))[number]
    browser, before = signed_in(""), entries(node)
    asked = browser.post(path, data={"id": node.site.ids.new(), **form})
    assert (asked.status_code, "Location" in asked.headers) == (403, False)
    assert "Not saved yet." in asked.text
    carried = kept(asked.text)
    assert "2468" not in carried
    wrong = browser.post("/sign-in", data={"code": "S1", "pin": "1", "kept": carried})
    assert wrong.status_code == 403
    assert kept(wrong.text) == carried
    again = browser.post("/sign-in", data={"code": "S1", "pin": "2468", "kept": carried})
    assert again.status_code == 200
    assert "Not saved yet." in again.text
    for text in shown:
        assert text in again.text
    assert 'value="2468"' not in again.text
    assert entries(node) == before
    assert browser.get("/stock").status_code == 200  # signed in


def test_a_button_pressed_after_the_session_ended_does_nothing_by_itself_after_the_sign_in(
    node: Node, signed_in: SignedIn, find: Find
) -> None:
    given = {"id": node.site.ids.new(), "programme": "covid-19", "lot": "coviprotect|CP2611A"}
    dose = signed_in("V1").post(f"/people/{find('Grace')}/give", data=given).headers["Location"]
    with node.journal.reading() as db:
        record = views.recorded(db, dose.rpartition("/")[2])
    assert record
    before = entries(node)
    for path, form in (
        (f"/certificates/{record.certificate}/copy", {"printer": "desk"}),
        ("/print-jobs/1/settle", {"cameOut": "yes"}),
        (f"/people/{find('Grace')}/leave", {"reason": "Refused"}),
        ("/nowhere", {"name": "x"}),
        ("/sign-out", {"name": "x"}),
        ("/people/none/give", {"programme": "covid-19"}),
    ):
        text = json.dumps({"path": path, "form": {**form, "id": node.site.ids.new()}})
        answer = signed_in("").post("/sign-in", data={"code": "V1", "pin": "2468", "kept": text})
        assert answer.status_code in (200, 303)
        assert "divoc_edge_session" in answer.headers["Set-Cookie"]
    assert entries(node) == before


def test_what_somebody_else_may_not_see_is_not_shown_to_who_signs_in(
    signed_in: SignedIn, find: Find
) -> None:
    path, form, _ = forms(find("Grace"))[0]
    asked = signed_in("").post(path, data=form)
    data = {"code": "T1", "pin": "2468", "kept": kept(asked.text)}
    answer = signed_in("").post("/sign-in", data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


@pytest.mark.slow
@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_a_kept_form_that_no_page_of_ours_wrote_is_none(text: str) -> None:
    assert read_kept(text) is None


@pytest.mark.parametrize("code", ["R1", "V1", "S1", "T1"])
@pytest.mark.parametrize("path", ["/nowhere", "/people/none", "/doses/none", "/vials/none"])
def test_a_problem_has_the_bar_and_a_way_back_to_where_one_came_from(
    signed_in: SignedIn, code: str, path: str
) -> None:
    came = {"Referer": "http://localhost/stock"}
    answer = signed_in(code).get(path, headers=came)
    assert answer.status_code in (403, 404)
    assert '<nav class="bar"' in answer.text
    assert 'class="button primary" href="/stock"' in answer.text


def test_an_unexpected_fault_has_the_bar_too(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in("V1")

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(views, "recorded_on", broken)
    monkeypatch.setattr(node.site.catalogues, "_kept", None)
    answer = browser.get("/records")
    assert answer.status_code == 500
    assert "nothing was saved" in answer.text
    assert '<nav class="bar"' in answer.text


@pytest.mark.parametrize("kept", [
    '{"path": "/register?a=\\ud800", "form": {}}', '{"path": "/register", "form": {"name": "\\ud800"}}',
    '{"path": "/people/\\ud800/correct", "form": {"name": "x"}}',
])  # fmt: skip
def test_a_kept_form_with_half_a_character_is_none_and_whoever_brings_it_is_signed_in(
    signed_in: SignedIn, kept: str
) -> None:
    answer = signed_in("").post("/sign-in", data={"code": "R1", "pin": "2468", "kept": kept})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
