"""Mothers, who is not here, and two who are one, form by form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest
from flask.testing import FlaskClient
from forms import objections

from edge.journal import views
from edge.node import Node
from edge.services import commands

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


def paired(page: str, one: str, other: str) -> bool:
    return any(f"{a}/same?other={b}" in page for a, b in ((one, other), (other, one)))


def code_of(node: Node, person: str) -> str:
    with node.journal.reading() as db:
        found = views.person(db, person)
    assert found
    return found.code


@pytest.mark.slow
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
    assert "Mother: <bdi>Zainab Abdi</bdi>" in page
    assert f'href="/people/{mother}"' in page
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
            for told in ("4 Mar 2021", code_of(node, twin), "Lower Well", "Mother: <bdi>Sahra"):
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


def test_every_request_with_a_supervisors_word_has_its_pin_checked() -> None:
    asked = {one for one in get_args(commands.Command) if "override" in one.__struct_fields__}
    assert asked == set(commands.SIGNED)


def test_two_records_are_compared_made_one_and_made_two_again(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    one = register("Nimo Warfa", phone="0555000111")
    two = register("Zahra Bile", phone="0555000222", birthDate="1961-07-08", differentPerson="")
    browser = signed_in("S1")
    corrected = {"id": node.site.ids.new(), "name": "Nimo Warfa", "gender": "Female",
                 "birthDate": "2021-03-04", "phone": "0555000222", "identity": "",
                 "reason": "Misheard"}  # fmt: skip
    refused = browser.post(f"/people/{two}/correct", data=corrected)
    assert refused.status_code == 409, "named to a supervisor who is signed in as to any other"
    corrected |= {**objections(refused.text), "supervisor": "S1"}
    assert browser.post(f"/people/{two}/correct", data=corrected).status_code == 303
    listed = browser.get("/duplicates").text
    assert paired(listed, one, two)
    page = browser.get(f"/people/{one}/same?other={two}").text
    rows = re.findall(r'colspan="2">([^<]+)(?: <span class="state warn">)?', page)
    marked = re.findall(r'colspan="2">([^<]+?) <span class="state warn">', page)
    assert "Code" in rows
    assert marked == ["Phone"]
    form = {"id": node.site.ids.new(), "other": two, "kept": two, "do": "merge"}
    assert browser.post(f"/people/{one}/same", data={**form, "reason": ""}).status_code == 409
    done = browser.post(f"/people/{one}/same", data={**form, "reason": "Same card"})
    assert done.status_code == 303
    assert not paired(browser.get("/duplicates").text, one, two)
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
    assert not paired(browser.get("/duplicates").text, one, two)


def test_a_scanned_code_of_a_merged_record_opens_the_one_that_is_kept(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    one, two = register("Deqa Salad"), register("Deqa Salaad")
    code = code_of(node, two)
    form = {"id": node.site.ids.new(), "other": two, "kept": one, "do": "merge", "reason": "Same",
            "although": "yes"}  # fmt: skip
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


def tell(node: Node, person: str, days: int, facility: str = "Elsewhere") -> str:
    """Record a dose that another place has told of, some days ago."""
    id_, on = node.site.ids.new(), node.clock.today() - timedelta(days=days)
    body = {
        "person": person, "programme": "covid-19", "vaccine": "coviprotect", "number": 1,
        "total": 2, "lot": "X", "on": on.isoformat(), "facility": facility, "vaccinator": "",
    }  # fmt: skip
    node.journal.run(lambda unit: unit.append("DoseReported", body, id_=id_, by="import"))
    return id_


def test_doses_that_are_perhaps_one_are_listed_until_one_is_disbelieved_or_both_are_believed(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    browser = signed_in("S1")

    def listed(person: str) -> list[tuple[str, str]]:
        page = browser.get("/duplicates").text
        forms = re.findall(
            r'name="one" value="([^"]+)"><input[^>]+name="other" value="([^"]+)"', page
        )
        with node.journal.reading() as db:
            theirs = {dose.id for dose in views.all_doses(db, person)}
        return [(one, other) for one, other in forms if one in theirs]

    person = register("Ubah Roble")
    tell(node, person, 40)
    near, far = tell(node, person, 37, "Other clinic"), tell(node, person, 5, "Other clinic")
    ((one, other),) = listed(person)
    assert far not in (one, other)
    form = {"id": node.site.ids.new(), "one": one, "other": other, "do": f"not-{near}"}
    assert browser.post("/duplicates", data={**form, "reason": ""}).status_code == 409
    done = browser.post("/duplicates", data={**form, "reason": "The card is older"})
    assert done.status_code == 303
    assert listed(person) == []
    with node.journal.reading() as db:
        assert near not in {dose.id for dose in views.history(db, person)}
    second = register("Ifrah Roble")
    tell(node, second, 40)
    tell(node, second, 37, "Other clinic")
    ((one, other),) = listed(second)
    both = {"id": node.site.ids.new(), "one": one, "other": other, "do": "both", "reason": "Rabies"}
    assert browser.post("/duplicates", data=both).status_code == 303
    assert listed(second) == []
    with node.journal.reading() as db:
        assert len(views.history(db, second)) == 2


def test_one_dose_told_by_two_places_for_one_day_is_not_asked_about(
    node: Node, signed_in: SignedIn, register: Register
) -> None:
    person = register("Ladan Hersi")
    one, other = tell(node, person, 40), tell(node, person, 40, "Other clinic")
    page = signed_in("S1").get("/duplicates").text
    assert f'value="{one}"' not in page
    assert f'value="{other}"' not in page
