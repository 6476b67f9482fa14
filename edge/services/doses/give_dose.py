"""Give a dose: the record, the certificate, the stock and the paper in one unit of work."""

from __future__ import annotations

from edge.domain.dose import Dose
from edge.domain.doses import Decision, Proposal
from edge.domain.doses import give_dose as decide
from edge.domain.eligibility import in_order
from edge.domain.lots import agreed_expiry, read_label
from edge.domain.numbering import renumbered
from edge.domain.questions import seen_by_answers
from edge.domain.scheduled import Case
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.issue import sign_certificate
from edge.services.commands import GiveDose
from edge.services.doses.answers import answers_before
from edge.services.doses.approving import approval
from edge.services.doses.coming_back import came_back
from edge.services.doses.dose_entries import append_given, given_body
from edge.services.doses.following import follow
from edge.services.doses.judging import case_of
from edge.services.doses.overriding import overridden
from edge.services.doses.stock import check_left, check_vaccine
from edge.services.lookups import known_person
from edge.services.payments.recording import record_payment
from edge.services.request import Request
from edge.services.site import Site


def give_dose(unit: Unit, request: Request[GiveDose], site: Site) -> None:
    """Write ``DoseGiven``, a ``RuleOverridden`` for each rule set aside, ``CertificateIssued``.

    Raises the first objection when nobody overrides it. With a clock that is not believed the
    dose is recorded and nothing is signed: a certificate with a wrong date would be worse.
    """
    command, catalogue = request.command, site.catalogues.current(unit.db)
    person = known_person(unit, command.person)
    proposal = _proposal(unit, request, site)
    history = views.history(unit.db, person.id)
    observed = views.observations(unit.db, person.id)
    before = Case.of(person, observed, history, catalogue, site.clock.zone)
    answers, asked = answers_before(
        *(unit.db, before, person.id, proposal.programme, proposal.vaccine, proposal.on),
        command.answers,
    )
    observed = observed | seen_by_answers(answers, catalogue.ever.questions, proposal.on)
    decision = decide(person, history, catalogue, proposal, observed)
    check_vaccine(unit.db, catalogue, proposal.vaccine, proposal.lot)
    approved = approval(unit.db, site, before, person.id, proposal)
    objections = in_order((*asked.objections, *approved.objections, *decision.objections))
    overrides = overridden(objections, command.override, request.actor, catalogue, site)
    check_left(unit.db, site, proposal.vaccine, proposal.lot, beyond_stock=command.beyond_stock)
    place = unit.tip.link()
    dose = _dose(request.id, person.id, proposal, decision)
    body = given_body(dose, decision.expiry, decision, overrides, answers)
    advice = (*asked.advice, *approved.advice, *decision.advice)
    advised = [refusal.code for refusal in advice]
    if advised:
        body["advised"] = advised
    append_given(unit, request, site, request.id, body, overrides)
    record_payment(unit, request, site, request.id)
    came_back(unit, request, person, proposal.on, site)
    if not unit.stamp.believed:
        return
    sign_certificate(
        unit,
        site,
        place=place,
        person=person,
        dose=dose,
        effective_until=decision.effective_until,
        by=request.actor.code,
        id_=site.ids.new(),
        cause=request.id,
        printer=command.printer,
    )
    if any(earlier.on > proposal.on for earlier in history):
        after = case_of(unit, site, person, views.history(unit.db, person.id))
        follow(unit, request, site, renumbered(before, after, proposal.on))


def _dose(id_: str, person: str, proposal: Proposal, decision: Decision) -> Dose:
    return Dose(
        id=id_,
        person=person,
        programme=proposal.programme,
        vaccine=proposal.vaccine,
        number=decision.number,
        total=decision.total,
        lot=proposal.lot,
        on=proposal.on,
        facility=proposal.facility,
        vaccinator=proposal.vaccinator,
    )


def _proposal(unit: Unit, request: Request[GiveDose], site: Site) -> Proposal:
    """Give what is asked for as the rules see it; the lot as this site has it."""
    command = request.command
    today = site.clock.today()
    label = read_label(command.lot, today)
    return Proposal(
        programme=command.programme,
        vaccine=command.vaccine,
        lot=label.lot,
        lot_expiry=agreed_expiry(
            label.lot,
            views.lot_expiry(unit.db, command.vaccine, label.lot),
            label.expiry,
            command.expiry,
        ),
        on=command.on or today,
        today=today,
        facility=site.facility,
        vaccinator=command.vaccinator or request.actor.code,
        zone=site.clock.zone,
    )
