"""Sign a certificate: with the dose, or later for a dose that the clock left without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import Catalogue, unknown_vaccine
from edge.domain.certificate import Claims, OtherDose, subject_id, tells_history
from edge.domain.certificate_plan import CertificatePlan
from edge.domain.dose import Dose
from edge.domain.errors import Conflict, NotFound, Unavailable
from edge.domain.identities import on_certificates
from edge.domain.modules import CERTIFICATES, met
from edge.domain.numbers import CERTIFICATE_DIGITS, readable_number
from edge.domain.people import NOWHERE, Person
from edge.journal import views
from edge.journal.entries import entries_of_type
from edge.journal.unit import Unit
from edge.services.commands import IssueCertificate
from edge.services.doubtful_clock import clock_unsure
from edge.services.printing.queueing import queue_certificate
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.entries import Link

if TYPE_CHECKING:
    from sqlite_utils import Database


def issue_certificate(unit: Unit, request: Request[IssueCertificate], site: Site) -> None:
    """Write ``CertificateIssued`` for a dose given here that waits for one; queue its paper."""
    record = views.recorded(unit.db, request.command.dose)
    if record is None or record.dose.reported or record.withdrawn:
        raise NotFound("dose.unknown", "There is no such dose here.", field="dose")
    if not waits_for_certificate(unit.db, record):
        raise Conflict(
            "certificate.exists",
            "This dose has its certificate already.",
            hint="Print a copy instead.",
            field="dose",
        )
    if not unit.stamp.believed:
        raise clock_unsure(site.clock, "The dose is saved. Sign its certificate afterwards.")
    signed = sign_certificate(
        unit,
        site,
        place=unit.tip.link(),
        person=record.person,
        dose=record.dose,
        effective_until=record.effective_until,
        by=request.actor.code,
        id_=request.id,
        command=request.digest,
        printer=request.command.printer,
        replaces=record.certificate,
    )
    if not signed:
        raise Unavailable(
            "certificate.no-key",
            "This site cannot sign the certificates of this programme at present.",
            hint="The dose is saved. The technician installs a signing certificate first.",
        )


def waits_for_certificate(db: Database, record: views.DoseRecord) -> bool:
    """Say whether a dose has no certificate, or one that a correction revoked with none after it.

    One that somebody revoked by itself is not signed again.
    """
    if not record.certificate:
        return True
    return bool(record.revoked) and revoked_by_correction(db, record.certificate)


def revoked_by_correction(db: Database, certificate: str) -> bool:
    """Say whether a certificate that is revoked was so in the course of a correction."""
    revoked = (
        entry
        for entry in entries_of_type(db, "CertificateRevoked", 0)
        if entry.body["certificate"] == certificate
    )
    return all(entry.cause != entry.id for entry in revoked)


def sign_certificate(
    unit: Unit,
    site: Site,
    *,
    place: Link,
    person: Person,
    dose: Dose,
    effective_until: date | None,
    by: str,
    id_: str,
    cause: str | None = None,
    command: str = "",
    printer: str = "",
    replaces: str = "",
) -> bool:
    """Sign a dose's certificate, append it, and queue its paper; False: there is no key for it,
    or no certificates are made here.

    ``place`` is the place in the chain that the certificate's number is made of; ``replaces`` the
    number of the certificate that it corrects.
    """
    body = certificate_body(unit, site, place, person, dose, effective_until, replaces)
    if body is None:
        return False
    unit.append("CertificateIssued", body, id_=id_, by=by, cause=cause, command=command)
    queue_certificate(unit, site, body["certificate"], 1, printer)
    return True


def certificate_body(
    unit: Unit,
    site: Site,
    place: Link,
    person: Person,
    dose: Dose,
    effective_until: date | None,
    replaces: str = "",
) -> dict[str, Any] | None:
    """Sign a dose's certificate and give what its entry says; None: there is none to be had.

    There is no key for it, or the module certificates does not run here.
    """
    number = certificate_number(place)
    catalogue = site.catalogues.current(unit.db)
    if not met(CERTIFICATES, site.running(catalogue)):
        return None
    claims = _claims(number, person, catalogue, dose, effective_until, unit.stamp.at, replaces)
    programme = catalogue.find_programme(dose.programme)
    formats = (programme.certificates if programme else CertificatePlan()).formats
    others = _others(unit.db, dose) if any(map(tells_history, formats)) else []
    if others:
        claims = replace(claims, others=tuple(_other_dose(each, catalogue) for each in others))
    credentials = site.certifier.certify(claims, formats)
    if not credentials:
        return None
    body: dict[str, Any] = {
        "certificate": number,
        "dose": dose.id,
        "person": person.id,
        "credentials": [{"format": name, "credential": text} for name, text in credentials.items()],
    }
    if replaces:
        body["replaces"] = replaces
    if others and any(map(tells_history, credentials)):
        body["doses"] = [*(other.id for other in others), dose.id]
    return body


def _others(db: Database, dose: Dose) -> list[Dose]:
    """Give the person's other doses that a site may vouch for: those that were given at it."""
    return [
        other
        for other in views.history(db, dose.person)
        if other.id != dose.id and not other.reported
    ]


