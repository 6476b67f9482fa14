"""What a vaccinator's everyday costs: taps, typed keys, screens and pixels, from real events."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from infants import with_infants
from journeys import Cost, Tablet
from playwright.sync_api import Browser
from serving import Serving
from site_factory import filled_site, vouch_for

from edge.adapters.settings import PrinterSettings, Settings
from edge.domain.catalogue import Staff
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.web.app import create_app
from printers.virtual import VirtualPrinter

pytestmark = pytest.mark.slow  # a browser

TABLET, PHONE = (600, 960), (360, 740)


@dataclass(frozen=True, slots=True)
class Station:
    """A site on a port, and the browser beside it."""

    node: Node
    url: str
    browser: Browser

    def tablet(self, size: tuple[int, int], code: str = "V1", language: str = "en") -> Tablet:
        found = Tablet(self.browser, self.url, size, language)
        found.sign_in(code)
        return found

    def take(self, command: object, code: str = "S1") -> str:
        """Do something beforehand, as if another tablet had."""
        id_, who = self.node.site.ids.new(), self._staff(code)
        self.node.backend().desk.take(id_, command, who)  # type: ignore[call-overload]
        return id_

    def _staff(self, code: str) -> Staff:
        with self.node.journal.reading() as db:
            return self.node.site.catalogues.current(db).staff[code]

    def person(self, name: str, days: int = 36 * 365, programme: str = "covid-19") -> str:
        """Register somebody so old, who waits for a programme; give the id."""
        born = self.node.clock.today() - timedelta(days=days)
        return self.take(
            commands.RegisterPerson(
                name=name,
                gender="Female",
                birth_date=born,
                programme=programme,
                different_person=True,
            )
        )

    def given(self, name: str, on: date | None = None) -> str:
        """Give somebody new a dose against COVID-19; give the dose's id."""
        person = self.person(name)
        return self.take(
            commands.GiveDose(
                person=person,
                programme="covid-19",
                vaccine="coviprotect",
                lot="CP2611A",
                vaccinator="V1",
                on=on,
            )
        )

    def code(self, person: str) -> str:
        """Give the code on somebody's appointment."""
        with self.node.journal.reading() as db:
            found = views.person(db, person)
        assert found
        return found.code

    def certificate(self, dose: str) -> str:
        """Give the text of the code on a dose's certificate."""
        with self.node.journal.reading() as db:
            record = views.recorded(db, dose)
            assert record
            issued = views.certificate(db, record.certificate)
        assert issued
        return issued.credentials["dcc-1.3"]


