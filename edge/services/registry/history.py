"""What other sites recorded of a person who is here, asked of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.domain.errors import Conflict, NotFound, Unavailable
from edge.journal import views
from edge.journal.histories import (
    expected_people,
    forget_proof,
    history_as_of,
    keep_proof,
    kept_proof,
    note_asked,
    told_by_node,
)
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.services.certificates.proofs import not_told, nothing_linked, shown_proof, stated_proof
from edge.services.registry.link import RegistryLink
from edge.services.registry.parted import local_dose
from edge.services.registry.told_history import take_history
from edge.services.site import Site
from sync.protocol.histories import MOST, PersonQuery
from sync.protocol.instants import instant, read_instant
from sync.protocol.proofs import OwnProof, Proof, StatedProof

if TYPE_CHECKING:
    from sqlite_utils import Database

FRESH = timedelta(hours=20)
"""A history younger than this is not asked for again before somebody comes: once a day will do."""
BY_ITSELF = "registry"
"""Who recorded what a site asked for by itself."""


@dataclass(frozen=True, slots=True)
class Age:
    """As of which day a person's history is, and how many days ago that was."""

    as_of: date
    days: int


class History:
    """Asks for the history of this site's people."""

    def __init__(self, journal: Journal, site: Site, link: RegistryLink) -> None:
        self._journal = journal
        self._site = site
        self._link = link

    def ask(self, people: Sequence[str], by: str) -> int:
        """Ask for these people and record what is new; give how many doses that were.

        By the proof that each has shown before; of others what is linked to this site's own record.
        Raises ``Unavailable`` when the registry does not answer.
        """
        with self._journal.reading() as db:
            ids = dict.fromkeys(id_ for person in people for id_ in views.ids_of(db, person))
            asked = [PersonQuery(id_, kept_proof(db, id_) or OwnProof()) for id_ in ids]
        return sum(
            self._ask(asked[first : first + MOST], by)[0] for first in range(0, len(asked), MOST)
        )

    def ask_shown(self, person: str, by: str, shown: str, *, without_paper: bool = False) -> int:
        """Ask for one person by what they show, or by their word alone; as ``ask``.

        Empty: by what they have shown before. The proof is kept once the registry has found them
        by it. Raises :class:`EdgeError` for what proves nothing, here or to the registry.
        """
        if not shown.strip() and not without_paper:
            new = self.ask([person], by)
            with self._journal.reading() as db:
                if not history_as_of(db, person):
                    raise nothing_linked()
            return new
        with self._journal.reading() as db:
            known = views.person(db, person)
        if known is None:
            raise NotFound("person.unknown", "This person is not registered here.", field="person")
        if without_paper:
            proof: Proof = stated_proof(known)
        else:
            proof = shown_proof(shown, self._site.judge, known)
        new, refused = self._ask([PersonQuery(known.id, proof)], by)
        if refused:
            raise not_told(refused, proof)
        if not isinstance(proof, StatedProof):
            self._journal.run(lambda unit: keep_proof(unit.db, known.id, proof))
        return new

    def _ask(self, asked: Sequence[PersonQuery], by: str) -> tuple[int, Mapping[str, str]]:
        found = self._link.history(asked)
        own = {query.id for query in asked if isinstance(query.proof, OwnProof)}

        def work(unit: Unit) -> int:
            catalogue = self._site.catalogues.current(unit.db)
            new = 0
            for person, told in found.people.items():
                note_asked(unit.db, person, found.at)
                if found.refused.get(person) == "wrong":
                    forget_proof(unit.db, person)
                # where nothing was proven, nothing that is told is no history
                if person in found.refused or (person in own and not told):
                    continue
                if views.person(unit.db, person) is not None:
                    new += take_history(unit, self._site, person, told, found.at, by, catalogue)
            return new

        return self._journal.run(work), found.refused

    def ask_ahead(self, now: datetime) -> int:
        """Ask for some of the people who are expected here; give how many were asked for.

        One question a call: those whose history is oldest. Nothing is raised when the registry
        does not answer: nobody waits for it.
        """
        with self._journal.reading() as db:
            people = expected_people(db, self._site.facility, instant(now - FRESH), MOST)
        if people:
            try:
                self.ask(people, BY_ITSELF)
            except (Conflict, Unavailable):
                return 0
        return len(people)


def age_of(db: Database, person: str, today: date, zone: str) -> Age | None:
    """Say how old a person's history is; None: the registry was never asked."""
    told = history_as_of(db, person)
    if not told:
        return None
    as_of = read_instant(told).astimezone(ZoneInfo(zone)).date()
    return Age(as_of, max(0, (today - as_of).days))


def told_here(db: Database, person: str) -> dict[str, str]:
    """Give the doses here that the registry told of, with the facility that gave each."""
    told = told_by_node(db, person).items()
    return {local_dose(db, id_, asked): node for (asked, id_), node in told}
