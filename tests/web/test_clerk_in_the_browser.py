"""A clerk writes a campaign in a browser: begins it, changes a row, mends a mistake, looks at it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from chromium import browser, play
from clerks import ANSWERS
from memory_journal import REGISTRY_KEY
from playwright.sync_api import Browser, Page
from second_factors import recovery_codes
from serving import Serving

from edge.office.tools import tools
from sync.registry.registry import Registry
from sync.registry.store.records import Operator
from sync.registry.store.sqlite import SqliteStore
from sync.registry.web.app import create_app
from sync.registry.web.office import office

__all__ = ["browser", "play"]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Iterator[str]]]:
    """Give the address of a registry, and recovery codes of a steward of it."""
    store = SqliteStore(tmp_path_factory.mktemp("registry") / "registry.db")
    digest = hashlib.sha256(b"amina-token").hexdigest()
    store.add_operator(Operator("Amina", "steward", digest, ""))
    codes = recovery_codes(store, REGISTRY_KEY, "Amina")
    registry = Registry(store, REGISTRY_KEY)
    serving = Serving(create_app(registry, office(registry, "operator", tools=tools)))
    yield serving.url, codes
    serving.close()
    store.close()


def signed_in(page: Page, url: str, code: str) -> None:
    page.goto(url)
    page.fill("input[name=token]", "amina-token")
    page.click("main button")
    page.fill("input[name=code]", code)
    page.click("main button")


def begin(page: Page, url: str) -> str:
    page.goto(f"{url}/campaigns/new")
    for name, answer in ANSWERS.items():
        if name == "like":
            page.select_option("#like", answer)
        else:
            page.fill(f"#{name}", answer)
    page.click("main form button")
    page.wait_for_url("**/campaigns/*")
    return page.url


def overflow(page: Page) -> int:
    return int(
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


@pytest.mark.parametrize("size", [(360, 740), (600, 960), (1280, 800)], ids=str)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_clerk_begins_a_campaign_changes_a_row_mends_a_mistake_and_looks_at_paper_and_screens(
    browser: Browser, served: tuple[str, Iterator[str]], size: tuple[int, int], language: str
) -> None:
    url, codes = served
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale=language)
    try:
        signed_in(page, url, next(codes))
        draft = begin(page, url)
        page.goto(f"{draft}/row?path=staff.yaml&code=V1")
        page.fill("#cell-name", "Zawadi Kamau")
        page.fill("#why", "she has come to us")
        page.keyboard.press("Enter")
        page.wait_for_url("**/list?**")
        assert "Zawadi Kamau" in page.inner_text("main")
        page.goto(f"{draft}/file?path=staff.yaml")
        page.fill("#text", page.input_value("#text").replace("[NRB1]", "[NRB2]", 1))
        page.fill("#why", "a mistake of mine")
        page.click("form.wide button:not(.danger)")
        page.goto(f"{draft}/check")
        page.click(".mistakes a")
        page.wait_for_url("**/file?path=staff.yaml#line-*")
        assert page.is_visible(".lines li:target .bad")
        page.goto(f"{draft}/history?number=2")
        page.fill("#why", "it was right before")
        page.click("main form button")
        page.goto(f"{draft}/preview")
        pictures = page.locator(".previews img")
        for number in range(pictures.count()):
            pictures.nth(number).scroll_into_view_if_needed()
        page.wait_for_function(
            "() => [...document.querySelectorAll('.previews img')]"
            ".every((each) => each.complete && each.naturalWidth >= 384)"
        )
        page.locator("iframe").nth(2).scroll_into_view_if_needed()
        form = page.frame_locator("iframe").nth(2).locator("form input[name=name]")
        form.wait_for()
        for part in ("", "/check", "/differences", "/history?number=2", "/sign", "/preview",
                     "/list?path=staff.yaml", "/row?path=staff.yaml&code=V1",
                     "/file?path=staff.yaml"):  # fmt: skip
            page.goto(f"{draft}{part}")
            assert overflow(page) <= 0, part
        for part in ("/campaigns", "/campaigns/new", "/campaigns/sites"):
            page.goto(f"{url}{part}")
            assert overflow(page) <= 0, part
    finally:
        page.close()
