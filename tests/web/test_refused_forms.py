"""A form that was refused comes back with what was typed, and means nothing else by it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from forms import objections
from site_factory import vouch_for

from edge.domain.schedule.model import Subject
from edge.domain.scheduled import Case
from edge.journal import pin_tries, views
from edge.node import Node
from edge.web.offers import offers
from edge.web.ribbon import Choice, ribbon
from edge.web.serializers import verdicts_of

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


def marked(page: str, name: str) -> str:
    """Give the radio button that is marked, or nothing."""
    found = re.findall(rf'<input type="radio" name="{name}" value="([^"]*)"[^>]*? checked', page)
    assert f'type="radio" name="{name}"' in page
    return found[0] if found else ""


def selected(page: str, name: str) -> str:
    """Give what a browser would send of a choice: what is marked, else the first."""
    select = re.search(rf'<select name="{name}".*?</select>', page, re.S)
    assert select
    values: list[tuple[str, str]] = re.findall(r'<option value="([^"]*)" ?(selected)?', select[0])
    return next((value for value, mark in values if mark), values[0][0])


def failures(node: Node, code: str) -> int:
    with node.journal.reading() as db:
        return pin_tries.tries_since(db, code, "")


@pytest.mark.parametrize("lot", ["coviprotect|CP2503Z", "coviprotect|GONE"])
@pytest.mark.slow
def test_a_lot_that_is_at_hand_no_more_is_not_replaced_by_another(
    node: Node, signed_in: SignedIn, newcomer: Newcomer, lot: str
) -> None:
    path = newcomer("Lot Gone")
    form = {"programme": "covid-19", "lot": lot}
    page = send(node, signed_in("V1"), f"{path}/give", 409, **form)
    assert marked(page, "lot") == ""
    assert "give primary" not in page


@pytest.mark.parametrize("lot", ["nothing|X", "|", "coviprotect", "amarilia|YF0091"])
def test_a_dose_of_a_vaccine_that_the_programme_lacks_or_of_no_lot_is_refused_with_the_person(
    node: Node, signed_in: SignedIn, newcomer: Newcomer, lot: str
) -> None:
    path = newcomer("Lot Lost")
    page = send(node, signed_in("V1"), f"{path}/give", 409, programme="covid-19", lot=lot)
    assert "Lot Lost" in page
    assert 'role="alert"' in page


def test_a_programme_that_is_none_of_those_on_offer_is_refused_with_the_person(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    form = {"programme": "polio", "lot": "coviprotect|CP2611A"}
    page = send(node, signed_in("V1"), f"{newcomer('Programme Gone')}/give", 409, **form)
    assert "The programme polio is not in the campaign in force." in page
    assert "Programme Gone" in page


def test_a_programme_waited_for_that_was_stopped_is_not_replaced_by_another(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        lots = views.lots(db)
    stopped = replace(catalogue.programmes["yellow-fever"], active=False)
    catalogue = replace(catalogue, programmes={**catalogue.programmes, "yellow-fever": stopped})
    subject = Subject(born=date(1990, 5, 5), gender="", observations={})
    case = Case(subject=subject, history=(), catalogue=catalogue, zone=UTC)
    today = node.clock.today()
    told = verdicts_of(case, today)
    table = ribbon(Choice(), catalogue, lots, catalogue.staff["V1"], "DEMO01", today)
    found = offers(case, told, table, today, ("yellow-fever", "covid-19"))
    assert [one.vaccine.code for one in found.due] == ["coviprotect"]
    assert not any(one.asked for one in found.all)


def test_the_button_is_not_green_for_another_day_than_the_one_that_was_judged(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    browser, path = signed_in("V1"), newcomer("Day Before")
    on = (node.clock.today() - timedelta(days=28)).isoformat()
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    send(node, browser, f"{path}/give", 303, **form, on=on)
    assert "give primary" in browser.get(path).text
    yesterday = (node.clock.today() - timedelta(days=1)).isoformat()
    page = send(node, browser, f"{path}/give", 409, **form, on=yesterday)
    assert yesterday in page
    assert "give primary" not in page


def test_a_wrong_pin_leaves_the_reason_and_the_supervisor_as_they_were_typed(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    browser, path = signed_in("V1"), newcomer("Wrong Pin")
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    dose = send(node, browser, f"{path}/give", 303, **form)
    refused = send(node, browser, f"{path}/give", 409, **form)
    signed = {**objections(refused, "Travels far & long"), "supervisor": "S1", "pin": "0000"}
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


def test_a_certificate_of_somebody_else_registers_nobody_and_the_form_is_as_it_was(
    node: Node, signed_in: SignedIn, newcomer: Newcomer, tmp_path: Path
) -> None:
    vouch_for(node, tmp_path / "authority")
    browser = signed_in("V1")
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    dose = send(node, browser, f"{newcomer('Abeba Carried')}/give", 303, **form)
    carried = carried_of(node, dose.rpartition("/")[2])
    told = {"certificate": carried, "evidence": node.site.ids.new(), "gender": "Female",
            "name": "Abeba Again", "programme": "covid-19"}  # fmt: skip
    page = send(node, browser, "/register", 409, birthDate="1991-05-05", **told)
    assert "The date of birth on this certificate is another one." in page
    assert 'value="1991-05-05"' in page
    assert carried in page
    with node.journal.reading() as db:
        assert not views.find_people(db, "Abeba Again")
    path = send(node, browser, "/register", 303, birthDate="1990-05-05", **told)
    assert "from a certificate" in browser.get(path).text


def test_a_certificate_that_cannot_be_added_says_so_on_the_page_of_the_person(
    node: Node, signed_in: SignedIn, newcomer: Newcomer, tmp_path: Path
) -> None:
    vouch_for(node, tmp_path / "authority")
    browser, path = signed_in("V1"), newcomer("Desta Carried")
    form = {"programme": "covid-19", "lot": "coviprotect|CP2611A"}
    dose = send(node, browser, f"{path}/give", 303, **form)
    carried = carried_of(node, dose.rpartition("/")[2])
    page = send(node, browser, f"{path}/certificate", 409, certificate=carried)
    assert "What this certificate tells is recorded here already." in page
    assert "Desta Carried" in page
    assert browser.get(f"{path}/certificate").headers["Location"] == path


def carried_of(node: Node, dose: str) -> str:
    """Give what a certificate's code holds, as a form carries it."""
    with node.journal.reading() as db:
        record = views.recorded(db, dose)
        assert record
        issued = views.certificate(db, record.certificate)
    assert issued
    payload = node.certifier.payload(issued.format, issued.credentials[issued.format])
    return base64.b64encode(payload).decode()