@pytest.fixture(scope="module")
def station(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    folder: Path = tmp_path_factory.mktemp("journeys")
    printer = VirtualPrinter(576, folder=folder / "papers")
    printer.start()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = Settings(
        facility="DEMO01",
        listen=f"127.0.0.1:{port}",
        printers=(PrinterSettings("desk", f"tcp://127.0.0.1:{printer.port}", "virtual-80"),),
    )
    node = filled_site(folder / "site", settings)
    with_infants(node, folder / "campaign")
    vouch_for(node, folder / "authority")
    node.start()
    serving = Serving(create_app(node.backend()), port)
    yield Station(node, serving.url, browser)
    serving.close()
    node.close()
    printer.stop()


Journey = Callable[[Station, Tablet], None]


def scanned(station: Station, tablet: Tablet) -> None:
    code = station.code(station.person("Scanned Person"))
    tablet.begin()
    tablet.scan(code)
    tablet.tap(".gives button.primary", leaves=True)


def returning(station: Station, tablet: Tablet) -> None:
    month_ago = station.node.clock.today() - timedelta(days=30)
    paper = station.certificate(station.given("Returning Person", month_ago))
    tablet.begin()
    tablet.scan(paper)
    tablet.tap(".gives button:has-text('dose 2')", leaves=True)


def by_name(station: Station, tablet: Tablet) -> None:
    name = f"Wanjiru{uuid.uuid4().hex[:3]}"
    station.person(f"{name} Njoroge")
    tablet.begin()
    tablet.type(name.lower())
    tablet.enter()
    tablet.tap(".people a", leaves=True)
    tablet.tap(".gives button.primary", leaves=True)


def from_the_queue(station: Station, tablet: Tablet) -> None:
    station.person("Queued Person")
    tablet.begin()
    tablet.tap("ol.people a:has-text('Queued Person')", leaves=True)
    tablet.tap(".gives button.primary", leaves=True)


def walk_in(station: Station, tablet: Tablet) -> None:
    tablet.begin()
    tablet.tap("nav.bar a[href='/register']", leaves=True)
    tablet.type(f"Walk In {uuid.uuid4().hex[:6]}")
    tablet.tap("label:has([value=Female])")
    tablet.tap("[name=birthYear]")
    tablet.type("1988")
    tablet.tap("main .actions .primary", leaves=True)
    tablet.tap(".gives button.primary", leaves=True)


def infant_with_five(station: Station, tablet: Tablet) -> None:
    code = station.code(station.person("Five At Once", 100, "infants"))
    tablet.begin()
    tablet.scan(code)
    for vaccine in ("OPV", "IPV", "Penta", "PCV", "Rota"):
        tablet.tap(f".gives button:has-text('Give {vaccine} dose 1')", leaves=True)


def next_after_done(station: Station, tablet: Tablet) -> None:
    dose, code = station.given("Done Before"), station.code(station.person("Scanned Next"))
    tablet.begin(f"/doses/{dose}")
    tablet.scan(code)
    tablet.tap(".gives button.primary", leaves=True)


def another_lot(station: Station, tablet: Tablet) -> None:
    tablet.begin(f"/people/{station.person('Other Lot')}")
    tablet.tap(".session a[href='/vials/coviprotect']", leaves=True)
    tablet.tap(".picks button[value=CP2610X]", leaves=True)


def another_hand(station: Station, tablet: Tablet) -> None:
    tablet.begin()
    tablet.tap(".session a[href='/vaccinator']", leaves=True)
    tablet.tap(".picks button[value=V2]", leaves=True)


def refused(station: Station, tablet: Tablet) -> None:
    tablet.begin(f"/people/{station.person('Says No')}")
    tablet.tap(".folds summary:has-text('Not given')")
    tablet.tap("button[value=Refused]", leaves=True)


def against_a_rule(station: Station, tablet: Tablet) -> None:
    dose = station.given("Travels Soon")
    with station.node.journal.reading() as db:
        record = views.recorded(db, dose)
    assert record
    tablet.begin(f"/people/{record.person.id}/give/covid-19/coviprotect")
    tablet.tap("form.dose button.give", leaves=True)
    tablet.tap("[name=reason]")
    tablet.type("Travels tomorrow")
    tablet.tap("[name=pin]")
    tablet.type("2468")
    tablet.tap("form.dose button.give", leaves=True)
    assert tablet.page.locator(".saved").is_visible()


def printed_again(station: Station, tablet: Tablet) -> None:
    tablet.begin(f"/doses/{station.given('Paper Lost')}")
    tablet.tap("button:has-text('Print a copy')", leaves=True)


def verified(station: Station, tablet: Tablet) -> None:
    paper = station.certificate(station.given("Shows Paper"))
    tablet.begin("/verify")
    tablet.scan(paper)
    tablet.tap(".verdict.valid")  # a tap on it is possible only where it is in view


def to_be_called(station: Station, tablet: Tablet) -> None:
    tablet.begin("/records")
    tablet.tap("a[href='/recall']", leaves=True)


def label_of_a_vial(station: Station, tablet: Tablet) -> None:
    tablet.begin()
    tablet.tap("nav.bar a[href='/stock']", leaves=True)
    tablet.tap("td a:has-text('Label')", leaves=True)
    tablet.tap("main form button.primary", leaves=True)


def waits(station: Station, tablet: Tablet) -> None:
    person = station.person("Waits Again")
    station.take(commands.Leave(person=person, reason="Not due"))
    tablet.begin(f"/people/{person}")
    tablet.tap(".folds summary:has-text('Put into the queue')")
    tablet.tap("button[value=covid-19]", leaves=True)


JOURNEYS: dict[str, tuple[Journey, Cost, int]] = {
    "a scanned person, given": (scanned, Cost(1, 0, 2, 0), 0),
    "a certificate scanned in Find, given": (returning, Cost(1, 0, 2, 0), 0),
    "somebody found by name, given": (by_name, Cost(2, 11, 3, 0), 0),
    "the next of the queue, given": (from_the_queue, Cost(2, 0, 2, 0), 0),
    "a walk-in, given": (walk_in, Cost(5, 18, 3, 0), 0),
    "an infant with five vaccines": (infant_with_five, Cost(5, 0, 6, 0), 0),
    "the next person from the done page": (next_after_done, Cost(1, 0, 2, 0), 0),
    "another lot on the table": (another_lot, Cost(2, 0, 2, 0), 0),
    "another vaccinator": (another_hand, Cost(2, 0, 2, 0), 0),
    "somebody who refuses": (refused, Cost(2, 0, 1, 0), 0),
    "a dose against a rule": (against_a_rule, Cost(4, 20, 2, 0), 300),
    "a paper printed again": (printed_again, Cost(1, 0, 1, 0), 250),
    "a certificate verified": (verified, Cost(1, 0, 1, 0), 0),
    "the recall list": (to_be_called, Cost(1, 0, 1, 0), 0),
    "the label of a vial": (label_of_a_vial, Cost(3, 0, 3, 0), 0),
    "somebody put into the queue": (waits, Cost(2, 0, 1, 0), 150),
}
"""What each may cost at 600x960, and how many pixels more on a telephone."""


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["600x960", "360x740"])
@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journey_costs_no_more_taps_keys_screens_and_pixels_than_it_may(
    station: Station, name: str, size: tuple[int, int]
) -> None:
    journey, most, more = JOURNEYS[name]
    tablet = station.tablet(size, "S1" if name == "the recall list" else "V1")
    journey(station, tablet)
    cost = tablet.cost()
    tablet.close()
    assert cost.taps <= most.taps
    assert cost.keys <= most.keys
    assert cost.screens <= most.screens
    assert cost.scrolled <= most.scrolled + (more if size == PHONE else 0)
