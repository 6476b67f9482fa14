"""A whole site in a temporary folder, with the demonstration's campaign and people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from site_factory import fill

from edge.adapters.settings import PrinterSettings, Settings
from edge.cli.site import make_site
from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.services import commands


@pytest.fixture
def site_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    printer = PrinterSettings("desk", f"file://{tmp_path}/paper.bin", "virtual-80")
    make_site(folder, Settings(facility="DEMO01", zone="UTC", printers=(printer,)))
    return folder


@pytest.fixture
def node(site_folder: Path) -> Iterator[Node]:
    node = Node(site_folder)
    fill(node)
    yield node
    node.close()


@pytest.fixture
def staff(node: Node) -> Callable[[str], Staff]:
    def find(code: str) -> Staff:
        with node.journal.reading() as db:
            return node.site.catalogues.current(db).staff[code]

    return find


@pytest.fixture
def person(node: Node) -> Callable[[str], str]:
    """Find a person of the demonstration by name; give the id."""

    def find(name: str) -> str:
        with node.journal.reading() as db:
            return views.find_people(db, name)[0].id

    return find


@pytest.fixture
def dose(person: Callable[[str], str]) -> Callable[..., commands.GiveDose]:
    """Make the request for a first dose of COVID-19 vaccine."""

    def make(name: str = "Grace Wanjiru", **fields: object) -> commands.GiveDose:
        asked = {"programme": "covid-19", "vaccine": "coviprotect", "lot": "CP2611A", **fields}
        return commands.GiveDose(person=person(name), **asked)  # type: ignore[arg-type]

    return make
