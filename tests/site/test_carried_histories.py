"""A site without a line asks for histories by stick, and is told as much as one with a line."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from desks import browser, doses, take
from stick_sites import Country, enrolled

from edge.adapters.settings import Settings, write_settings
from edge.domain.errors import Unavailable
from edge.journal import views
from edge.node import Node
from edge.services import commands
from edge.services.registry.stick_watch import StickWatch
from sync.protocol import frames
from sync.protocol.bundles import files
from sync.protocol.bundles.sealed import open_sealed, recipient_of, seal
from sync.protocol.keys import node_id
from sync.registry.cli import main as registry_main
from sync.registry.store.sqlite import SqliteStore

pytestmark = pytest.mark.slow
IDENTITY = "did:in.gov.id:5550-1234"


@pytest.fixture
def country(tmp_path: Path) -> Country:
    return Country(tmp_path)


@contextmanager
def running(site: Path) -> Iterator[Node]:
    node = Node(site)
    try:
        yield node
    finally:
        node.close()


def register(site: Path, name: str = "Noor Saleh", identity: str = IDENTITY) -> tuple[str, str]:
    """Register somebody; give the id, and the code on the paper."""
    command = commands.RegisterPerson(
        name=name,
        gender="Female",
        birth_date=date(1990, 4, 2),
        identity=identity,
        different_person=True,
    )
    with running(site) as node:
        id_ = take(node, command, "S1")
        with node.journal.reading() as db:
            found = views.person(db, id_)
    assert found is not None
    return id_, found.code


def give(site: Path, person: str) -> None:
    command = commands.GiveDose(
        person=person, programme="covid-19", vaccine="coviprotect", lot="CP2611A"
    )
    with running(site) as node:
        take(node, command, "V2")


def ask(site: Path, person: str, shown: str, *, without_paper: bool = False) -> None:
    with running(site) as node:
        assert node.history.ask_shown(person, "V1", shown, without_paper=without_paper) == 0


def page(site: Path, person: str) -> str:
    with running(site) as node:
        return browser(node, "V1").get(f"/people/{person}").text


def told(site: Path, person: str) -> list[str]:
    """Whose doses of others are here, by facility."""
    with running(site) as node:
        return [dose.facility for dose in doses(node, person) if dose.reported]


def audit(country: Country) -> list[tuple[str, str]]:
    registry = country.open_registry()
    try:
        lines = registry.store.audits(1000)
        return [(line.what, line.whom) for line in lines if line.what.startswith("history")]
    finally:
        registry.store.close()


def tries(country: Country) -> list[tuple[str, int]]:
    """What counts as a try at a proof today, by its kind; questions have a count of their own."""
    registry = country.open_registry()
    assert isinstance(registry.store, SqliteStore)
    rows = registry.store._rows(
        "SELECT who, tries FROM proof_try WHERE who NOT LIKE 'history:%' ORDER BY who"
    )
    registry.store.close()
    return [(who.split(":")[0], count) for who, count in rows]


class Sites:
    """Somebody with doses at one site who comes to another; neither has a line."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self.here, self.there = enrolled(country, "here"), enrolled(country, "there", "DEMO02")
        self.theirs, self.code = register(self.there)
        give(self.there, self.theirs)
        self.ours, _ = register(self.here)
        self.carry()

    def carry(self) -> list[dict[str, Any]]:
        """Carry the stick from both sites to the registry, and back."""
        for site in (self.here, self.there):
            self.country.export(site)
        report = self.country.take()
        for site in (self.here, self.there):
            self.country.read(site)
        return report

    def asked(self) -> Path:
        """Ask at the desk, and give the stick as it comes back from the registry."""
        ask(self.here, self.ours, self.code)
        self.country.export(self.here)
        (report,) = (one for one in self.country.take() if one["facility"] == "DEMO01")
        assert report["refused"] == []
        return self.country.stick


@pytest.fixture
def sites(country: Country) -> Sites:
    return Sites(country)


def test_a_history_is_asked_for_at_the_desk_and_comes_with_the_next_stick(sites: Sites) -> None:
    here, ours = sites.here, sites.ours
    assert told(here, ours) == []
    ask(here, ours, sites.code)
    waits = page(here, ours)
    assert "The answer comes with a stick." in waits
    assert "What other sites gave is not known here." in waits
    with running(here) as node:
        answer = browser(node, "V1").post(
            f"/api/v1/people/{ours}/history", json={"shown": sites.code}
        )
        assert answer.get_json() == {
            "new": 0,
            "asOf": None,
            "askedOn": node.site.clock.today().isoformat(),
        }
    sites.carry()
    assert told(here, ours) == ["DEMO02"]
    came = page(here, ours)
    assert "History as of" in came
    assert "The answer comes with a stick." not in came
    assert (
        "history by code",
        f"{ours} = {sites.theirs}",
    ) in audit(sites.country)
    sites.carry()  # its own proof is kept, and nothing is asked twice a day
    assert sum(what == "history" for what, _ in audit(sites.country)) == 1


