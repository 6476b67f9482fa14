"""What each slip can say, under the names that its template uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue, Lot, unknown_vaccine
from edge.domain.dose_kinds import kind_on_record
from edge.domain.errors import NotFound
from edge.domain.identities import IdentityRules, shown_number
from edge.domain.numbers import grouped
from edge.domain.people import Person
from edge.domain.schedule.model import PRIMARY, SUPPLEMENTARY, ZERO
from edge.domain.tally import Tally
from edge.journal import views
from edge.journal.views import DoseRecord, IssuedCertificate
from edge.slips.codes import code_values
from edge.slips.layout import Say, Values
from edge.slips.speech import Speech

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a site says of itself: nothing secret.

    ``addresses`` are URLs, ``trust`` that of how to trust the site; ``authority`` is the SHA-256 of
    its authority for TLS; ``printers`` are (name, connection, profile).
    """

    version: str
    fingerprint: str
    addresses: tuple[str, ...]
    trust: str
    authority: str
    printers: tuple[tuple[str, str, str], ...]


def person_of_slip(db: Database, subject: str) -> Person:
    """Find whose slip it is; raises :class:`NotFound`."""
    person = views.person(db, subject)
    if person is None:
        raise NotFound("person.unknown", "This person is not registered here.", field="subject")
    return person


def site_values(catalogue: Catalogue, facility: str, printed_at: str) -> dict[str, str]:
    """Say which site it is."""
    known = catalogue.find_facility(facility)
    return {
        "facility": known.name if known else facility,
        "facility_code": facility,
        "issuer": catalogue.issuer.name,
        "printed_at": printed_at,
    }


def dose_values(record: DoseRecord, catalogue: Catalogue, speech: Speech) -> dict[str, str]:
    """Say who was given what, when and where."""
    dose, person = record.dose, record.person
    vaccine = catalogue.find_vaccine(dose.vaccine) or unknown_vaccine(dose.vaccine)
    facility = catalogue.find_facility(dose.facility)
    vaccinator = catalogue.find_staff(dose.vaccinator)
    programme = catalogue.find_programme(dose.programme)
    say = speech.say

    def which(number: int) -> str:
        kind = kind_on_record(number, dose.total, programme, dose.vaccine)
        return number_on_paper(number, dose.total, kind, say)

    return {
        **person_values(person, dose.on, speech, catalogue.identities),
        "vaccine": vaccine.name,
        "manufacturer": vaccine.manufacturer,
        "lot": dose.lot,
        "expiry": speech.plain_day(record.expiry),
        "dose": which(dose.number),
        "date": speech.day(dose.on),
        "vaccinator": vaccinator.name if vaccinator else dose.vaccinator,
        "facility": facility.name if facility else dose.facility,
        "facility_code": dose.facility,
        "programme_name": programme.name if programme else dose.programme,
        "next_date": speech.day(catalogue.sessions_of(dose.facility).comes_back(record.next_due)),
        "next_dose": which(dose.number + 1) if record.next_due else "",
    }


def person_values(person: Person, on: date, speech: Speech, rules: IdentityRules) -> dict[str, str]:
    """Say who somebody is, of the age of a day; of an identity what the campaign lets be seen."""
    rule = rules.of(person.identity)
    return {
        "name": person.name,
        "person_code": person.code,
        "birth_date": speech.day(person.birth_date),
        "age": _age(person, on, speech),
        "sex": speech.say(person.gender),
        "identity": shown_number(person.identity, rules) if rules.types else "",
        "identity_kind": str(rule.words) if rule else "",
    }


def certificate_values(
    certificate: IssuedCertificate,
    catalogue: Catalogue,
    codes: Mapping[str, bytes],
    speech: Speech,
) -> Values:
    """Say what a certificate has beside its dose: ``codes`` are what its QR codes hold."""
    say, words = speech.say, catalogue.slip
    return {
        "title": say(words.get("title", "")) or say("Vaccination certificate"),
        "subtitle": say(words.get("subtitle", "")),
        "footer": say(words.get("footer", "")),
        "certificate": grouped(certificate.id),
        **code_values(codes, catalogue.captions, say),
    }


