"""Names as long as those of a real campaign fit a telephone, and the lot is always read whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from journeys import Tablet
from playwright.sync_api import Browser
from serving import Serving

from edge.adapters.settings import Settings
from edge.campaign.stock_csv import read_stock
from edge.cli.site import make_site
from edge.node import Node
from edge.services import commands
from edge.web.app import create_app
from edge.wiring.campaigns import campaign_reader
from sync.resources import resource

pytestmark = pytest.mark.slow  # a browser

LOTS = {"HepB-birth": "HB-2612A", "Rota": "ROTA-99812", "BCG": "B1"}
CUT = """
() => [...document.querySelectorAll("main .button, main button, main .choice, main p, main li")]
  .filter((one) => one.offsetParent !== null)
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box, one]) => box.left < -0.5 || one.scrollWidth > one.clientWidth + 1
                          || box.right > document.documentElement.clientWidth + 0.5)
  .map(([, one]) => one.textContent.trim().slice(0, 60))
"""
LOTS_READ = """
() => [...document.querySelectorAll(".vial bdi[dir=ltr]")].filter((lot) => {
  const [box, of] = [lot, lot.closest("strong")].map((one) => one.getBoundingClientRect());
  return box.left >= of.left - 0.5 && box.right <= of.right + 0.5 && lot.scrollWidth <= lot.clientWidth + 1;
}).map((lot) => lot.textContent)
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the routine campaign is served, and an infant who is due at six weeks."""

    url: str
    infant: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("names")
    make_site(folder / "site", Settings(facility="NDL001"))
    node = Node(folder / "site")
    node.campaigns.apply(
        campaign_reader().folder(resource("config/campaigns/routine-immunisation"))
    )
    node.authenticator.set_pin("V1", "2468", by="test")
    expiry = node.clock.today() + timedelta(days=300)
    lines = [f"{vaccine},{lot},{expiry},20" for vaccine, lot in LOTS.items()]
    stock = folder / "stock.csv"
    stock.write_text("\n".join(["vaccine,lot,expiry,quantity", *lines]), encoding="utf-8")
    node.importer.stock("stock.csv", read_stock(stock), lambda rows: None)
    with node.journal.reading() as db:
        staff = node.site.catalogues.current(db).staff["S1"]
    command = commands.RegisterPerson(
        name="Amina Diallo",
        gender="Female",
        birth_date=node.clock.today() - timedelta(days=46),
        programme="routine",
    )
    infant = node.site.ids.new()
    node.backend().desk.take(infant, command, staff)
    serving = Serving(create_app(node.backend()))
    yield Site(serving.url, infant)
    serving.close()
    node.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_long_names_fit_and_the_lot_on_the_ribbon_is_read_whole(
    browser: Browser, site: Site, language: str
) -> None:
    tablet = Tablet(browser, site.url, (360, 740), language)
    tablet.sign_in("V1")
    for path in ("", "/book", "/plan", "/give/routine/Penta"):
        tablet.page.goto(f"{site.url}/people/{site.infant}{path}")
        assert tablet.page.evaluate(CUT) == [], path
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tablet.page.evaluate(over) <= 0, path
        assert sorted(tablet.page.evaluate(LOTS_READ)) == sorted(LOTS.values()), path
    tablet.close()
