"""Mothers, who is not here, and two who are one, form by form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from edge.journal import views
from edge.node import Node

SignedIn = Callable[[str], FlaskClient]
Register = Callable[..., str]


@pytest.fixture
def register(node: Node, signed_in: SignedIn) -> Register:
    def make(name: str, **fields: str) -> str:
        form = {
            "id": node.site.ids.new(), "name": name, "gender": "Female",
            "birthDate": "2021-03-04", "programme": "covid-19", "differentPerson": "yes", **fields,
        }  # fmt: skip
        answer = signed_in("R1").post("/register", data=form)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    return make


def code_of(node: Node, person: str) -> str:
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found
    return found.code


def test_a_child_is_found_by_the_mothers_name_and_phone_and_leads_to_her_record(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    mother = register("Zainab Abdi", phone="0555444333", birthDate="1990-01-02")
    child = register("Idil Abdi", guardianRelation="mother", guardianCode=code_of(node, mother),
                     guardianName="", guardianPhone="")  # fmt: skip
    browser = signed_in("V1")
    for text in ("zainab", "0555444333"):
        assert f"/people/{child}" in browser.post("/", data={"q": text}).text
    page = browser.get(f"/people/{child}").text
    assert f'Mother: <a href="/people/{mother}"><bdi>Zainab Abdi</bdi></a>' in page
    assert "0555444333" in page
    form = browser.get(f"/people/{child}/correct").text
    assert 'name="guardianName" value="Zainab Abdi"' in form
    assert f'name="guardianCode" value="{code_of(node, mother)}"' in form


def test_a_mother_with_an_unknown_code_or_no_name_is_refused_and_what_was_typed_stays(
    node: Node, signed_in: SignedIn
) -> None:
    form = {"id": node.site.ids.new(), "name": "Hibo Ali", "gender": "Female",
            "birthDate": "2021-03-04", "programme": "covid-19", "guardianRelation": "father",
            "guardianName": "Ali Noor", "guardianPhone": "", "guardianCode": "NOBODY"}  # fmt: skip
    refused = signed_in("R1").post("/register", data=form)
    assert refused.status_code == 409
    assert "Nobody here has the code" in refused.text
    assert 'name="guardianName" value="Ali Noor"' in refused.text
    nameless = {**form, "guardianCode": "", "guardianName": " ", "guardianPhone": "0555111222"}
    refused = signed_in("R1").post("/register", data=nameless)
    assert "The name of the mother, father or guardian is empty." in refused.text


def test_every_list_tells_twins_apart_by_birth_village_code_and_mother(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    mother = {"guardianRelation": "mother", "guardianName": "Sahra Nur", "guardianPhone": "",
              "guardianCode": "", "district": "Lower Well"}  # fmt: skip
    twins = [register("Ayan Nur", **mother), register("Ayan Nur", **mother)]
    browser = signed_in("V1")
    for page in (browser.post("/", data={"q": "ayan nur"}).text, browser.get("/").text):
        for twin in twins:
            row = page.split(f'href="/people/{twin}"')[1].split("</li>")[0]
            for told in ("Mar 4, 2021", code_of(node, twin), "Lower Well", "Mother: <bdi>Sahra"):
                assert told in row
    for twin in twins:
        given = {"id": node.site.ids.new(), "programme": "covid-19", "lot": "coviprotect|CP2611A",
                 "vaccinator": "V1", "reason": "Test", "supervisor": "S1", "pin": "2468"}  # fmt: skip
        assert browser.post(f"/people/{twin}/give", data=given).status_code == 303
    for address in ("/records", "/recall?until=2030-01-01"):
        page = browser.get(address).text
        for twin in twins:
            if f'href="/people/{twin}"' in page:
                row = page.split(f'href="/people/{twin}"')[1].split("</tr>")[0]
                assert code_of(node, twin) in row
    assert f'href="/people/{twins[0]}"' in browser.get("/records").text


def test_who_moved_away_is_marked_in_the_lists_and_is_here_again_by_one_form(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    person = register("Faduma Isse")
    browser = signed_in("R1")
    form = {"id": node.site.ids.new(), "status": "moved", "place": "Upper Delta", "on": ""}
    assert browser.post(f"/people/{person}/status", data=form).status_code == 303
    found = browser.post("/", data={"q": "faduma isse"}).text
    assert "Moved away on" in found
    assert "Upper Delta" in found
    page = signed_in("V1").get(f"/people/{person}").text
    assert "This person is recorded as having moved away on" in page
    assert "Is here again" in page
    back = {"id": node.site.ids.new(), "status": "active", "place": "", "on": ""}
    assert browser.post(f"/people/{person}/status", data=back).status_code == 303
    assert "Moved away on" not in browser.post("/", data={"q": "faduma isse"}).text


def test_a_death_is_taken_back_only_with_a_supervisors_pin(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    person = register("Hodan Jama")
    browser = signed_in("R1")
    died = {"id": node.site.ids.new(), "status": "died", "on": ""}
    assert browser.post(f"/people/{person}/status", data=died).status_code == 303
    back = {"id": node.site.ids.new(), "status": "active", "on": "", "reason": "Wrong twin"}
    refused = browser.post(f"/people/{person}/status", data=back)
    assert refused.status_code == 409
    assert "PIN of the supervisor" in refused.text
    assert 'value="Wrong twin"' in refused.text
    wrong = {**back, "supervisor": "S1", "pin": "1"}
    assert browser.post(f"/people/{person}/status", data=wrong).status_code == 409
    right = {**back, "supervisor": "S1", "pin": "2468"}
    assert browser.post(f"/people/{person}/status", data=right).status_code == 303


def test_two_records_are_compared_made_one_and_made_two_again(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    one = register("Nimo Warfa", phone="0555000111")
    two = register("Nimo Warfa", phone="0555000222")
    browser = signed_in("S1")
    listed = browser.get("/duplicates").text
    pair = re.search(r'href="(/people/[^"]+/same\?other=[^"]+)"', listed)
    assert pair
    assert f"/people/{one}/same?other={two}" in listed
    page = browser.get(f"/people/{one}/same?other={two}").text
    assert page.count("differs") >= 2  # the phone and the code
    form = {"id": node.site.ids.new(), "other": two, "kept": two, "do": "merge"}
    assert browser.post(f"/people/{one}/same", data={**form, "reason": ""}).status_code == 409
    done = browser.post(f"/people/{one}/same", data={**form, "reason": "Same card"})
    assert done.status_code == 303
    assert f"/people/{one}/same?other={two}" not in browser.get("/duplicates").text
    shown = browser.get(f"/people/{one}").text
    assert "Also under the code" in shown
    assert f"/people/{two}/status" in shown  # the kept one's page
    undo = re.search(r'action="(/merges/[0-9a-f-]+/undo)"', browser.get("/duplicates").text)
    assert undo
    asked = {"id": node.site.ids.new(), "reason": "Two cousins"}
    assert browser.post(undo[1], data=asked).status_code == 303
    assert "Also under the code" not in browser.get(f"/people/{one}").text
    apart = {"id": node.site.ids.new(), "other": two, "do": "distinguish", "reason": "Cousins"}
    assert browser.post(f"/people/{one}/same", data=apart).status_code == 303
    assert f"/people/{one}/same?other={two}" not in browser.get("/duplicates").text


def test_a_scanned_code_of_a_merged_record_opens_the_one_that_is_kept(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    one, two = register("Deqa Salad"), register("Deqa Salaad")
    code = code_of(node, two)
    form = {"id": node.site.ids.new(), "other": two, "kept": one, "do": "merge", "reason": "Same"}
    assert signed_in("S1").post(f"/people/{one}/same", data=form).status_code == 303
    answer = signed_in("V1").post("/", data={"q": code})
    assert answer.headers["Location"] == f"/people/{one}"
    assert signed_in("V1").get(f"/people/{two}").status_code == 200


@pytest.mark.parametrize("who", ["R1", "V1", "T1"])
def test_only_a_supervisor_sees_what_is_perhaps_recorded_twice(
    signed_in: SignedIn, register: Register, who: str
) -> None:
    person = register("Sagal Omar")
    for path in ("/duplicates", f"/people/{person}/same"):
        assert signed_in(who).get(path).status_code == 403
