"""What a tablet does of itself: a tap is seen, a scan means something, a silence is said."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from journeys import Tablet
from playwright.sync_api import Browser, Error, Page, Route
from serving import Serving
from site_factory import filled_site, vouch_for

from edge.adapters.settings import PrinterSettings, Settings
from edge.domain.modules import EVERY
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.web.app import create_app

pytestmark = pytest.mark.slow  # a browser

SIZE = (600, 960)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("tablet")
    printer = PrinterSettings("desk", f"file://{folder}/paper.bin", "virtual-80")
    node = filled_site(folder / "site", Settings(facility="DEMO01", printers=(printer,)))
    vouch_for(node, folder / "authority")
    yield node
    node.close()


@pytest.fixture
def serving(node: Node) -> Iterator[Serving]:
    started = Serving(create_app(node.backend()))
    yield started
    started.close()


@pytest.fixture
def tablet(browser: Browser, serving: Serving) -> Iterator[Tablet]:
    found = Tablet(browser, serving.url, SIZE)
    found.sign_in("V1")
    yield found
    found.close()


def register(node: Node, name: str) -> str:
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff["S1"]
    id_ = node.site.ids.new()
    command = commands.RegisterPerson(
        name=name,
        gender="Female",
        birth_date=date(1990, 1, 1),
        programme="covid-19",
        different_person=True,
    )
    node.backend().desk.take(id_, command, staff)
    return id_


def given(node: Node, person: str) -> str:
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff["S1"]
    id_ = node.site.ids.new()
    command = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A", vaccinator="V1"
    )
    node.backend().desk.take(id_, command, staff)
    return id_


def doses(node: Node, person: str) -> int:
    with node.journal.reading() as db:
        return len(views.history(db, person))


def paper(node: Node, dose: str) -> str:
    with node.journal.reading() as db:
        record = views.recorded(db, dose)
        assert record
        issued = views.certificate(db, record.certificate)
    assert issued
    return issued.credentials["dcc-1.3"]


def hold(page: Page, what: str) -> list[Route]:
    """Keep requests from arriving until they are let on."""
    held: list[Route] = []
    page.route(what, lambda route: held.append(route))
    return held


def test_a_tap_is_seen_before_anything_was_asked_of_the_site_and_a_second_sends_nothing(
    node: Node, tablet: Tablet
) -> None:
    person = register(node, "Tapped Twice")
    tablet.begin(f"/people/{person}")
    page = tablet.page
    held = hold(page, "**/api/v1/ping")
    seen: dict[str, Any] = page.evaluate(
        """() => {
          const button = document.querySelector(".gives button");
          const before = getComputedStyle(button, "::after").content;
          button.click();  // what the screen shows next is decided when this line is done
          const after = getComputedStyle(button, "::after").content;
          const told = button.getAttribute("aria-busy");
          button.click();
          return { before, after, told, still: document.querySelectorAll(".away").length };
        }"""
    )
    assert seen == {"before": "none", "after": '""', "told": "true", "still": 0}
    page.wait_for_timeout(100)
    assert len(held) == 1
    with page.expect_navigation():
        held[0].continue_()
    assert page.locator(".saved").is_visible()
    assert doses(node, person) == 1


def test_a_print_that_ends_takes_away_no_tap_and_nothing_typed(node: Node, tablet: Tablet) -> None:
    person = register(node, "Printed Meanwhile")
    tablet.begin(f"/people/{person}")
    page = tablet.page
    printing = hold(page, "**/api/v1/print-jobs/*")
    tablet.tap(".gives button", leaves=True)
    page.fill("#q", "Half a na")
    pings = hold(page, "**/api/v1/ping")
    tablet.tap("nav.bar a[href='/records']")
    while not (printing and pings):
        page.wait_for_timeout(50)
    node.print_room.spoolers["desk"].run()
    printing[0].continue_()
    page.wait_for_function("() => !document.querySelector('#paper').innerText.includes('…')")
    assert page.input_value("#q") == "Half a na"
    with page.expect_navigation():
        page.unroute("**/api/v1/ping")  # on a slow machine the page has given the first one up
        for ping in pings:
            with contextlib.suppress(Error):
                ping.continue_()
    assert page.url.endswith("/records")


@pytest.mark.parametrize("way", ["form", "link"])
def test_while_the_site_is_away_our_words_stand_with_what_was_typed_and_then_it_is_sent(
    node: Node, tablet: Tablet, way: str
) -> None:
    tablet.begin("/register")
    page = tablet.page
    page.fill("[name=name]", f"Typed Offline {way}")
    page.check("[value=Female]")
    page.fill("[name=birthYear]", "1980")
    page.context.set_offline(True)
    page.click("main .actions .primary" if way == "form" else "nav.bar a[href='/records']")
    page.wait_for_selector(".away")
    assert "The site computer does not answer." in page.locator(".away").inner_text()
    assert page.input_value("[name=name]") == f"Typed Offline {way}"
    assert page.url.endswith("/register")
    with page.expect_navigation():
        page.context.set_offline(False)
    page.wait_for_load_state()
    assert ("/people/" in page.url) if way == "form" else page.url.endswith("/records")
    with node.journal.reading() as db:
        found = views.find_people(db, f"Typed Offline {way}")
    assert [one.name for one in found if one.name.endswith(way)] == (
        [f"Typed Offline {way}"] if way == "form" else []
    )


def test_the_site_computer_that_comes_back_from_a_restart_gets_the_dose_once(
    node: Node, browser: Browser
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serving = Serving(create_app(node.backend()), port)
    tablet = Tablet(browser, serving.url, SIZE)
    tablet.sign_in("V1")
    person = register(node, "Plug Pulled")
    tablet.begin(f"/people/{person}")
    serving.close()
    tablet.page.click(".gives button")
    tablet.page.wait_for_selector(".away")
    assert doses(node, person) == 0
    with tablet.page.expect_navigation():
        serving = Serving(create_app(node.backend()), port)
    tablet.page.wait_for_selector(".saved")
    assert doses(node, person) == 1
    tablet.close()
    serving.close()


@pytest.mark.parametrize("modules", [EVERY, EVERY - {"verification"}], ids=len)
def test_a_page_asked_for_while_the_site_is_away_is_our_words_and_opens_by_itself(
    node: Node, browser: Browser, modules: frozenset[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    backend = replace(node.backend(), running=lambda: modules)
    serving = Serving(create_app(backend), port)
    tablet = Tablet(browser, serving.url, SIZE)
    tablet.sign_in("V1")
    page = tablet.page
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    page.goto(f"{serving.url}/records")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    serving.close()
    page.reload()
    assert "The site computer does not answer." in page.locator("#away").inner_text()
    serving = Serving(create_app(backend), port)
    page.wait_for_selector("a[href='/recall']")
    assert page.url.endswith("/records")
    tablet.close()
    serving.close()


def test_back_reload_and_a_tap_on_a_stale_page_give_no_second_dose(
    node: Node, tablet: Tablet
) -> None:
    person = register(node, "Goes Back")
    tablet.begin(f"/people/{person}")
    page = tablet.page
    stale = page.context.new_page()
    stale.goto(page.url)
    tablet.tap(".gives button", leaves=True)
    done = page.url
    page.reload()
    page.go_back()
    page.wait_for_load_state()
    assert page.locator(".gives button:has-text('CoviProtect')").count() == 0
    page.go_forward()
    page.wait_for_load_state()
    assert page.url == done
    with stale.expect_navigation():
        stale.click(".gives button:has-text('CoviProtect')")
    assert "CoviProtect on" in stale.locator("#problem").inner_text()  # who gave it, and when
    assert doses(node, person) == 1


SCANS = ["code", "identity", "certificate", "number"]


@pytest.mark.parametrize("what", SCANS)
@pytest.mark.parametrize("page", ["/", "done", "person", "/records", "/site"])
def test_a_scan_opens_its_person_whatever_has_the_focus(
    node: Node, tablet: Tablet, what: str, page: str
) -> None:
    with node.journal.reading() as db:
        known = views.find_people(db, "Wanjiru")[0]
        assert known.identity
        certificates = views.certificates_of(db, known.id)
        if not certificates:
            pass
    dose = certificates[0].dose if certificates else given(node, known.id)
    with node.journal.reading() as db:
        record = views.recorded(db, dose)
    assert record
    text = {
        "code": known.code,
        "identity": known.identity,
        "certificate": paper(node, dose),
        "number": " ".join(record.certificate[at : at + 4] for at in range(0, 16, 4)),
    }[what]
    other = register(node, "Stands Before")
    path = {"done": f"/doses/{dose}", "person": f"/people/{other}"}.get(page, page)
    tablet.begin(path)
    if page not in ("/", "done"):
        tablet.page.focus("main a, main button, main summary")
    tablet.scan(text)
    assert tablet.page.url.endswith(f"/people/{known.id}")
    assert doses(node, other) == 0


def test_the_keys_of_a_scanner_press_no_button_and_change_no_choice(
    node: Node, tablet: Tablet
) -> None:
    person = register(node, "Under The Scanner")
    dose = given(node, register(node, "Given Before"))
    for path in (
        f"/people/{person}", f"/people/{person}/give/covid-19/coviprotect", "/stock",
        f"/people/{person}/card", f"/doses/{dose}/correct", f"/doses/{dose}/take-back",
    ):  # fmt: skip
        tablet.begin(path)
        page = tablet.page
        count = page.locator("main button, main summary, main select, main [type=radio]").count()
        for place in range(count):
            one = page.locator("main button, main summary, main select, main [type=radio]").nth(
                place
            )
            if not one.is_visible():
                continue
            one.focus()
            chosen = "all => all.map((one) => one.checked ?? one.value)"
            before = page.locator("main select, main [type=radio]").evaluate_all(chosen)
            page.keyboard.type("COVI PROTECT 2 AMARILIA JOSE ASHA DR")
            after = page.locator("main select, main [type=radio]").evaluate_all(chosen)
            assert after == before
            page.evaluate("() => dispatchEvent(new Event('input'))")  # as if a form was begun
            page.keyboard.press("Enter")
            page.wait_for_timeout(50)
            assert page.url.endswith(path)
    assert doses(node, person) == 0


def test_a_scan_does_not_choose_who_decides_against_a_rule(node: Node, tablet: Tablet) -> None:
    person = register(node, "Waits For A Word")
    given(node, person)
    page = tablet.page
    tablet.begin(f"/people/{person}/give/covid-19/coviprotect")
    page.locator("form.dose button.give").click()
    chosen = page.locator("[name=supervisor]")
    chosen.wait_for()
    page.evaluate(
        "() => document.querySelector('[name=supervisor]').add(new Option('Zita Zoe', 'Z9'))"
    )
    before = chosen.input_value()
    chosen.focus()
    page.keyboard.type("ZITA")
    assert chosen.input_value() == before
    with page.expect_navigation():  # it is a search, as everywhere
        page.keyboard.press("Enter")
    assert "ZITA" in page.content()


def test_a_vial_that_is_scanned_on_a_persons_page_is_the_one_on_its_button(
    node: Node, tablet: Tablet
) -> None:
    path = f"/people/{register(node, 'Gets From This Vial')}"
    tablet.begin(path)
    page = tablet.page
    page.focus("main a, main button, main summary")
    page.keyboard.type("(01)03453120000011(17)280930(10)CP2610X")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=CP2610X >> visible=true")
    assert page.url.endswith(path)
    assert "CP2610X" in page.locator("button.give").first.inner_text()


def test_a_scan_in_verify_sends_itself_and_the_next_needs_no_tap(
    node: Node, tablet: Tablet
) -> None:
    dose = given(node, register(node, "Shows A Paper"))
    tablet.begin("/verify")
    for _ in range(2):
        tablet.scan(paper(node, dose))
        tablet.page.wait_for_selector(".verdict.valid")
        assert tablet.page.url.endswith("/verify")


def test_a_session_that_ends_while_somebody_types_costs_a_sign_in_and_nothing_typed(
    node: Node, browser: Browser, serving: Serving
) -> None:
    tablet = Tablet(browser, serving.url, SIZE)
    tablet.sign_in("R1")
    tablet.begin("/register")
    page = tablet.page
    page.fill("[name=name]", "Typed Before The End")
    page.check("[value=Female]")
    page.fill("[name=birthYear]", "1970")
    page.context.clear_cookies(name="divoc_edge_session")
    tablet.tap("main .actions .primary", leaves=True)
    assert "Not saved yet." in page.locator(".unsaved").inner_text()
    page.fill("[name=code]", "R1")
    page.fill("[name=pin]", "2468")
    tablet.enter()
    assert page.input_value("[name=name]") == "Typed Before The End"
    assert page.input_value("[name=birthYear]") == "1970"
    assert "Not saved yet." in page.locator(".unsaved").inner_text()
    stored = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Typed" not in stored
    assert "Typed" not in page.url
    tablet.tap("main .actions .primary", leaves=True)
    assert page.locator("h1").inner_text() == "Typed Before The End"
    tablet.close()


def test_give_is_the_first_stop_of_the_tab_key(node: Node, tablet: Tablet) -> None:
    tablet.begin(f"/people/{register(node, 'By Keyboard')}")
    # the browser moves the focus to whom the page is about with the first frame that it draws
    tablet.page.wait_for_function("() => document.activeElement.matches('.whose')")
    tablet.page.keyboard.press("Tab")
    focused = "() => document.activeElement.className"
    assert "give" in tablet.page.evaluate(focused)
