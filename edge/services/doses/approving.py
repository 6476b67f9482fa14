"""Whether a dose that is to be given here is approved, by what the site knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge.domain.approval import ApprovalOutcome, GivenHere, approve
from edge.domain.dose import Dose
from edge.domain.doses import Proposal
from edge.domain.errors import Refusal, as_a_fact
from edge.domain.expected import expected_today
from edge.domain.facility_programmes import FacilityProgramme
from edge.domain.scheduled import Case
from edge.domain.slots import programme_at
from edge.journal import people_pages, views
from edge.services.appointments.expecting import by_appointments, expectations
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database

_OF_THE_DOSE = ("lot.recalled", "facility.not-for-programme", "vaccinator.not-certified")
"""What speaks against a dose whenever it is recorded; hours and the day's number do not."""


def approval(
    db: Database, site: Site, case: Case, person: str, proposal: Proposal
) -> ApprovalOutcome:
    """Say what speaks against a dose because something of it is not approved here.

    What was given on an earlier day is a fact, and so is a day that the clock may have wrong: a
    supervisor records it where nobody may give it.
    """
    catalogue = case.catalogue
    facility = catalogue.find_facility(proposal.facility)
    vaccinator = catalogue.find_staff(proposal.vaccinator)
    programme = catalogue.find_programme(proposal.programme)
    vaccine = catalogue.find_vaccine(proposal.vaccine)
    if facility is None or vaccinator is None or programme is None or vaccine is None:
        return ApprovalOutcome()  # refused for that itself
    certified = vaccinator.certified
    if certified is None and catalogue.asks_for_certification:
        certified = ()
    of_it = [dose for dose in case.history if dose.programme == programme.id]
    at = programme_at(facility, programme.id) or FacilityProgramme()
    counted = (db, programme.id, facility.code, proposal.on)
    coming = expectations(db, site, catalogue, person, programme.id)
    found = approve(
        GivenHere(
            programme=programme.id,
            programme_name=programme.name,
            vaccine=vaccine.code,
            vaccine_name=vaccine.name,
            lot=proposal.lot,
            on=proposal.on,
            facility_name=facility.name,
            vaccinator_name=vaccinator.name,
            programmes=facility.programmes,
            sessions=facility.sessions,
            certified=certified,
            # the doses of a long day are not gone through with each where no rate asks for them
            so_far=views.given_on(*counted) if at.daily_rate else 0,
            so_far_by=views.given_on(*counted, vaccinator.code) if at.rate_per_vaccinator else 0,
            now=site.clock.now().astimezone(site.clock.zone)
            if proposal.on == proposal.today
            else None,
            # asked only where the programme has hours: nothing else hangs on it
            expected=(at.walk_ins is None and at.appointments is None)
            or bool(of_it)
            or expected_today(coming, proposal.on)
            or people_pages.is_enrolled_for(db, person, programme.id),
        ),
        catalogue.approval,
        catalogue.lot_recalls,
    )
    if proposal.on != proposal.today:
        return _as_facts(found)
    if any(dose.on == proposal.today for dose in of_it):
        told = ApprovalOutcome()  # another vaccine of the same visit
    else:
        told = by_appointments(db, site, catalogue, facility, programme, coming)
    both = ApprovalOutcome((*found.objections, *told.objections), (*found.advice, *told.advice))
    return both if site.clock.believed() else _as_facts(both)


def _as_facts(outcome: ApprovalOutcome) -> ApprovalOutcome:
    return replace(outcome, objections=tuple(map(as_a_fact, outcome.objections)))


def newly_unapproved(
    db: Database, site: Site, case: Case, before: Dose, after: Dose
) -> tuple[Refusal, ...]:
    """Say what a correction makes of a dose that is not approved and was not before, as facts."""
    was, now = (
        {
            (refusal.code, refusal.field and _said(dose, refusal.field)): refusal
            for refusal in approval(db, site, case, dose.person, _proposal(dose, site)).objections
            if refusal.code in _OF_THE_DOSE
        }
        for dose in (before, after)
    )
    return tuple(as_a_fact(refusal) for key, refusal in now.items() if key not in was)


def _said(dose: Dose, field: str) -> str:
    """Give what a refusal speaks of: the lot of a vaccine, who gave it, the programme."""
    return f"{dose.vaccine} {dose.lot}" if field == "lot" else str(getattr(dose, field))


def _proposal(dose: Dose, site: Site) -> Proposal:
    return Proposal(
        programme=dose.programme,
        vaccine=dose.vaccine,
        lot=dose.lot,
        lot_expiry=None,
        on=dose.on,
        today=site.clock.today(),
        facility=dose.facility,
        vaccinator=dose.vaccinator,
        zone=site.clock.zone,
    )
