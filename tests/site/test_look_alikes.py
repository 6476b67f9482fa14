"""Who is perhaps known already: nobody alike is missed, and what differs is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.errors import Refusal
from edge.domain.guardian import Guardian
from edge.domain.likeness import ALIKE, likeness, names_alike
from edge.domain.people import Address, Person
from edge.journal import views
from edge.node import Node
from edge.services.commands import RegisterPerson

FindStaff = Callable[[str], Any]
AMINA = Person(
    id="a", code="A", name="Amina Hassan Ali", gender="Female", birth_date=date(2019, 3, 12),
    phone="0712345678", address=Address(district="Kibera"),
    guardian=Guardian("mother", "Hodan Warsame"),
)  # fmt: skip
ONE_PERSON = {
    "the same": {},
    "another spelling": {"name": "Aminah Hasan Aly"},
    "another script": {"name": "أمينة حسن علي"},
    "other words first": {"name": "Hassan Ali, Amina"},
    "a word left out": {"name": "Amina Hassan"},
    "a letter wrong": {"name": "Amina Hassen Ali"},
    "joined": {"name": "Amina Hassanali"},
    "day and month swapped": {"birth_date": date(2019, 12, 3)},
    "a year mistyped": {"birth_date": date(2016, 3, 12)},
    "only the year": {"birth_date": None, "birth_year": 2019},
    "another day of that year": {"birth_date": date(2019, 7, 1)},
    "the phone abroad": {"phone": "+254 712 345678"},
    "another phone and village": {"phone": "0799999999", "address": Address(district="Kisumu")},
    "a new name, all else the same": {"name": "Baby of Hodan"},
}
OTHERS = {
    "an elder sister": {"name": "Zahra Hassan Ali", "birth_date": date(2014, 8, 2)},
    "a namesake of another age": {
        "birth_date": date(1988, 5, 5), "phone": "0700000001", "guardian": None,
        "address": Address(district="Lamu"),
    },
    "somebody born that day": {
        "name": "Grace Otieno", "phone": "0700000002", "guardian": None,
        "address": Address(district="Lamu"),
    },
    "a boy of the village": {
        "name": "Amina Otieno", "gender": "Male", "birth_date": date(2018, 1, 1),
        "phone": "0700000003", "guardian": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", ONE_PERSON)
def test_what_people_write_otherwise_of_one_person_is_alike(kind: str) -> None:
    other = replace(AMINA, id="b", **ONE_PERSON[kind])  # type: ignore[arg-type]
    assert likeness(AMINA, other).score >= ALIKE, likeness(AMINA, other)


@pytest.mark.parametrize("kind", OTHERS)
def test_somebody_else_is_not_alike(kind: str) -> None:
    other = replace(AMINA, id="b", **OTHERS[kind])  # type: ignore[arg-type]
    assert likeness(AMINA, other).score < ALIKE, likeness(AMINA, other)


def test_a_likeness_says_what_agrees_and_what_does_not() -> None:
    other = replace(AMINA, birth_date=date(2012, 1, 1), phone="0700000001", guardian=None)
    told = likeness(AMINA, other)
    assert told.same == ("name", "gender", "village")
    assert told.differs == ("born", "phone")


def test_a_twin_is_asked_about_and_less_alike_than_the_same_again() -> None:
    twin = replace(AMINA, id="b", name="Asha Hassan Ali")
    again = replace(AMINA, id="c")
    assert ALIKE <= likeness(AMINA, twin).score <= likeness(AMINA, again).score
    assert "name" not in likeness(AMINA, replace(AMINA, name="Zeinab Otieno")).same


_NAMES = st.text(st.sampled_from("abdehimnorstu '-عليسنمحåöüअमन王小"), min_size=1, max_size=24)


@given(_NAMES, _NAMES)
def test_likeness_is_the_same_both_ways_and_a_name_is_like_itself(one: str, other: str) -> None:
    assert names_alike(one, other) == pytest.approx(names_alike(other, one), abs=0.34)
    assert 0 <= names_alike(one, other) <= 1
    mine, theirs = replace(AMINA, name=one), replace(AMINA, name=other)
    assert 0 <= likeness(mine, theirs).score <= 1
    if any(character.isalpha() for character in one):
        assert names_alike(one, one) == 1


def walk_in(name: str, **fields: Any) -> RegisterPerson:
    return RegisterPerson(**{"name": name, "gender": "Female", "birth_year": 1990, **fields})


def take(node: Node, staff: FindStaff, command: RegisterPerson) -> Any:
    return node.desk.take(node.site.ids.new(), command, staff("R1"))


@pytest.mark.slow
def test_of_sixty_people_of_one_name_each_is_asked_about_when_registered_again(
    node: Node, staff: FindStaff
) -> None:
    people = [
        walk_in("Fatuma Ali", birth_date=date(1950 + number, 2, 3), birth_year=None,
                phone=f"07000001{number:02}", different_person=True)
        for number in range(60)
    ]  # fmt: skip
    ids = [take(node, staff, one).id for one in people]
    for id_, one in zip(ids, people, strict=True):
        again = walk_in("Fatuma Ali", birth_date=one.birth_date, birth_year=None)
        with pytest.raises(Refusal, match="looks like this person"):
            take(node, staff, again)
        with node.journal.reading() as db:
            person = views.person(db, id_)
            assert person is not None
            alike = views.look_alikes(db, replace(person, id="", phone=""), 5)
        assert alike[0][0].id == id_


@pytest.mark.parametrize("kind", ONE_PERSON)
def test_a_look_alike_is_found_in_the_index_in_whatever_it_differs(
    node: Node, staff: FindStaff, kind: str
) -> None:
    mother = {"relation": "mother", "name": "Hodan Warsame"}
    known = walk_in(
        AMINA.name, birth_date=AMINA.birth_date, birth_year=None, phone=AMINA.phone,
        guardian=mother, address={"district": "Kibera"},
    )  # fmt: skip
    known = msgspec.convert(msgspec.to_builtins(known), RegisterPerson)
    id_ = take(node, staff, known).id
    with node.journal.reading() as db:
        other = replace(AMINA, id="b", **ONE_PERSON[kind])  # type: ignore[arg-type]
        assert [person.id for person, _ in views.look_alikes(db, other, 5)] == [id_]


def test_twins_stay_two_by_a_word_that_names_the_one_who_was_looked_at(
    node: Node, staff: FindStaff
) -> None:
    born = {"birth_date": date(2025, 3, 12), "birth_year": None, "phone": "0711222333"}
    first = take(node, staff, walk_in("Hawa Noor", **born)).id
    with pytest.raises(Refusal, match="looks like this person"):
        take(node, staff, walk_in("Hodan Noor", **born))
    with pytest.raises(Refusal, match="looks like this person"):
        take(node, staff, walk_in("Hodan Noor", **born, different_from=("somebody-else",)))
    taken = take(node, staff, walk_in("Hodan Noor", **born, different_from=(first,)))
    told = [entry for entry in taken.entries if entry.type == "PersonsDistinguished"]
    assert [sorted(entry.body["persons"]) for entry in told] == [sorted((first, taken.id))]


def test_a_repeat_that_differs_from_those_looked_at_is_asked_about_again(
    node: Node, staff: FindStaff
) -> None:
    first = take(node, staff, walk_in("Rukia Omar")).id
    second = take(node, staff, walk_in("Rukia Omar", different_from=(first,))).id
    with pytest.raises(Refusal, match="looks like this person"):
        take(node, staff, walk_in("Rukia Omar", different_from=(first,)))
    take(node, staff, walk_in("Rukia Omar", different_from=(first, second)))
