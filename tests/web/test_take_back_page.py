"""On the screen: a dose is taken back, corrected in every field, and by two tablets at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from desks import take
from flask.testing import FlaskClient
from forms import give, newcomer
from next_edition import put_in_force
from site_factory import demonstration

from edge.domain.people import Person
from edge.journal import views
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.services.commands import GuardianInput, RegisterPerson

SignedIn = Callable[[str], FlaskClient]


def hidden(page: str) -> dict[str, str]:
    """Give what the last form of a page carries."""
    form = page[page.rindex('<form method="post" action="/doses') :]
    return dict(re.findall(r'type="hidden" name="([\w.]+)" value="([^"]*)"', form))


def history(node: Node, person: str) -> list[views.DoseRecord | None]:
    with node.journal.reading() as db:
        return [views.recorded(db, dose.id) for dose in views.history(db, person.split("/")[-1])]


@pytest.mark.slow
def test_what_follows_is_shown_before_the_tap_that_takes_a_dose_back(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Lina Fresh")
    location = give(browser, person)
    path = f"{location}/take-back"
    assert f'href="{path}"' in browser.get(location).text
    assert f'href="{path}"' in browser.get(person).text
    assert "It was not given" in browser.get(path).text
    with vouched.journal.reading() as db:
        before = db.execute("SELECT count(*) FROM entry").fetchone()
    page = browser.post(path, data={"kind": "not-given"}).text
    assert "is revoked. Ask for the paper back." in page
    with vouched.journal.reading() as db:
        assert db.execute("SELECT count(*) FROM entry").fetchone() == before
    short = browser.post(path, data={**hidden(page), "do": "take", "reason": ""})
    assert short.status_code in (400, 409)
    form = {**hidden(page), "do": "take", "reason": "She went away"}
    answer = browser.post(path, data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, person)
    assert browser.post(path, data=form).status_code == 303, "twice is as once"
    assert history(vouched, person) == []
    assert "Taken back" in browser.get(person).text
    records = browser.get("/records").text
    assert 'class="withdrawn"' in records
    done = browser.get(location).text
    assert "She went away" in done
    assert "Print a copy" not in done
    assert "Come back on" not in done


def test_whoever_may_have_got_the_dose_is_told_apart_by_the_mothers_name(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    for mother in ("Rehema Odhiambo", "Salome Odhiambo"):
        command = RegisterPerson(
            name="Twin Odhiambo", gender="Male", birth_date=date(2026, 1, 5),
            guardian=GuardianInput(name=mother, relation="mother"), different_person=True,
        )  # fmt: skip
        take(node, command, "R1")
    path = f"{give(browser, newcomer(browser, 'Wrong Owner'))}/take-back"
    page = browser.post(path, data={"kind": "other-person", "q": "Twin Odhiambo"}).text
    assert "Rehema Odhiambo" in page
    assert "Salome Odhiambo" in page
    who = re.findall(r'name="person" value="([^"]+)"', page)[0]
    chosen = browser.post(path, data={"kind": "other-person", "person": who}).text
    assert ("Rehema Odhiambo" in chosen) != ("Salome Odhiambo" in chosen)


@pytest.mark.parametrize("page", ["take-back", "correct"])
@pytest.mark.slow
def test_what_runs_no_more_is_offered_behind_what_runs(
    vouched: Node, signed_in: SignedIn, page: str
) -> None:
    browser = signed_in("S1")
    location = give(browser, newcomer(browser, f"Noor Early {page}"))
    body = json.loads(json.dumps(demonstration().body))
    stopped = "measles-rubella"
    for programme in body["programmes"]:
        programme["active"] = programme["id"] != stopped
    put_in_force(vouched, CheckedCampaign(body))
    asked = {"kind": "other-vaccine"} if page == "take-back" else None
    drawn = (
        browser.post(f"{location}/{page}", data=asked)
        if asked
        else browser.get(f"{location}/{page}")
    ).text
    (offered,) = re.findall(r'<select name="given".*?</select>', drawn, re.S)
    programmes = [value.split("|")[0] for value in re.findall(r'value="([^"]+)"', offered)]
    others = programmes[1:] if page == "correct" else programmes  # its own stands first
    assert stopped in programmes
    assert stopped not in others[: len([one for one in others if one != stopped])]


def test_the_person_it_was_given_to_is_searched_for_and_gets_the_dose(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    wrong, right = newcomer(browser, "Odalys Wrong"), newcomer(browser, "Odette Right")
    path = f"{give(browser, wrong)}/take-back"
    found = browser.post(path, data={"kind": "other-person", "q": "Odette"}).text
    assert "Odette Right" in found
    (who,) = re.findall(r'name="person" value="([0-9a-f-]{36})"', found)
    page = browser.post(path, data={"kind": "other-person", "q": "Odette", "person": who}).text
    assert "It was given to" in page
    answer = browser.post(path, data={**hidden(page), "do": "take", "reason": "The wrong card"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/doses/")
    assert history(vouched, wrong) == []
    (record,) = history(vouched, right)
    assert record
    assert answer.headers["Location"] == f"/doses/{record.dose.id}"


def test_a_supervisor_signs_on_the_page_for_a_dose_of_somebody_elses_hand(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Mona Fresh")
    path = f"{give(browser, person)}/take-back"
    other = signed_in("V2")
    page = other.post(path, data={"kind": "not-given"}).text
    assert "Only who recorded this dose" in page
    assert "PIN of the supervisor" in page
    assert "is revoked" in page, "what would follow is shown all the same"
    form = {**hidden(page), "do": "take", "reason": "Seen by me", "supervisor": "S1"}
    assert other.post(path, data={**form, "pin": "9999"}).status_code != 303
    assert other.post(path, data={**form, "pin": "2468"}).status_code == 303
    assert history(vouched, person) == []


def test_another_vaccine_is_chosen_with_its_lot(vouched: Node, signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Nora Fresh")
    path = f"{give(browser, person)}/take-back"
    form = {"kind": "other-dose", "given": "covid-19|adenovax", "lot": "coviprotect|CP2611A"}
    assert "stock" in browser.post(path, data=form).text, "a lot of another vaccine is none"
    page = browser.post(path, data={**form, "lot": "adenovax|AV4417"}).text
    assert "is revoked; another is printed in its place." in page
    assert (
        browser.post(path, data={**hidden(page), "do": "take", "reason": "Vial"}).status_code == 303
    )
    (record,) = history(vouched, person)
    assert record
    assert (record.dose.vaccine, record.dose.lot) == ("adenovax", "AV4417")


def test_every_field_of_a_dose_is_corrected_on_its_page(vouched: Node, signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Petra Fresh")
    path = f"{give(browser, person)}/correct"
    day = vouched.clock.today() - timedelta(days=3)
    page = browser.get(path).text
    shown = hidden(page)
    assert shown["was.vaccinator"] == "V1"
    form = {
        **shown, "lot": "CP-X", "expiry": "2031-01-01", "on": day.isoformat(), "vaccinator": "V2",
        "number": "2", "given": shown["was.given"], "reason": "All was wrong",
    }  # fmt: skip
    refused = browser.post(path, data=form)
    assert refused.status_code == 409
    assert "By the doses on record this is dose 1." in refused.text
    assert 'name="supervisor"' in refused.text
    signed = {**form, "supervisor": "S1", "pin": "2468"}
    assert browser.post(path, data=signed).status_code == 303
    (record,) = history(vouched, person)
    assert record
    dose = record.dose
    assert (dose.lot, dose.on, dose.vaccinator, dose.number) == ("CP-X", day, "V2", 2)
    form = {**hidden(browser.get(path).text), "given": "covid-19|adenovax", "lot": "AV4417",
            "reason": "Another vial"}  # fmt: skip
    answer = browser.post(path, data=form)
    assert answer.status_code == 303
    (record,) = history(vouched, person)
    assert record
    assert record.dose.vaccine == "adenovax"
    assert answer.headers["Location"] == f"/doses/{record.dose.id}"


def test_only_revoking_a_certificate_says_that_the_dose_still_counts(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Rosa Fresh")
    location = give(browser, person)
    supervisor = signed_in("S1")
    page = supervisor.get(f"{location}/correct").text
    assert "the dose itself still counts" in page
    form = {**hidden(page), "do": "revoke", "reason": "Lost paper"}
    assert supervisor.post(f"{location}/correct", data=form).status_code == 303
    assert "The dose itself still counts." in supervisor.get(location).text
    assert "Certificate revoked" in supervisor.get(person).text
    assert "Revoked" in supervisor.get("/records").text


def person_form(page: str) -> dict[str, str]:
    form = page[page.index('/correct" class="grid"') :]
    fields = dict(re.findall(r'name="([\w.]+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'name="(name|phone|identity)" [^>]*?value="([^"]*)"', form))
    # of these radio buttons none is checked, and each list stands on "not said"
    fields = {name: value for name, value in fields.items() if not name.startswith("guardian")}
    fields |= {"consent": "", "channel": "", "language": ""}
    return {**fields, "gender": "Female", "birthDate": "1979-03-04"}


@pytest.mark.parametrize(
    ("born", "also"), [("Selma", {}), ("Ilham", {"consent": "no", "channel": "", "language": "fr"})]
)
def test_two_tablets_correct_one_person_and_neither_brings_an_old_value_back(
    vouched: Node, signed_in: SignedIn, born: str, also: dict[str, str]
) -> None:
    one, other = signed_in("V1"), signed_in("V2")
    path = f"{newcomer(one, born + ' Fresh')}/correct"
    first, second = (person_form(each.get(path).text) | also for each in (one, other))
    first |= {"phone": "0712345678", "reason": "New phone"}
    assert one.post(path, data=first).status_code == 303
    second |= {"name": f"{born} Freshe", "reason": "Misspelt"}
    assert other.post(path, data=second).status_code == 303
    person = _person(vouched, path)
    assert (person.name, person.phone) == (f"{born} Freshe", "0712345678")


@pytest.mark.parametrize("choice", ["theirs", "mine"])
def test_two_tablets_correct_one_field_and_whoever_comes_second_is_shown_both_and_chooses(
    vouched: Node, signed_in: SignedIn, choice: str
) -> None:
    one, other = signed_in("V1"), signed_in("V2")
    path = f"{newcomer(one, f'Tilda {choice}')}/correct"
    first, second = person_form(one.get(path).text), person_form(other.get(path).text)
    assert one.post(path, data={**first, "phone": "0711111", "reason": "Phone"}).status_code == 303
    answer = other.post(path, data={**second, "phone": "0722222", "reason": "Phone"})
    assert answer.status_code == 409
    assert "Recorded now:" in answer.text
    assert "0711111" in answer.text
    assert "0722222" in answer.text
    assert _person(vouched, path).phone == "0711111"
    again = {**person_form(answer.text), "phone": "0722222", "reason": "Phone"}
    assert again["seen"] > second["seen"]
    assert other.post(path, data={**again, "choose.phone": choice}).status_code == 303
    assert _person(vouched, path).phone == {"theirs": "0711111", "mine": "0722222"}[choice]


def test_a_choice_between_two_values_takes_nothing_else_back_that_another_tablet_changed(
    vouched: Node, signed_in: SignedIn
) -> None:
    one, other = signed_in("V1"), signed_in("V2")
    path = f"{newcomer(one, 'Tomasa Fresh')}/correct"
    first, second = person_form(one.get(path).text), person_form(other.get(path).text)
    first |= {"phone": "0711111", "name": "Tomasa Freshe", "reason": "Both"}
    assert one.post(path, data=first).status_code == 303
    answer = other.post(path, data={**second, "phone": "0722222", "reason": "Phone"})
    again = {**person_form(answer.text), "reason": "Phone", "choose.phone": "mine"}
    assert other.post(path, data=again).status_code == 303
    person = _person(vouched, path)
    assert (person.name, person.phone) == ("Tomasa Freshe", "0722222")


def test_a_refused_form_drawn_again_remembers_what_was_seen_first(
    vouched: Node, signed_in: SignedIn
) -> None:
    one, other = signed_in("V1"), signed_in("V2")
    path = f"{newcomer(one, 'Ursula Fresh')}/correct"
    first, second = person_form(one.get(path).text), person_form(other.get(path).text)
    assert one.post(path, data={**first, "phone": "0711111", "reason": "Phone"}).status_code == 303
    refused = other.post(path, data={**second, "phone": "0722222", "reason": ""})
    again = {**person_form(refused.text), "phone": "0722222", "reason": "Phone"}
    assert other.post(path, data=again).status_code == 409
    assert _person(vouched, path).phone == "0711111"


def _person(node: Node, path: str) -> Person:
    with node.journal.reading() as db:
        person = views.person(db, path.split("/")[2])
    assert person
    return person


def test_two_tablets_change_one_dose_and_whoever_comes_second_is_told(
    vouched: Node, signed_in: SignedIn
) -> None:
    one, other = signed_in("V1"), signed_in("V2")
    location = give(one, newcomer(one, "Vera Fresh"))
    path = f"{location}/correct"
    first, second = (hidden(browser.get(path).text) for browser in (one, other))
    form = {"lot": "CP-1", "expiry": "2031-01-01", "reason": "Lot"}
    assert one.post(path, data={**first, **form}).status_code == 303
    answer = other.post(path, data={**second, **form, "lot": "CP-2"})
    assert answer.status_code == 409
    assert "CP-1" in answer.text
    assert "CP-2" in answer.text
    back = one.post(f"{location}/take-back", data={"kind": "not-given"}).text
    third = one.post(path, data={**hidden(answer.text), **form, "lot": "CP-3"})
    assert third.status_code == 303, re.findall(r"<strong>.*?</strong>.*", third.text)
    late = one.post(
        f"{location}/take-back", data={**hidden(back), "do": "take", "reason": "Not so"}
    )
    assert late.status_code == 409
    assert "CP-3" in late.text, "what is recorded now is shown"


def test_the_api_rehearses_takes_back_and_says_what_was_seen(
    vouched: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    person = newcomer(browser, "Wilma Fresh")
    dose = give(browser, person).rpartition("/")[2]
    file = browser.get(f"/api/v1{person}").get_json()
    back = {"type": "TakeBackDose", "dose": dose, "kind": "not-given", "reason": "Not given"}
    told = browser.post("/api/v1/rehearsals", json=back).get_json()
    assert told["entries"] == ["DoseWithdrawn", "CertificateRevoked"]
    assert len(told["revoked"]) == 1
    assert "renewed" not in told or told["renewed"] == []
    correct = {"type": "CorrectPerson", "person": person.split("/")[-1], "phone": "0733333",
               "reason": "Phone", "seen": file["position"]}  # fmt: skip
    number = [vouched.site.ids.new() for _ in range(3)]
    assert browser.put(f"/api/v1/entries/{number[0]}", json=correct).status_code == 200
    again = browser.put(f"/api/v1/entries/{number[1]}", json={**correct, "phone": "0744444"})
    assert (again.status_code, again.get_json()["code"]) == (409, "record.changed")
    assert browser.put(f"/api/v1/entries/{number[2]}", json=back).status_code == 200
    (record,) = [
        one for one in browser.get("/api/v1/doses").get_json() if one["dose"]["id"] == dose
    ]
    assert record["withdrawn"]["kind"] == "not-given"
    assert browser.get(f"/api/v1{person}").get_json()["doses"] == []
