"""What is recorded of a dose is put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from edge.domain.dose import Dose
from edge.domain.doses import check_day, check_hand_then
from edge.domain.errors import BadInput, Refusal
from edge.domain.lots import LotLabel, agreed_expiry, read_label
from edge.domain.merging import told_once
from edge.domain.numbering import NumberedDose, renumbered
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.renewal import renew, renew_histories
from edge.services.commands import CorrectDose
from edge.services.corrections.guards import (
    check_clock,
    nothing_changed,
    standing_dose,
)
from edge.services.corrections.judged import judge_put_right
from edge.services.corrections.replacement import GivenDose
from edge.services.corrections.take_back import SEEN, replace_dose
from edge.services.doses.answers import written_answers
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
    check_clock(unit, site)
    record = standing_dose(unit, site, command.dose)
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
    known = views.history(unit.db, record.person.id)
    others = [dose for dose in known if dose.id != record.dose.id]
    case = case_of(unit, site, record.person, others)
    judged = judge_put_right(
        unit, site, case, record, _corrected(record.dose, changes), command.answers
    )
    if judged.answers != record.answers:
        changes["answers"] = written_answers(judged.answers)
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
    if changes.keys() & {"on", "statedNumber", "answers", "lot", "vaccinator"}:
        after = _corrected(record.dose, changes)
        told = agreed(
            unit,
            request,
            site,
            record.person,
            record.person,
            lambda dose: after if dose.id == after.id else dose,
            also=(*_stated_otherwise(record.dose, changes), *judged.objections),
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
    if changes.keys() & {"on", "lot"}:
        renew_histories(unit, request, site, record.dose.id, record.person.id, command.reason)


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
    lot, hand = changes.get("lot", dose.lot), changes.get("vaccinator", dose.vaccinator)
    return replace(dose, on=on, stated_number=stated, lot=lot, vaccinator=hand)


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
