"""What is recorded of a dose is put right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from edge.domain.doses import check_day, check_hand, valid_until
from edge.domain.errors import BadInput, NotFound, Refusal
from edge.domain.scheduled import judge
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import CorrectDose
from edge.services.corrections.guards import check_clock, nothing_changed
from edge.services.corrections.renewal import renew
from edge.services.doses.judging import agreed, case_of
from edge.services.request import Request
from edge.services.site import Site


def correct_dose(unit: Unit, request: Request[CorrectDose], site: Site) -> None:
    """Write ``DoseCorrected``, and renew its certificate."""
    command = request.command
    check_clock(unit)
    record = views.recorded(unit.db, command.dose)
    if record is None or record.dose.reported:
        raise NotFound("dose.unknown", "There is no such dose here.", field="dose")
    changes = _dose_changes(unit, command, record, site)
    told = {}
    if "on" in changes:
        after = replace(record.dose, on=date.fromisoformat(changes["on"]))
        told = agreed(
            unit,
            request,
            site,
            record.person,
            record.person,
            lambda one: after if one.id == after.id else one,
        )
    unit.append(
        "DoseCorrected",
        {"dose": record.dose.id, "changes": changes, "reason": command.reason, **told},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    certificate = views.certificate(unit.db, record.certificate)
    if certificate is not None and not certificate.revoked_at:
        renew(unit, request, site, certificate)


def _dose_changes(
    unit: Unit, command: CorrectDose, record: views.DoseRecord, site: Site
) -> dict[str, Any]:
    dose, catalogue = record.dose, site.catalogues.current(unit.db)
    changes: dict[str, Any] = {}
    on = command.on or dose.on
    if on != dose.on:
        programme = catalogue.programmes.get(dose.programme)
        check_day(programme, record.person, on, site.clock.today())
        changes["on"] = on.isoformat()
        changes |= _dates(unit, site, record, on)
    lot = command.lot or dose.lot
    expiry = _expiry(unit, command, record, lot)
    if lot != dose.lot:
        changes["lot"] = lot
    if expiry != record.expiry:
        changes["expiry"] = expiry.isoformat()
    if expiry < on:
        raise Refusal(
            "lot.expired",
            "Lot {lot} expired on {expiry}.",
            hint="Read lot and date on the vial again.",
            field="lot",
            lot=lot,
            expiry=expiry,
        )
    if command.vaccinator and command.vaccinator != dose.vaccinator:
        check_hand(catalogue, dose.facility, command.vaccinator)
        changes["vaccinator"] = command.vaccinator
    if not changes:
        raise nothing_changed()
    return changes


def _dates(unit: Unit, site: Site, record: views.DoseRecord, on: date) -> dict[str, str | None]:
    """Count anew what follows from a dose's day, by the other doses of the person.

    Where the campaign has dropped the programme or the vaccine meanwhile, the dates stay.
    """
    dose, catalogue = record.dose, site.catalogues.current(unit.db)
    programme = catalogue.programmes.get(dose.programme)
    vaccine = catalogue.vaccines.get(dose.vaccine)
    if programme is None or vaccine is None:
        return {}
    others = [known for known in views.history(unit.db, dose.person) if known.id != dose.id]
    judged = judge(case_of(unit, site, record.person, others), programme, vaccine, on)
    until = valid_until(judged, vaccine, on)
    return {
        "effectiveUntil": until.isoformat() if until else None,
        "nextDue": judged.next_due.isoformat() if judged.next_due else None,
    }


def _expiry(unit: Unit, command: CorrectDose, record: views.DoseRecord, lot: str) -> date:
    known = views.lot(unit.db, record.dose.vaccine, lot)
    own = record.expiry if lot == record.dose.lot else None
    found = command.expiry or (known.expiry if known else None) or own
    if found is None:
        raise BadInput(
            "lot.unknown",
            "Lot {lot} is not in this site's stock.",
            hint="Check the vial, or give its expiry date as well.",
            field="lot",
            lot=lot,
        )
    return found
