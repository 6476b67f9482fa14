"""What other sites recorded of a person who is here, asked of the registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.domain.errors import Conflict, NotFound, Refusal, Unavailable
from edge.journal import views
from edge.journal.histories import history_as_of, told_by_node
from edge.journal.history_requests import HistoryRequest, keep_request, request_of
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.services.certificates.proofs import not_told, nothing_linked, shown_proof, stated_proof
from edge.services.registry.link import RegistryLink
from edge.services.registry.parted import local_dose
from edge.services.registry.record_histories import (
    BY_ITSELF,
    next_people,
    queries_of,
    record_histories,
)
from edge.services.registry.stick_memory import knows_recipient
from edge.services.site import Site
from sync.protocol.histories import MOST, PersonQuery
from sync.protocol.instants import instant, local_day

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Age:
    """As of which day a person's history is, and how many days ago that was."""

    as_of: date
    days: int


@dataclass(frozen=True, slots=True)
class CarriedRequest:
    """A history that comes by stick: asked for on a day; ``refusal`` why nothing was told."""

    asked_on: date
    refusal: Refusal | None


class History:
    """Asks for the history of this site's people, by ``line`` or with the next ``stick``."""

    def __init__(
        self,
        journal: Journal,
        site: Site,
        link: RegistryLink,
        now: Callable[[], datetime],
        *,
        line: bool = True,
        stick: bool = False,
    ) -> None:
        self._journal = journal
        self._site = site
        self._link = link
        self._now = now
        self._line = line
        self._stick = stick

    def ask(self, people: Sequence[str], by: str) -> int:
        """Ask for these people and record what is new; give how many doses that were.

        By the proof that each has shown before; of others what is linked to this site's own record.
        Raises ``Unavailable`` when the registry does not answer.
        """
        with self._journal.reading() as db:
            asked = queries_of(db, people)
        return sum(
            self._ask(asked[first : first + MOST], by)[0] for first in range(0, len(asked), MOST)
        )

    def ask_shown(self, person: str, by: str, shown: str, *, without_paper: bool = False) -> int:
        """Ask for one person by what they show, or by their word alone; as ``ask``.

        Empty: by what they have shown before. The proof is kept once the registry has found them
        by it. Where there is no line, the question goes with the next stick. Raises
        :class:`EdgeError` for what proves nothing, here or to the registry.
        """
        asked = self._queries(person, shown, without_paper=without_paper)
        with self._journal.reading() as db:
            by_stick = knows_recipient(db)
        if by_stick and not self._line:
            return self._keep(asked, by)
        try:
            new, refused = self._ask(asked, by)
        except Unavailable:
            if by_stick and self._stick:
                return self._keep(asked, by)
            raise
        if refused and (shown.strip() or without_paper):
            raise not_told(refused, asked[0].proof)
        with self._journal.reading() as db:
            if not history_as_of(db, person):
                raise nothing_linked()
        return new

    def _queries(self, person: str, shown: str, *, without_paper: bool) -> list[PersonQuery]:
        with self._journal.reading() as db:
            known = views.person(db, person)
            before = queries_of(db, [person])
        if known is None:
            raise NotFound("person.unknown", "This person is not registered here.", field="person")
        if without_paper:
            return [PersonQuery(known.id, stated_proof(known))]
        if shown.strip():
            return [PersonQuery(known.id, shown_proof(shown, self._site.judge, known))]
        return before

    def _keep(self, asked: Sequence[PersonQuery], by: str) -> int:
        """Keep whom somebody asked for; the next stick asks."""
        now = instant(self._now())

        def work(unit: Unit) -> int:
            for query in asked:
                keep_request(unit.db, query.id, HistoryRequest(query.proof, by, now))
            return 0

        return self._journal.run(work)

    def _ask(self, asked: Sequence[PersonQuery], by: str) -> tuple[int, Mapping[str, str]]:
        found = self._link.history(asked)
        new = self._journal.run(lambda unit: record_histories(unit, self._site, asked, found, by))
        return new, found.refused

    def ask_ahead(self, now: datetime) -> int:
        """Ask for whom somebody waits, and some who are expected; give how many were asked for.

        One question a call: those whose history is oldest. Nothing is raised when the registry
        does not answer: nobody waits for it.
        """
        with self._journal.reading() as db:
            people = next_people(db, self._site.facility, now, MOST)
        if people:
            try:
                self._ask(people, BY_ITSELF)
            except (Conflict, Unavailable):
                return 0
        return len(people)


def age_of(db: Database, person: str, today: date, zone: str) -> Age | None:
    """Say how old a person's history is; None: the registry was never asked."""
    told = history_as_of(db, person)
    if not told:
        return None
    as_of = local_day(told, ZoneInfo(zone))
    return Age(as_of, max(0, (today - as_of).days))


def carried_request(db: Database, person: str, zone: str) -> CarriedRequest | None:
    """Give what was asked of a person and comes by stick, or came and told nothing."""
    request = request_of(db, person)
    if request is None:
        return None
    refusal = {
        "wrong": lambda: not_told({person: "wrong"}, request.proof),
        "nothing": nothing_linked,
    }.get(request.outcome)
    asked_on = local_day(request.asked_at, ZoneInfo(zone))
    return CarriedRequest(asked_on, refusal() if refusal else None)


def told_here(db: Database, person: str) -> dict[str, str]:
    """Give the doses here that the registry told of, with the facility that gave each."""
    told = told_by_node(db, person).items()
    return {local_dose(db, id_, asked): node for (asked, id_), node in told}
