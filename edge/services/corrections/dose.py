"""What is recorded of a dose is put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from edge.domain.dose import Dose
from edge.domain.doses import check_day, check_hand_then
from edge.domain.errors import BadInput, Refusal, as_a_fact
from edge.domain.lots import LotLabel, agreed_expiry, read_label
from edge.domain.merging import told_once
from edge.domain.numbering import NumberedDose, renumbered
from edge.domain.questions import GivenAnswer
from edge.domain.scheduled import Case, judge
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.renewal import renew
from edge.services.commands import CorrectDose
from edge.services.corrections.guards import (
    check_clock,
    nothing_changed,
    standing_dose,
)
from edge.services.corrections.replacement import GivenDose
from edge.services.corrections.take_back import SEEN, replace_dose
from edge.services.doses.answers import answered, corrected_answers, written_answers
from edge.services.doses.coming_back import came_back
from edge.services.doses.following import follow, place_changes
from edge.services.doses.judging import agreed, case_of
from edge.services.doses.stock import check_left, check_vaccine
from edge.services.lookups import shown_id
from edge.services.request import Request
from edge.services.seen import check_seen
from edge.services.site import Site


def correct_dose(unit: Unit, request: Request[CorrectDose], site: Site) -> None:
    """Write ``DoseCorrected``, renew its certificate, and let what follows from it follow.

    A dose of somebody else, or of another kind, is taken back and recorded anew.
    """
    command = request.command
    check_clock(unit)
    record = standing_dose(unit, command.dose)
    wanted = GivenDose(
        shown_id(unit, command.person), command.programme, command.vaccine, command.lot,
        command.expiry, command.on, command.vaccinator, command.beyond_stock,
        command.answers,
    )  # fmt: skip
    if wanted.is_another(record.dose):
        seen = (*SEEN, "answers") if command.answers else SEEN
        check_seen(unit, command.seen, "DoseCorrected", {"dose": record.dose.id}, seen)
        replace_dose(unit, request, site, record, wanted)
        return
    changes = _dose_changes(unit, command, record, site)
    case = case_of(unit, site, record.person, views.history(unit.db, record.person.id))
    answers, asked = corrected_answers(case, record.answers, command.answers)
    if answers != record.answers:
        changes["answers"] = written_answers(answers)
    moved = _moved(unit, site, record, changes)
    if command.number is not None and command.number != record.dose.number:
        moved = _stated(unit, site, record, changes, command.number)
    own = moved.pop(record.dose.id, None)
    if own is not None:
        changes |= place_changes(record, own)
    if not changes:
        raise nothing_changed()
    check_seen(unit, command.seen, "DoseCorrected", {"dose": record.dose.id}, changes)
    _check_expiry(record, changes)
    told = {}
    if changes.keys() & {"on", "statedNumber", "answers"}:
        after = _corrected(record.dose, changes)
        told = agreed(
            unit,
            request,
            site,
            record.person,
            record.person,
            lambda dose: after if dose.id == after.id else dose,
            also=(
                *_stated_otherwise(record.dose, changes),
                *map(as_a_fact, asked.objections),
                *_seen_otherwise(case, record, answers),
            ),
        )
    unit.append(
        "DoseCorrected",
        {"dose": record.dose.id, "changes": changes, "reason": command.reason, **told},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    if "on" in changes:
        came_back(unit, request, record.person, date.fromisoformat(changes["on"]), site)
    certificate = views.certificate(unit.db, record.certificate)
    if certificate is not None and not certificate.revoked_at:
        renew(unit, request, site, certificate, command.reason)
    follow(unit, request, site, moved)


def _seen_otherwise(
    case: Case, record: views.DoseRecord, answers: Sequence[GivenAnswer]
) -> list[Refusal]:
    """Say what speaks against a dose by its answers now, and did not by those of before."""
    dose, plan = record.dose, case.catalogue.programmes.get(record.dose.programme)
    vaccine = case.catalogue.vaccines.get(dose.vaccine)
    if answers == record.answers or plan is None or vaccine is None:
        return []
    without = replace(case, history=[one for one in case.history if one.id != dose.id])
    before, after = (
        judge(answered(without, given, dose.on), plan, vaccine, dose.on).objections
        for given in (record.answers, answers)
    )
    known = {objection.code for objection in before}
    return [as_a_fact(objection) for objection in after if objection.code not in known]


def _moved(
    unit: Unit, site: Site, record: views.DoseRecord, changes: Mapping[str, Any]
) -> dict[str, NumberedDose]:
    """Number the person's doses as they stand with the correction."""
    if not changes.keys() & {"on", "statedNumber"}:
        return {}
    doses = views.all_doses(unit.db, record.person.id)
    after = _corrected(record.dose, changes)
    history = told_once([after if dose.id == after.id else dose for dose in doses])
    return renumbered(
        case_of(unit, site, record.person, told_once(doses)),
        case_of(unit, site, record.person, history),
        min(record.dose.on, after.on),
    )


