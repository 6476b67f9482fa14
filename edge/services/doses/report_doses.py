"""A person's earlier certificate becomes part of their history here."""

from __future__ import annotations

from typing import Any

from edge.credentials.verdict import GOOD, Verdict
from edge.domain.errors import BadInput, Refusal
from edge.domain.people import Person
from edge.domain.told_doses import ToldDose, doses_told
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import ReportDoses
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.site import Site


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
    _check_person(person, verdict)
    catalogue = site.catalogues.current(unit.db)
    told = doses_told(verdict.claims, catalogue, site.clock.today())
    if not told:
        raise Refusal(
            "evidence.no-programme",
            "Nothing on this certificate belongs to a programme of this campaign.",
            field="certificate",
        )
    known = {(dose.programme, dose.on) for dose in views.history(unit.db, person.id)}
    fresh = [dose for dose in told if (dose.programme, dose.on) not in known]
    if not fresh:
        raise Refusal(
            "evidence.known",
            "What this certificate tells is recorded here already.",
            field="certificate",
        )
    for index, dose in enumerate(fresh):
        unit.append(
            "DoseReported",
            _body(person, dose, verdict),
            id_=request.id if index == 0 else site.ids.new(),
            by=request.actor.code,
            cause=request.id,
            command=request.digest if index == 0 else "",
        )


def _check_person(person: Person, verdict: Verdict) -> None:
    """Refuse a certificate with another date of birth; names are written in too many ways."""
    told = str(verdict.claims.get("birthDate") or "")[:10]
    if not told:
        return
    own = person.birth_date.isoformat() if person.birth_date else str(person.birth_year)
    shortest = min(len(told), len(own))
    if told[:shortest] != own[:shortest]:
        raise Refusal(
            "evidence.other-person",
            "The date of birth on this certificate is another one.",
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
    return {
        "person": person.id,
        "programme": dose.programme,
        "vaccine": dose.vaccine,
        "number": dose.number,
        "total": dose.total,
        "lot": dose.lot,
        "on": dose.on.isoformat(),
        "facility": dose.facility,
        "vaccinator": "",
        "evidence": {key: value for key, value in evidence.items() if value},
    }