def test_what_was_given_after_the_other_site_exported_is_asked_for_of_the_same_stick(
    country: Country,
) -> None:
    """Its doses are judged before anybody is answered: else its paper would prove nothing."""
    sites = Sites.__new__(Sites)
    sites.country = country
    sites.here, sites.there = enrolled(country, "here"), enrolled(country, "there", "DEMO02")
    sites.theirs, sites.code = register(sites.there)
    give(sites.there, sites.theirs)
    sites.ours, _ = register(sites.here)
    ask(sites.here, sites.ours, sites.code)
    sites.carry()
    assert told(sites.here, sites.ours) == ["DEMO02"]


def test_nobody_is_answered_where_what_came_cannot_be_judged(sites: Sites, tmp_path: Path) -> None:
    ask(sites.here, sites.ours, sites.code)
    sites.country.export(sites.here)
    before = {path.name: path.read_bytes() for path in sites.country.stick.glob("*.in.age")}
    words = ["stick", "take", str(sites.country.stick), "--data", str(sites.country.data)]
    told_ = CliRunner().invoke(registry_main, [*words, "--schemas", str(tmp_path)])
    assert told_.exit_code != 0
    assert "The schemas cannot be read" in told_.output
    after = {path.name: path.read_bytes() for path in sites.country.stick.glob("*.in.age")}
    assert after == before
    sites.carry()
    assert told(sites.here, sites.ours) == ["DEMO02"]


def test_a_stick_that_is_mounted_asks_as_soon_as_somebody_asks_at_the_desk(sites: Sites) -> None:
    country = sites.country
    for old in country.stick.iterdir():
        old.unlink()
    now, mounted = [0.0], [True]
    with running(sites.here) as node:
        watch = StickWatch(
            node.sticks,
            node.journal,
            country.stick,
            lambda: now[0],
            node.clock.now,
            lambda folder: mounted[0],
        )
        watch.run()
        (part,) = files.outward_parts(country.stick)
        before = part.path.read_bytes()
        now[0] = 1000.0
        watch.run()
        assert part.path.read_bytes() == before  # nothing is new
        assert node.history.ask_shown(sites.ours, "V1", sites.code) == 0
        watch.run()
        assert part.path.read_bytes() != before
        country.take()
        for there in (False, True):
            mounted[0] = there
            watch.run()
        assert watch.state().unread is None
    assert told(sites.here, sites.ours) == ["DEMO02"]


def test_where_the_line_is_away_a_stick_asks_and_without_one_somebody_is_told(
    sites: Sites,
) -> None:
    here = sites.here
    line = Settings("DEMO01", registry="http://127.0.0.1:9")  # nobody answers there
    for settings in (line, replace(line, stick=str(sites.country.stick))):
        (here / "site.toml").unlink()
        write_settings(here, settings)
        if settings.stick:
            ask(here, sites.ours, sites.code)
            assert "The answer comes with a stick." in page(here, sites.ours)
            continue
        with running(here) as node, pytest.raises(Unavailable):
            node.history.ask_shown(sites.ours, "V1", sites.code)
        assert "The answer comes with a stick." not in page(here, sites.ours)
    sites.carry()
    assert told(here, sites.ours) == ["DEMO02"]


def test_a_wrong_code_is_told_on_the_page_once_the_stick_is_back(sites: Sites) -> None:
    ask(sites.here, sites.ours, "7K2M9QX4TB1C")
    sites.carry()
    came = page(sites.here, sites.ours)
    assert "The registry finds nobody by this code or certificate." in came
    assert "History as of" not in came
    assert "What other sites gave is not known here." in came
    ask(sites.here, sites.ours, sites.code)
    assert "finds nobody" not in page(sites.here, sites.ours)
    sites.carry()
    assert told(sites.here, sites.ours) == ["DEMO02"]


def test_a_list_of_identity_numbers_comes_to_ten_people_a_day_by_stick_too(sites: Sites) -> None:
    here = sites.here
    asked = [register(here, f"Some Body {one}", f"did:in:{one}")[0] for one in range(12)]
    for person in asked:
        ask(here, person, "", without_paper=True)
    sites.carry()
    refused = [whom for what, whom in audit(sites.country) if what == "history refused"]
    assert refused == ["10 proofs of nobody, 2 too many"]
    for person in asked[:2]:
        assert told(here, person) == []
    pages = [page(here, person) for person in asked]
    assert sum("The registry finds nobody with this identity" in one for one in pages) == 10
    assert sum("The answer comes with a stick." in one for one in pages) == 2


