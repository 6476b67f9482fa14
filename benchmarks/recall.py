"""A recall list over 100,000 people: the WHO infant schedule and the demonstration's programmes.

The people and their doses are rows of a site's encrypted database; the clock runs from the first
page read to the last line of CSV, on one core. The page of a tablet is asked for as a browser asks,
also of a site with 1,000,000 people; of its last people too, where it begins in the middle.
"""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.demoland import fill
from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.settings import Settings
from edge.campaign.catalogue import to_catalogue
from edge.campaign.schedules import read_schedule
from edge.cli.site import make_site
from edge.domain.catalogue import Catalogue, Programme, Vaccine
from edge.journal import database, views
from edge.node import Node
from edge.services.doses.recall import RecallQuery, as_csv, recall
from edge.web.app import create_app
from sync.resources import resource

TODAY = date(2026, 11, 24)
INFANT = (("BCG", 2), ("HepB-birth", 1), ("OPV", 45), ("Penta", 45), ("PCV", 45), ("Rota", 45),
          ("OPV", 75), ("Penta", 75), ("PCV", 75), ("Rota", 75), ("OPV", 105), ("Penta", 105),
          ("IPV", 105), ("PCV", 280), ("MR", 280), ("MR", 470))  # fmt: skip


def measure(folder: Path, people: int = 100_000) -> dict[str, float]:
    site = folder / "recall-site"
    make_site(site, Settings(facility="DEMO01"))
    node = Node(site)
    fill(node)
    node.close()
    db = database.open_writer(
        site / "journal.db", FileKeys(site / "keys", SystemEntropy()).journal_key()
    )
    doses = fill_people(db, people)
    catalogue = _with_infants(to_catalogue(views.catalogue_body(db)))

    def same() -> AbstractContextManager[Any]:
        return nullcontext(db)

    query = RecallQuery(catalogue, TODAY, TODAY + timedelta(days=28), "DEMO01")
    start = time.process_time(), time.perf_counter()
    lines = sum(1 for _ in as_csv(recall(same, query)))
    if lines < people:
        raise RuntimeError("The people of this benchmark are not seen: it would measure nothing.")
    took = time.process_time() - start[0], time.perf_counter() - start[1]
    db.conn.close()
    return {
        **_pages(site, people),
        "people": float(people),
        "doses": float(doses),
        "programmes": float(len(catalogue.programmes)),
        "lines of the list": float(lines),
        "seconds for the whole list": took[1],
        "of them seconds of the one core": took[0],
        "milliseconds a person": took[1] * 1000 / people,
    }


def measure_pages(folder: Path, people: int = 1_000_000) -> dict[str, float]:
    """Time the page alone, of a site too large to wait for its whole list."""
    site = folder / "recall-pages"
    make_site(site, Settings(facility="DEMO01"))
    node = Node(site)
    fill(node)
    node.close()
    db = database.open_writer(
        site / "journal.db", FileKeys(site / "keys", SystemEntropy()).journal_key()
    )
    fill_people(db, people)
    db.conn.close()
    return _pages(site, people)


def _pages(site: Path, people: int) -> dict[str, float]:
    """Ask for the first page, and for one in the middle, as a tablet does; milliseconds, median."""
    node = Node(site)
    client = create_app(node.backend()).test_client()
    client.post("/sign-in", data={"code": "S1", "pin": "2468"})
    middle = f"/recall?after={people // 2:08d}-0000-7000-8000-000000000000"
    found = {}
    for label, path in (("first page", "/recall"), ("page from the middle", middle)):
        took = []
        for _ in range(7):
            start = time.perf_counter()
            assert client.get(path).status_code == 200
            took.append((time.perf_counter() - start) * 1000)
        found[f"milliseconds for the {label} of {people:,}"] = sorted(took)[3]
    start, streamed, first = time.perf_counter(), client.get("/recall/all", buffered=False), 0.0
    for part in streamed.response:
        first = first or (time.perf_counter() - start) * 1000
        if b"looked" in part:
            break
    streamed.close()
    found[f"milliseconds to the first word of the whole list of {people:,}"] = first
    node.close()
    return found


def _with_infants(catalogue: Catalogue) -> Catalogue:
    plan = read_schedule(resource("config/schedules/who-infant.yaml"), resource("config/schemas"))
    codes = tuple(plan.vaccines)
    vaccines = {code: Vaccine(code=code, name=code, manufacturer="Delta") for code in codes}
    infants = Programme(
        id="infants", name="Infants", vaccines=codes, schedule=plan, start=date(2020, 1, 1)
    )
    return replace(
        catalogue,
        programmes={**catalogue.programmes, "infants": infants},
        vaccines={**catalogue.vaccines, **vaccines},
    )


def fill_people(db: Any, people: int) -> int:
    """Half are children up to three with what they should have had by then, less some."""
    chance, doses = random.Random(7), 0
    db.execute("BEGIN IMMEDIATE")
    for number in range(people):
        id_ = f"{number:08d}-0000-7000-8000-000000000000"
        child = number % 2 == 0
        born = TODAY - timedelta(
            days=chance.randrange(1_100) if child else chance.randrange(4_400, 29_000)
        )
        db.execute(
            "INSERT INTO person (id, code, name, gender, birth_date, birth_year, identity,"
            " nationality, phone, email, address, source, programme, registered_at, position, kept)"
            " VALUES (?, ?, 'Invented Person', 'Female', ?, NULL, '', '', '+254700000000', '',"
            " '{\"district\":\"North\"}', 'walk-in', '', '', 0, ?)",
            (id_, f"C{number}", born.isoformat(), id_),
        )
        given = INFANT if child else (("coviprotect", 6_000),) * chance.randrange(3)
        for place, (code, days) in enumerate(given):
            on = (
                (born + timedelta(days=days + chance.randrange(10)))
                if child
                else TODAY - timedelta(days=90 - 45 * place)
            )
            if on > TODAY or chance.random() < 0.1:
                continue
            doses += 1
            db.execute(
                "INSERT INTO dose (id, person, programme, vaccine, number, total, lot, expiry,"
                " given_on, given_at, clock, facility, vaccinator, reported, effective_until,"
                " next_due, overrides, evidence, position)"
                " VALUES (?, ?, ?, ?, 1, 1, 'L', NULL, ?, '2026-01-01T00:00:00.000Z', 'believed',"
                " 'DEMO01', 'V1', 0,"
                " NULL, NULL, '[]', '', 0)",
                (f"{id_}{place}", id_, "infants" if child else "covid-19", code, on.isoformat()),
            )
    db.execute("COMMIT")
    return doses


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for label, figure in (measure(Path(folder)) | measure_pages(Path(folder))).items():
            print(f"{label:60} {figure:12,.2f}")
