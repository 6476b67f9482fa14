"""Whom a site asks the registry for next, and what it makes of an answer of either way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from edge.journal import views
from edge.journal.histories import (
    expected_people,
    forget_proof,
    keep_proof,
    kept_proof,
    note_asked,
)
from edge.journal.history_requests import answer_request, request_of, requests_waiting
from edge.journal.unit import Unit
from edge.services.registry.told_history import take_history
from edge.services.site import Site
from sync.protocol.histories import Histories, PersonQuery
from sync.protocol.instants import instant
from sync.protocol.proofs import CertificateProof, CodeProof, OwnProof, Proof

if TYPE_CHECKING:
    from sqlite_utils import Database

FRESH = timedelta(hours=20)
"""A history younger than this is not asked for again before somebody comes: once a day will do."""
BY_ITSELF = "registry"
"""Who recorded what a site asked for by itself."""


def queries_of(db: Database, people: Sequence[str]) -> list[PersonQuery]:
    """Ask for people, each of their ids by the proof it has shown, or as this site's own."""
    ids = dict.fromkeys(id_ for person in people for id_ in views.ids_of(db, person))
    return [PersonQuery(id_, kept_proof(db, id_) or OwnProof()) for id_ in ids]


def next_people(db: Database, facility: str, now: datetime, most: int) -> list[PersonQuery]:
    """Give who is to be asked for next: whom somebody asked for, then those who are expected."""
    asked: dict[str, Proof] = {
        person: request.proof for person, request in requests_waiting(db, most).items()
    }
    for query in queries_of(db, expected_people(db, facility, instant(now - FRESH), most)):
        if len(asked) < most:
            asked.setdefault(query.id, query.proof)
    return [PersonQuery(person, proof) for person, proof in asked.items()]


def record_histories(
    unit: Unit, site: Site, asked: Sequence[PersonQuery], found: Histories, by: str = BY_ITSELF
) -> int:
    """Record what the registry told of those who were asked for; give how many doses are new.

    ``by`` recorded it, unless somebody else had asked for the person and waited.
    """
    catalogue = site.catalogues.current(unit.db)
    new = 0
    for query in asked:
        if query.id not in found.people:  # not looked up
            continue
        told, refused = found.people[query.id], found.refused.get(query.id, "")
        note_asked(unit.db, query.id, found.at)
        if refused == "wrong":
            forget_proof(unit.db, query.id, query.proof)
        # where nothing was proven, nothing that is told is no history
        outcome = refused or ("nothing" if isinstance(query.proof, OwnProof) and not told else "")
        waited = request_of(unit.db, query.id)
        if outcome != "limit":
            answer_request(unit.db, query.id, query.proof, outcome)
        if outcome:
            continue
        if isinstance(query.proof, CodeProof | CertificateProof):
            keep_proof(unit.db, query.id, query.proof)
        if views.person(unit.db, query.id) is not None:
            who = waited.asked_by if waited and waited.proof == query.proof else by
            new += take_history(unit, site, query.id, told, found.at, who, catalogue)
    return new
