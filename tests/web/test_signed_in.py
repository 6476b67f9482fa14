"""Who is signed in: against a site that is served, as a hostile guest, a nurse and a supervisor."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from next_edition import put_in_force
from serving import Serving
from site_factory import filled_site

from edge.adapters.settings import PrinterSettings, Settings
from edge.campaign.loader import read_campaign
from edge.journal import pin_tries
from edge.node import Node
from edge.plugins.sign_in.verifiers import make_verifier
from edge.services.campaigns import CheckedCampaign
from edge.services.pins import PinSeal
from edge.slips.slip_maker import SlipRequest
from edge.web.app import create_app
from printers.document import Qr
from sync.resources import resource

GUEST, NURSE, OFFICE = "127.0.0.66", "127.0.0.10", "127.0.0.20"
SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    printer = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01", printers=(printer,)))
    yield node
    node.close()


@pytest.fixture
def served(node: Node) -> Iterator[Serving]:
    serving = Serving(create_app(node.backend()), threads=16)
    yield serving
    serving.close()


@pytest.fixture
def signed_in(node: Node) -> SignedIn:
    app = create_app(node.backend())

    def browser(code: str, address: str = NURSE, pin: str = "2468") -> FlaskClient:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        if code:
            answer = client.post("/sign-in", data={"code": code, "pin": pin})
            assert answer.status_code == 303, answer.text
        return client

    return browser


def asks(
    serving: Serving,
    path: str,
    document: object,
    address: str,
    token: str = "",
    method: str = "POST",
) -> tuple[int, dict[str, object]]:
    """Ask the API from an address of this machine, until it is not too busy."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    while True:
        line = http.client.HTTPConnection(
            "127.0.0.1", serving.port, timeout=60, source_address=(address, 0)
        )
        line.request(method, f"/api/v1{path}", json.dumps(document), headers)
        answer = line.getresponse()
        body = json.loads(answer.read())
        line.close()
        if answer.status != 503:
            return answer.status, body


def signs_in(serving: Serving, code: str, pin: str, address: str) -> tuple[int, dict[str, object]]:
    return asks(serving, "/session", {"code": code, "pin": pin}, address)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["S1", "nobody"])
def test_twenty_guesses_at_once_against_a_served_site_get_five_through(
    node: Node, served: Serving, code: str
) -> None:
    with ThreadPoolExecutor(20) as guessing:
        found = list(
            guessing.map(
                lambda pin: signs_in(served, code, f"{pin:04}", GUEST)[1]["code"], range(20)
            )
        )
    assert found.count("sign-in.wrong") == 5
    assert found.count("sign-in.locked") == 15


@pytest.mark.slow
def test_a_supervisor_signs_in_and_signs_overrides_while_guests_guess(
    node: Node, served: Serving
) -> None:
    assert signs_in(served, "S1", "2468", OFFICE)[0] == 200
    nurse = str(signs_in(served, "V1", "2468", NURSE)[1]["token"])
    guests = [f"127.0.2.{number}" for number in range(1, 41)]
    with ThreadPoolExecutor(8) as guessing:
        list(guessing.map(lambda guest: signs_in(served, "S1", "0000", guest), guests * 2))
        again = guessing.map(lambda guest: signs_in(served, "S1", "1111", guest), guests)
        assert signs_in(served, "S1", "2468", OFFICE)[0] == 200
        asked = {
            "type": "LeavePerson",
            "override": {"reason": "Travels", "supervisor": "S1", "pin": "2468"},
        }
        give = {
            "type": "GiveDose", "person": node.site.ids.new(), "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A", "override": asked["override"],
        }  # fmt: skip
        status, answer = asks(
            served, f"/entries/{node.site.ids.new()}", give, NURSE, nurse, method="PUT"
        )
        assert answer["code"] == "person.unknown", answer  # behind the PIN
        assert {one[1]["code"] for one in again} == {"sign-in.locked"}
    assert status in (400, 404)


