"""The fields of a sign-in and of a signature say what goes into them, and take a scanner's word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from forms import newcomer
from next_edition import put_in_force
from playwright.sync_api import Browser, FloatRect
from serving import Serving
from site_factory import demonstration, filled_site

from edge.adapters.settings import Settings
from edge.node import Node
from edge.services.campaigns import CheckedCampaign
from edge.web.app import create_app

RULES = {
    "roles": [
        {"role": "supervisor", "methods": ["pin", "password"], "signs": ["pin", "password"]},
        {"role": "technician", "methods": ["pin"], "then": ["passkey", "badge"]},
    ]
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Node]:
    node = filled_site(tmp_path / "site", Settings(facility="DEMO01"))
    put_in_force(node, CheckedCampaign({**demonstration().body, "sign_in": RULES}))
    yield node
    node.close()


def signed_in(node: Node, code: str) -> FlaskClient:
    browser = create_app(node.backend()).test_client()
    assert browser.post("/sign-in", data={"code": code, "pin": "2468"}).status_code == 303
    return browser


def test_the_cursor_stands_where_a_scanner_is_to_type(site: Node) -> None:
    badge = {"do": "badge", "of": "T1", "second": "S1", "pin": "2468"}
    assert signed_in(site, "S1").post("/sign-in-methods", data=badge).status_code == 303
    reader = create_app(site.backend()).test_client()
    page = reader.post("/sign-in", data={"code": "T1", "pin": "2468"}).text
    assert "One thing more goes with it" in page
    assert re.findall(r'<input name="(\w+)"[^>]*autofocus', page) == ["badge"]


def asked_for_a_signature(node: Node, of: str = "Hodan Jama") -> str:
    """Give the page on which a supervisor is to sign."""
    browser = signed_in(node, "V1")
    person = newcomer(browser, of)
    died = {"id": node.site.ids.new(), "status": "died", "on": ""}
    assert browser.post(f"{person}/status", data=died).status_code == 303
    back = {"id": node.site.ids.new(), "status": "active", "on": "", "reason": "Wrong twin"}
    refused = browser.post(f"{person}/status", data=back)
    assert refused.status_code == 409
    return refused.text


def test_where_a_password_signs_too_the_field_says_so(site: Node) -> None:
    assert "Your own PIN or password" in signed_in(site, "S1").get("/staff").text
    assert "PIN or password of the supervisor" in asked_for_a_signature(site)


@pytest.mark.slow  # a browser
def test_on_a_telephone_a_password_has_the_whole_width_and_a_pin_a_third_beside_the_name(
    site: Node, browser: Browser
) -> None:
    serving = Serving(create_app(site.backend()))
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.goto(f"{serving.url}/sign-in")

    def boxes(of: str) -> list[FloatRect]:
        page.set_content(asked_for_a_signature(site, of))
        fields = (page.locator(f".override [name={name}]") for name in ("supervisor", "pin"))
        return [box for field in fields if (box := field.bounding_box())]

    name, password = boxes("Hodan Jama")
    assert (name["x"], name["width"]) == (password["x"], password["width"])
    put_in_force(site, CheckedCampaign({**demonstration().body}))
    name, pin = boxes("Ravi Kumar")
    assert name["y"] == pin["y"]
    assert name["width"] == pytest.approx(2 * pin["width"], abs=1)
    page.close()
    serving.close()
