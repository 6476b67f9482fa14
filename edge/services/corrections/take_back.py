"""A dose that was not given as it is recorded is taken back, with everything that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edge.domain.dose import Dose
from edge.domain.doses import check_day, check_hand, check_kind
from edge.domain.errors import BadInput, Refusal
from edge.domain.numbering import DosePlace, place_of, renumbered
from edge.domain.people import Person
from edge.domain.scheduled import Case, judge
from edge.journal import views
from edge.journal.entries import entry as entry_by_id
from edge.journal.unit import Unit
from edge.services.certificates.issue import certificate_number, sign_certificate
from edge.services.certificates.renewal import revocation_body
from edge.services.commands import Override, TakeBackDose
from edge.services.corrections.guards import check_clock, nothing_changed, standing_dose
from edge.services.doses.following import follow
from edge.services.doses.judging import case_of
from edge.services.doses.overriding import is_supervisor, overridden
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.seen import check_seen
from edge.services.site import Site
from sync.protocol.instants import read_instant

NOT_GIVEN, OTHER_PERSON, OTHER_DOSE, DISBELIEVED = (
    "not-given",
    "other-person",
    "other-dose",
    "disbelieved",
)
SEEN = ("lot", "expiry", "on", "vaccinator", "number")
"""What somebody has seen of a dose who takes it back."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was really given; empty where it is as recorded."""

    person: str = ""
    programme: str = ""
    vaccine: str = ""
    lot: str = ""
    expiry: date | None = None
    on: date | None = None
    vaccinator: str = ""

    def is_another(self, dose: Dose) -> bool:
        """Say whether it was another dose than one on record, and not the same with a mistake."""
        own = (self.person, self.programme, self.vaccine)
        recorded = (dose.person, dose.programme, dose.vaccine)
        return any(one and one != other for one, other in zip(own, recorded, strict=True))


@dataclass(frozen=True, slots=True)
class _Right:
    """The dose in the place of one that is taken back: whose it is, and what speaks against it."""

    person: Person
    dose: Dose
    expiry: date
    place: DosePlace
    objections: tuple[Refusal, ...]


def take_back(unit: Unit, request: Request[TakeBackDose], site: Site) -> None:
    """Write ``DoseWithdrawn``, the dose that was given instead, and what follows from both."""
    command = request.command
    check_clock(unit)
    record = standing_dose(unit, command.dose, told=True)
    check_seen(unit, command.seen, "DoseCorrected", {"dose": record.dose.id}, SEEN)
    if record.dose.reported != (command.kind == DISBELIEVED):
        raise BadInput(
            "dose.take-back-kind",
            "What others told of is believed or not; what was given here was given or not.",
            hint="Choose another of the reasons.",
            field="kind",
        )
    wanted = Wanted(command.person, command.programme, command.vaccine, command.lot, command.expiry)
    if command.kind in (NOT_GIVEN, DISBELIEVED):
        _withdraw(unit, request, site, record, command.kind, None)
        return
    if command.kind == OTHER_PERSON and wanted.person in ("", record.person.id):
        raise BadInput(
            "dose.take-back-person",
            "Who was given the dose is not said.",
            hint="Search for the person, or scan the card.",
            field="person",
        )
    if not wanted.is_another(record.dose):
        raise nothing_changed()
    replace_dose(unit, request, site, record, wanted)


def replace_dose(
    unit: Unit, request: Request[Any], site: Site, record: views.Recorded, wanted: Wanted
) -> None:
    """Take a dose back and record what was given instead: to whom, of what."""
    moved = wanted.person not in ("", record.person.id)
    kind = OTHER_PERSON if moved else OTHER_DOSE
    _withdraw(unit, request, site, record, kind, _right(unit, site, record, wanted))


