"""A passkey of Chromium's own is made and used on the pages, as a tablet's is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from next_edition import put_in_force
from playwright.sync_api import Browser, Page
from serving import Serving
from site_factory import demonstration, filled_site

from edge.adapters.settings import Settings
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.web.app import create_app

pytestmark = pytest.mark.slow  # a browser

RULES = {
    "roles": [
        {
            "role": "supervisor",
            "methods": ["passkey", "badge"],
            "signs": ["pin", "password", "passkey"],
        },
        {"role": "registrar", "methods": ["password", "pin", "oidc"]},
    ]
}
PICTURES = os.environ.get("SIGN_IN_PICTURES", "")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    node: Node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": RULES}))
    serving = Serving(create_app(node.backend()))
    yield f"http://localhost:{serving.port}"
    serving.close()
    node.close()


def with_authenticator(page: Page) -> None:
    """Give a page an authenticator that verifies its person and keeps passkeys (CDP WebAuthn)."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def pictured(page: Page, name: str) -> None:
    """Keep a page as pictures for whoever looks at them."""
    if not PICTURES:
        return
    for width, height in ((360, 740), (600, 960)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_a_supervisor_makes_a_passkey_signs_in_with_it_and_signs_with_it(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    with_authenticator(page)
    page.goto(f"{address}/sign-in")
    pictured(page, "sign-in")
    page.fill("[name=code]", "S1")
    page.fill("[name=pin]", "2468")
    page.click("form:has([name=code]) button.primary")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/sign-in-methods")
    pictured(page, "methods-before")
    making = page.locator("form[data-passkey]")
    making.locator("[name=label]").fill("Consultation")
    making.locator("[name=second]").select_option("R1")
    making.locator("[name=pin]").fill("2468")
    making.locator("button").click()
    page.get_by_text("Consultation").wait_for()
    pictured(page, "methods")
    page.goto(f"{address}/site")
    page.context.clear_cookies(name="divoc_edge_session")
    page.goto(f"{address}/sign-in")
    page.click("form[data-passkey] button")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/staff")
    pictured(page, "staff")
    page.select_option("[name=code]", "R1")
    page.fill("[name=newPin]", "9753")
    page.fill("[name=newPinAgain]", "9753")
    page.click("fieldset[data-passkey] button")
    page.get_by_text("can sign in with the new PIN").wait_for()
    for language in ("ar", "fr"):
        page.context.add_cookies([{"name": "language", "value": language, "url": address}])
        page.goto(f"{address}/sign-in-methods")
        pictured(page, f"methods-{language}")
    page.context.clear_cookies(name="divoc_edge_session")
    page.goto(f"{address}/sign-in")
    pictured(page, "sign-in-fr")
    page.context.add_cookies([{"name": "language", "value": "ar", "url": address}])
    page.goto(f"{address}/sign-in")
    pictured(page, "sign-in-ar")