@pytest.mark.parametrize(
    ("form", "field", "value", "words"),
    [
        ("give", "programme", "x" * 500, "Programme"),
        ("give", "vaccinator", "x" * 500, "Vaccinator"),
        ("arrive", "programme", "", "Programme"),
        ("observe", "code", "x" * 500, "What was seen"),
        ("observe-no-more", "code", "x" * 500, "What was seen"),
        ("certificate", "certificate", "", "Certificate"),
        ("certificate", "certificate", "|", "Certificate"),
        ("correct", "gender", "Z", "Gender"),
        ("/register", "gender", "Z", "Gender"),
        ("/register", "name", "x" * 500, "Name"),
    ],
)
def test_a_value_that_no_field_of_a_form_takes_is_refused_by_the_fields_word_on_its_page(
    node: Node,
    signed_in: SignedIn,
    newcomer: Newcomer,
    form: str,
    field: str,
    value: str,
    words: str,
) -> None:
    told = {"programme": "covid-19", "lot": "coviprotect|CP2611A", "name": "Too Long",
            "gender": "Female", "birthDate": "1990-05-05", "reason": "Misread"}  # fmt: skip
    path = f"{newcomer('Field Long')}/{form}" if form[0] != "/" else form
    page = send(node, signed_in("S1"), path, 409, **{**told, field: value})
    assert f"{words} does not fit." in page
    assert f"field {field}" not in page
    assert "<form" in page


