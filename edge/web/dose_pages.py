"""The page on which a dose is recorded that is not simply due today: another lot, day or hand.

It is of one vaccine of one programme, so that the lots it offers are those of that vaccine; and it
is where a dose that was refused comes back to, with what was typed.
"""

from __future__ import annotations

from edge.domain.errors import NotFound
from edge.domain.scheduled import judge
from edge.journal import views
from edge.web import payment_form, person_pages, questions
from edge.web.answers import ProblemAnswer
from edge.web.day_forms import day_shown
from edge.web.offers import Offer
from edge.web.person_file import PersonFile, person_file
from edge.web.ribbon import vaccinators
from edge.web.visit import Answer, Visit, page_or_refusal


def dose(visit: Visit, id_: str, programme: str, vaccine: str) -> Answer:
    """Show the form for a dose of one vaccine of a programme."""
    file = person_file(visit, id_)
    offer = offered(visit, file, programme, vaccine)
    if offer is None:
        raise NotFound("vaccine.not-in-programmes", "No programme of today has this vaccine.")
    return _drawn(visit, file, offer, None)


def refused_dose(visit: Visit, id_: str, problem: ProblemAnswer | None = None) -> Answer:
    """Show the form of a dose again, with what was typed, and why it was refused if it was."""
    file = person_file(visit, id_)
    vaccine = visit.form.get("lot", "").partition("|")[0] or visit.form.get("vaccine", "")
    offer = offered(visit, file, visit.form.get("programme", ""), vaccine)
    if offer is None:
        return person_pages.person(visit, id_, problem)
    return _drawn(visit, file, offer, problem)


def offered(visit: Visit, file: PersonFile, programme: str, vaccine: str) -> Offer | None:
    """Give a vaccine of a programme as it would be given today, due or not; None: of none."""
    for offer in file.offers.all:
        if (offer.programme.id, offer.vaccine.code) == (programme, vaccine):
            return offer
    plan, today = file.catalogue.programmes.get(programme), visit.backend.site.clock.today()
    if plan is None or not plan.runs_on(today) or vaccine not in plan.vaccines:
        return None
    found = file.catalogue.vaccines.get(vaccine)
    if found is None:
        return None
    vial = visit.ribbon.vial(vaccine) if visit.ribbon else None
    return Offer(plan, found, judge(file.case, plan, found, today), vial, asked=False)


def _drawn(visit: Visit, file: PersonFile, offer: Offer, problem: ProblemAnswer | None) -> Answer:
    today = visit.backend.site.clock.today()
    on = day_shown(visit.form, today)
    at_hand = {lot.lot for lot in offer.vial.lots} if offer.vial else set()
    typed = visit.form.get("lot", "").partition("|")[2]
    used_up = _is_used_up(visit, offer.vaccine.code, typed)
    usual = offer.lot.lot if offer.lot and not visit.form else ""
    drawn = visit.page(
        "dose.html",
        person=file.person,
        offer=offer,
        chosen=typed if typed in at_hand or used_up else usual,
        used_up=typed if used_up else "",
        vaccinators=vaccinators(file.catalogue, visit.backend.site.facility),
        supervisors=visit.supervisors(problem),
        questions=questions.asked_questions(visit, file, offer),
        payment=payment_form.asked_payment(visit, offer),
        verdict=person_pages.verdict_shown(visit, file.catalogue, offer.programme, offer.judged),
        words=person_pages.STATUS_WORDS,
        today=today,
        on=on,
        now=on == today.isoformat(),
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def _is_used_up(visit: Visit, vaccine: str, lot: str) -> bool:
    """Say whether a lot that a page offered has none left by now: what was chosen stays chosen."""
    with visit.backend.journal.reading() as db:
        known = views.lot(db, vaccine, lot) if lot else None
    return known is not None and known.quantity <= 0