def lot_values(lot: Lot, catalogue: Catalogue) -> dict[str, str]:
    """Say what is in a vial."""
    vaccine = catalogue.find_vaccine(lot.vaccine)
    return {
        "vaccine": vaccine.name if vaccine else lot.vaccine,
        "manufacturer": vaccine.manufacturer if vaccine else "",
        "lot": lot.lot,
        "expiry": lot.expiry.isoformat(),
        "left": str(lot.quantity),
    }


def tally_values(
    day: date,
    counted: Tally,
    lots: Mapping[tuple[str, str], Lot],
    catalogue: Catalogue,
    speech: Speech,
) -> Values:
    """Say what was done on a day, without anybody's name."""
    say, number = speech.say, speech.number

    def vaccine(code: str) -> str:
        return (catalogue.find_vaccine(code) or unknown_vaccine(code)).name

    def programme(code: str) -> str:
        found = catalogue.find_programme(code)
        return found.name if found else code

    def which(of: str, code: str, place: int, total: int) -> str:
        kind = kind_on_record(place, total, catalogue.find_programme(of), code)
        return number_on_paper(place, total, kind, say)

    return {
        "date": speech.day(day),
        "total": number(counted.total),
        "overridden_doses": number(counted.overridden_doses),
        "overridden_rules": number(counted.overridden_rules),
        "programmes": [
            {
                "programme": programme(tally.programme),
                "total": number(tally.total),
                "doses": [
                    {
                        "vaccine": vaccine(code),
                        "dose": which(tally.programme, code, place, total),
                        "count": number(count),
                    }
                    for (code, place, total), count in tally.doses
                ],
                "groups": [
                    {"sex": say(sex), "age_group": group, "count": number(count)}
                    for (sex, group), count in tally.groups
                ],
            }
            for tally in counted.programmes
        ],
        "lots": [
            {
                "vaccine": vaccine(code),
                "lot": lot,
                "given": number(count),
                "expiry": speech.plain_day(lots[code, lot].expiry) if (code, lot) in lots else "",
                "left": number(lots[code, lot].quantity) if (code, lot) in lots else "–",
            }
            for (code, lot), count in counted.lots
        ],
    }


def setup_values(setup: SetUp, catalogue: Catalogue) -> Values:
    """Say how a site is reached and recognised."""
    return {
        "campaign": catalogue.version,
        "version": setup.version,
        "fingerprint": setup.fingerprint,
        "trust": setup.trust,
        "trust_qr": setup.trust.encode(),
        "authority": setup.authority,
        "addresses": [
            {"address": address, "address_qr": address.encode()} for address in setup.addresses
        ],
        "printers": [
            {"printer": name, "connection": connection, "profile": profile}
            for name, connection, profile in setup.printers
        ],
    }


def badge_values(catalogue: Catalogue, code: str, facility: str, secret: str) -> Values:
    """Say whose badge it is: for a scanner the staff code, which is no secret, or the ``secret``.

    The latter where the campaign has somebody sign in by their badge.

    Raises :class:`NotFound` for somebody who does not work at the facility.
    """
    staff = catalogue.staff.get(code)
    if staff is None or not staff.active or facility not in staff.facilities:
        raise NotFound(
            "staff.not-here",
            "Nobody with this code works here.",
            hint="Choose somebody of the list.",
            field="subject",
        )
    return {
        "name": staff.name,
        "staff_code": staff.code,
        "staff_qr": (secret or staff.code).encode(),
    }


def number_on_paper(number: int, total: int, kind: str, say: Say) -> str:
    """Say which dose it is: of how many, or the word for its kind where it is not primary."""
    words = {ZERO: say("Dose 0"), SUPPLEMENTARY: say("Supplementary dose")}
    return f"{number} / {total}" if kind == PRIMARY else words.get(kind, say("Booster"))


def _age(person: Person, on: date, speech: Speech) -> str:
    """Tell the age where the date of birth is not known, and always an infant's."""
    age = person.age(on)
    if age.unit == "years" and not age.about:
        return ""
    return speech.tell(age.words, age.values)
