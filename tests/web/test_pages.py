"""The tablet's pages, form by form."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from forms import objections

from edge.node import Node

SignedIn = Callable[[str], FlaskClient]
PAGES = [
    "/",
    "/register",
    "/records",
    "/recall",
    "/attention",
    "/site",
    "/stock",
    "/imports",
    "/staff",
    "/tablets",
]


def hidden_id(page: str) -> str:
    found = re.search(r'name="id" value="([0-9a-f-]{36})"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("path", [*PAGES, "/people/0", "/doses/0"])
def test_a_page_sends_a_stranger_to_the_sign_in(signed_in: SignedIn, path: str) -> None:
    answer = signed_in("").get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_drawn_whole_for_a_supervisor(signed_in: SignedIn, path: str) -> None:
    answer = signed_in("S1").get(path)
    assert answer.status_code == 200
    assert answer.text.rstrip().endswith("</html>")
    assert "Riverside Health Centre" in answer.text


def test_the_technician_gets_the_sites_page_and_nobodys_record(signed_in: SignedIn) -> None:
    browser = signed_in("T1")
    assert browser.get("/").headers["Location"] == "/site"
    assert browser.get("/site").status_code == 200
    assert browser.get("/records").status_code == 403


def test_a_wrong_pin_is_said_and_the_code_is_kept(signed_in: SignedIn) -> None:
    answer = signed_in("").post("/sign-in", data={"code": "R1", "pin": "1"})
    assert answer.status_code == 403
    assert "The code or the PIN is wrong." in answer.text
    assert 'value="R1"' in answer.text


def test_a_person_is_found_given_a_dose_and_refused_the_next_with_the_date(
    node: Node, signed_in: SignedIn
) -> None:
    browser = signed_in("V1")
    found = browser.post("/", data={"q": "soren angstrom"}).text
    path = re.search(r'href="(/people/[0-9a-f-]+)"', found)
    assert path
    page = browser.get(path[1]).text
    assert "<bdi>COVID-19, two doses</bdi>: due" in page
    form = {"id": hidden_id(page), "programme": "covid-19",
            "lot": "coviprotect|CP2611A", "vaccinator": "V1"}  # fmt: skip
    given = browser.post(f"{path[1]}/give", data=form)
    assert given.status_code == 303
    again = browser.post(f"{path[1]}/give", data=form)  # the button pressed twice
    assert again.headers["Location"] == given.headers["Location"]
    done = browser.get(given.headers["Location"]).text
    assert "Saved" in done
    assert "Come back on" in done
    refused = browser.post(f"{path[1]}/give", data={**form, "id": node.site.ids.new()})
    assert refused.status_code == 409
    assert "gave CoviProtect on" in refused.text
    assert "Dose 2 is due on" in refused.text
    assert "A supervisor may decide otherwise" in refused.text
    named = objections(refused.text, "Leaves tomorrow")
    override = {**named, "supervisor": "S1", "pin": "2468"}
    overridden = browser.post(
        f"{path[1]}/give", data={**form, **override, "id": hidden_id(refused.text)}
    )
    assert overridden.status_code == 303
    assert "Given against a rule" in browser.get(overridden.headers["Location"]).text


def test_a_walk_in_is_registered_and_a_perhaps_known_one_is_looked_at_first(
    signed_in: SignedIn,
) -> None:
    browser = signed_in("R1")
    form = {"name": "Abdi Farah", "gender": "Male", "birthYear": "1977", "programme": "covid-19"}
    page = browser.get("/register").text
    assert browser.post("/register", data={**form, "id": hidden_id(page)}).status_code == 303
    page = browser.get("/register").text
    doubted = browser.post("/register", data={**form, "id": hidden_id(page)})
    assert doubted.status_code == 409
    assert "I have looked: this is someone else" in doubted.text
    assert 'value="Abdi Farah"' in doubted.text  # nothing typed is lost
    sure = {**form, "id": hidden_id(doubted.text), "differentPerson": "yes"}
    assert browser.post("/register", data=sure).status_code == 303
    assert browser.get("/").text.count("Abdi Farah") == 2


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "", "gender": "Male", "birthYear": "1990"}, "The name is empty."),
        ({"name": "A", "birthYear": "1990"}, "Gender is missing."),
        ({"name": "A", "gender": "Male"}, "Neither the date nor the year of birth is given."),
        ({"name": "A", "gender": "Male", "birthDate": "x"}, "The date must be written as year-month-day."),
        ({"name": "A", "gender": "Male", "birthYear": "no"}, "The year of birth must lie between"),
    ],
)  # fmt: skip
def test_a_form_filled_in_wrongly_is_shown_again_with_the_sentence(
    signed_in: SignedIn, form: dict[str, str], sentence: str
) -> None:
    browser = signed_in("R1")
    answer = browser.post(
        "/register", data={**form, "id": hidden_id(browser.get("/register").text)}
    )
    assert answer.status_code == 409
    assert sentence in answer.text


def test_stock_is_taken_in_on_its_page(signed_in: SignedIn) -> None:
    browser = signed_in("T1")
    form = {"vaccine": "duomorb", "lot": "MR9", "expiry": "2031-05-05", "quantity": "77"}
    page = browser.get("/stock").text
    assert browser.post("/stock", data={**form, "id": hidden_id(page)}).status_code == 303
    page = browser.get("/stock").text
    assert "MR9" in page
    bad = browser.post("/stock", data={**form, "id": hidden_id(page), "quantity": "many"})
    assert "Number of doses is missing." in bad.text


@pytest.mark.slow
def test_anybody_may_verify_a_picture_of_the_code_and_a_text(
    node: Node, signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser = signed_in("V1")
    path = f"/people/{find('Françoise')}"
    form = {"id": hidden_id(browser.get(path).text), "programme": "covid-19",
            "lot": "coviprotect|CP2611A"}  # fmt: skip
    done = browser.get(browser.post(f"{path}/give", data=form).headers["Location"]).text
    picture = re.search(r'src="(/certificates/\w+/qr\.png)', done)
    assert picture
    png = browser.get(picture[1]).data
    stranger = signed_in("")
    seen = stranger.post("/verify", data={"picture": (io.BytesIO(png), "qr.png")})
    assert "VALID" in seen.text
    assert "Françoise" in seen.text
    assert "UNREADABLE" in stranger.post("/verify", data={"text": "hello"}).text
    slip = browser.get(f"/slips/certificate.png?of={picture[1].split('/')[2]}")
    assert slip.data.startswith(b"\x89PNG")


def test_a_dose_recorded_under_a_wrong_clock_gets_its_certificate_afterwards(
    node: Node, signed_in: SignedIn, find: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in("V1")
    path = f"/people/{find('Kwame')}"
    form = {"id": hidden_id(browser.get(path).text), "programme": "covid-19",
            "lot": "coviprotect|CP2611A"}  # fmt: skip
    monkeypatch.setattr(node.clock, "believed", lambda: False)
    done = browser.post(f"{path}/give", data=form).headers["Location"]
    page = browser.get(done).text
    assert "no certificate was signed" in page
    assert "Sign the certificate now" not in page
    monkeypatch.undo()
    page = browser.get(done).text
    assert "Sign the certificate now" in page
    signed = browser.post(f"{done}/sign", data={"id": hidden_id(page)})
    assert signed.headers["Location"] == done
    assert "QR code of the certificate" in browser.get(done).text


def test_nobodys_data_is_ever_in_an_address(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser = signed_in("V1")
    for page in ("/", "/records", f"/people/{find('Tendai')}"):
        for link in re.findall(r'(?:href|src|action)="([^"]*)"', browser.get(page).text):
            assert "?" not in link
            assert re.fullmatch(r"[#/\w.-]*", link), link


def test_a_page_that_is_not_there_says_so_as_a_page(signed_in: SignedIn) -> None:
    answer = signed_in("V1").get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


def test_signing_out_ends_the_session(signed_in: SignedIn) -> None:
    browser = signed_in("V1")
    cookie = browser.get_cookie("divoc_edge_session")
    assert cookie
    browser.post("/sign-out")
    answer = browser.get("/api/v1/session", headers={"Authorization": f"Bearer {cookie.value}"})
    assert answer.status_code == 401


def test_a_slip_is_looked_at_and_printed_from_its_page(
    node: Node, signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser = signed_in("V1")
    path = f"/people/{find('Tendai')}"
    form = {"id": hidden_id(browser.get(path).text), "programme": "covid-19",
            "lot": "coviprotect|CP2611A"}  # fmt: skip
    browser.post(f"{path}/give", data=form)
    links = re.findall(r'href="(/slips/[^"]+)"', browser.get(path).text)
    assert [one.split("?")[0] for one in links] == [
        "/slips/sticker", "/slips/appointment", "/slips/card", "/slips/history"
    ]  # fmt: skip
    for link in [*links, f"/slips/tally?of={node.clock.today()}"]:
        seen = browser.get(link).text
        picture = re.search(r'src="(/slips/[^"]+)"', seen)
        assert picture
        assert browser.get(picture[1]).data.startswith(b"\x89PNG")
        form = {"id": hidden_id(seen)}
        assert browser.post(link, data=form).headers["Location"] == link
        assert "Print again" in browser.get(link).text
    assert browser.get("/slips/setup?of=DEMO01").status_code == 403


PERSON_FORMS = ["give", "leave", "arrive", "ask-history", "observe", "observe-no-more"]


@pytest.mark.parametrize("form", PERSON_FORMS)
def test_a_persons_form_is_refused_on_the_persons_page_and_opened_again_it_is_that_page(
    node: Node, signed_in: SignedIn, find: Callable[[str], str], form: str
) -> None:
    browser, path = signed_in("V1"), f"/people/{find('Kwame')}"
    refused = browser.post(f"{path}/{form}", data={"reason": "Not due", "code": "weak-immunity"})
    assert refused.status_code == 409
    assert "Kwame" in refused.text
    assert 'role="alert"' in refused.text
    assert browser.get(f"{path}/{form}").headers["Location"] == path
    asked = {
        "id": node.site.ids.new(),
        "code": "weak-immunity",
        "lot": "coviprotect|CP2611A",
        "programme": "covid-19",
    }
    unknown = browser.post(f"/people/0/{form}", data=asked, follow_redirects=True)
    assert unknown.status_code == 404
    assert signed_in("").post(f"{path}/{form}").headers["Location"] == "/sign-in"
    assert signed_in("T1").post(f"{path}/{form}").status_code == 403


def test_every_form_on_a_persons_page_has_a_route_and_a_number_of_its_own(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    path = f"/people/{find('Kwame')}"
    page = signed_in("V1").get(path).text
    forms = dict(re.findall(rf'action="{path}/([a-z-]+)"(.*?)</form>', page, re.S))
    assert {"give", "leave", "observe"} <= set(forms) <= set(PERSON_FORMS)
    numbers = [hidden_id(inside) for inside in forms.values()]
    assert len(set(numbers)) == len(forms)