def _withdraw(
    unit: Unit,
    request: Request[Any],
    site: Site,
    record: views.Recorded,
    kind: str,
    right: _Right | None,
) -> None:
    objections = [*_who_may(unit, record, request, site), *(right.objections if right else ())]
    found = _agreed(unit, request, site, objections)
    cases = _cases(unit, site, record.person, right)
    papers = [
        one
        for one in views.certificates_of(unit.db, record.person.id)
        if one.dose == record.dose.id and not one.revoked_at
    ]
    id_ = site.ids.new() if right else ""
    body = {"dose": record.dose.id, "kind": kind, "reason": request.command.reason}
    if id_:
        body["replacedBy"] = id_
    told = (
        {"overrides": [one["rule"] for one in found], "supervisor": found[0]["supervisor"]}
        if found
        else {}
    )
    unit.append(
        "DoseWithdrawn",
        {**body, **told},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    number = _record(unit, request, site, right, id_, record, found) if right else ""
    renewed = [*([number] if number and kind == OTHER_DOSE else [])]
    since = min(record.dose.on, right.dose.on) if right else record.dose.on
    for person, before in cases:
        moved = renumbered(before, _case(unit, site, person), since)
        renewed += follow(unit, request, site, moved)
    _revoke(unit, request, site, papers, next(iter(renewed), ""))


def _cases(
    unit: Unit, site: Site, person: Person, right: _Right | None
) -> list[tuple[Person, Case]]:
    """Give whoever's doses may stand elsewhere afterwards, as they stand now."""
    people = [person]
    if right and right.person.id != person.id:
        people.append(right.person)
    return [(one, _case(unit, site, one)) for one in people]


def _case(unit: Unit, site: Site, person: Person) -> Case:
    return case_of(unit, site, person, views.history(unit.db, person.id))


def _who_may(
    unit: Unit, record: views.Recorded, request: Request[Any], site: Site
) -> Sequence[Refusal]:
    """Ask for a supervisor, but for whoever recorded the dose today."""
    recorded = entry_by_id(unit.db, record.dose.id)
    if recorded is not None and recorded.document["by"] == request.actor.code:
        day = read_instant(recorded.document["at"]).astimezone(site.clock.zone).date()
        if day == site.clock.today():
            return ()
    return (
        Refusal(
            "dose.take-back",
            "Only who recorded this dose may take it back, and only on the same day.",
            hint="Ask a supervisor to sign.",
            field="override",
            overridable=True,
        ),
    )


def _agreed(
    unit: Unit, request: Request[Any], site: Site, objections: Sequence[Refusal]
) -> list[dict[str, str]]:
    override = request.command.override
    if override is None and is_supervisor(request.actor, site):
        override = Override(reason=request.command.reason)
    catalogue = site.catalogues.current(unit.db)
    return overridden(objections, override, request.actor, catalogue, site)


def _right(unit: Unit, site: Site, record: views.Recorded, wanted: Wanted) -> _Right:
    """Judge what was really given as if it were given on its day."""
    catalogue = site.catalogues.current(unit.db)
    person = known_person(unit, wanted.person) if wanted.person else record.person
    old = record.dose
    dose = replace(
        old,
        person=person.id,
        programme=wanted.programme or old.programme,
        vaccine=wanted.vaccine or old.vaccine,
        lot=wanted.lot or (old.lot if wanted.vaccine in ("", old.vaccine) else ""),
        on=wanted.on or old.on,
        vaccinator=wanted.vaccinator or old.vaccinator,
        stated_number=None,
    )
    if dose.vaccinator != old.vaccinator:
        check_hand(catalogue, dose.facility, dose.vaccinator)
    expiry = _expiry(unit, record, dose, wanted)
    programme, vaccine = check_kind(catalogue, dose.programme, dose.vaccine)
    check_day(programme, person, dose.on, site.clock.today())
    others = [one for one in views.history(unit.db, person.id) if one.id != old.id]
    case = case_of(unit, site, person, others)
    judged = judge(case, programme, vaccine, dose.on)
    earlier = [one for one in others if one.on <= dose.on]
    place = place_of(replace(case, history=earlier), dose, programme, vaccine)
    return _Right(person, dose, expiry, place, tuple(map(_as_a_fact, judged.objections)))


def _as_a_fact(objection: Refusal) -> Refusal:
    """Let a supervisor record what was given, also where nobody may give it."""
    if objection.overridable:
        return objection
    values: dict[str, Any] = dict(objection.values)
    return Refusal(
        objection.code,
        objection.sentence,
        hint=objection.hint or "Ask a supervisor.",
        field=objection.field,
        overridable=True,
        **values,
    )


def _expiry(unit: Unit, record: views.Recorded, dose: Dose, wanted: Wanted) -> date:
    known = views.lot(unit.db, dose.vaccine, dose.lot)
    same = (dose.vaccine, dose.lot) == (record.dose.vaccine, record.dose.lot)
    own = record.expiry if same else None
    found = wanted.expiry or own or (known.expiry if known else None)
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


def _record(
    unit: Unit,
    request: Request[Any],
    site: Site,
    right: _Right,
    id_: str,
    old: views.Recorded,
    found: Sequence[Mapping[str, str]],
) -> str:
    """Record the right dose and sign its certificate; give that one's number, if there is one."""
    rules = {one.code for one in right.objections}
    overrides = [one for one in found if one["rule"] in rules]
    place = unit.tip.link()
    unit.append(
        "DoseGiven",
        _body(right, old.dose.id, overrides),
        id_=id_,
        by=request.actor.code,
        cause=request.id,
    )
    for override in overrides:
        unit.append(
            "RuleOverridden",
            {"dose": id_, **override},
            id_=site.ids.new(),
            by=override["supervisor"],
            cause=request.id,
        )
    record = views.recorded(unit.db, id_)
    if record is None:
        return ""
    papers = views.certificates_of(unit.db, old.person.id)
    replaces = next((one.id for one in papers if one.id == old.certificate), "")
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


def _body(right: _Right, replaces: str, overrides: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    dose, place = right.dose, right.place
    body: dict[str, Any] = {
        "person": dose.person,
        "programme": dose.programme,
        "vaccine": dose.vaccine,
        "number": place.number,
        "total": place.total,
        "lot": dose.lot,
        "expiry": right.expiry.isoformat(),
        "on": dose.on.isoformat(),
        "facility": dose.facility,
        "vaccinator": dose.vaccinator,
        "replaces": replaces,
    }
    if place.effective_until:
        body["effectiveUntil"] = place.effective_until.isoformat()
    if place.next_due:
        body["nextDue"] = place.next_due.isoformat()
    if overrides:
        body["overrides"] = [one["rule"] for one in overrides]
    return body


def _revoke(
    unit: Unit,
    request: Request[Any],
    site: Site,
    papers: Sequence[views.IssuedCertificate],
    replaced_by: str,
) -> None:
    """Revoke the certificates of a dose that was taken back; one that remains stands for them."""
    for paper in papers:
        body = revocation_body(paper, request.command.reason, site)
        unit.append(
            "CertificateRevoked",
            {**body, "replacedBy": replaced_by} if replaced_by else body,
            id_=site.ids.new(),
            by=request.actor.code,
            cause=request.id,
        )