def _other_dose(dose: Dose, catalogue: Catalogue) -> OtherDose:
    vaccine = catalogue.find_vaccine(dose.vaccine) or unknown_vaccine(dose.vaccine)
    facility = catalogue.find_facility(dose.facility)
    return OtherDose(
        vaccine=vaccine.name,
        icd11=vaccine.icd11,
        codes=vaccine.codes,
        lot=dose.lot,
        on=dose.on,
        facility=facility.name if facility else dose.facility,
    )


def certificate_number(place: Link) -> str:
    """Make a certificate's number of a place in the chain: no other site makes the same."""
    return readable_number(
        f"certificate/{place.node}/{place.epoch}/{place.number}", CERTIFICATE_DIGITS
    )


def _claims(
    number: str,
    person: Person,
    catalogue: Catalogue,
    dose: Dose,
    effective_until: date | None,
    now: datetime,
    replaces: str,
) -> Claims:
    vaccine = catalogue.find_vaccine(dose.vaccine) or unknown_vaccine(dose.vaccine)
    facility = catalogue.find_facility(dose.facility)
    vaccinator = catalogue.find_staff(dose.vaccinator)
    issuer = catalogue.issuer
    return Claims(
        certificate_id=number,
        subject_id=subject_id(
            on_certificates(person.identity, catalogue.identities), person.code, issuer.did
        ),
        ref_id=person.code,
        name=person.name,
        gender=person.gender,
        age=person.age_on(dose.on),
        nationality=person.nationality,
        birth_date=person.birth_date,
        address=person.address,
        vaccine=vaccine.name,
        manufacturer=vaccine.manufacturer,
        icd11=vaccine.icd11,
        prophylaxis=vaccine.prophylaxis,
        lot=dose.lot,
        given_at=_moment_on(dose.on, now),
        on=dose.on,
        effective_until=effective_until,
        dose=dose.number,
        total_doses=dose.total,
        vaccinator=vaccinator.name if vaccinator else dose.vaccinator,
        facility=facility.name if facility else dose.facility,
        facility_address=facility.address if facility else NOWHERE,
        country=issuer.country,
        issuer=issuer.url,
        base_url=issuer.base_url,
        issued_at=now,
        birth_year=person.birth_year,
        codes=vaccine.codes,
        valid_from=dose.on + timedelta(days=vaccine.valid_after) if vaccine.valid_after else None,
        issuer_name=issuer.name,
        participant=issuer.participant,
        card_issuer=issuer.card_issuer,
        replaces=replaces,
        passport_name=person.passport_name,
    )


def _moment_on(day: date, now: datetime) -> datetime:
    """Give an instant whose UTC date is the calendar date of the dose.

    DIVOC's readers take the date before the "T" for the day of the vaccination; east of Greenwich
    the true instant of an early morning would name the day before.
    """
    return now if now.date() == day else datetime.combine(day, time(12), tzinfo=now.tzinfo)
