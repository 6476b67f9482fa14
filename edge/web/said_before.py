"""What is said before the tap that gives a dose: the campaign's advice, what is not approved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edge.domain.doses import Proposal
from edge.domain.errors import Refusal
from edge.services.doses.approving import approval
from edge.web import serializers
from edge.web.answers import ProblemAnswer
from edge.web.offers import Offer
from edge.web.person_file import PersonFile
from edge.web.visit import GIVING, Visit

if TYPE_CHECKING:
    from sqlite_utils import Database


def said_before(visit: Visit, file: PersonFile) -> list[ProblemAnswer]:
    """Give what a nurse is told of the doses that are due, as this tablet would give them."""
    if not GIVING & visit.staff.roles:
        return []
    told: dict[str, ProblemAnswer] = {}
    with visit.backend.journal.reading() as db:
        for offer in file.offers.due:
            for refusal in (*offer.judged.advice, *_approved(visit, db, file, offer)):
                answer = serializers.problem(refusal, visit.language)
                told.setdefault(answer.sentence, answer)
    return list(told.values())


def _approved(visit: Visit, db: Database, file: PersonFile, offer: Offer) -> Iterator[Refusal]:
    """Say what would speak against a dose of the lot and by the hand of this tablet."""
    hand = visit.ribbon.vaccinator if visit.ribbon else None
    if offer.lot is None or hand is None:
        return
    site, today = visit.backend.site, visit.backend.site.clock.today()
    proposal = Proposal(
        programme=offer.programme.id,
        vaccine=offer.vaccine.code,
        lot=offer.lot.lot,
        lot_expiry=offer.lot.expiry,
        on=today,
        today=today,
        facility=site.facility,
        vaccinator=hand.code,
        zone=site.clock.zone,
    )
    found = approval(db, site, file.case, file.person.id, proposal)
    yield from (*found.objections, *found.advice)