def test_a_guest_who_guesses_in_the_override_dialog_slows_that_tablet_alone(
    node: Node, signed_in: SignedIn
) -> None:
    nurse, other = signed_in("V1"), signed_in("V2", "127.0.0.11")
    signed_in("S1", OFFICE)

    def override(browser: FlaskClient, pin: str) -> str:
        give = {
            "type": "GiveDose", "person": node.site.ids.new(), "programme": "covid-19",
            "vaccine": "coviprotect", "lot": "CP2611A",
            "override": {"reason": "Travels", "supervisor": "S1", "pin": pin},
        }  # fmt: skip
        answer = browser.put(f"/api/v1/entries/{node.site.ids.new()}", json=give)
        return str(answer.get_json()["code"])

    found = [override(nurse, "0000") for _ in range(7)]
    assert found == ["sign-in.wrong"] * 5 + ["sign-in.locked"] * 2
    assert override(other, "2468") == "person.unknown"
    assert signed_in("S1", OFFICE)


def put_down(node: Node, type_: str, body: dict[str, str]) -> None:
    node.journal.run(lambda unit: unit.append(type_, body, id_=node.site.ids.new(), by="x"))


def changed(node: Node, code: str, **fields: object) -> None:
    body = {**read_campaign(resource("config/demo/campaign"), resource("config/schemas"))}
    body["staff"] = [{**one, **fields} if one["code"] == code else one for one in body["staff"]]
    assert put_in_force(node, CheckedCampaign(body)).new


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        {"roles": ["registrar"]},
        {"roles": ["vaccinator", "supervisor"]},
        {"active": False},
        {"facilities": ["DEMO02"]},
        {"pin": make_verifier("97531")},
    ],
    ids=["less", "more", "left", "moved", "pin"],
)
def test_another_role_a_new_pin_or_leaving_ends_the_sessions_of_that_person_only(
    node: Node, signed_in: SignedIn, fields: dict[str, object]
) -> None:
    nurse, other = signed_in("V1"), signed_in("S1")
    assert nurse.get("/stock").status_code == 200
    changed(node, "V1", **fields)
    assert nurse.get("/stock").status_code == 303
    assert nurse.get("/api/v1/session").status_code == 401
    assert other.get("/stock").status_code == 200
    changed_back = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    put_in_force(node, CheckedCampaign(changed_back))
    assert nurse.get("/stock").status_code == 303


