"""A registry, a stick and sites without a line, by the commands that people use."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from memory_journal import Line, cut
from site_factory import filled_site

from edge.adapters.settings import Settings
from edge.cli import main as edge_main
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.registry.inbox import SiteInbox
from edge.services.registry.introduction import Introduction
from edge.services.registry.link import LinkEnvironment, RegistryLink
from edge.services.registry.stick_memory import take_recipient
from sync.protocol.bundles.sealed import recipient_of
from sync.registry.cli import main as registry_main
from sync.registry.keys import age_identities, registry_key
from sync.registry.registry import Registry
from sync.registry.store.stores import embedded, open_store
from sync.registry.web.app import create_app

NAME = "Grace Wanjiru"


class Country:
    """A registry's folder, a stick, and the two commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data, self.stick = folder / "registry", folder / "stick"
        self.stick.mkdir()

    def site(self, name: str, facility: str = "DEMO01", registry: str = "") -> Path:
        site = self.folder / name
        node = filled_site(site, Settings(facility=facility, registry=registry))
        node.close()
        return site

    def registry(self, *words: str) -> Result:
        where = ["--data", str(self.data)]
        return CliRunner().invoke(registry_main, ["stick", *words, *where], catch_exceptions=False)

    def take(self, folder: Path | None = None) -> list[dict[str, Any]]:
        told = self.registry("take", str(folder or self.stick), "--json")
        found: list[dict[str, Any]] = json.loads(told.output)
        return found

    def invite(self, facility: str = "DEMO01") -> str:
        """Write the registry's invitation onto the stick, and give the code for the site."""
        told = self.registry("invite", facility, "--out", str(self.stick))
        assert told.exit_code == 0, told.output
        return told.output.splitlines()[-1]

    def enrol(self, site: Path, code: str) -> Result:
        """Enter a code at a site."""
        where = ["enrol", "--enrolment-code-file", "-", "--data", str(site)]
        return CliRunner().invoke(edge_main, where, input=f"{code}\n", catch_exceptions=False)

    def edge(self, site: Path, *words: str) -> Result:
        where = ["--data", str(site)]
        return CliRunner().invoke(edge_main, [*words, *where], catch_exceptions=False)

    def export(self, site: Path) -> dict[str, Any]:
        told = self.edge(site, "sync", "export", str(self.stick), "--json")
        assert told.exit_code == 0, told.output
        found: dict[str, Any] = json.loads(told.output)
        return found

    def read(self, site: Path, folder: Path | None = None, *words: str) -> dict[str, Any]:
        told = self.edge(site, "sync", "import", str(folder or self.stick), *words, "--json")
        assert told.exit_code == 0, told.output
        found: dict[str, Any] = json.loads(told.output)
        return found

    def open_registry(self) -> Registry:
        identities = age_identities(self.data)
        store = open_store(embedded(self.data))
        return Registry(
            store,
            registry_key(self.data),
            recipient=recipient_of(identities[0]),
            identities=identities,
        )

    def entries(self, facility: str = "DEMO01") -> int:
        registry = self.open_registry()
        try:
            return sum(one.entries for one in registry.store.nodes() if one.facility == facility)
        finally:
            registry.store.close()


def give(site: Path, name: str = NAME) -> None:
    node = Node(site)
    try:
        with node.journal.reading() as db:
            person = views.find_people(db, name)[0].id
            staff = node.site.catalogues.current(db).staff["V1"]
        asked = commands.GiveDose(
            person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
        )
        node.desk.take(node.site.ids.new(), asked, staff)
    finally:
        node.close()


def last_entry(site: Path) -> int:
    node = Node(site)
    with node.journal.reading() as db:
        last = int(db.execute("SELECT max(position) FROM entry").fetchone()[0])
    node.close()
    return last


def enrolled(country: Country, name: str = "site", facility: str = "DEMO01") -> Path:
    site = country.site(name, facility)
    assert country.enrol(site, country.invite(facility)).exit_code == 0
    country.read(site)
    return site


def network(node: Node, country: Country, away: Collection[str] = ()) -> Iterator[RegistryLink]:
    """Link a site with its registry; the line is away while ``away`` holds a reason."""
    registry = country.open_registry()

    def connect(uri: str, line: object) -> Line:
        way = Line(create_app(registry).test_client())
        way.fault = lambda what, answer: cut() if away else answer
        return way

    ticks = count()
    world = LinkEnvironment(
        lambda: float(next(ticks)), lambda: 0.5, lambda: f"{next(ticks):016x}", node.clock.now
    )
    link = RegistryLink(
        node.journal,
        "http://registry.example",
        node.sticks._key,
        Introduction("DEMO01", node.settings.enrolment_code, lambda: "Riverside"),
        world,
        inbox=SiteInbox(node.journal, {"recipient": take_recipient}),
        connect=connect,
    )
    yield link
    registry.store.close()
