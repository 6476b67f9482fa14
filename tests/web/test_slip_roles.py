"""A slip is offered to those whose role may have it, and to nobody else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from forms import give, newcomer
from site_factory import filled_site
from tried_roles import PIN, SITE_ROLES, with_one_role_each

from edge.adapters.settings import PrinterSettings, Settings
from edge.services.printing.slip_roles import SLIP_ROLES
from edge.web.app import create_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("slips")
    printer = PrinterSettings("desk", f"file://{folder}/paper.bin", "virtual-80")
    node = filled_site(folder / "site", Settings(facility="DEMO01", printers=(printer,)))
    with_one_role_each(node)
    yield create_app(node.backend())
    node.close()


@pytest.fixture(scope="module")
def paths(app: Flask) -> list[str]:
    """Give the pages that offer slips, of somebody who has just had a dose."""
    browser = signed_in(app, "vaccinator")
    person = newcomer(browser, "Amani Otieno")
    dose = give(browser, person)
    return ["/site", "/stock", "/appointments", person, f"{person}/plan", dose]


def signed_in(app: Flask, role: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"code": role.upper(), "pin": PIN})
    assert answer.status_code == 303
    return client


@pytest.mark.parametrize("role", SITE_ROLES)
def test_no_page_offers_a_slip_that_is_refused_to_the_reader(
    app: Flask, paths: list[str], role: str
) -> None:
    browser, offered = signed_in(app, role), set[str]()
    for path in paths:
        page = browser.get(path).text
        offered |= {html.unescape(way) for way in re.findall(r'="(/slips/[^"]+)"', page)}
    for way in offered:
        assert browser.get(way).status_code != 403, f"{role}: {way}"
    named = {re.split(r"[/.?]", way)[2] for way in offered}
    assert named <= {slip for slip, roles in SLIP_ROLES.items() if role in roles}
    assert bool(named) == (role != "clinician"), "whoever has slips of their own is offered some"


@pytest.mark.parametrize("slip", SLIP_ROLES)
def test_a_clinician_who_gets_to_papers_of_documents_has_no_other_slip(
    app: Flask, slip: str
) -> None:
    browser = signed_in(app, "clinician")
    for way in (f"/slips/{slip}?of=DEMO01", f"/slips/{slip}.png?of=DEMO01"):
        assert browser.get(way).status_code == 403
    assert browser.post(f"/slips/{slip}?of=DEMO01", data={"id": "x"}).status_code == 403