def test_an_age_that_does_not_fit_is_named(node: Node, signed_in: SignedIn) -> None:
    form = {"name": "Named Field", "gender": "Female", "ageUnit": "months", "ageCount": "3 or 4"}
    assert "Age does not fit" in send(node, signed_in("R1"), "/register", 409, **form)


def test_an_age_and_a_month_are_typed_in_the_digits_of_any_script(
    node: Node, signed_in: SignedIn
) -> None:
    form = {"name": "Three Months", "gender": "Female", "ageCount": "٣", "ageUnit": "months"}
    path = send(node, signed_in("R1"), "/register", 303, **form)
    assert "3 months" in signed_in("R1").get(path).text
    form = {"name": "Of March", "gender": "Female", "birthMonth": "٢٠٢٤-٠٣"}
    path = send(node, signed_in("R1"), "/register", 303, **form)
    told = signed_in("R1").get(f"/api/v1{path}").get_json()["person"]
    assert told["birthEarliest"] == "2024-03-01"


def test_a_dose_on_a_page_that_stood_open_past_midnight_asks_for_the_day(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    path = newcomer("Open Past Midnight")
    today, lot = node.clock.today(), "coviprotect|CP2611A"
    yesterday = (today - timedelta(days=1)).isoformat()
    proposed = {"programme": "covid-19", "lot": lot, "vaccinator": "V1", "drawn": yesterday}
    page = send(node, signed_in("V1"), f"{path}/give", 409, **proposed, on=yesterday)
    assert "This page was opened on" in page
    assert f'name="on" value="{today}"' in page
    assert f'name="drawn" value="{today}"' in page
    assert marked(page, "lot") == lot
    on_purpose = proposed | {"drawn": today.isoformat(), "on": yesterday}
    dose = send(node, signed_in("V1"), f"{path}/give", 303, **on_purpose).split("/")[-1]
    with node.journal.reading() as db:
        recorded = views.recorded(db, dose)
    assert recorded
    assert recorded.dose.on.isoformat() == yesterday


def test_a_death_on_a_page_that_stood_open_past_midnight_asks_for_the_day(
    node: Node, signed_in: SignedIn, newcomer: Newcomer
) -> None:
    path = newcomer("Status Past Midnight")
    today = node.clock.today()
    yesterday = (today - timedelta(days=1)).isoformat()
    told = {"status": "lost", "on": yesterday, "reason": "not seen"}
    browser, id_ = signed_in("V1"), node.site.ids.new()
    asked = browser.post(f"{path}/status", data={"id": id_, **told, "drawn": yesterday})
    assert f'name="on" value="{today}"' in asked.text
    assert "This page was opened on" in asked.text
    taken = browser.post(f"{path}/status", data={"id": id_, **told, "drawn": today.isoformat()})
    assert taken.status_code == 303


def test_a_dose_whose_answer_was_lost_before_midnight_is_answered_after_it_by_what_was_recorded(
    node: Node, signed_in: SignedIn, newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, today = newcomer("Answer Lost"), node.clock.today()
    form = {"id": node.site.ids.new(), "programme": "covid-19", "lot": "coviprotect|CP2611A",
            "vaccinator": "V1", "on": today.isoformat(), "drawn": today.isoformat()}  # fmt: skip
    status = {"id": node.site.ids.new(), "status": "lost", "reason": "not seen",
              "on": today.isoformat(), "drawn": today.isoformat()}  # fmt: skip
    browser = signed_in("V1")
    first = browser.post(f"{path}/give", data=form)
    assert browser.post(f"{path}/status", data=status).status_code == 303
    monkeypatch.setattr(node.clock, "today", lambda: today + timedelta(days=1))
    again = browser.post(f"{path}/give", data=form)
    assert (again.status_code, again.location) == (303, first.location)
    assert browser.post(f"{path}/status", data=status).status_code == 303
    never_sent = browser.post(f"{path}/give", data={**form, "id": node.site.ids.new()})
    assert "This page was opened on" in never_sent.text
