"""The JSON API: what it is given wrong it says in words, what it does not know it refuses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from edge.journal import pin_tries
from edge.journal.entries import entries_of
from edge.node import Node
from edge.services.commands import GiveDose, Override, command_document
from edge.web.routes import ROUTES
from sync.protocol.entries import canonical

SignedIn = Callable[[str], FlaskClient]
ID = "01935e5c-0000-7000-8000-0000000000"


def dose(**fields: Any) -> dict[str, Any]:
    whole = {
        "type": "GiveDose",
        "person": "PERSON",
        "programme": "covid-19",
        "vaccine": "coviprotect",
        "lot": "CP2611A",
        **fields,
    }
    return {key: value for key, value in whole.items() if value is not ...}


def walk_in(**fields: Any) -> dict[str, Any]:
    whole = {"type": "RegisterPerson", "name": "Berhane Tekle", "gender": "Male", "birthYear": 1990}
    return {key: value for key, value in {**whole, **fields}.items() if value is not ...}


BAD_REQUESTS: list[tuple[str, Any, int, str]] = [
    ("no JSON", b"give a dose", 400, "The request is not JSON."),
    ("half a JSON", b'{"type": "GiveDose"', 400, "The request is not JSON."),
    ("bytes", b"\xff\xfe", 400, "The request is not JSON."),
    ("nothing", b"", 400, "The request is not JSON."),
    ("a list", [], 400, "The field body does not fit: Expected `object`, got `array`."),
    ("no type", {}, 400, "missing required field `type`"),
    ("an unknown type", {"type": "Fly"}, 400, "Invalid value 'Fly'"),
    ("no person", dose(person=...), 400, "missing required field `person`"),
    ("a number for a person", dose(person=7), 400, "The field person does not fit: Expected `str`, got `int`."),
    ("an empty person", dose(person=""), 400, "The field person does not fit"),
    ("no lot", dose(lot=...), 400, "missing required field `lot`"),
    ("an empty lot", dose(lot=""), 400, "The field lot does not fit: Expected `str` of length >= 1."),
    ("a lot that is too long", dose(lot="L" * 121), 400, "Expected `str` of length <= 120"),
    ("a lot of more than 20 letters", dose(lot="L" * 21), 400, "longer than 20 characters"),
    ("a date that is none", dose(on="24.11.2026"), 400, "The field on does not fit: Invalid RFC3339"),
    ("a day that does not exist", dose(on="2026-02-30"), 400, "The field on does not fit"),
    ("an expiry that is none", dose(expiry="soon"), 400, "The field expiry does not fit"),
    ("a misspelt field", dose(lott="X"), 400, "unknown field `lott`"),
    ("an override without a reason", dose(override={}), 400, "missing required field `reason`"),
    ("an override with a short reason", dose(override={"reason": "x"}), 400, "The field override.reason does not fit"),
    ("an unknown person", dose(person="nobody"), 404, "This person is not registered here."),
    ("an unknown programme", dose(programme="polio"), 409, "The programme polio is not in the campaign in force."),
    ("an unknown vaccine", dose(vaccine="water"), 409, "The vaccine water is not part of the programme COVID-19, two doses."),
    ("a vaccine of another programme", dose(vaccine="amarilia"), 409, "The vaccine Amarilia is not part of the programme COVID-19, two doses."),
    ("an expired lot", dose(lot="CP2503Z"), 409, "Lot CP2503Z expired on 31 Mar 2026."),
    ("an unknown lot", dose(lot="X1"), 400, "Lot X1 is not in this site's stock."),
    ("another expiry than the stock's", dose(expiry="2031-01-01"), 400, "The stock has 30 Sept 2027 as the expiry date of lot CP2611A."),
    ("a dose in the future", dose(on="2199-01-01"), 409, "The dose is dated 1 Jan 2199, after today"),
    ("a dose before the programme", dose(on="2025-12-31"), 409, "does not run on 31 Dec 2025."),
    ("a registrar as vaccinator", dose(vaccinator="R1"), 409, "Meseret Alemu is not an active vaccinator."),
    ("a vaccinator of elsewhere", dose(vaccinator="V3"), 409, "Tomas Berg is not assigned to Riverside Health Centre."),
    ("an unknown printer", dose(printer="roof"), 400, "There is no printer roof at this site."),
    ("no name", walk_in(name=""), 400, "The name is empty."),
    ("a name of spaces", walk_in(name="   "), 400, "The name is empty."),
    ("a name that nobody sees", walk_in(name="\u200b\u2060"), 400, "Name holds only signs that nobody can see."),
    ("a name turned round", walk_in(name="A\u202eB"), 400, "Name holds an invisible sign that turns the direction of writing."),
    ("a name with a bell", walk_in(name="A\x07B"), 400, "Name holds a control character, which nobody can see."),
    ("a name no passport has", walk_in(passportName="Ана"), 400, "The name as in the passport has Latin letters only."),
    ("a name that is too long", walk_in(name="N" * 130), 400, "Name is longer than 120 characters."),
    ("a very long name", walk_in(name="N" * 300), 400, "The field name does not fit: Expected `str` of length <= 200."),
    ("an unknown gender", walk_in(gender="X"), 400, "The field gender does not fit: Invalid enum value 'X'."),
    ("no birth", walk_in(birthYear=...), 400, "Neither the date nor the year of birth is given."),
    ("a birth in the future", walk_in(birthYear=..., birthDate="2199-01-01"), 400, "The date of birth is after today"),
    ("a birth in the year 12", walk_in(birthYear=12), 400, "The year of birth must lie between"),
    ("a birth in two years", walk_in(birthYear=1990, birthDate="1991-01-01"), 400, "The date and the year of birth do not agree."),
    ("a year as text", walk_in(birthYear="1990"), 400, "The field birthYear does not fit: Expected `int | null`, got `str`."),
    ("a date that is no date", walk_in(birthYear=..., birthDate="1990"), 400, "The field birthDate does not fit"),
    ("an identity of no form", walk_in(identity="12345"), 400, "The identity must have the form did:<type>:<number>."),
    ("a phone of letters", walk_in(phone="call me"), 400, "The phone number must have 6 to 15 digits."),
    ("a phone that is too short", walk_in(phone="123"), 400, "The phone number must have 6 to 15 digits."),
    ("an unknown part of an address", walk_in(address={"planet": "Mars"}), 400, "unknown field `planet`"),
    ("a programme that is not there", walk_in(programme="polio"), 400, "The programme polio is not in the campaign in force."),
    ("somebody who is known", walk_in(name="Grace Wanjiru", birthYear=1957), 409, "Somebody who looks like this person is already registered."),
    ("arriving without a programme", {"type": "Arrive", "person": "PERSON"}, 400, "missing required field `programme`"),
    ("arriving for an unknown programme", {"type": "Arrive", "person": "PERSON", "programme": "x"}, 400, "The programme x is not in the campaign in force."),
    ("a stranger leaving", {"type": "Leave", "person": "nobody"}, 404, "This person is not registered here."),
    ("a copy of nothing", {"type": "PrintCopy", "certificate": "0000"}, 404, "There is no certificate with this number here."),
    ("a print that is not there", {"type": "SettlePrint", "printJob": 999999, "cameOut": True}, 404, "There is no such print."),
    ("a print that is a text", {"type": "SettlePrint", "printJob": "x", "cameOut": True}, 400, "The field printJob does not fit"),
    ("no doses at all", {"type": "ReceiveStock", "vaccine": "coviprotect", "lot": "L", "expiry": "2030-01-01", "quantity": 0}, 400, "The field quantity does not fit: Expected `int` >= 1."),
    ("stock of an unknown vaccine", {"type": "ReceiveStock", "vaccine": "water", "lot": "L", "expiry": "2030-01-01", "quantity": 1}, 400, "The vaccine water is not in the campaign in force."),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [pytest.param(body, status, text, id=name) for name, body, status, text in BAD_REQUESTS],
)
def test_a_bad_request_is_answered_with_its_sentence_and_records_nothing(
    node: Node,
    signed_in: SignedIn,
    find: Callable[[str], str],
    body: Any,
    status: int,
    sentence: str,
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    data = data.replace(b"PERSON", find("Tendai Moyo").encode())
    before = entries(node)
    answer = signed_in("S1").put(f"/api/v1/entries/{ID}01", data=data)
    problem = answer.get_json()
    assert (answer.status_code, sentence in problem["sentence"]) == (status, True), problem
    assert problem["code"].count(".") == 1
    assert entries(node) == before


def test_there_are_at_least_sixty_bad_things_in_the_tables() -> None:
    assert len(BAD_REQUESTS) >= 55  # and as many payloads in tests/credentials, files in campaigns


@pytest.mark.parametrize("role", ["", "R1", "V1", "S1", "T1"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_is_open_to_exactly_the_roles_in_the_table(
    signed_in: SignedIn, role: str, route: Any
) -> None:
    roles = {"R1": {"registrar"}, "V1": {"vaccinator"}, "S1": {"supervisor", "vaccinator"}, "T1": {"technician"}}  # fmt: skip
    path = "/api/v1" + re.sub(r"{\w+}", "0", route.path)
    answer = signed_in(role).open(path, method=route.method)
    if not route.roles:
        assert answer.status_code not in (401, 403) or answer.get_json()["code"] == "sign-in.wrong"
    elif not role:
        assert answer.get_json()["code"] == "session.none"
        assert answer.status_code == 401
    elif not roles[role] & route.roles:
        assert answer.status_code == 403
    else:
        assert answer.status_code not in (401, 403)


def test_the_technician_sees_nobodys_record(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser = signed_in("T1")
    for path in (f"/api/v1/people/{find('Tendai')}", "/api/v1/doses", "/api/v1/queue"):
        assert browser.get(path).status_code == 403
    found = browser.post("/api/v1/people/search", json={"text": "Tendai"})
    assert found.status_code == 403


def test_a_search_is_in_the_body_and_finds_the_beginning_of_words(signed_in: SignedIn) -> None:
    browser = signed_in("R1")
    found = browser.post("/api/v1/people/search", json={"text": "tend moy"}).get_json()
    assert [one["name"] for one in found] == ["Tendai Moyo"]
    empty = browser.post("/api/v1/people/search", json={"text": " "})
    assert empty.get_json()["code"] == "search.empty"


@pytest.mark.slow
def test_the_openapi_document_is_valid_and_names_every_route(signed_in: SignedIn) -> None:
    document = signed_in("").get("/api/v1/openapi.json").get_json()
    validate(document)
    described = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    assert document["components"]["schemas"]["GiveDose"]["required"]


def test_the_same_request_sent_twice_gets_the_same_answer(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser, path = signed_in("V1"), f"/api/v1/entries/{ID}02"
    body = dose(person=find("Eleni"))
    first, again = browser.put(path, json=body).get_json(), browser.put(path, json=body).get_json()
    assert again.pop("repeated")
    first.pop("repeated", None)
    assert first == again
    assert browser.get(path).get_json()["entries"] == first["entries"]
    other = browser.put(path, json={**body, "lot": "CP2610X"})
    assert (other.status_code, other.get_json()["code"]) == (409, "entry.number-used")


def test_a_supervisors_pin_is_checked_and_goes_no_further(
    node: Node, signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser = signed_in("V1")
    override = {"reason": "A reason of weight", "supervisor": "S1", "pin": "9999"}
    body = dose(person=find("Amina"), override=override)
    wrong = browser.put(f"/api/v1/entries/{ID}03", json=body)
    assert (wrong.status_code, wrong.get_json()["code"]) == (403, "sign-in.wrong")
    override["pin"] = "2468"
    assert browser.put(f"/api/v1/entries/{ID}03", json=body).status_code == 200
    told = GiveDose(
        person=find("Amina"),
        programme="covid-19",
        vaccine="coviprotect",
        lot="CP2611A",
        override=Override(reason="A reason of weight", supervisor="S1"),
    )
    digest = hashlib.sha256(canonical(command_document(told))).hexdigest()
    with node.journal.reading() as db:
        assert entries_of(db, f"{ID}03")[0].document["command"] == digest  # no PIN is in it
    with node.journal.reading() as db:
        texts = [row[0] for row in db.execute("SELECT content FROM entry")]
    assert not any(pin in text for text in texts for pin in ('"9999"', '"2468"'))


def test_five_wrong_pins_close_the_tablet_they_are_typed_at(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("")
    browser.environ_base["REMOTE_ADDR"] = "192.0.2.77"
    for _ in range(5):
        answer = browser.post("/api/v1/session", json={"code": "V2", "pin": "0000"})
        assert answer.get_json()["code"] == "sign-in.wrong"
    locked = browser.post("/api/v1/session", json={"code": "V2", "pin": "2468"})
    assert locked.get_json()["code"] == "sign-in.locked"
    with node.journal.reading() as db:
        assert pin_tries.tries_since(db, "V2", "") == 5
    assert signed_in("V2")


def test_a_request_from_another_sites_page_is_not_carried_out(
    node: Node, signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    before = entries(node)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = signed_in("V1").put(
            f"/api/v1/entries/{ID}04", json=dose(person=find("Tendai")), headers=headers
        )
        assert answer.get_json()["code"] == "request.other-origin"
    assert entries(node) == before


def test_every_answer_carries_the_headers_that_protect_it(signed_in: SignedIn) -> None:
    for path in (
        "/api/v1/ping",
        "/sign-in",
        "/verify",
        "/nothing",
        "/static/edge.css",
        "/",
        "/api/v1/people",
    ):
        headers = signed_in("").get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        kept = "no-cache" if path.startswith("/static/") else "no-store"
        assert headers["Cache-Control"] == kept, path


def test_an_error_nobody_expected_is_answered_in_words_and_logged_without_data(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Almaz Tesfaye")

    monkeypatch.setattr(type(node.site.catalogues), "current", broken)
    answer = signed_in("").get("/api/v1/catalogue", headers={"Authorization": "Bearer x"})
    assert answer.status_code in (401, 500)
    assert "Almaz" not in caplog.text


def entries(node: Node) -> int:
    with node.journal.reading() as db:
        return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


def test_a_slip_is_printed_over_the_api_once_for_each_number(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("T1")
    asked = {"id": node.site.ids.new(), "slip": "setup", "subject": "DEMO01"}
    first, second = (browser.post("/api/v1/prints", json=asked).get_json() for _ in range(2))
    assert first["printJob"]["slip"] == "setup"
    assert first["printJob"]["id"] == second["printJob"]["id"]
    assert second["repeated"]
    picture = browser.get("/api/v1/slips/setup.png?of=DEMO01")
    assert picture.data.startswith(b"\x89PNG")
    refused = browser.post(
        "/api/v1/prints", json={**asked, "id": node.site.ids.new(), "slip": "poster"}
    )
    assert refused.status_code == 400


def test_a_technician_sees_no_slip_of_a_person(signed_in: SignedIn) -> None:
    for path in (
        "/api/v1/slips/sticker.png?of=x",
        "/slips/appointment?of=x",
        "/slips/certificate.png?of=x",
    ):
        assert signed_in("T1").get(path).status_code == 403


def test_what_breaks_behind_an_expiry_month_is_not_json_and_no_fault_of_ours(
    signed_in: SignedIn,
) -> None:
    body = b'{"type":"GiveDose","person":"P","programme":"p","vaccine":"v","lot":"L","expiry":"12/t": 1}'
    answer = signed_in("V1").put(f"/api/v1/entries/{ID}77", data=body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request.not-json")
