"""The application of a whole site, spoken to without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import browser, play
from flask.testing import FlaskClient
from site_factory import filled_site, vouch_for

from edge.adapters.settings import PrinterSettings, Settings
from edge.journal import views
from edge.node import Node
from edge.web.app import create_app

__all__ = ["browser", "find", "node", "play", "signed_in", "vouched"]

SignedIn = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("web") / "site"
    printer = PrinterSettings("desk", f"file://{folder}/paper.bin", "virtual-80")
    node = filled_site(folder, Settings(facility="DEMO01", printers=(printer,)))
    yield node
    node.close()


@pytest.fixture(scope="module")
def vouched(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Give the same site with the nation's word for its key."""
    vouch_for(node, tmp_path_factory.mktemp("nation") / "authority")
    return node


@pytest.fixture(scope="module")
def signed_in(node: Node) -> SignedIn:
    """Give a browser in which a member of staff is signed in; nobody for an empty code."""
    app = create_app(node.backend())

    def browser(code: str) -> FlaskClient:
        client = app.test_client()
        if code:
            answer = client.post("/sign-in", data={"code": code, "pin": "2468"})
            assert answer.status_code == 303
        return client

    return browser


@pytest.fixture(scope="module")
def find(node: Node) -> Callable[[str], str]:
    def person(name: str) -> str:
        with node.journal.reading() as db:
            return views.find_people(db, name)[0].id

    return person
