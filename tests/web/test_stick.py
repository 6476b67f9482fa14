"""What the site's page and the API say of the stick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from edge.node import Node
from edge.services.registry.stick_watch import StickState, StickTrouble
from edge.web.app import create_app

WRITTEN = StickState(there=True, written_at="2026-11-24T12:00:00.000Z", entries=312)
FULL = StickTrouble("{path} cannot be written: {reason}.", "", {"path": "/x", "reason": "full"})

Told = Callable[[StickState | None], FlaskClient]


@pytest.fixture
def told(node: Node) -> Told:
    """Give the browser of a manager at a site whose stick is in a state."""

    def browser(state: StickState | None) -> FlaskClient:
        client = create_app(replace(node.backend(), stick_state=lambda: state)).test_client()
        client.post("/sign-in", data={"code": "T1", "pin": "2468"})
        return client

    return browser


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (StickState(), "No stick is plugged in."),
        (StickState(there=True, busy=True), "Leave it in."),
        (replace(WRITTEN, busy=True), "Leave it in."),
        (WRITTEN, "Records on the stick: 312. You can pull it out."),
        (replace(WRITTEN, there=False), "Records on the last stick: 312."),
        (StickState(there=True, unwritten=FULL), "/x cannot be written: full."),
        (replace(WRITTEN, unread=FULL), "/x cannot be written: full."),
    ],
)
@pytest.mark.slow
def test_the_site_page_says_what_became_of_the_stick(
    told: Told, state: StickState, sentence: str
) -> None:
    page = told(state).get("/site").text
    assert sentence in page
    assert ("You can pull it out" in page) == (
        state.there and not state.busy and bool(state.entries)
    )
    assert ('http-equiv="refresh"' in page) == state.busy


def test_a_site_that_looks_for_no_stick_does_not_speak_of_one(told: Told) -> None:
    browser = told(None)
    assert "<h2>Stick</h2>" not in browser.get("/site").text
    assert "stick" not in browser.get("/api/v1/status").get_json()


def test_the_api_says_what_became_of_the_stick(told: Told) -> None:
    found = told(replace(WRITTEN, unread=FULL)).get("/api/v1/status").json
    assert found is not None
    assert found["stick"] == {
        "there": True,
        "busy": False,
        "writtenAt": WRITTEN.written_at,
        "entries": 312,
        "troubles": ["/x cannot be written: full."],
    }