def _stated(
    unit: Unit, site: Site, record: views.DoseRecord, changes: dict[str, Any], number: int
) -> dict[str, NumberedDose]:
    """Give a dose the number that somebody states, where the history leaves it free."""
    changes["statedNumber"] = number
    moved = _moved(unit, site, record, changes)
    place = moved.get(record.dose.id)
    found = place.number if place else record.dose.number
    if found != number:
        raise Refusal(
            "dose.number",
            "By the doses on record this is dose {number}.",
            hint="Record the doses before it, or correct their days.",
            field="number",
            number=found,
        )
    return moved


def _stated_otherwise(dose: Dose, changes: Mapping[str, Any]) -> Sequence[Refusal]:
    """Object to a number that somebody states: it is not the one that the doses on record give."""
    if "statedNumber" not in changes:
        return ()
    return (
        Refusal(
            "dose.number-stated",
            "By the doses on record this is dose {number}.",
            hint="Ask a supervisor.",
            field="number",
            overridable=True,
            number=dose.number,
        ),
    )


def _corrected(dose: Dose, changes: Mapping[str, Any]) -> Dose:
    on = date.fromisoformat(changes["on"]) if "on" in changes else dose.on
    stated = changes.get("statedNumber", dose.stated_number)
    return replace(dose, on=on, stated_number=stated)


def _dose_changes(
    unit: Unit, command: CorrectDose, record: views.DoseRecord, site: Site
) -> dict[str, Any]:
    dose, catalogue = record.dose, site.catalogues.current(unit.db)
    changes: dict[str, Any] = {}
    on = command.on or dose.on
    if on != dose.on:
        programme = catalogue.find_programme(dose.programme)
        check_day(programme, record.person, on, site.clock.today())
        changes["on"] = on.isoformat()
    label = read_label(command.lot, site.clock.today()) if command.lot else LotLabel(dose.lot)
    lot = label.lot
    if lot != dose.lot:
        check_vaccine(unit.db, catalogue, dose.vaccine, lot)
    expiry = _expiry(unit, command, record, label)
    if lot != dose.lot:
        check_left(unit.db, site, dose.vaccine, lot, beyond_stock=command.beyond_stock)
        changes["lot"] = lot
    if expiry != record.expiry:
        changes["expiry"] = expiry.isoformat()
    if command.vaccinator and command.vaccinator != dose.vaccinator:
        check_hand_then(catalogue, dose.facility, command.vaccinator)
        changes["vaccinator"] = command.vaccinator
    return changes


def _check_expiry(record: views.DoseRecord, changes: Mapping[str, Any]) -> None:
    on = changes.get("on", record.dose.on.isoformat())
    expiry = changes.get("expiry", record.expiry.isoformat() if record.expiry else on)
    if expiry < on:
        raise Refusal(
            "lot.expired",
            "Lot {lot} expired on {expiry}.",
            hint="Read lot and date on the vial again.",
            field="lot",
            lot=changes.get("lot", record.dose.lot),
            expiry=date.fromisoformat(expiry),
        )


def _expiry(unit: Unit, command: CorrectDose, record: views.DoseRecord, label: LotLabel) -> date:
    """Give the expiry of a dose's lot; the stock's word is not walked round by another date."""
    own = record.expiry if label.lot == record.dose.lot else None
    known = views.lot(unit.db, record.dose.vaccine, label.lot)
    found = agreed_expiry(label.lot, known.expiry if known else None, label.expiry, command.expiry)
    found = found or own or views.lot_expiry(unit.db, record.dose.vaccine, label.lot)
    if found is None:
        raise BadInput(
            "lot.unknown",
            "Lot {lot} is not in this site's stock.",
            hint="Check the vial, or give its expiry date as well.",
            field="lot",
            lot=label.lot,
        )
    return found
