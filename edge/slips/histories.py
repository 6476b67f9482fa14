"""What the slips of a whole history can say: all doses, and the next visits or all the codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, tzinfo
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import Catalogue, unknown_vaccine
from edge.domain.certificate import tells_history
from edge.domain.certificate_plan import NOTHING
from edge.domain.code_captions import caption
from edge.domain.dose import Dose
from edge.domain.dose_kinds import kind_on_record
from edge.domain.errors import Conflict
from edge.domain.people import Person
from edge.journal import views
from edge.journal.coming_visits import coming_visits
from edge.slips.coming_visits import plan_values
from edge.slips.layout import Values
from edge.slips.speech import Speech
from edge.slips.values import number_on_paper, person_of_slip, person_values

if TYPE_CHECKING:
    from sqlite_utils import Database

    from edge.domain.certificate_plan import CertificatePlan

CodesOf = Callable[[views.IssuedCertificate, "CertificatePlan"], Mapping[str, bytes]]
"""Gives the codes of a certificate that go on the paper at hand, by format, in order."""
_Filled = tuple[Values, str, tuple[str, ...]]


def card_slip(
    db: Database,
    catalogue: Catalogue,
    facility: str,
    subject: str,
    today: date,
    zone: tzinfo,
    speech: Speech,
) -> _Filled:
    """Fill the card of a person: all doses, the next visits, and the code that finds them."""
    person, doses = person_of_slip(db, subject), views.history(db, subject)
    plan = coming_visits(db, catalogue, facility, person, today, zone)
    coming = plan_values(plan, person, catalogue, speech) if plan.visits else {}
    own = {**coming, **_history_values(person, doses, today, catalogue, speech)}
    return {**own, "person_qr": person.code.encode()}, person.code, ()


def history_slip(
    db: Database, catalogue: Catalogue, subject: str, today: date, speech: Speech, codes: CodesOf
) -> _Filled:
    """Fill the certificate of a whole history: all doses, and the codes of each that counts.

    First is the newest code that tells of all doses at once, where the format allows that. The
    others tell of one dose each, and stand under it and what they are for.
    Raises :class:`Conflict` where no dose has a certificate that counts.
    """
    person, doses = person_of_slip(db, subject), views.history(db, subject)
    issued = {
        paper.dose: paper for paper in views.certificates_of(db, subject) if not paper.revoked_at
    }
    of_one: list[dict[str, Any]] = []
    of_all: dict[str, tuple[int, dict[str, Any]]] = {}
    for dose in doses:
        certificate = issued.get(dose.id)
        if certificate is None:
            continue
        programme = catalogue.find_programme(dose.programme)
        plan = programme.certificates if programme else NOTHING
        told = _dose_values(dose, catalogue, speech)
        for name, payload in codes(certificate, plan).items():
            paper = {
                "code": payload,
                "caption": speech.say(caption(name, catalogue.captions)),
                "code_of": f"{told['vaccine']} {told['dose']}, {told['date']}",
            }
            if not tells_history(name):
                of_one.append(paper)
            elif certificate.position > of_all.get(name, (0, {}))[0]:
                of_all[name] = certificate.position, {**paper, "code_of": ""}
    papers = [*(paper for _, paper in of_all.values()), *of_one]
    if not papers:
        raise Conflict(
            "history.no-certificate",
            "No dose of this person has a certificate that counts.",
            hint="Sign the certificate on the page of a dose first.",
            field="subject",
        )
    own = _history_values(person, doses, today, catalogue, speech)
    return {**own, "codes": papers}, person.code, ()


def _history_values(
    person: Person, doses: Sequence[Dose], today: date, catalogue: Catalogue, speech: Speech
) -> dict[str, Any]:
    return {
        **person_values(person, today, speech, catalogue.identities),
        "as_of": speech.day(today),
        "given": [_dose_values(dose, catalogue, speech) for dose in doses],
    }


def _dose_values(dose: Dose, catalogue: Catalogue, speech: Speech) -> dict[str, str]:
    """Say of a dose what a card says; of one told elsewhere where is known only by its name."""
    vaccine = catalogue.find_vaccine(dose.vaccine) or unknown_vaccine(dose.vaccine)
    programme = catalogue.find_programme(dose.programme)
    kind = kind_on_record(dose.number, dose.total, programme, dose.vaccine)
    facility = catalogue.find_facility(dose.facility)
    return {
        "vaccine": vaccine.name,
        "dose": number_on_paper(dose.number, dose.total, kind, speech.say),
        "date": dose.about or speech.day(dose.on),
        "lot": dose.lot,
        "place": facility.name if facility else dose.facility,
    }
