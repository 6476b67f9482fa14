"""Rows that people are found by: their keys, the index over them, the spellings of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.names.sounds import latin, sound
from edge.domain.people import Person
from edge.domain.search_keys import filed
from edge.journal.views.people import recorded_people
from edge.journal.views.search import middle_of

if TYPE_CHECKING:
    from sqlite_utils import Database


def file_person(db: Database, person: Person, place: int) -> None:
    """File somebody new; ``place`` is the position of the registration."""
    found = filed(person)
    db.execute(
        "INSERT INTO person_search (place, name, keys) VALUES (?, ?, ?)",
        (place, found.name, found.text),
    )
    db.execute("INSERT INTO person_index (rowid, keys) VALUES (?, ?)", (place, found.text))
    for word in found.words:
        in_latin = latin(word)
        db.execute(
            "INSERT OR IGNORE INTO spelling (word, latin, backward, middle, sound)"
            " VALUES (?, ?, ?, ?, ?)",
            (word, in_latin, in_latin[::-1], middle_of(in_latin), sound(word)),
        )


def file_person_again(db: Database, id_: str) -> None:
    """File somebody by what is now known of them."""
    (person,) = recorded_people(db, [id_])
    file_person(db, person, forget_person(db, id_))


def forget_person(db: Database, id_: str) -> int:
    """File somebody no longer; gives the place that was theirs."""
    (place,) = db.execute("SELECT position FROM person WHERE id = ?", (id_,)).fetchone()
    (keys,) = db.execute("SELECT keys FROM person_search WHERE place = ?", (place,)).fetchone()
    db.execute(
        "INSERT INTO person_index (person_index, rowid, keys) VALUES ('delete', ?, ?)",
        (place, keys),
    )
    db.execute("DELETE FROM person_search WHERE place = ?", (place,))
    return int(place)


def empty_index(db: Database) -> None:
    """Forget what is in the index; the rows it is over are gone."""
    db.execute("INSERT INTO person_index (person_index) VALUES ('delete-all')")
