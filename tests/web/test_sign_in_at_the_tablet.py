"""Signing in at a tablet: badges by camera and scanner, another person, PINs in any script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from camera import film, reads_codes, with_camera
from journeys import Tablet
from playwright.sync_api import Browser, Page, Playwright
from serving import Serving

from edge.node import Node
from edge.web.app import create_app
from printers.qr import lay_out
from printers.raster import symbol_picture

pytestmark = pytest.mark.slow  # a browser

SIZES = [(600, 960), (360, 740)]


@pytest.fixture
def serving(node: Node) -> Iterator[Serving]:
    started = Serving(create_app(node.backend()))
    yield started
    started.close()


@pytest.fixture(params=SIZES, ids=str)
def tablet(request: pytest.FixtureRequest, browser: Browser, serving: Serving) -> Iterator[Tablet]:
    found = Tablet(browser, serving.url, request.param)
    yield found
    found.close()


def asked(page: Page) -> tuple[str, str]:
    """Give what stands in the fields of the sign-in."""
    return page.input_value("[name=code]"), page.input_value("[name=pin]")


def focused(page: Page) -> str:
    return str(page.evaluate("() => document.activeElement.name ?? ''"))


@pytest.mark.parametrize("focus", ["code", "pin", "nothing"])
def test_a_badge_that_is_scanned_is_the_code_wherever_the_focus_was(
    tablet: Tablet, focus: str
) -> None:
    page = tablet.page
    page.goto(f"{tablet.site}/sign-in")
    if focus == "nothing":
        page.evaluate("() => document.activeElement.blur()")
    else:
        page.focus(f"[name={focus}]")
    page.keyboard.type("V2")
    page.keyboard.press("Enter")
    assert asked(page) == ("V2", "")
    page.keyboard.type("2468")
    tablet.enter()
    assert "José" in page.locator("nav.session").inner_text()


def test_a_badge_scanned_beside_a_code_that_was_typed_takes_its_place(tablet: Tablet) -> None:
    page = tablet.page
    page.goto(f"{tablet.site}/sign-in")
    page.fill("[name=code]", "V1")
    page.locator("#scan, h1").first.focus()
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.type("V2")
    page.keyboard.press("Enter")
    assert asked(page) == ("V2", "")
    assert focused(page) == "pin"


def test_a_badge_held_before_the_camera_is_the_code(
    play: Playwright, serving: Serving, tmp_path: Path
) -> None:
    film(symbol_picture(lay_out(b"V2", 380, in_bytes=True)), tmp_path / "badge.y4m")
    camera = with_camera(play, tmp_path / "badge.y4m")
    page = camera.new_page()
    reads_codes(page)
    page.goto(f"{serving.url}/sign-in")
    page.click("#scan")
    page.wait_for_function("() => document.querySelector('[name=code]').value", timeout=30_000)
    assert asked(page) == ("V2", "")
    assert focused(page) == "pin"
    assert page.locator("#camera").is_hidden()
    page.keyboard.type("2468")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "José" in page.locator("nav.session").inner_text()
    camera.close()


def test_where_a_tablet_reads_no_codes_no_camera_is_offered_for_a_badge(tablet: Tablet) -> None:
    tablet.page.add_init_script("delete window.BarcodeDetector")
    tablet.page.goto(f"{tablet.site}/sign-in")
    assert tablet.page.locator("#scan").is_hidden()


def test_a_person_who_changes_takes_along_what_was_typed_and_no_pin(tablet: Tablet) -> None:
    tablet.sign_in("R1")
    tablet.begin("/register")
    page = tablet.page
    width = (page.viewport_size or {"width": 0})["width"]
    name = {600: "Halima Osman", 360: "Jean-Pierre Diop"}[width]
    page.fill("[name=name]", name)
    page.check("[value=Male]")
    page.fill("[name=birthYear]", {600: "1971", 360: "1988"}[width])
    tablet.tap("form.change button", leaves=True)
    assert "Not saved yet." in page.locator(".unsaved").inner_text()
    assert asked(page) == ("", "")
    page.fill("[name=code]", "V1")
    page.fill("[name=pin]", "9999")
    tablet.enter()
    assert page.locator("#problem").is_visible()  # a wrong PIN loses nothing
    page.fill("[name=pin]", "2468")
    tablet.enter()
    assert page.input_value("[name=name]") == name
    assert page.is_checked("[value=Male]")
    tablet.tap("main .actions .primary", leaves=True)
    assert page.locator("h1").inner_text() == name


def test_nothing_of_a_person_is_seen_by_going_back_after_a_change(tablet: Tablet) -> None:
    tablet.sign_in("R1")
    tablet.begin("/records")
    page = tablet.page
    tablet.tap("form.change button", leaves=True)
    assert page.locator("[name=pin]").is_visible()
    assert page.locator(".unsaved").count() == 0
    page.go_back()
    page.wait_for_load_state()
    assert page.locator("[name=pin]").is_visible()


PINS = {"ar": "٢٤٦٨", "fa": "۲۴۶۸", "bn": "২৪৬৮"}


@pytest.mark.parametrize("pin", PINS.values(), ids=PINS)
def test_a_pin_in_the_digits_of_any_script_opens_and_is_never_shown(
    tablet: Tablet, pin: str
) -> None:
    page = tablet.page
    page.goto(f"{tablet.site}/sign-in")
    page.fill("[name=code]", "v1")  # a keyboard that writes no capitals
    page.fill("[name=pin]", pin)
    tablet.enter()
    assert "Asha" in page.locator("nav.session").inner_text()
