"""What is known already, to a row of an import."""

from __future__ import annotations

from datetime import date, tzinfo
from itertools import chain
from typing import TYPE_CHECKING

from edge.domain.dose import Dose
from edge.domain.people import Person
from edge.journal import views
from edge.journal.derived_ids import has_entry
from edge.journal.people_pages import is_enrolled

if TYPE_CHECKING:
    from sqlite_utils import Database

_MOST_ALIKE = 5
"""People who are named as perhaps the one of a row."""


class Books:
    """The journal, and behind it what a preview would have written so far."""

    def __init__(self, *databases: Database) -> None:
        self._databases = databases

    @property
    def preview(self) -> tuple[Database, ...]:
        """What a preview would have written so far; nothing where it is no preview."""
        return self._databases[1:]

    @property
    def journal(self) -> Database:
        """The journal itself."""
        return self._databases[0]

    def has(self, id_: str) -> bool:
        """Say whether there is an entry of this id."""
        return any(has_entry(db, id_) for db in self._databases)

    def is_here(self, id_: str) -> bool:
        """Say whether somebody of this id is here, also one who was merged with another."""
        return any(views.recorded_people(db, [id_]) for db in self._databases)

    def is_enrolled(self, id_: str) -> bool:
        """Say whether somebody, by the id of the record, is expected by an enrolment."""
        return any(is_enrolled(db, id_) for db in self._databases)

    def with_code(self, code: str) -> Person | None:
        """Find a person by code, in capitals too where it was typed otherwise."""
        for db in self._databases:
            found = views.person_by_code(db, code) or views.person_by_code(db, code.upper())
            if found:
                return found
        return None

    def with_identity(self, identity: str) -> Person | None:
        """Find a person by identity URI."""
        for db in self._databases:
            found = views.person_by_identity(db, identity)
            if found:
                return found
        return None

    def looking_like(self, person: Person) -> tuple[Person, ...]:
        """Find those who may be this person."""
        found = (views.look_alikes(db, person, _MOST_ALIKE) for db in self._databases)
        return tuple(alike for several in found for alike, _ in several)

    def is_expected(self, person: str, programme: str, day: date, zone: tzinfo) -> bool:
        """Say whether a person has an appointment for a programme on a day."""
        return any(
            (known.programme, known.on) == (programme, day) and not known.cancelled_at
            for db in self._databases
            for known in views.appointments_of(db, person, zone)
        )

    def expiry(self, vaccine: str, lot: str) -> date | None:
        """Give the expiry date of a lot at the site, as it was told last."""
        found = (views.lot(db, vaccine, lot) for db in reversed(self._databases))
        return next((lot_held.expiry for lot_held in found if lot_held), None)

    def doses(self, person: str) -> list[Dose]:
        """Give the doses of a person."""
        return list(chain.from_iterable(views.history(db, person) for db in self._databases))
