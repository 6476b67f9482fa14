"""Whether a dose that is to be given here is approved, by what the site knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.approval import ApprovalOutcome, GivenHere, approve
from edge.domain.doses import Proposal
from edge.domain.scheduled import Case
from edge.journal import people_pages, views
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database


def approval(
    db: Database, site: Site, case: Case, person: str, proposal: Proposal
) -> ApprovalOutcome:
    """Say what speaks against a dose because something of it is not approved here."""
    catalogue = case.catalogue
    facility = catalogue.facilities.get(proposal.facility)
    vaccinator = catalogue.staff.get(proposal.vaccinator)
    programme = catalogue.programmes.get(proposal.programme)
    vaccine = catalogue.vaccines.get(proposal.vaccine)
    if facility is None or vaccinator is None or programme is None or vaccine is None:
        return ApprovalOutcome()  # refused for that itself
    certified = vaccinator.certified
    if certified is None and catalogue.asks_for_certification:
        certified = ()
    known = any(dose.programme == programme.id for dose in case.history)
    enrolled = people_pages.expected_for(db, person)[1] == programme.id
    return approve(
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
            so_far=views.given_on(db, programme.id, facility.code, proposal.on),
            now=site.clock.now().astimezone(site.clock.zone)
            if proposal.on == proposal.today
            else None,
            expected=known or enrolled,
        ),
        catalogue.approval,
        catalogue.lot_recalls,
    )
