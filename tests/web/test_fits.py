"""Every screen fits a telephone in every language, also on a bad day, and none shows our codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from infants import with_infants
from journeys import Tablet
from playwright.sync_api import Browser
from serving import Serving
from site_factory import filled_site, vouch_for

from edge.adapters.settings import Settings
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.printing.print_room import PrinterState
from edge.services.registry.link import SyncState
from edge.web.app import create_app

pytestmark = pytest.mark.slow  # a browser

LANGUAGES = ["en", "ar", "fr"]
TROUBLE = "Nobody answers at the printer's address. Is it switched on, and its cable in?"
BAD_DAY = SyncState("waiting", 123_456, 98_765, "2026-11-29T10:00:00.000Z", attention=123)
PRINTERS = [
    PrinterState("desk", "unreachable", TROUBLE, 12),
    PrinterState("door", "held", TROUBLE, 3),
]
OVER = """
() => {
  const wide = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("header .ribbon > *, header .ribbon button, nav.bar a")]
    .filter((one) => one.offsetParent !== null)
    .map((one) => [one.getBoundingClientRect(), one.textContent.trim().slice(0, 40)])
    .filter(([box]) => box.left < -0.5 || box.right > wide + 0.5 || box.height < 44)
    .map(([, text]) => text);
  const cut = [...document.querySelectorAll("main td, main .button, main button")]
    .filter((one) => one.offsetParent !== null)
    .filter((one) => one.getBoundingClientRect().right > wide + 0.5 || one.getBoundingClientRect().left < -0.5)
    .map((one) => one.textContent.trim().slice(0, 40));
  return { out, cut, over: document.documentElement.scrollWidth - wide,
           brand: document.querySelector(".brand").getBoundingClientRect().width,
           header: document.querySelector("header").getBoundingClientRect().height };
}
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("fits")
    node = filled_site(folder / "site", Settings(facility="DEMO01"))
    with_infants(node, folder / "campaign")
    vouch_for(node, folder / "authority")
    yield node
    node.close()


@pytest.fixture(scope="module")
def url(node: Node) -> Iterator[str]:
    backend = replace(
        node.backend(), sync_state=lambda: BAD_DAY, printer_states=lambda: list(PRINTERS)
    )
    serving = Serving(create_app(backend))
    yield serving.url
    serving.close()


@pytest.fixture(scope="module")
def paths(node: Node) -> list[str]:
    with node.journal.reading() as db:
        person = views.find_people(db, "Grace")[0]
        staff = node.site.catalogues.current(db).staff["S1"]
    dose = node.site.ids.new()
    given = commands.GiveDose(
        person=person.id, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    node.backend().desk.take(dose, given, staff)
    return [
        "/", "/sessions", "/access", "/register", "/records", "/recall", "/attention", "/site", "/stock", "/verify", "/printers",
        "/nowhere", "/vials/coviprotect", "/vaccinator", f"/people/{person.id}", f"/people/{person.id}/correct",
        f"/people/{person.id}/give/infants/MR", f"/doses/{dose}", f"/doses/{dose}/correct",
        f"/people/{person.id}/plan", f"/slips/plan?of={person.id}", f"/people/{person.id}/book", "/appointments",
        f"/doses/{dose}/take-back", f"/people/{person.id}/card", f"/people/{person.id}/status", "/duplicates", "/recalled",
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(360, 740), (600, 960)], ids=["360x740", "600x960"])
def test_a_header_with_printer_faults_and_unsent_records_fits_and_nothing_is_cut(
    browser: Browser, url: str, paths: list[str], language: str, size: tuple[int, int]
) -> None:
    tablet = Tablet(browser, url, size, language)
    tablet.sign_in("S1")
    for path in paths:
        tablet.page.goto(url + path)
        found: dict[str, Any] = tablet.page.evaluate(OVER)
        assert found["out"] == [], path
        assert found["cut"] == [], path
        assert found["over"] <= 0, path
        assert found["brand"] >= 40, path
        assert found["header"] <= 130, path
    tablet.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shows_a_date_as_computers_write_it(
    browser: Browser, url: str, paths: list[str], language: str
) -> None:
    tablet = Tablet(browser, url, (600, 960), language)
    tablet.sign_in("S1")
    for path in paths:
        tablet.page.goto(url + path)
        shown = tablet.page.evaluate("() => document.body.innerText")
        assert not re.search(r"\d{4}-\d\d-\d\d", shown), path
    tablet.close()


def test_found_says_of_how_many(node: Node, browser: Browser, url: str) -> None:
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff["S1"]
    for number in range(23):
        command = commands.RegisterPerson(
            name=f"Namesake {number}", gender="Female", birth_year=1990, different_person=True
        )
        node.backend().desk.take(node.site.ids.new(), command, staff)
    tablet = Tablet(browser, url, (360, 740))
    tablet.sign_in("S1")
    tablet.begin()
    tablet.type("namesake")
    tablet.enter()
    assert tablet.page.locator("h2 .count").first.inner_text() == "20 of 23"
    assert tablet.page.locator("ul.people li").count() == 20
    tablet.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_buttons_of_six_vaccines_are_in_view_on_a_telephone(
    node: Node, browser: Browser, url: str, language: str
) -> None:
    from datetime import timedelta

    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff["S1"]
    born = node.clock.today() - timedelta(days=100)
    command = commands.RegisterPerson(
        name=f"Six Vaccines {language} Of A Long Name",
        gender="Female",
        birth_date=born,
        programme="infants",
        phone="0555 123 456",
        different_person=True,
    )
    person = node.site.ids.new()
    node.backend().desk.take(person, command, staff)
    tested = commands.RecordObservation(person=person, code="tb-test-negative")
    node.backend().desk.take(
        node.site.ids.new(), tested, staff
    )  # WHO asks for it before a late BCG
    tablet = Tablet(browser, url, (360, 740), language)
    tablet.sign_in("V1")
    tablet.begin(f"/people/{person}")
    buttons = tablet.page.locator(".gives button.primary")
    assert buttons.count() == 6
    bar = tablet.page.locator("nav.bar").bounding_box()
    assert bar
    for place in range(6):
        box = buttons.nth(place).bounding_box()
        assert box
        assert box["y"] + box["height"] <= bar["y"]
        assert box["height"] >= 44
    assert tablet.cost().scrolled == 0
    tablet.close()
