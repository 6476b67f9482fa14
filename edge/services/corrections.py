"""What was recorded wrongly is put right: the record, the certificate and its paper at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from edge.domain.doses import check_day, check_hand, valid_until
from edge.domain.errors import BadInput, Conflict, NotFound, Refusal, Unavailable
from edge.domain.people import Address, Person, check_person
from edge.domain.scheduled import judge, subject_of
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.certificates.issue import certificate_number, sign_certificate
from edge.services.commands import CorrectDose, CorrectPerson, RevokeCertificate
from edge.services.doses.judging import agreed, case_of
from edge.services.lookups import known_certificate, known_person
from edge.services.people.demographics import list_differences
from edge.services.people.register_person import person_body
from edge.services.request import Request
from edge.services.site import Site


def correct_person(unit: Unit, request: Request[CorrectPerson], site: Site) -> None:
    """Write ``PersonCorrected``, and renew every certificate this site gave the person."""
    command = request.command
    _check_clock(unit)
    before = known_person(unit, command.person)
    given = {
        name: value
        for name, value in msgspec.structs.asdict(command).items()
        if name not in ("person", "reason", "override", "printer") and value is not None
    }
    if "name" in given:
        given["name"] = " ".join(given["name"].split())
    if command.address is not None:
        given["address"] = Address(**msgspec.structs.asdict(command.address))
    # whoever gives one of the two says that the other is not what was meant
    for one, other in (("birth_date", "birth_year"), ("birth_year", "birth_date")):
        if one in given:
            given.setdefault(other, None)
    after = replace(before, **given)
    check_person(after, site.clock.today())
    known = views.person_by_identity(unit.db, after.identity)
    if known is not None and known.id != after.id:
        raise Refusal(
            "person.already-registered",
            "Somebody with this identity number is already registered.",
            hint="Search for the number and open that person.",
            field="identity",
        )
    old, new = person_body(before), person_body(after)
    changes = {key: new.get(key) for key in {*old, *new} if old.get(key) != new.get(key)}
    if not changes:
        raise _nothing_changed()
    _check_birth(unit, before, after)
    told = {}
    if changes.keys() & {"birthDate", "birthYear", "gender"}:
        told = agreed(unit, request, site, before, after)
    unit.append(
        "PersonCorrected",
        {"person": before.id, "changes": changes, "reason": command.reason, **told},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    list_differences(unit, before.id)
    for certificate in views.certificates_of(unit.db, before.id):
        if not certificate.revoked_at:
            _renew(unit, request, site, certificate)


def correct_dose(unit: Unit, request: Request[CorrectDose], site: Site) -> None:
    """Write ``DoseCorrected``, and renew its certificate."""
    command = request.command
    _check_clock(unit)
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
        _renew(unit, request, site, certificate)


def revoke_certificate(unit: Unit, request: Request[RevokeCertificate], site: Site) -> None:
    """Write ``CertificateRevoked`` without a new one: what was certified did not happen so."""
    certificate = known_certificate(unit, request.command.certificate)
    if certificate.revoked_at:
        raise Conflict(
            "certificate.revoked", "This certificate is revoked already.", field="certificate"
        )
    unit.append(
        "CertificateRevoked",
        _revocation(certificate, request.command.reason, site),
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def _renew(
    unit: Unit,
    request: Request[CorrectPerson] | Request[CorrectDose],
    site: Site,
    old: views.IssuedCertificate,
) -> None:
    """Revoke a certificate and sign the one that replaces it."""
    record = views.recorded(unit.db, old.dose)
    if record is None:
        return
    place = unit.tip.link()
    number = certificate_number(place)
    unit.append(
        "CertificateRevoked",
        {**_revocation(old, request.command.reason, site), "replacedBy": number},
        id_=site.ids.new(),
        by=request.actor.code,
        cause=request.id,
    )
    sign_certificate(
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
        replaces=old.id,
    )


def _revocation(certificate: views.IssuedCertificate, reason: str, site: Site) -> dict[str, Any]:
    names = site.certifier.revocation(certificate.credentials)
    return {"certificate": certificate.id, "reason": reason, **names}


def _dose_changes(
    unit: Unit, command: CorrectDose, record: views.Recorded, site: Site
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
        raise _nothing_changed()
    return changes


def _dates(unit: Unit, site: Site, record: views.Recorded, on: date) -> dict[str, str | None]:
    """Count anew what follows from a dose's day, by the other doses of the person.

    Where the campaign has dropped the programme or the vaccine meanwhile, the dates stay.
    """
    dose, catalogue = record.dose, site.catalogues.current(unit.db)
    programme = catalogue.programmes.get(dose.programme)
    vaccine = catalogue.vaccines.get(dose.vaccine)
    if programme is None or vaccine is None:
        return {}
    others = [one for one in views.history(unit.db, dose.person) if one.id != dose.id]
    judged = judge(case_of(unit, site, record.person, others), programme, vaccine, on)
    until = valid_until(judged, vaccine, on)
    return {
        "effectiveUntil": until.isoformat() if until else None,
        "nextDue": judged.next_due.isoformat() if judged.next_due else None,
    }


def _expiry(unit: Unit, command: CorrectDose, record: views.Recorded, lot: str) -> date:
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


def _check_birth(unit: Unit, before: Person, after: Person) -> None:
    """Refuse a birth after a dose that is on record."""
    first = min((one.on for one in views.history(unit.db, before.id)), default=None)
    if first is None or first >= subject_of(after).born or first < subject_of(before).born:
        return
    raise Refusal(
        "person.born-after-dose",
        "A dose of {on} is recorded: the birth cannot be later.",
        hint="Check the date of birth, or correct the dose first.",
        field="birthDate",
        on=first,
    )


def _check_clock(unit: Unit) -> None:
    if not unit.stamp.believed:
        raise Unavailable(
            "clock.unsure",
            "The clock is wrong: set the date of the site computer.",
            hint="Nothing was changed. Correct it afterwards.",
        )


def _nothing_changed() -> BadInput:
    return BadInput(
        "correction.nothing",
        "This is what is recorded already.",
        hint="Change what is wrong, then save.",
    )
