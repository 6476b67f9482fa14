"""A supervisor takes in tables and sets PINs at a tablet; a handwritten card is typed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from site_factory import demonstration
from werkzeug.test import TestResponse

from edge.domain.dose import Dose
from edge.journal import views
from edge.node import Node
from edge.plugins.sign_in.verifiers import make_verifier
from sync.resources import resource

SignedIn = Callable[[str], FlaskClient]
DATA = resource("config/demo/data")
STOCK = "vaccine;lot;expiry;quantity\ncoviprotect;{lot};2028-01-31;100\ncoviprotect;{lot}B;31-Dec-26;5\n"


def left(node: Node, number: str) -> int:
    with node.journal.reading() as db:
        found = views.lot(db, "coviprotect", number)
    return found.quantity if found else 0


def looked(browser: FlaskClient, content: bytes, **fields: str) -> TestResponse:
    data = {"do": "look", "file": (io.BytesIO(content), "table.csv"), **fields}
    return browser.post("/imports", data=data, content_type="multipart/form-data")


def waiting(page: str) -> str:
    found = re.search(r'name="waiting" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.slow
def test_a_table_is_looked_at_and_then_taken_in_with_one_tap(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("S1")
    seen = looked(browser, STOCK.format(lot="W1").encode(), kind="stock", document="W-1")
    assert seen.status_code == 200
    assert "What would happen" in seen.text
    assert "The year in expiry has two digits." in seen.text
    assert "Row 3" in seen.text
    assert left(node, "W1") == 0
    form = {"waiting": waiting(seen.text), "do": "take"}
    for _ in range(2):  # a second tap finds everything known
        assert "Taken in" in browser.post("/imports", data=form).text
        assert left(node, "W1") == 100
    with node.journal.reading() as db:
        (line,) = views.lines_of_document(db, "W-1")
        row = db.execute("SELECT content FROM entry ORDER BY position DESC LIMIT 1").fetchone()
    assert line.lot == "W1"
    assert '"by":"S1"' in row[0]


def test_a_row_that_looks_like_somebody_waits_for_a_tap(node: Node, signed_in: SignedIn) -> None:
    browser = signed_in("S1")
    head, first = (DATA / "enrolments.csv").read_text().splitlines()[:2]
    cells = dict(zip(head.split(","), first.split(","), strict=True)) | {
        "identity": "",
        "email": "x@y.example",
    }
    content = (head + "\n" + ",".join(cells.values()) + "\n").encode()
    seen = looked(browser, content, kind="enrolments", programme="covid-19").text
    assert "Somebody here looks like the person of this row:" in seen
    assert cells["name"] in seen
    form = {"waiting": waiting(seen), "do": "take"}
    assert "Take in what was answered" in browser.post("/imports", data=form).text
    done = browser.post("/imports", data={**form, "row-2": "different"}).text
    assert re.search(r"<strong>1</strong> taken in", done)
    again = browser.post("/imports", data=form).text
    assert re.search(r"<strong>1</strong> known before", again)


def test_a_file_that_breaks_is_told_on_the_page_with_its_line(signed_in: SignedIn) -> None:
    content = (STOCK.format(lot="W2") + 'coviprotect;"W;2028-01-31;1\n').encode()
    page = looked(signed_in("S1"), content, kind="stock").text
    assert "The file breaks in line 4." in page
    assert "No document&#39;s number was given" in page


@pytest.mark.parametrize(
    ("fields", "content", "sentence"),
    [
        ({"kind": "stock"}, b"", "The file table.csv is empty."),
        ({"kind": "stock"}, b"a,b\n1,2\n", "must name the columns"),
        ({"kind": "nothing"}, b"a", "There is no table of the kind nothing."),
        ({"kind": "enrolments"}, b"a", "The programme  is not in the campaign in force."),
        ({"kind": "stock", "encoding": "klingon"}, b"a", "The encoding klingon is not known."),
    ],
)
def test_a_table_that_cannot_be_looked_at_is_refused_in_words_on_its_page(
    signed_in: SignedIn, fields: dict[str, str], content: bytes, sentence: str
) -> None:
    answer = looked(signed_in("S1"), content, **fields)
    assert answer.status_code == 409
    assert sentence in answer.text
    assert 'type="file"' in answer.text


def test_a_file_of_somebody_else_or_of_before_is_not_found_any_more(signed_in: SignedIn) -> None:
    browser = signed_in("S1")
    seen = looked(browser, STOCK.format(lot="W3").encode(), kind="stock").text
    form = {"waiting": waiting(seen), "do": "take"}
    other = signed_in("T1").post("/imports", data=form)
    assert (other.status_code, "This file is not here any more." in other.text) == (409, True)
    looked(browser, STOCK.format(lot="W4").encode(), kind="stock")
    assert browser.post("/imports", data=form).status_code == 409
    assert browser.post("/imports", data={"do": "look", "kind": "stock"}).status_code == 409


def test_who_may_take_in_what(signed_in: SignedIn) -> None:
    assert signed_in("V1").get("/imports").status_code == 403
    assert signed_in("T1").get("/imports").status_code == 200
    people = looked(signed_in("T1"), b"x", kind="enrolments", programme="covid-19")
    assert "Your role does not allow this." in people.text
    for code, kind, status in [
        ("V1", "stock", 403), ("R1", "stock", 403), ("T1", "enrolments", 403),
        ("T1", "certificates", 403), ("T1", "stock", 200), ("S1", "stock", 200), ("", "stock", 401),
    ]:  # fmt: skip
        answer = signed_in(code).post(
            f"/api/v1/imports/{kind}?dryRun=true&programme=covid-19",
            data=STOCK.format(lot="W5").encode(),
        )
        assert answer.status_code == status, (code, kind)


def test_a_technician_makes_nobody_a_supervisor_with_a_campaign_of_their_own(
    node: Node, signed_in: SignedIn
) -> None:
    body = json.loads(json.dumps(demonstration().body))
    for member in body["staff"]:
        if member["code"] in ("T1", "S1"):
            member["roles"], member["pin"] = ["supervisor"], make_verifier("13579")
    packed = json.dumps({**body, "version": "made-by-t1"}).encode()
    browser = signed_in("T1")
    seen = looked(browser, packed, kind="campaign")
    assert "Your role does not allow this." in seen.text
    for kind, content in (("campaign", packed), ("vaccinators", b"x")):
        assert browser.post(f"/api/v1/imports/{kind}", data=content).status_code == 403
    assert 'value="campaign"' not in browser.get("/imports").text
    assert browser.get("/staff").status_code == 403
    assert signed_in("S1").get("/staff").status_code == 200


def test_the_api_takes_in_a_table_and_says_first_what_it_would_do(
    node: Node, signed_in: SignedIn
) -> None:
    browser, content = signed_in("S1"), STOCK.format(lot="W6").encode()
    path = "/api/v1/imports/stock?document=W-6&name=s.csv"
    seen = browser.post(path + "&dryRun=true", data=content).get_json()
    assert (seen["taken"], seen["mistakes"][0]["row"], seen["mistakes"][0]["column"]) == (
        1,
        3,
        "expiry",
    )
    assert left(node, "W6") == 0
    assert browser.post(path, data=content).get_json()["taken"] == 1
    assert browser.post(path, data=content).get_json()["known"] == 1
    bad = browser.post(path + "&different=x", data=content).get_json()
    assert (bad["code"], bad["field"]) == ("import.rows", "different")


def test_a_pin_set_by_a_supervisor_ends_the_old_sessions_and_opens_the_account(
    node: Node, signed_in: SignedIn
) -> None:
    nurse, supervisor = signed_in("V2"), signed_in("S1")
    assert nurse.get("/records").status_code == 200
    form = {"code": "V2", "newPin": "975310", "newPinAgain": "975310", "pin": "2468"}
    for changed, sentence in [
        ({"newPinAgain": "975311"}, "The two new PINs are not the same."),
        ({"pin": "1111"}, "The code or the PIN is wrong."),
        ({"newPin": "12", "newPinAgain": "12"}, "A PIN has 4 to 12 digits."),
        ({"code": "V3"}, "Nobody with this code works here."),
        ({"code": "nobody"}, "Nobody with this code works here."),
    ]:
        answer = supervisor.post("/staff", data={**form, **changed})
        assert (answer.status_code, sentence in answer.text) == (409, True), sentence
        assert "975310" not in answer.text
    assert nurse.get("/records").status_code == 200
    done = supervisor.post("/staff", data=form)
    assert "can sign in with the new PIN." in done.text
    assert nurse.get("/records").status_code == 303
    assert supervisor.get("/staff").status_code == 200
    fresh = signed_in("")
    assert fresh.post("/sign-in", data={"code": "V2", "pin": "2468"}).status_code == 403
    assert fresh.post("/sign-in", data={"code": "V2", "pin": "975310"}).status_code == 303
    for code in ("V1", "R1", "T1"):
        assert signed_in(code).post("/staff", data=form).status_code == 403


def test_a_pin_is_set_over_the_api_with_the_supervisors_own(signed_in: SignedIn) -> None:
    supervisor = signed_in("S1")
    path = "/api/v1/staff/V2/pin"
    assert supervisor.put(path, json={"pin": "97531", "ownPin": "0000"}).status_code == 403
    assert supervisor.put(path, json={"pin": "97531", "ownPin": "2468"}).get_json() == {"ok": True}
    assert signed_in("V1").put(path, json={"pin": "1357", "ownPin": "2468"}).status_code == 403
    assert supervisor.put(path, json={"pin": "2468", "ownPin": "2468"}).status_code == 200


def doses_of(node: Node, person: str) -> list[Dose]:
    with node.journal.reading() as db:
        return views.history(db, person)


def test_a_card_is_typed_in_a_table_and_what_is_wrong_is_shown_where_it_stands(
    node: Node, signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser, person = signed_in("V1"), find("Tendai")
    page = browser.get(f"/people/{person}/card").text
    cells = dict(re.findall(r'name="what-(\d+)" value="([^"]+)"', page))
    first, second = (
        next(index for index, what in cells.items() if what == f"covid-19|coviprotect|{number}")
        for number in (1, 2)
    )
    number = re.search(r'name="id" value="([0-9a-f-]{36})"', page)
    assert number
    form = {"id": number[1], f"what-{first}": cells[first], f"what-{second}": cells[second],
            f"on-{first}": "3/2026", f"lot-{first}": "B7", f"on-{second}": "31-Dec-26"}  # fmt: skip
    wrong = browser.post(f"/people/{person}/card", data=form)
    assert wrong.status_code == 409
    assert "The year in 31-Dec-26 has two digits." in wrong.text
    assert re.search(r'value="3/2026"', wrong.text)
    assert re.search(rf'name="on-{second}"[^>]*aria-invalid="true"', wrong.text)
    assert doses_of(node, person) == []
    right = browser.post(f"/people/{person}/card", data={**form, f"on-{second}": "5/6/2026"})
    assert (right.status_code, right.headers["Location"]) == (303, f"/people/{person}")
    one, two = doses_of(node, person)
    assert (one.about, one.lot, one.believed_by) == ("2026-03", "B7", "V1")
    assert two.on == date(2026, 6, 5)
    again = browser.get(f"/people/{person}/card").text
    assert f'name="on-{first}"' not in again
    shown = browser.get(f"/people/{person}").text
    assert re.search(r'about <bdi dir="ltr">2026-03</bdi>', shown)
    assert "from a handwritten card" in shown
    empty = browser.post(f"/people/{person}/card", data={"id": node.site.ids.new()})
    assert "No day is typed." in empty.text


def test_a_delivery_typed_twice_under_its_documents_number_is_asked_about(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("S1")
    form = {
        "vaccine": "coviprotect",
        "lot": "W9",
        "expiry": "2028-01-31",
        "quantity": "10",
        "document": "D 9",
    }

    def sent(**more: str) -> TestResponse:
        return browser.post("/stock", data={**form, "id": node.site.ids.new(), **more})

    assert sent().status_code == 303
    twice = sent(document="d9", lot="w9")
    assert (twice.status_code, "is recorded already, with 10 doses" in twice.text) == (409, True)
    assert "This is another box of the same delivery" in twice.text
    assert left(node, "W9") == 10
    assert sent(another="yes").status_code == 303
    assert left(node, "W9") == 20


@pytest.mark.slow
def test_a_packed_campaign_is_looked_at_and_then_applied_whole(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("S1")
    body = demonstration().body
    same = looked(browser, json.dumps(body).encode(), kind="campaign").text
    assert re.search(r"<strong>1</strong> known before", same)
    assert "Otherwise than in force" not in same
    question = {"code": "fever", "asks": "Fever today?"}
    newer = {**body, "version": "2027.1", "staff": body["staff"][:-1], "questions": [question]}
    seen = looked(browser, json.dumps(newer).encode(), kind="campaign").text
    assert "Campaign demoland-2026 2027.1. Programmes: 3, vaccines: 4," in seen
    beside = "questions.yaml (1), distribution.yaml (3), schedules/ (1)"
    assert f"Also in it: {beside}." in seen
    assert "Otherwise than in force: staff.yaml (1), questions.yaml (1)." in seen
    assert "In force now and not in it: V3." in seen
    bad = {**body, "staff": [{**body["staff"][0], "facilities": ["NOWHERE"]}]}
    wrong = looked(browser, json.dumps(bad).encode(), kind="campaign").text
    assert "staff.yaml" in wrong
    assert "NOWHERE" in wrong
    none = looked(browser, b"no campaign", kind="campaign")
    assert (none.status_code, "is not a packed campaign." in none.text) == (409, True)
    path = "/api/v1/imports/campaign?name=c.json"
    assert browser.post(path + "&dryRun=true", data=json.dumps(newer)).get_json()["taken"] == 1
    again = browser.post(path, data=json.dumps(body)).get_json()
    assert (again["taken"], again["known"]) == (0, 1)
    assert browser.post(path, data=json.dumps(newer)).get_json()["taken"] == 1
    with node.journal.reading() as db:
        assert "V3" not in node.site.catalogues.current(db).staff
    for asked in (path, path + "&dryRun=true"):
        older = browser.post(asked, data=json.dumps(body))
        assert (older.status_code, older.get_json()["code"]) == (400, "campaign.older")
    assert (
        "is not newer than 2027.1"
        in looked(browser, json.dumps(body).encode(), kind="campaign").text
    )
