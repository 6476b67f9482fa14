"""The page on which a nurse asks what the programme wants asked before a dose, and gives it."""

from __future__ import annotations

from edge.domain.errors import NotFound
from edge.web import dose_pages, payment_form, questions
from edge.web.person_file import person_file
from edge.web.visit import Answer, Visit


def ask(visit: Visit, id_: str, programme: str, vaccine: str) -> Answer:
    """Ask what is to be asked before a dose of the lot that this tablet gives."""
    file = person_file(visit, id_)
    offer = dose_pages.offered(visit, file, programme, vaccine)
    if offer is None:
        raise NotFound("vaccine.not-in-programmes", "No programme of today has this vaccine.")
    asked = questions.asked_questions(visit, file, offer)
    if offer.lot is None or visit.ribbon is None or visit.ribbon.vaccinator is None:
        return dose_pages.dose(visit, id_, programme, vaccine)
    return visit.page(
        "questions.html",
        person=file.person,
        offer=offer,
        questions=asked,
        payment=payment_form.asked_payment(visit, offer),
        problem=None,
        today=visit.backend.site.clock.today(),
    )
