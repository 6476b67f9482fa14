"""Lists of people whom the nation expects at a site: in sealed pieces, resumed, replaced, undone."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from expected_people import letter_for, name_of, pieces_of, row, small_pieces, table
from memory_journal import REGISTRY_KEY, Line, cut
from rebuilding import rebuilt_is_the_same
from shares import share
from site_factory import demonstration

from edge.adapters.settings import Settings
from edge.cli import main as edge_main
from edge.cli.site import make_site
from edge.domain.errors import NotFound
from edge.journal import views
from edge.journal.histories import keep_proof
from edge.node import Node
from edge.services.commands import Arrive, CorrectPerson, RegisterPerson
from edge.services.commands.people import GuardianInput
from edge.services.registry import link as registry_link
from sync.protocol.bundles.sealed import recipient_of
from sync.protocol.enrolment_lists import hash_of
from sync.protocol.errors import ProtocolError
from sync.protocol.keys import fingerprint
from sync.protocol.proofs import CodeProof
from sync.registry.cli import main as registry_main
from sync.registry.cli.opening import opened
from sync.registry.codes import make_code
from sync.registry.judging.schemas import Schemas, schemas_folder
from sync.registry.judging.worker import Judging
from sync.registry.keys import age_identities
from sync.registry.registry import Registry
from sync.registry.store.interface import Store
from sync.registry.web.app import create_app
from sync.registry.web.office import office


class CountedLine(Line):
    """A line that counts answers with pieces; it breaks off once behind the first ``breaks``."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.answered = 0
        self.breaks = -1

    def ask(self, path: str, body: bytes | None) -> Any:
        if path.endswith("/pieces") and self.answered == self.breaks:
            self.breaks = -1
            cut()
        answer = super().ask(path, body)
        self.answered += "sealed" in answer
        return answer


@dataclass
class Country:
    """A registry's folder, and one site with Demoland's campaign on a line to it."""

    folder: Path
    store: Store
    line: CountedLine
    node: Node
    sites: list[Node] = field(default_factory=list)

    def registry(self, *words: object, code: int = 0) -> str:
        arguments = [*map(str, words), "--data", str(self.folder)]
        done = CliRunner().invoke(registry_main, arguments)
        assert done.exit_code == code, done.output
        return done.output

    def publish(self, rows: Iterable[str], name: str = "spring", code: int = 0) -> str:
        path = self.folder / "people of the spring.csv"
        path.write_text(table(rows))
        words = ("--list", name, "--programme", "covid-19", "--by", "Amina")
        return self.registry("enrolments", "publish", path, *words, code=code)

    def run(self) -> Any:
        return self.node.registry.run()

    def rows(self, sql: str) -> list[Any]:
        with self.node.journal.reading() as db:
            return db.execute(sql).fetchall()

    def people(self) -> set[str]:
        return {name for (name,) in self.rows("SELECT name FROM person")}

    def progress(self, name: str = "spring") -> tuple[int, int, int]:
        (found,) = (one for one in self.node.registry.state().lists if one.name == name)
        return found.taken, found.people, found.held


@pytest.fixture
def country(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Country]:
    folder = tmp_path / "registry"
    folder.mkdir()
    store = opened(folder, None, make=True)  # as its commands open it
    own = age_identities(folder)
    registry = Registry(store, REGISTRY_KEY, recipient=recipient_of(own[0]), identities=own)
    line = CountedLine(create_app(registry, office(registry, "operator")).test_client())
    original = registry_link.RegistryLink.__init__

    def connected(self: Any, *words: Any, **more: Any) -> None:
        original(self, *words, **{**more, "connect": lambda *_: line})

    monkeypatch.setattr(registry_link.RegistryLink, "__init__", connected)
    made = Country(folder, store, line, new_site(tmp_path / "site", store, registry))
    yield made
    for node in (made.node, *made.sites):
        node.close()
    store.close()


def new_site(folder: Path, store: Store, registry: Any, facility: str = "DEMO01") -> Node:
    settings = Settings(
        facility=facility,
        registry="http://127.0.0.1:9",
        registry_fingerprint=fingerprint(REGISTRY_KEY.public_key()),
        enrolment_code=make_code(store, facility, 1, registry.now()),
    )
    make_site(folder, settings)
    node = Node(folder)
    node.campaigns.apply(demonstration())
    return node


def names(*numbers: int) -> set[str]:
    return {name_of(number) for number in numbers}


