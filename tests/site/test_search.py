"""Finding people however their names, numbers and dates are typed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from edge.domain.names.folding import folded_words, name_keys
from edge.domain.search_query import LONGEST_QUERY, read_query
from edge.domain.typed_dates import typed_date
from edge.journal import database, maintenance, views
from edge.journal.entry import Entry
from edge.journal.projections import project
from edge.journal.schema import migrate
from edge.node import Node
from edge.services.commands import CorrectPerson, RegisterPerson

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TODAY = NOW.date()
PAIRS = [
    tuple(line.split("|"))
    for line in (Path(__file__).parent / "spellings.txt").read_text(encoding="utf-8").splitlines()
    if "|" in line and not line.startswith("#")
]
MOTHER = {"relation": "mother", "name": "Hodan Warsame", "phone": "0799888777"}
NUMBERS: list[tuple[str, dict[str, Any], str]] = [
    ("0712345678", {"phone": "+254 712 345 678"}, "KE"),
    ("+254712345678", {"phone": "0712345678"}, "KE"),
    ("712345678", {"phone": "0712-345-678"}, "KE"),
    ("00254 712 345 678", {"phone": "0712 345678"}, "KE"),
    ("+254 (0)712 345690", {"phone": "0712345690"}, "KE"),
    ("(0712) 345-691", {"phone": "254712345691"}, "KE"),
    ("345678", {"phone": "+254 722 345678"}, "KE"),
    ("5699", {"phone": "0712345699"}, "KE"),
    ("071299", {"phone": "+254712991122"}, "KE"),
    ("+2547333", {"phone": "0733312345"}, "KE"),
    ("٠٧١٢٣٤٥٦٧٧", {"phone": "0712345677"}, "KE"),
    ("०७१२३४५६६६", {"phone": "+254712345666"}, "KE"),
    ("8 912 345 67 89", {"phone": "+79123456789"}, "RU"),
    ("011 15 2345 6789", {"phone": "+5491123456789"}, "AR"),
    ("0612345678", {"phone": "+33 6 12 34 56 78"}, "FR"),
    ("091-234-5678", {"phone": "0912345678"}, ""),
    ("0799888777", {"guardian": MOTHER}, "KE"),
    ("A1234567", {"identity": "did:in.gov.passport:A1234567"}, ""),
    ("A 123 4567", {"identity": "did:in.gov.passport:A1234567"}, ""),
    ("a123-4567", {"identity": "did:in.gov.passport:A1234567"}, ""),
    ("did:in.gov.passport:B7654321", {"identity": "did:in.gov.passport:B7654321"}, ""),
    ("DID:in.gov.passport:b 7654 322", {"identity": "did:in.gov.passport:B7654322"}, ""),
    ("1234 5678 9012", {"identity": "did:in.gov.uidai:123456789012"}, ""),
    ("123456789013", {"identity": "did:in.gov.uidai:1234 5678 9013"}, ""),
    ("१२३४५६७८९०१४", {"identity": "did:in.gov.uidai:123456789014"}, ""),
    ("9014", {"identity": "did:in.gov.uidai:123456789014"}, ""),
    ("amina@example.org", {"email": "amina@example.org"}, ""),
    ("12/3/2019", {"birthDate": "2019-03-12"}, ""),
    ("2019-03-13", {"birthDate": "2019-03-13"}, ""),
    ("14.03.2019", {"birthDate": "2019-03-14"}, ""),
    ("15 March 2019", {"birthDate": "2019-03-15"}, ""),
    ("16-Mar-19", {"birthDate": "2019-03-16"}, ""),
    ("١٧/٣/٢٠١٩", {"birthDate": "2019-03-17"}, ""),
    ("3/18/2019", {"birthDate": "2019-03-18"}, ""),
    ("19 mars 2019", {"birthDate": "2019-03-19"}, ""),
    ("20190320", {"birthDate": "2019-03-20"}, ""),
    ("21/3/2562", {"birthDate": "2019-03-21"}, "TH"),
    ("3/7/2011", {"birthDate": "2019-03-12"}, "ET"),
    ("1398/1/1", {"birthDate": "2019-03-21"}, "IR"),
    ("march 23rd, 2019", {"birthDate": "2019-03-23"}, ""),
    ("२४ मार्च २०१९", {"birthDate": "2019-03-24"}, ""),
    ("25 марта 2019", {"birthDate": "2019-03-25"}, ""),
    ("2019年3月26日", {"birthDate": "2019-03-26"}, ""),
    ("27 de marzo de 2019", {"birthDate": "2019-03-27"}, ""),
    ("march 2017", {"birthDate": "2017-03-19"}, ""),
    ("03/2016", {"birthDate": "2016-03-19"}, ""),
    ("1987", {"birthDate": "1987-03-23"}, ""),
    ("4/5/1977", {"birthDate": None, "birthYear": 1977}, ""),
    ("kibera", {"address": {"addressLine1": "Kibera Lane 4"}}, ""),
    ("kisumu", {"address": {"district": "Kisumu"}}, ""),
    ("Nouakchott", {"address": {"district": "نواكشوط"}}, ""),
    ("hodan", {"guardian": MOTHER}, ""),
    ("warsami", {"guardian": MOTHER}, ""),
]


class Register:
    """A journal's tables with people in them, without a journal's node."""

    def __init__(self, folder: Path) -> None:
        self.db = database.open_writer(folder / "people.db", bytes(32))
        migrate(self.db, NOW)
        self.count = 0

    def add(self, name: str, **fields: Any) -> str:
        self.count += 1
        id_ = f"01900000-0000-7000-8000-{self.count:012x}"
        known = {"id": id_, "code": f"KX{self.count:06}QQQQ", "name": name, "gender": "Female",
                 "birthYear": 1961, **fields}  # fmt: skip
        known = {field: value for field, value in known.items() if value is not None}
        document = {
            "body": {"person": known, "source": "walk-in"}, "at": "2026-11-24T08:00:00.000Z"
        }  # fmt: skip
        kind = "PersonRegistered"
        project(self.db, Entry(self.count, "e", self.count, id_, kind, id_, "", "", document))
        return id_

    def found(self, text: str, region: str = "", **page: int) -> views.Found:
        return views.search_people(self.db, text, TODAY, region, **page)

    def names(self, text: str, region: str = "") -> list[str]:
        return [person.name for person in self.found(text, region).people]


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    register = Register(tmp_path)
    yield register
    register.db.conn.close()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, dict[str, str]]]:
    """Everybody of the list of pairs, in one register."""
    register = Register(tmp_path_factory.mktemp("crowd"))
    ids = {name: register.add(name) for name in dict.fromkeys(name for _, name in PAIRS)}
    yield register, ids
    register.db.conn.close()


@pytest.mark.parametrize(("typed", "name"), PAIRS)
def test_a_person_is_found_however_the_name_is_typed(
    crowd: tuple[Register, dict[str, str]], typed: str, name: str
) -> None:
    register, ids = crowd
    assert ids[name] in [person.id for person in register.found(typed).people]


def test_there_are_pairs_of_every_script_by_the_hundred() -> None:
    assert len(PAIRS) > 220


@pytest.mark.parametrize(("typed", "fields", "region"), NUMBERS)
def test_a_person_is_found_by_numbers_dates_and_those_around_them(
    register: Register, typed: str, fields: dict[str, Any], region: str
) -> None:
    register.add("Somebody Else", phone="0799111222", birthDate="1950-01-01", birthYear=None)
    meant = register.add(
        "Binta Sow", **({"birthYear": None} if "birthDate" in fields else {}) | fields
    )
    assert [person.id for person in register.found(typed, region).people] == [meant]
    if not set(typed.casefold()) & set(":@"):
        with_name = register.found(f"binta {typed}", region)
        assert [person.id for person in with_name.people[:1]] == [meant]


def test_what_is_typed_exactly_comes_before_beginnings_places_and_near_misses(
    register: Register,
) -> None:
    for name, fields in (
        ("Aminata Sow", {}), ("Grace Otieno", {"address": {"district": "Amina"}}),
        ("Amino Wekesa", {}), ("Amina Hassan Ali", {}), ("Amina", {}), ("Zahra Amina", {}),
        ("Omena Kip", {}),
    ):  # fmt: skip
        register.add(name, **fields)
    assert register.names("amina") == [
        "Amina", "Zahra Amina", "Amina Hassan Ali", "Aminata Sow", "Grace Otieno", "Amino Wekesa", "Omena Kip",
    ]  # fmt: skip
    assert register.names("amina hassan")[0] == "Amina Hassan Ali"


@pytest.mark.slow
@pytest.mark.parametrize("turned", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_who_has_the_name_as_it_is_typed_comes_before_who_has_another_spelling_of_it(
    register: Register, turned: bool
) -> None:
    """Of two spellings that are found by each other, whichever was registered last."""
    pairs = [(row[0], row[1]) for row in PAIRS] + [
        ("Wanjirufcc", "Wanjirucfc"), ("Wanjiruc14", "Wanjiru14c"), ("Anna", "Ana"), ("Abu Bakr", "Abubakr"),
    ]  # fmt: skip
    for pair in pairs:
        for name in reversed(pair) if turned else pair:
            register.add(f"{name} Njoroge")
    for pair in pairs:
        for name in pair:
            folded = {word.whole for word in folded_words(name)}
            first = register.names(name)[0]
            assert folded <= {word.whole for word in folded_words(first)}, (name, first)


def test_every_word_that_is_typed_must_be_met(register: Register) -> None:
    register.add("Amina Hassan")
    register.add("Amina Otieno")
    assert register.names("amina has") == ["Amina Hassan"]
    assert register.names("hassan amina") == ["Amina Hassan"]
    assert register.names("amina zzz") == []


@pytest.mark.parametrize("text", ["", " ", '"', "''", "*", "()", "NEAR(", "a AND", "^", "\x00", "-",
                                  "OR", "%", "_", "🎂", "\u200b", "9" * 200, "a " * 100, "didi:", "did:"])  # fmt: skip
def test_whatever_is_typed_is_answered(register: Register, text: str) -> None:
    register.add("Amina Hassan", phone="0712345678")
    assert register.found(text).total in (0, 1)


def test_more_than_a_page_can_be_paged_through_and_nobody_is_shown_twice(
    register: Register,
) -> None:
    ids = {register.add(f"Fatuma {chr(97 + n // 26)}{chr(97 + n % 26)}li") for n in range(130)}
    pages = [register.found("fatuma", first=first) for first in range(0, 140, 20)]
    assert {page.total for page in pages} == {130}
    assert [len(page.people) for page in pages] == [20] * 6 + [10]
    shown = [person.id for page in pages for person in page.people]
    assert len(shown) == len(set(shown)) == 130
    assert set(shown) == ids


def test_of_more_than_can_be_paged_to_the_number_is_told_and_whole_words_come_first(
    register: Register,
) -> None:
    register.db.execute("BEGIN")
    wanted = register.add("Fat Man")
    for number in range(600):
        register.add(f"Fatuma {number}")
    register.db.execute("COMMIT")
    found = register.found("fat")
    assert (found.total, found.reached) == (601, 500)
    assert found.people[0].id == wanted


def test_two_wrong_letters_anywhere_in_a_word_find_it(register: Register) -> None:
    chance = random.Random(5)
    names = ["Wanjiku", "Okonkwo", "Christopher", "Alemayehu", "Chukwuemeka", "Bhattacharya"]
    ids = {name: register.add(name) for name in names}
    for name in names:
        for _ in range(60):
            letters = list(name.lower())
            for place in chance.sample(range(len(letters)), 1 if len(name) < 8 else 2):
                letters[place] = chance.choice("abdegiklmnorstu")
            wrong = "".join(letters)
            assert ids[name] in [one.id for one in register.found(wrong).people], wrong


def test_a_correction_files_a_person_anew_and_a_rebuild_files_the_same(
    node: Node, staff: Callable[[str], Any], person: Callable[[str], str]
) -> None:
    id_ = person("Tendai Moyo")
    node.desk.take(
        node.site.ids.new(),
        CorrectPerson(person=id_, name="Ruvimbo Chideme", phone="0555777111", reason="Misheard"),
        staff("S1"),
    )
    with node.journal.reading() as db:
        assert [one.id for one in views.find_people(db, "ruvimbo")] == [id_]
        assert [one.id for one in views.find_people(db, "0555777111")] == [id_]
        assert views.find_people(db, "tendai moyo") == []


def test_a_journal_of_before_the_index_gets_one_when_it_is_opened(
    site_folder: Path, node: Node
) -> None:
    with node.journal.reading() as db:
        before = maintenance.fingerprint(db)
    key = node_key(site_folder)
    node.close()
    db = database.open_writer(site_folder / "journal.db", key)
    db.execute("INSERT INTO person_index (person_index) VALUES ('delete-all')")
    for table in ("person_search", "spelling"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE projection SET version = 1")
    db.conn.close()
    opened = Node(site_folder)
    try:
        with opened.journal.reading() as db:
            assert views.find_people(db, "tendai")[0].name == "Tendai Moyo"
            assert maintenance.fingerprint(db) == before
    finally:
        opened.close()


def node_key(folder: Path) -> bytes:
    from edge.adapters.entropy import SystemEntropy
    from edge.adapters.keys import FileKeys

    return FileKeys(folder / "keys", SystemEntropy()).journal_key()


def test_a_birth_date_that_cannot_be_is_none() -> None:
    for text in ("31/2/2019", "0712345678", "12/3/2031", "amina", "99/99/2019", "1/1/0001"):
        assert typed_date(text, TODAY) is None, text


def test_day_and_month_are_read_in_both_orders_and_a_named_month_in_one() -> None:
    both = typed_date("4/5/2019", TODAY)
    assert both
    assert both.days == (date(2019, 5, 4), date(2019, 4, 5))
    named = typed_date("May 4, 2019", TODAY)
    assert named
    assert named.days == (date(2019, 5, 4),)


def test_keys_hold_nothing_that_the_index_would_part() -> None:
    for name in (
        'Zoé "Zed" O\'Neil\\ ^XA~ & <b> % ; , |',
        "a\u0301bc",
        "١٢",
        "王 小明",
        "J.R.-R. T",
    ):
        for key in name_keys(name):
            assert key.isalnum() or not key.isascii(), key
            assert not set(key) & set(" \t\x1f\"'"), key


def test_a_person_is_found_over_the_api_a_page_at_a_time(
    node: Node, staff: Callable[[str], Any]
) -> None:
    for number in range(25):
        command = RegisterPerson(
            name=f"Rukia {'abcdefghijklmnopqrstuvwxyz'[number]}ombo", gender="Female",
            birth_year=1930 + 2 * number, different_person=True,
        )  # fmt: skip
        node.desk.take(node.site.ids.new(), command, staff("R1"))
    with node.journal.reading() as db:
        found = views.search_people(db, "rukia", TODAY, first=20)
    assert (found.total, len(found.people)) == (25, 5)


def test_no_more_is_looked_for_than_anybody_types() -> None:
    name = "Wanjiru " * 25
    asked = read_query(name[:LONGEST_QUERY], TODAY, "KE")
    for long in (name + "x" * 1_000_000, "  " * 500 + name + "1990-05-17 " * 100_000):
        assert read_query(long, TODAY, "KE") == asked