@pytest.mark.slow
def test_a_tablet_that_lies_idle_asks_the_same_person_for_the_pin_and_keeps_the_form(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse = signed_in("V1")
    now = node.clock.now()
    later = [timedelta()]
    monkeypatch.setattr(node.clock, "now", lambda: now + later[0])
    for minutes in (29, 58, 87):
        later[0] = timedelta(minutes=minutes)
        assert nurse.get("/stock").status_code == 200, minutes
    later[0] = timedelta(minutes=87 + 31)
    assert nurse.get("/api/v1/session").status_code == 401
    assert nurse.get("/stock").status_code == 303
    assert 'name="code" value="V1"' in nurse.get("/sign-in").text
    form = {"name": "Half Typed", "gender": "Female", "birthDate": "1990-01-01"}
    asked = nurse.post("/register", data=form)
    assert asked.status_code == 403
    assert 'name="code" value="V1"' in asked.text
    assert "Half Typed" in asked.text


@pytest.mark.slow
def test_who_signs_in_over_somebodys_session_ends_it_for_whoever_has_its_token(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("R1")
    cookie = browser.get_cookie("divoc_edge_session")
    assert cookie is not None
    old = {"Authorization": f"Bearer {cookie.value}"}
    fresh = create_app(node.backend()).test_client()
    wrong = browser.post("/sign-in", data={"code": "V1", "pin": "1111"})
    assert wrong.status_code == 403
    assert fresh.get("/api/v1/session", headers=old).status_code == 200
    assert browser.post("/sign-in", data={"code": "V1", "pin": "2468"}).status_code == 303
    assert fresh.get("/api/v1/session", headers=old).status_code == 401
    assert [one.staff.code for one in node.authenticator.sessions.listed()] == ["V1"]
    # a program that signs in again with its old token at hand, too
    opened = fresh.post("/api/v1/session", json={"code": "V1", "pin": "2468"}).get_json()
    held = {"Authorization": f"Bearer {opened['token']}"}
    again = fresh.post("/api/v1/session", json={"code": "S1", "pin": "2468"}, headers=held)
    assert again.status_code == 200
    assert fresh.get("/api/v1/session", headers=held).status_code == 401


def test_a_campaign_says_after_how_many_idle_minutes(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = read_campaign(resource("config/demo/campaign"), resource("config/schemas"))
    now, later = node.clock.now(), [timedelta()]
    monkeypatch.setattr(node.clock, "now", lambda: now + later[0])
    for minutes, idle in ((5, 6), (0, 700)):
        later[0] = timedelta()
        put_in_force(node, CheckedCampaign({**body, "idle_minutes": minutes}))
        nurse = signed_in("V1")
        later[0] = timedelta(minutes=idle)
        assert nurse.get("/stock").status_code == (303 if minutes else 200)


def test_when_a_session_was_last_used_is_known_after_a_restart(
    node: Node, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse, now = signed_in("V1"), node.clock.now()
    monkeypatch.setattr(node.clock, "now", lambda: now + timedelta(minutes=25))
    assert nurse.get("/stock").status_code == 200
    node.authenticator.sessions.write_used()
    node.authenticator.sessions.forget_of("V1")  # nothing is at hand, as after a restart
    monkeypatch.setattr(node.clock, "now", lambda: now + timedelta(minutes=50))
    assert nurse.get("/stock").status_code == 200


def test_a_supervisor_lists_sessions_and_ends_one(node: Node, signed_in: SignedIn) -> None:
    nurse, supervisor = signed_in("V1"), signed_in("S1", OFFICE)
    page = supervisor.get("/sessions")
    assert page.status_code == 200
    assert "127.0.0.10" in page.text
    listed = supervisor.get("/api/v1/sessions").get_json()
    (name,) = [one["name"] for one in listed if one["staff"]["code"] == "V1"]
    assert supervisor.post("/sessions", data={"session": name}).status_code == 303
    assert nurse.get("/stock").status_code == 303
    assert supervisor.get("/stock").status_code == 200
    again = supervisor.delete(f"/api/v1/sessions/{name}")
    assert again.get_json()["code"] == "session.gone"
    other = signed_in("V2")
    listed = supervisor.get("/api/v1/sessions").get_json()
    (name,) = [one["name"] for one in listed if one["staff"]["code"] == "V2"]
    assert supervisor.delete(f"/api/v1/sessions/{name}").status_code == 200
    assert other.get("/stock").status_code == 303


@pytest.mark.slow
@pytest.mark.parametrize("code", ["R1", "V1", "T1", ""])
def test_nobody_but_a_supervisor_sees_or_ends_sessions(
    node: Node, signed_in: SignedIn, code: str
) -> None:
    browser = signed_in(code)
    for answer in (
        browser.get("/sessions"),
        browser.post("/sessions", data={"session": "x"}),
        browser.get("/access"),
        browser.get("/api/v1/sessions"),
        browser.delete("/api/v1/sessions/x"),
        browser.get("/api/v1/access"),
    ):
        assert answer.status_code in (303, 401, 403)


def test_wrong_pins_and_sign_ins_stand_on_the_pages_of_the_supervisor(
    node: Node, signed_in: SignedIn
) -> None:
    guest = signed_in("", GUEST)
    for code in ("S1", "13579", "S1"):
        assert guest.post("/sign-in", data={"code": code, "pin": "8642"}).status_code == 403
    supervisor = signed_in("S1", OFFICE)
    page = supervisor.get("/sessions").text
    assert "127.0.0.66" in page
    assert page.count("Wrong PIN<") == 3
    assert "nobody of the staff" in page
    assert "Signed in" in page
    assert "13579" not in page
    assert "8642" not in page
    assert "Wrong PINs in the last day: 3" in supervisor.get("/site").text


def test_who_changes_at_a_filled_form_finds_it_again_under_their_own_name(
    node: Node, signed_in: SignedIn
) -> None:
    tablet = signed_in("R1")
    kept = json.dumps(
        {"path": "/register", "form": {"name": "Half Typed", "gender": "Male", "pin": "2468",
                                       "newPin": "1111"}}
    )  # fmt: skip
    asked = tablet.post("/change", data={"kept": kept})
    assert tablet.get("/stock").status_code == 303  # the one before is signed out
    held = re.search(r'name="kept" value="([^"]*)"', asked.text)
    assert held
    assert "2468" not in held[1]
    assert "1111" not in held[1]
    text = held[1].replace("&#34;", '"').replace("&quot;", '"')
    page = tablet.post("/sign-in", data={"code": "V1", "pin": "2468", "kept": text})
    assert page.status_code == 200
    assert 'value="Half Typed"' in page.text
    assert "Not saved yet." in page.text
    with node.journal.reading() as db:
        assert not db.execute("SELECT 1 FROM person WHERE name = 'Half Typed'").fetchone()


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["", "{", '{"path": 7}', '{"path":"/x","form":{"a":["b"]}}', "\0"])
def test_a_change_of_person_with_any_text_is_a_sign_in_page(
    node: Node, signed_in: SignedIn, kept: str
) -> None:
    answer = signed_in("R1").post("/change", data={"kept": kept})
    assert answer.status_code in (200, 403)
    assert 'action="/sign-in"' in answer.text


@pytest.mark.slow
def test_a_badge_is_printed_by_a_supervisor_for_those_who_work_here(
    node: Node, signed_in: SignedIn
) -> None:
    supervisor = signed_in("S1")
    assert supervisor.get("/slips/badge?of=V1").status_code == 200
    assert supervisor.get("/slips/badge.png?of=V1").mimetype == "image/png"
    done = supervisor.post("/slips/badge?of=V1", data={"id": node.site.ids.new()})
    assert done.status_code == 303
    assert supervisor.get("/slips/badge.png?of=nobody").status_code == 404
    for code in ("V1", "R1", "T1"):
        assert signed_in(code).get("/slips/badge?of=V1").status_code == 403


def test_a_badge_holds_the_staff_code_and_no_secret(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        made = node.site.slips.make(db, catalogue, SlipRequest("badge", "V1"), 576)
    assert [block.payload for block in made.blocks if isinstance(block, Qr)] == [b"V1"]


def test_tries_are_forgotten_with_a_new_pin(node: Node, signed_in: SignedIn) -> None:
    guest = signed_in("", GUEST)
    for _ in range(5):
        guest.post("/sign-in", data={"code": "V1", "pin": "0000"})
    form = {"code": "V1", "newPin": "135790", "newPinAgain": "135790", "pin": "2468"}
    assert signed_in("S1", OFFICE).post("/staff", data=form).status_code == 200
    with node.journal.reading() as db:
        assert pin_tries.tries_since(db, "V1", "") == 0
    assert signed_in("V1", GUEST, "135790")


def test_a_site_whose_pins_another_node_sealed_says_so_on_its_pages(
    node: Node, signed_in: SignedIn
) -> None:
    stranger = PinSeal(Ed25519PrivateKey.generate())
    for code in ("V1", "V2"):
        body = {"staff": code, "verifier": stranger.seal(code, make_verifier("2468"))}
        put_down(node, "PinSet", body)
    told = signed_in("").get("/sign-in").text
    assert "set at another site computer" in told
    assert "V1" not in told
    assert "do not fit here: 2. Set" in signed_in("S1").get("/site").text


def test_the_address_of_a_page_never_holds_what_a_guest_typed(
    node: Node, signed_in: SignedIn
) -> None:
    answer = signed_in("").post("/sign-in", data={"code": "x", "pin": "135790"})
    assert answer.status_code == 403
    assert urlencode({"pin": "135790"}) not in str(answer.headers)
    assert "135790" not in answer.text