def test_a_list_is_fetched_in_pieces_and_goes_on_where_the_line_broke(
    country: Country, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_pieces(monkeypatch, 20)
    country.run()
    told = country.publish([*(row(number) for number in range(45)), row(900, "DEMO02")])
    assert "46 people, told to 1 sites" in told
    assert "DEMO02: 1 people, and no site has enrolled" in told
    country.line.breaks = 1
    assert country.run().state == "unreachable"
    assert country.progress() == (20, 45, 0)
    assert len(country.people()) == 20
    assert country.run().state == "synced"
    assert country.progress() == (45, 45, 0)
    assert country.people() == names(*range(45))
    assert country.line.answered == 3  # a piece each: every pass begins with one
    country.run()
    assert country.line.answered == 3
    assert rebuilt_is_the_same(country.node, country.node.folder)


def test_a_site_that_enrols_later_gets_the_list_and_one_of_another_facility_gets_none(
    country: Country, tmp_path: Path
) -> None:
    country.publish([row(1), row(2), row(3, "OTHER")])
    country.run()
    assert country.people() == names(1, 2)


def test_a_list_in_place_of_another_takes_away_who_was_never_here_and_keeps_the_others(
    country: Country,
) -> None:
    country.publish(row(number) for number in range(6))
    country.run()
    with country.node.journal.reading() as db:
        staff = country.node.site.catalogues.current(db).staff
        (came,), (corrected,) = (
            [one.id for one in views.find_people(db, name_of(number))] for number in (4, 5)
        )
    desk, new = country.node.desk, country.node.site.ids.new
    desk.take(new(), Arrive(person=came, programme="covid-19"), staff["R1"])
    desk.take(
        new(), CorrectPerson(person=corrected, reason="Misspelt", phone="5550001"), staff["S1"]
    )
    country.publish([row(2), row(3)], "other")
    country.publish([row(0), row(9)])
    country.run()
    assert country.people() == names(0, 2, 3, 4, 5, 9)  # 1 goes; 2 and 3 stand in another list
    (site,) = country.store.nodes()
    letter = ("publish", "withdraw", 1, "--node", site.node)
    assert "enrolments withdraw spring" in country.registry(*letter, code=1)
    country.registry("enrolments", "withdraw", "other", "--by", "Amina")
    country.run()
    assert country.people() == names(0, 4, 5, 9)
    country.publish([row(1), row(9)])  # who was taken away comes back, once
    country.run()
    assert country.people() == names(1, 4, 5, 9)
    country.registry("enrolments", "withdraw", "spring", "--by", "Amina")
    country.run()
    assert country.people() == names(4, 5)
    assert set(country.rows("SELECT source FROM person")) == {("withdrawn",)}
    assert country.node.registry.state().lists == ()
    assert rebuilt_is_the_same(country.node, country.node.folder)


def test_whom_the_site_registered_itself_is_not_taken_away_with_a_list(country: Country) -> None:
    path = country.folder / "own.csv"
    path.write_text(table([row(7)]))
    words = ["import", "enrolments", path, "--programme", "covid-19", "--data", country.node.folder]
    country.node.close()
    assert CliRunner().invoke(edge_main, list(map(str, words))).exit_code == 0
    country.node = Node(country.node.folder)
    country.publish([row(7), row(8)])
    country.run()
    assert country.people() == names(7, 8)
    country.registry("enrolments", "withdraw", "spring", "--by", "Amina")
    country.run()
    assert country.people() == names(7)


def test_look_alikes_and_wrong_rows_are_held_back_and_named_by_the_officers_lines(
    country: Country,
) -> None:
    country.publish([row(1)], "first")
    country.run()
    alike = row(1, identity="did:web:id.demoland.example:9999999")
    country.publish([row(3), row(2, gender="?"), alike, row(5, dob="yesterday")])
    country.run()
    assert country.people() == names(1, 3)
    assert country.progress() == (4, 4, 3)
    country.run()
    country.registry("judge")
    status = country.registry("enrolments", "status", "spring")
    assert "DEMO01       4 of 4" in status
    assert "line 3 (" in status
    assert "line 4 (person.perhaps-known)" in status
    assert "line 5 (" in status


def test_a_list_of_a_programme_that_is_not_here_waits_and_says_so(country: Country) -> None:
    path = country.folder / "p.csv"
    path.write_text(table([row(1)]))
    words = ("--list", "later", "--programme", "measles-2030", "--by", "Amina")
    country.registry("enrolments", "publish", path, *words)
    country.run()
    assert country.people() == set()
    assert country.line.answered == 0
    (trouble,) = country.node.registry.state().letters
    assert dict(trouble.values)["programme"] == "measles-2030"


def test_a_programme_that_no_site_of_a_list_has_is_refused_with_those_there_are(
    country: Country,
) -> None:
    path = str(country.folder / "people.csv")
    Path(path).write_text(table([row(1)]))

    def published(programme: str, code: int) -> str:
        words = ("--list", "spring", "--programme", programme, "--by", "Amina")
        return country.registry("enrolments", "publish", path, *words, code=code)

    assert "told to 0 sites" in published("not-told-yet", 0)
    country.run()
    Judging(country.store, Schemas(schemas_folder()), lambda: "2026-11-24T12:00:00.000Z").run()
    refused = published("covid19", 1)
    assert "have no programme covid19. Their campaigns have: covid-19, " in refused
    assert "told to 1 sites" in published("covid-19", 0)


def test_a_table_that_cannot_be_cut_is_refused_whole(country: Country) -> None:
    def refused(text: str, name: str = "x") -> str:
        path = country.folder / "broken.csv"
        path.write_text(text)
        words = ("--list", name, "--programme", "covid-19", "--by", "Amina")
        return country.registry("enrolments", "publish", path, *words, code=1)

    assert "no column enrollmentScopeId" in refused("a,b\n1,2\n")
    short = table([row(1), "555,too short", row(2, facility="")])
    assert "2 rows" in refused(short)
    assert "lines 3, 4" in refused(short)
    assert "quotation mark" in refused(table([row(1), '"never closed']))
    assert "says nothing of anybody's health" in refused(table([row(1)]), "HIV of Almaz")
    assert country.registry("enrolments", "status") == "No list was published.\n"
    assert "There is no list" in country.registry(
        "enrolments", "withdraw", "none", "--by", "Amina", code=1
    )


def taken(node: Node) -> set[str]:
    with node.journal.reading() as db:
        return {name for (name,) in db.execute("SELECT name FROM person")}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A site without a registry, to which what it is told is handed."""
    folder = tmp_path_factory.mktemp("site")
    make_site(folder, Settings(facility="DEMO01"))
    node = Node(folder)
    node.campaigns.apply(demonstration())
    yield node
    node.close()


BEGUN = count(10_000, 50)
EDITIONS = count(1)


SEEDS = range(share(6))


def edition() -> str:
    return f"2027-01-01T08:00:00.{next(EDITIONS):06}Z"


@pytest.mark.parametrize("seed", SEEDS)
def test_in_any_order_and_however_often_pieces_come_the_same_people_are_here_as_from_the_whole(
    alone: Node, seed: int
) -> None:
    chance = Random(seed)
    first, name = next(BEGUN), f"list-{seed}"
    gone = set(chance.sample(range(12), 4))
    left = [number for number in range(12) if number not in gone]
    before = taken(alone)
    for numbers in (range(12), left):
        made = edition()
        rows = [row(first + number) for number in numbers]
        pieces: dict[str, bytes] = {}
        for start in range(0, len(rows), 3):
            pieces |= pieces_of(rows[start : start + 3], name, made)
        alone.inbox.take([letter_for(pieces, name, made)])
        deliveries = [chance.choices(list(pieces), k=chance.randrange(4)) for _ in range(4)]
        for delivery in [*deliveries, list(pieces)]:
            alone.expected.take({hash_: pieces[hash_] for hash_ in delivery})
            alone.expected.settle()
    assert taken(alone) - before == {name_of(first + number) for number in left}


def test_a_tablet_that_still_shows_somebody_who_was_taken_away_is_answered_in_words(
    alone: Node,
) -> None:
    made = edition()
    pieces = pieces_of([row(6001), row(6002), row(6003)], "short", made)
    alone.inbox.take([letter_for(pieces, "short", made)])
    alone.expected.take(pieces)
    with alone.journal.reading() as db:
        staff = alone.site.catalogues.current(db).staff
        gone, shown, mother = (
            id_
            for number in (6001, 6002, 6003)
            for (id_,) in db.execute("SELECT id FROM person WHERE name = ?", (name_of(number),))
        )
    alone.journal.run(lambda unit: keep_proof(unit.db, shown, CodeProof(code="0123456789AB")))
    take, new = alone.desk.take, alone.site.ids.new
    child = RegisterPerson(
        name="Tiny Newborn",
        gender="Female",
        birth_date=alone.site.clock.today(),
        guardian=GuardianInput(relation="mother", name=name_of(6003), person=mother),
    )
    take(new(), child, staff["R1"])
    alone.inbox.take([letter_for({}, "short", edition())])
    alone.expected.settle()
    assert not taken(alone) & names(6001)
    assert taken(alone) >= names(6002, 6003)  # one showed a paper, one brought her child
    with pytest.raises(NotFound, match="not registered here"):
        take(new(), Arrive(person=gone, programme="covid-19"), staff["R1"])


def test_what_is_no_piece_of_a_list_that_was_told_changes_nothing(alone: Node) -> None:
    made, later, before = edition(), edition(), taken(alone)
    pieces = pieces_of([row(5001)], "attacked", later)
    letter = letter_for(pieces, "attacked", later)
    alone.inbox.take([letter])
    expected = alone.expected
    for others in (
        pieces_of([row(5002)], "attacked", later),  # of the list, but not in its letter
        pieces_of([row(5003)], "other", later),  # swapped between lists
        pieces_of([row(5004)], "attacked", made),  # of an older edition
        {next(iter(pieces)) + " ": b""},
    ):
        assert expected.take(others) == 0
    for forged in (
        pieces_of([row(5005)], "other", later),
        pieces_of([row(5006)], "attacked", later, "DEMO02"),
        pieces_of([row(5007)], "attacked", later, programme="measles-rubella"),
        pieces_of([row(5008)], "attacked", made),
    ):  # a registry that names another's piece in a list
        name, instant_ = "forged", edition()
        alone.inbox.take([letter_for(forged, name, instant_)])
        with pytest.raises(ProtocolError, match="of another list or another site"):
            expected.take(forged)
        alone.inbox.take([letter_for({}, name, edition())])
    assert taken(alone) == before
    old = letter_for(pieces_of([row(5009)], "attacked", made), "attacked", made)
    alone.inbox.take([old, letter])  # replayed: an older edition, and the letter itself
    assert list(expected.missing()) == list(pieces)
    assert expected.take(pieces) == 1
    assert taken(alone) - before == names(5001)
    alone.inbox.take([old])
    assert list(expected.missing()) == []


def test_a_piece_that_is_wrong_keeps_none_of_the_others_back_and_is_told_of(
    alone: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, before = edition(), taken(alone)
    wrong = pieces_of([row(5101)], "mixed", made, "DEMO02")
    right = pieces_of([row(5102)], "mixed", made) | pieces_of([row(5103)], "mixed", made)
    alone.inbox.take([letter_for({**wrong, **right}, "mixed", made)])
    expected, asked = alone.expected, list[str]()

    def fetched(_transport: object, _asker: object, intake: Any, _nonce: object) -> None:
        while want := intake.missing()[:1]:  # one piece an answer, as on a bad line
            asked.extend(want)
            intake.take({hash_: (wrong | right)[hash_] for hash_ in want})

    monkeypatch.setattr("edge.services.registry.enrolment_lists.fetch_pieces", fetched)
    expected.fetch(None, None)  # type: ignore[arg-type]
    assert taken(alone) - before == names(5102, 5103)
    assert asked == [*wrong, *right], "each was asked for once"
    told = [trouble.sentence for trouble in alone.registry.state().letters]
    assert any("of another list or another site" in sentence for sentence in told)
    later = edition()
    again = pieces_of([row(5101)], "mixed", later)
    alone.inbox.take([letter_for(again, "mixed", later)])
    assert expected.take(again) == 1
    assert "another site" not in str([one.sentence for one in alone.registry.state().letters])


def test_a_piece_that_unpacks_to_gigabytes_is_refused_with_little_memory(alone: Node) -> None:
    bomb = zlib.compress(b" " * 50_000_000)
    pieces = {hash_of(bomb): bomb}
    made = edition()
    letter = letter_for(pieces_of([row(1)], "bomb", made), "bomb", made)
    body = {**letter.body, "pieces": [[hash_of(bomb), 1]]}
    alone.inbox.take([replace(letter, body=body)])
    with pytest.raises(ProtocolError, match="larger than 2 MB"):
        alone.expected.take(pieces)


def test_a_letter_of_a_list_that_makes_no_sense_is_kept_aside_and_told_of(alone: Node) -> None:
    letter = letter_for({}, "odd", edition())
    alone.inbox.take([replace(letter, body={**letter.body, "pieces": "all"})])
    assert "not what its kind says" in str(alone.registry.state().letters)
    alone.inbox.take([letter_for({}, "odd", edition())])
