"""A person's earlier certificate becomes part of their history here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.credentials.verdict import GOOD, Verdict
from edge.domain.births import told_span
from edge.domain.catalogue import Staff
from edge.domain.counting import birth_of
from edge.domain.errors import BadInput, Refusal
from edge.domain.names.passports import machine_readable
from edge.domain.names.texts import tidied
from edge.domain.people import Person
from edge.domain.plausibility import check_told
from edge.domain.same_day import given_that_day
from edge.domain.told_doses import ToldDose, doses_told, outside_programme
from edge.journal import views
from edge.journal.histories import keep_proof
from edge.journal.unit import Unit
from edge.services.certificates.proofs import certificate_proof
from edge.services.commands import ReportDoses
from edge.services.doses.dose_entries import append_told
from edge.services.doses.following import follow_told
from edge.services.doses.judging import case_of
from edge.services.doses.overriding import is_supervisor
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database

_YEARS_LATER = 2


def report_doses(unit: Unit, request: Request[ReportDoses], site: Site) -> None:
    """Write ``DoseReported`` for each dose of a certificate that is not known here yet.

    The certificate is judged again here: what a tablet says of it does not count. Raises
    :class:`BadInput` for one that is not valid, :class:`Refusal` for one of another person or of
    nothing that belongs to a programme.
    """
    person = known_person(unit, request.command.person)
    verdict = site.judge(request.command.payload())
    if verdict.verdict not in GOOD:
        raise BadInput(
            "evidence.not-valid",
            "This certificate cannot be used: it is not valid.",
            hint="Scan it again, and look at the verdict.",
            field="certificate",
        )
    catalogue = site.catalogues.current(unit.db)
    told = doses_told(verdict.claims, catalogue, site.clock.today())
    if not told:
        outside = outside_programme(verdict.claims, catalogue, site.clock.today())
        if outside is not None:
            raise outside
        raise Refusal(
            "evidence.no-programme",
            "Nothing on this certificate belongs to a programme of this campaign.",
            field="certificate",
        )
    check_holder(person, verdict.claims, told)
    for dose in told:
        programme = catalogue.programmes[dose.programme]
        check_told(catalogue, programme, person, dose.on, site.clock.today())
    known = views.history(unit.db, person.id)
    check_believed(unit, request.actor, person, told, site)
    before = case_of(unit, site, person, known)
    fresh = [
        told_dose
        for told_dose in told
        if not given_that_day(known, catalogue, told_dose.vaccine, told_dose.on)
    ]
    if not fresh:
        raise Refusal(
            "evidence.known",
            "What this certificate tells is recorded here already.",
            field="certificate",
        )
    append_told(unit, request, site, [_body(person, dose, verdict) for dose in fresh])
    proof = certificate_proof(verdict)
    if proof is not None:  # its owner is here: the registry may be asked
        keep_proof(unit.db, person.id, proof)
    follow_told(unit, request, site, before, person, min(dose.on for dose in fresh))


def disbelieved(db: Database, person: str) -> set[tuple[str, date]]:
    """Give the doses of a person that were told and are not believed here: vaccine and day."""
    return {
        (record.dose.vaccine, record.dose.on)
        for record in views.taken_back(db, person)
        if record.withdrawn and record.withdrawn.kind == "disbelieved"
    }


def check_believed(
    unit: Unit, actor: Staff, person: Person, told: Sequence[ToldDose], site: Site
) -> None:
    """Refuse to tell anew of a dose that was disbelieved here, but for a supervisor."""
    told_days = {(dose.vaccine, dose.on) for dose in told}
    if is_supervisor(actor, site) or not disbelieved(unit.db, person.id) & told_days:
        return
    raise Refusal(
        "evidence.disbelieved",
        "A dose on this certificate was looked at before, and was not believed.",
        hint="Ask a supervisor to take it in, if it is to count all the same.",
        field="certificate",
    )


def check_holder(person: Person, claims: Mapping[str, Any], told: Sequence[ToldDose]) -> None:
    """Refuse a certificate of somebody else: by the date of birth, else by age and name.

    Names are written in too many ways to refuse one where the dates of birth agree.
    """
    born = birth_of(claims)
    if born:
        told_as = told_span(born)
        if told_as is None or not told_as.overlaps(person.born):
            raise _other_person("The date of birth on this certificate is another one.")
    elif not (_same_age(person, claims, told) and _one_name(person, claims)):
        raise _other_person(
            "The certificate has no date of birth, and its name or age is another one."
        )
    if not all(person.lived_on(dose.on) for dose in told):
        raise _other_person("A dose on this certificate was given before this person was born.")


def _same_age(person: Person, claims: Mapping[str, Any], told: Sequence[ToldDose]) -> bool:
    """Compare the age, as of the last dose; a certificate may be of months later."""
    age = str(claims.get("age") or "")
    if not age.isdecimal():
        return True
    return -1 <= int(age[:3]) - person.age_on(told[-1].on) <= _YEARS_LATER


def _one_name(person: Person, claims: Mapping[str, Any]) -> bool:
    """Look for one word that both names have, in Latin letters and without case."""
    told = " ".join(str(claims.get(name) or "") for name in ("name", "givenName", "familyName"))
    return bool(_words(person.name) & _words(told))


def _words(name: str) -> set[str]:
    return {word for word in machine_readable(name).split("<") if len(word) > 1}


def _other_person(sentence: str) -> Refusal:
    return Refusal(
        "evidence.other-person",
        sentence,
        hint="Check whose certificate it is, or correct the person's date of birth first.",
        field="certificate",
    )


def _body(person: Person, dose: ToldDose, verdict: Verdict) -> dict[str, Any]:
    evidence = {
        "format": verdict.format,
        "verdict": verdict.verdict,
        "issuer": str(verdict.claims.get("issuer") or ""),
        "certificate": str(verdict.claims.get("certificateId") or ""),
    }
    evidence = {key: tidied(value, 200) for key, value in evidence.items()}
    return {
        "person": person.id,
        "programme": dose.programme,
        "vaccine": dose.vaccine,
        "number": dose.number,
        "total": dose.total,
        "lot": tidied(dose.lot, 20),
        "on": dose.on.isoformat(),
        "facility": tidied(dose.facility, 80),
        "vaccinator": "",
        "evidence": {key: value for key, value in evidence.items() if value},
    }
