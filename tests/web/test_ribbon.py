"""The session's ribbon: what this tablet gives, chosen once, shown on every screen."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.catalogue import Lot
from edge.journal import views
from edge.node import Node
from edge.web.ribbon import NO_CHOICE, Choice, read_choice, ribbon
from edge.web.ribbon_pages import own_path
from sync.resources import resource

SignedIn = Callable[[str], FlaskClient]
SCREENS = ["/", "/register", "/records", "/recall", "/attention", "/site", "/stock", "/printers"]


def vials(page: str) -> list[str]:
    """Give the ribbon's chips as words."""
    found = re.findall(r'<a class="vial[^"]*" href="/vials/.*?</a>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


def hand(page: str) -> str:
    found = re.search(r'<a class="vial[^"]*" href="/vaccinator">(.*?)</a>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


@pytest.mark.parametrize("path", SCREENS)
def test_every_screen_of_who_vaccinates_says_vaccine_lot_expiry_and_vaccinator(
    signed_in: SignedIn, path: str
) -> None:
    page = signed_in("S1").get(path).text
    shown = next(one for one in vials(page) if one.startswith("CoviProtect"))
    assert re.fullmatch(r"CoviProtect CP2611A \d+ left · Sept 2027", shown)
    assert hand(page) == "Dr Leila Haddad"


@pytest.mark.parametrize("code", ["R1", "T1"])
def test_who_records_no_doses_has_no_ribbon(signed_in: SignedIn, code: str) -> None:
    assert not vials(signed_in(code).get("/site").text)
    assert signed_in(code).get("/vials/coviprotect").status_code == 403


def test_a_lot_chosen_once_is_on_every_button_until_another_is_chosen(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser, path = signed_in("V1"), f"/people/{find('Grace')}"
    assert 'value="coviprotect|CP2611A"' in browser.get(path).text
    host = "http://localhost"
    asked = browser.get("/vials/coviprotect", headers={"Referer": f"{host}{path}"}).text
    assert f'name="back" value="{path}"' in asked
    assert re.findall(r'name="lot" value="([^"]+)"', asked) == ["CP2611A", "CP2610X"]
    chosen = browser.post("/vials/coviprotect", data={"lot": "CP2610X", "back": path})
    assert chosen.headers["Location"] == path
    page = browser.get(path).text
    assert 'value="coviprotect|CP2610X"' in page
    assert "CoviProtect CP2610X" in vials(page)[0]
    assert "CoviProtect CP2611A" in vials(signed_in("V1").get(path).text)[0]  # of another tablet


@pytest.mark.parametrize(
    "code",
    ["]d201034531200000111728093010CP2610X", "(01)03453120000011(17)280930(10)CP2610X",
     "010345312000001117280930" "10CP2610X\x1d2145", "(10)cp2610x"],
)  # fmt: skip
def test_a_vial_that_is_scanned_in_find_is_the_one_in_the_ribbon(
    signed_in: SignedIn, find: Callable[[str], str], code: str
) -> None:
    browser, path = signed_in("V1"), f"/people/{find('Grace')}"
    assert "CoviProtect CP2611A" in vials(browser.get("/").text)[0]
    scanned = browser.post("/", data={"q": code}, headers={"Referer": f"http://localhost{path}"})
    assert (scanned.status_code, scanned.headers["Location"]) == (303, path)
    page = browser.get(path).text
    assert "CoviProtect CP2610X" in vials(page)[0]
    assert 'value="coviprotect|CP2610X"' in page


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("(01)03453120000011(17)280930(10)ZZZ9", "Lot ZZZ9 is not in this site's stock."),
        ("(01)03453120000011(17)200930(10)CP2610X", "Lot CP2610X expired on"),
    ],
)
def test_a_vial_that_is_not_at_hand_or_expired_is_not_chosen_by_a_scan(
    signed_in: SignedIn, code: str, sentence: str
) -> None:
    browser = signed_in("V1")
    answer = browser.post("/", data={"q": code})
    assert answer.status_code == 409 or answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    assert "CoviProtect CP2611A" in vials(browser.get("/").text)[0]


def test_a_registrar_who_scans_a_vial_searches_for_it(signed_in: SignedIn) -> None:
    answer = signed_in("R1").post("/", data={"q": "(01)03453120000011(10)CP2610X"})
    assert answer.status_code == 200


def test_the_vaccinator_chosen_is_on_every_button_until_who_chose_signs_out(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser, path = signed_in("S1"), f"/people/{find('Grace')}"
    browser.post("/vaccinator", data={"vaccinator": "V2"})
    page = browser.get(path).text
    assert hand(page) == "José Núñez"
    assert 'name="vaccinator" value="V2"' in page
    browser.post("/vials/coviprotect", data={"lot": "CP2610X"})
    browser.post("/sign-out")
    browser.post("/sign-in", data={"code": "V1", "pin": "2468"})
    page = browser.get(path).text
    assert hand(page) == "Asha Verma"
    assert "CP2610X" in vials(page)[0]  # the vial lies on the table still


def test_somebody_else_who_signs_in_at_the_tablet_is_not_recorded_as_the_one_before(
    signed_in: SignedIn,
) -> None:
    browser = signed_in("S1")
    browser.post("/vaccinator", data={"vaccinator": "V2"})
    browser.post("/sign-in", data={"code": "V1", "pin": "2468"})  # without signing out
    assert hand(browser.get("/").text) == "Asha Verma"


def test_a_chosen_lot_that_is_used_up_or_expired_is_not_replaced_by_another(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue, today = node.site.catalogues.current(db), node.clock.today()
    lots = [
        Lot(vaccine="coviprotect", lot=lot, expiry=today + timedelta(days=days), quantity=left)
        for lot, days, left in (("SOON", 5, 3), ("LATER", 50, 9), ("OUT", 70, 0), ("OLD", -1, 8))
    ]
    who = catalogue.staff["V1"]

    def shown(lot: str) -> str | None:
        choice = Choice({"coviprotect": lot}) if lot else NO_CHOICE
        (vial,) = ribbon(choice, catalogue, lots, who, "DEMO01", today).vials
        assert [one.lot for one in vial.lots] == ["SOON", "LATER"]
        return vial.lot.lot if vial.lot else None

    assert [shown(lot) for lot in ("", "SOON", "LATER", "OUT", "OLD", "GONE")] == [
        "SOON", "SOON", "LATER", None, None, None,
    ]  # fmt: skip


def test_a_vaccinator_who_was_stopped_or_works_elsewhere_is_chosen_by_nobody(node: Node) -> None:
    with node.journal.reading() as db:
        catalogue = node.site.catalogues.current(db)
        lots, today = views.lots(db), node.clock.today()
    staff = dict(catalogue.staff)
    staff["V2"] = replace(staff["V2"], active=False)
    staff["S9"] = replace(staff["S1"], code="S9", roles=frozenset({"supervisor"}))
    catalogue = replace(catalogue, staff=staff)

    def chosen(by: str, who: str) -> str:
        found = ribbon(Choice({}, by), catalogue, lots, staff[who], "DEMO01", today).vaccinator
        return found.code if found else ""

    assert [chosen(by, "V1") for by in ("V1", "V2", "V3", "R1", "nobody", "")] == ["V1"] * 6
    assert [chosen(by, "S9") for by in ("V1", "V2", "V3", "R1", "nobody", "")] == ["V1"] + [""] * 5


@given(
    lots=st.dictionaries(st.text(max_size=50), st.text(max_size=20), max_size=30),
    by=st.text(max_size=64),
)
def test_a_choice_is_read_as_it_was_written_and_fits_into_a_cookie(
    lots: dict[str, str], by: str
) -> None:
    written = Choice(lots, by).written()
    assert len(written) <= 3_500
    assert written.isascii()
    kept = read_choice(written)
    assert kept.vaccinator == by
    assert list(kept.lots.items()) == list(lots.items())[len(lots) - len(kept.lots) :]


@pytest.mark.slow
@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr))
def test_a_cookie_that_nobody_here_wrote_chooses_nothing_and_breaks_nothing(text: str) -> None:
    found = read_choice(text)
    assert isinstance(found.vaccinator, str)
    assert all(isinstance(lot, str) for lot in found.lots.values())


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/people/0-1", "/people/0-1"),
        ("/", "/"),
        ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("/people?x=1", "/"),
        ("/a\r\nb", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_leads_to_a_page_of_this_site_only(asked: str, path: str) -> None:
    assert own_path(asked) == path


def test_no_page_on_the_way_to_a_dose_has_a_choice_that_the_keys_of_a_scanner_change(
    signed_in: SignedIn, find: Callable[[str], str]
) -> None:
    browser, person = signed_in("S1"), find("Eleni")
    daily = ["/", "/register", f"/people/{person}", f"/people/{person}/give/covid-19/coviprotect",
             "/vials/coviprotect", "/vaccinator", "/verify"]  # fmt: skip
    for path in daily:
        assert "<select" not in browser.get(path).text, path
    for name in ("done", "register", "_contact", "_identity"):
        drawn = Path(resource(f"templates/pages/{name}.html")).read_text(encoding="utf-8")
        assert "<select" not in drawn, name
