"""The dose that was given in the place of one that is taken back: judged, recorded, certified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edge.domain.dose import Dose
from edge.domain.doses import before_it, check_day, check_hand_then, check_kind
from edge.domain.errors import BadInput, Refusal
from edge.domain.lots import LotLabel, agreed_expiry, read_label
from edge.domain.numbering import NumberedDose, number_dose
from edge.domain.people import Person
from edge.domain.questions import GivenAnswer
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.issue import certificate_number, sign_certificate
from edge.services.commands import AnsweredQuestion
from edge.services.corrections.judged import judge_put_right
from edge.services.doses.coming_back import came_back
from edge.services.doses.dose_entries import append_given, given_body
from edge.services.doses.judging import case_of
from edge.services.doses.stock import check_left, check_vaccine
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.site import Site


@dataclass(frozen=True, slots=True)
class GivenDose:
    """What was really given; empty where it is as recorded."""

    person: str = ""
    programme: str = ""
    vaccine: str = ""
    lot: str = ""
    expiry: date | None = None
    on: date | None = None
    vaccinator: str = ""
    beyond_stock: bool = False
    answers: tuple[AnsweredQuestion, ...] = ()

    def is_another(self, dose: Dose) -> bool:
        """Say whether it was another dose than one on record, and not the same with a mistake."""
        own = (self.person, self.programme, self.vaccine)
        recorded = (dose.person, dose.programme, dose.vaccine)
        return any(value and value != other for value, other in zip(own, recorded, strict=True))


@dataclass(frozen=True, slots=True)
class ReplacingDose:
    """The dose in the place of one that is taken back: whose it is, and what speaks against it.

    ``answers`` are those before the other one, put right.
    """

    person: Person
    dose: Dose
    expiry: date
    place: NumberedDose
    objections: tuple[Refusal, ...]
    answers: tuple[GivenAnswer, ...]


def judge_replacement(
    unit: Unit, site: Site, record: views.DoseRecord, wanted: GivenDose
) -> ReplacingDose:
    """Judge what was really given as if it were given on its day."""
    catalogue = site.catalogues.current(unit.db)
    person = known_person(unit, wanted.person) if wanted.person else record.person
    old = record.dose
    label = read_label(wanted.lot, site.clock.today()) if wanted.lot else LotLabel("")
    dose = replace(
        old,
        person=person.id,
        programme=wanted.programme or old.programme,
        vaccine=wanted.vaccine or old.vaccine,
        lot=label.lot or (old.lot if wanted.vaccine in ("", old.vaccine) else ""),
        on=wanted.on or old.on,
        vaccinator=wanted.vaccinator or old.vaccinator,
        stated_number=None,
        recorded_for=old.recorded_for if person.id == record.person.id else "",
    )
    if dose.vaccinator != old.vaccinator:
        check_hand_then(catalogue, dose.facility, dose.vaccinator)
    other_lot = (dose.vaccine, dose.lot) != (old.vaccine, old.lot)
    if other_lot:
        check_vaccine(unit.db, catalogue, dose.vaccine, dose.lot)
    expiry = _expiry(unit, record, dose, label.expiry, wanted.expiry)
    if other_lot:
        check_left(unit.db, site, dose.vaccine, dose.lot, beyond_stock=wanted.beyond_stock)
    programme, vaccine = check_kind(catalogue, dose.programme, dose.vaccine)
    check_day(programme, person, dose.on, site.clock.today())
    others = [known for known in views.history(unit.db, person.id) if known.id != old.id]
    case = case_of(unit, site, person, others)
    judged = judge_put_right(unit, site, case, record, dose, wanted.answers)
    earlier = before_it(others, dose.vaccine, dose.on)
    place = number_dose(replace(case, history=earlier), dose, programme, vaccine)
    return ReplacingDose(person, dose, expiry, place, judged.objections, judged.answers)


def _expiry(
    unit: Unit, record: views.DoseRecord, dose: Dose, read: date | None, told: date | None
) -> date:
    """Give the expiry of a lot: as it is recorded, in stock, read from its code, or told."""
    known = views.lot(unit.db, dose.vaccine, dose.lot)
    same = (dose.vaccine, dose.lot) == (record.dose.vaccine, record.dose.lot)
    own = record.expiry if same else None
    found = agreed_expiry(dose.lot, known.expiry if known else None, read, told) or own
    found = found or (views.lot_expiry(unit.db, dose.vaccine, dose.lot) if dose.lot else None)
    if not dose.lot or found is None:
        raise BadInput(
            "lot.unknown",
            "Lot {lot} is not in this site's stock.",
            hint="Check the vial, or give its expiry date as well.",
            field="lot",
            lot=dose.lot or "-",
        )
    if found < dose.on:
        raise Refusal(
            "lot.expired",
            "Lot {lot} expired on {expiry}.",
            hint="Read lot and date on the vial again.",
            field="lot",
            lot=dose.lot,
            expiry=found,
        )
    return found


def record_replacement(
    unit: Unit,
    request: Request[Any],
    site: Site,
    right: ReplacingDose,
    id_: str,
    old: views.DoseRecord,
    found: Sequence[Mapping[str, str]],
) -> str:
    """Record the right dose and sign its certificate; give that one's number, if there is one."""
    rules = {objection.code for objection in right.objections}
    overrides = [override for override in found if override["rule"] in rules]
    place = unit.tip.link()
    body = given_body(right.dose, right.expiry, right.place, overrides, right.answers)
    append_given(unit, request, site, id_, {**body, "replaces": old.dose.id}, overrides)
    came_back(unit, request, right.person, right.dose.on, site)
    record = views.recorded(unit.db, id_)
    if record is None:
        return ""
    papers = views.certificates_of(unit.db, old.person.id)
    replaces = next((paper.id for paper in papers if paper.id == old.certificate), "")
    signed = sign_certificate(
        unit,
        site,
        place=place,
        person=record.person,
        dose=record.dose,
        effective_until=record.effective_until,
        by=request.actor.code,
        id_=site.ids.new(),
        cause=request.id,
        printer=request.command.printer,
        replaces=replaces if record.person.id == old.person.id else "",
    )
    return certificate_number(place) if signed else ""