def test_one_stick_that_is_there_twice_uses_up_one_try_and_is_answered_both_times(
    sites: Sites, tmp_path: Path
) -> None:
    ask(sites.here, sites.ours, "", without_paper=True)
    sites.country.export(sites.here)
    copy = shutil.copytree(sites.country.stick, tmp_path / "copy")
    limit = 3  # for one identity number in a day
    for _ in range(limit + 2):
        sites.country.take()
        sites.country.take(copy)
    for folder in (sites.country.stick, copy):
        sites.country.read(sites.here, folder)
        assert told(sites.here, sites.ours) == ["DEMO02"]
    assert tries(sites.country) == [("of", 1), ("word", 1)]


def test_a_second_export_of_the_same_question_uses_up_one_try(sites: Sites) -> None:
    ask(sites.here, sites.ours, "", without_paper=True)
    for _ in range(4):
        sites.country.export(sites.here)
        sites.country.take()
    assert tries(sites.country) == [("of", 1), ("word", 1)]


def test_a_lost_stick_is_made_good_by_the_next(sites: Sites) -> None:
    ask(sites.here, sites.ours, sites.code)
    sites.country.export(sites.here)
    shutil.rmtree(sites.country.stick)
    sites.country.stick.mkdir()
    assert "The answer comes with a stick." in page(sites.here, sites.ours)
    sites.carry()
    assert told(sites.here, sites.ours) == ["DEMO02"]


def test_a_question_that_was_held_back_is_worth_nothing_once_a_later_one_was_answered(
    sites: Sites, tmp_path: Path
) -> None:
    ask(sites.here, sites.ours, sites.code)
    sites.country.export(sites.here)
    old = shutil.copytree(sites.country.stick, tmp_path / "old")
    sites.carry()
    other, _ = register(sites.here, "Some Body", "did:in:1")
    ask(sites.here, other, "7K2M9QX4TB1C")
    sites.carry()
    before = audit(sites.country)
    report = sites.country.take(old)
    assert ["question.old"] in [[one["code"] for one in site["refused"]] for site in report]
    assert audit(sites.country) == before
    assert sites.country.read(sites.here, old)["moved"] == ""  # the rest of its answer came


def test_an_old_answer_takes_nothing_of_a_newer_one_back(sites: Sites, tmp_path: Path) -> None:
    old = shutil.copytree(sites.asked(), tmp_path / "old")
    give_again = register(sites.there, "Another Name", "did:in:2")[0]
    give(sites.there, give_again)
    sites.country.read(sites.here)
    with running(sites.here) as node, node.journal.reading() as db:
        newest = db.execute("SELECT as_of FROM history_age").fetchall()
    ask(sites.here, sites.ours, "")
    sites.carry()
    with running(sites.here) as node, node.journal.reading() as db:
        newer = db.execute("SELECT as_of FROM history_age").fetchall()
    assert newer > newest
    sites.country.read(sites.here, old)
    with running(sites.here) as node, node.journal.reading() as db:
        assert db.execute("SELECT as_of FROM history_age").fetchall() == newer
    assert told(sites.here, sites.ours) == ["DEMO02"]


def test_an_answer_to_a_question_that_this_site_never_asked_changes_nothing(
    sites: Sites,
) -> None:
    sites.asked()
    with running(sites.here) as node:
        node.journal.run(lambda unit: unit.db.execute("DELETE FROM carried_question"))
    assert sites.country.read(sites.here)["letters"] >= 0
    assert told(sites.here, sites.ours) == []
    assert "The answer comes with a stick." in page(sites.here, sites.ours)


def test_a_cut_or_forged_answer_is_refused_whole(sites: Sites) -> None:
    stick = sites.asked()
    with running(sites.here) as node:
        path = stick / files.inward_name(node_id(node.sticks._key.public_key()))
    whole = path.read_bytes()
    for harm in ("cut", "swapped", "history of another", "no history"):
        path.write_bytes(whole[:-40] if harm == "cut" else spoiled(sites, whole, harm))
        refused = sites.country.edge(sites.here, "sync", "import", str(stick))
        assert refused.exit_code == 1, (harm, refused.output)
        assert told(sites.here, sites.ours) == []
        assert "The answer comes with a stick." in page(sites.here, sites.ours)
    sites.carry()  # and the next stick makes it good
    assert told(sites.here, sites.ours) == ["DEMO02"]


def spoiled(sites: Sites, whole: bytes, harm: str) -> bytes:
    """Put the frames of an answer together anew, as somebody could who had the site's identity."""
    with running(sites.here) as node, node.journal.reading() as db:
        (identity,) = db.execute(
            "SELECT value FROM setting WHERE name = 'stick-identity'"
        ).fetchone()
    first, *rest, last = open_sealed(whole, [identity])
    history = frames.unpack(last)
    if harm == "swapped":
        history["people"][0]["entries"] = []
    elif harm == "history of another":
        history["node"] = "a" * 24
    told_ = [first, *rest] if harm == "no history" else [first, *rest, frames.pack(history)]
    return seal(told_, recipient_of(identity))
