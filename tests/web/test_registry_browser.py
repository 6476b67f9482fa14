"""The registry's pages in Chromium: a small tablet and a laptop, by keyboard, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from memory_journal import NODE, NODE_KEY, REGISTRY_KEY, Chain, Line, enrolment, follower
from playwright.sync_api import Browser, Page
from second_factors import recovery_codes
from serving import Serving

from sync.protocol import frames
from sync.protocol.batches import encode_batch, make_batch
from sync.protocol.enrolment_codes import read_code
from sync.protocol.versions import NEWEST
from sync.registry.codes import make_code
from sync.registry.registry import Registry
from sync.registry.store.records import Verdict
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office

pytestmark = pytest.mark.slow  # a browser

SIZES = [(600, 960), (1280, 800)]
PAGES = ["/", "/?order=newest", "/?facility=FAC", "/?facility=none", f"/nodes/{NODE}", "/nodes/none",
         "/alarms", "/codes", "/audit", "/operators", "/second-factor"]  # fmt: skip
CODES: dict[str, Iterator[str]] = {}
"""Codes that open a sign-in at an address."""


def fill(store: SqliteStore, registry: Registry, line: Line) -> None:
    """Put twelve sites into the registry: one with two pasts and a rejected entry."""
    client = line.client
    now = datetime.now(UTC)
    for number in range(3, 15):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        asked = enrolment(
            by=key, facility=f"FAC{number:03}", name=f"Health post {number}, North Delta"
        )
        node = client.post("/v1/enrol", json=asked).get_json()["node"]
        if number > 4:
            at = now - timedelta(hours=number**2)
            store.note(node, number % 4, "0.1.0", at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    client.post("/v1/enrol", json=enrolment())
    for text, epoch in (("x", "00000000000000e1"), ("y", "00000000000000e2")):
        chain = Chain()
        chain.open(epoch)
        chain.append(3, text=text)
        follower(chain, line).run()
    twin = Chain()
    twin.open("00000000000000e1")
    twin.append(3, text="z")
    told = [json.loads(one.content) for one in twin.all]
    batch = make_batch(told, twin.all[-1].hash, NODE_KEY, NEWEST)
    line.deliver(NODE, encode_batch(batch, frames.BEST, short=False))  # a fork
    (stretch, *_) = store.to_judge(1)
    why = "The lot NOSUCHLOT is not known in the campaign of the nation."
    store.settle(
        stretch, [Verdict(NODE, stretch.epoch, 2, "rejected", "i", "lot", why)], [], [], ""
    )
    store.post(NODE, "verdict", "v1", "{}", registry.instant())
    make_code(store, "FAC099", 14, now)


@pytest.fixture(scope="module")
def office_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = SqliteStore(tmp_path_factory.mktemp("office") / "registry.db")
    registry = Registry(store, REGISTRY_KEY, frozenset({"code"}))
    app = create_app(registry, office(registry, "operator"))
    fill(store, registry, Line(app.test_client()))
    serving = Serving(app)
    CODES[serving.url] = recovery_codes(store, REGISTRY_KEY, "operator")
    yield serving.url
    serving.close()
    store.close()


def signed_in(browser: Browser, url: str, size: tuple[int, int], language: str = "en") -> Page:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    context.add_cookies([{"name": "language", "value": language, "url": url}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(url + "/")
    page.wait_for_function("() => document.activeElement.id === 'token'")
    page.keyboard.type("operator")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.id === 'code'")
    page.keyboard.type(next(CODES[url.replace("registry.example", "127.0.0.1")]))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


def press_until(page: Page, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {selector}")


@pytest.mark.parametrize("size", SIZES, ids=["tablet", "laptop"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_of_the_registry_fits_its_screen_in_both_directions(
    browser: Browser, office_url: str, size: tuple[int, int], language: str, tmp_path: Path
) -> None:
    page = signed_in(browser, office_url, size, language)
    for number, path in enumerate(PAGES):
        page.goto(office_url + path)
        page.screenshot(path=tmp_path / f"{number}.png", full_page=True)
        direction, inner, outer = page.evaluate(
            "[document.documentElement.dir, document.documentElement.scrollWidth, innerWidth]"
        )
        assert direction == ("rtl" if language == "ar" else "ltr")
        assert inner <= outer, path
        small = page.evaluate(
            "[...document.querySelectorAll('button, input:not([type=hidden]), nav a')]"
            ".filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
        )
        assert small == [], path


def test_a_site_is_found_stopped_and_let_in_again_with_the_keyboard_alone(
    browser: Browser, office_url: str
) -> None:
    page = signed_in(browser, office_url, SIZES[0])
    press_until(page, "#facility")
    page.keyboard.type("FAC005")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_until(page, "tbody a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for before, after in (("button.danger", "stopped"), ("button[value=active]", "active")):
        press_until(page, before)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert after in page.locator("dl").inner_text()


def test_an_operator_who_knows_the_registry_by_its_name_signs_in_and_makes_a_code(
    browser: Browser, office_url: str
) -> None:
    named = office_url.replace("127.0.0.1", "registry.example")  # where no Sec-Fetch-Site is sent
    page = signed_in(browser, named, SIZES[0])
    page.goto(named + "/codes")
    page.locator("input[name=facility]").fill("FAC777")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "FAC777" in page.inner_text("main")
    page.context.close()


def test_a_code_made_with_the_keyboard_is_shown_once(browser: Browser, office_url: str) -> None:
    page = signed_in(browser, office_url, SIZES[0])
    page.goto(office_url + "/codes")
    press_until(page, "#facility")
    page.keyboard.type("FAC200")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    code = read_code("".join(page.locator(".made .code").all_inner_texts()))
    assert code.address == office_url
    page.goto(office_url + "/codes")
    assert code.secret not in page.content().replace(" ", "")
    assert page.locator(".made").count() == 0
    assert "FAC200" in page.content()


def test_the_pages_of_the_registry_work_without_a_script(browser: Browser, office_url: str) -> None:
    page = signed_in(browser, office_url, SIZES[0])
    for path in PAGES:
        page.goto(office_url + path)
        own = [one.get_attribute("src") for one in page.locator("script").all()]
        # a passkey cannot be asked for without one; a code and all else can
        assert own == (["/passkey.js"] if path == "/second-factor" else []), path
