"""What is said of a dose and holds nothing up: before the tap that gives it, and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from edge.domain.doses import Proposal
from edge.domain.errors import Refusal
from edge.domain.questions import outcome
from edge.domain.scheduled import facts_of, judge
from edge.journal.entries import entry
from edge.journal.views import DoseRecord
from edge.services.certificates.travel_names import dose_abroad, name_abroad
from edge.services.doses.answers import answered
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
            formats = offer.programme.certificates.formats
            abroad = name_abroad(file.person, formats, file.catalogue.issuer.country)
            name = (abroad,) if abroad else ()
            for refusal in (*offer.judged.advice, *_approved(visit, db, file, offer), *name):
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


def said_of_answers(visit: Visit, file: PersonFile, record: DoseRecord) -> list[ProblemAnswer]:
    """Give what a nurse is told of a dose that is given, because of what was answered before it.

    Nobody knew of it before the tap. What was not said then is not said now, but for a name that
    loses sounds abroad: it is said for as long as it is so.
    """
    dose, catalogue = record.dose, file.catalogue
    with visit.backend.journal.reading() as db:
        given = entry(db, dose.id)
    advised = set(given.body.get("advised", ())) if given is not None else set()
    others = [known for known in file.case.history if known.id != dose.id]
    case = replace(file.case, history=others)
    found = [*outcome((), record.answers, catalogue.ever.questions, facts_of(case)).advice]
    programme = catalogue.find_programme(dose.programme)
    vaccine = catalogue.find_vaccine(dose.vaccine)
    if programme is not None and vaccine is not None:
        seen = answered(case, record.answers, dose.on)
        found += judge(seen, programme, vaccine, dose.on).advice
    told = [serializers.problem(refusal, visit.language) for refusal in found]
    kept = [problem for problem in told if problem.code in advised]
    abroad = dose_abroad(record, catalogue)
    return [*kept, serializers.problem(abroad, visit.language)] if abroad else kept
