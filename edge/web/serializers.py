"""Makes the API's answers of what the site knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import Catalogue, Programme, Staff
from edge.domain.dose import Dose
from edge.domain.errors import EdgeError, Refusal
from edge.domain.people import Person
from edge.domain.scheduled import Case, Judged, due_now, subject_of
from edge.journal import print_jobs, views
from edge.journal.entry import Entry
from edge.journal.views import IssuedCertificate, Recorded
from edge.ports import Clock
from edge.services.desk import Outcome
from edge.services.registry.stick_watch import StickState
from edge.web import answers
from edge.web.translations import Language
from printers.glyphs import MISSING_LETTERS

if TYPE_CHECKING:
    from sqlite_utils import Database


def problem_answer(error: EdgeError, sentence: str, hint: str) -> answers.ProblemAnswer:
    """Answer an error, in words already translated."""
    refusal = error if isinstance(error, Refusal) else None
    return answers.ProblemAnswer(
        code=error.code,
        sentence=sentence,
        hint=hint,
        field=error.field,
        temporary=error.temporary,
        overridable=bool(refusal and refusal.overridable),
        earliest=refusal.earliest if refusal else None,
    )


def staff_answer(staff: Staff) -> answers.StaffAnswer:
    """Answer a member of staff."""
    return answers.StaffAnswer(code=staff.code, name=staff.name, roles=sorted(staff.roles))


def stick_answer(stick: StickState, language: Language) -> answers.StickAnswer:
    """Answer what became of the stick."""
    troubles = [one for one in (stick.unread, stick.unwritten) if one]
    return answers.StickAnswer(
        there=stick.there,
        busy=stick.busy,
        written_at=stick.written_at,
        entries=stick.entries,
        troubles=[language.say(one.sentence, one.values) for one in troubles],
    )


def person_answer(person: Person) -> answers.PersonAnswer:
    """Answer a person."""
    address = {
        key: text
        for key in person.address.__dataclass_fields__
        if (text := getattr(person.address, key))
    }
    return answers.PersonAnswer(
        id=person.id,
        code=person.code,
        name=person.name,
        gender=person.gender,
        birth_date=person.birth_date,
        birth_year=person.birth_year,
        identity=person.identity,
        nationality=person.nationality,
        phone=person.phone,
        email=person.email,
        address=address,
    )


def dose_answer(dose: Dose, record: Recorded | None = None) -> answers.DoseAnswer:
    """Answer a dose, with its dates where they are known."""
    return answers.DoseAnswer(
        id=dose.id,
        programme=dose.programme,
        vaccine=dose.vaccine,
        number=dose.number,
        total=dose.total,
        lot=dose.lot,
        on=dose.on,
        facility=dose.facility,
        vaccinator=dose.vaccinator,
        reported=dose.reported,
        effective_until=record.effective_until if record else None,
        next_due=record.next_due if record else None,
    )


def certificate_answer(
    certificate: IssuedCertificate, *, with_credential: bool = False
) -> answers.CertificateAnswer:
    """Answer a certificate, with its signed text only where that is asked for."""
    return answers.CertificateAnswer(
        id=certificate.id,
        dose=certificate.dose,
        format=certificate.format,
        formats=list(certificate.credentials),
        replaces=certificate.replaces,
        replaced_by=certificate.replaced_by,
        revoked_at=certificate.revoked_at,
        issued_at=certificate.issued_at,
        qr=f"/api/v1/certificates/{certificate.id}/qr.png",
        credential=certificate.credentials[certificate.format] if with_credential else "",
        credentials=dict(certificate.credentials) if with_credential else {},
    )


def case_of(
    person: Person,
    doses: Sequence[Dose],
    observations: Mapping[str, date | None],
    catalogue: Catalogue,
    clock: Clock,
) -> Case:
    """Put together whose doses are judged, by what."""
    return Case(
        subject=subject_of(person, observations),
        history=doses,
        catalogue=catalogue,
        zone=clock.zone,
    )


def verdicts_of(case: Case, today: date) -> list[tuple[Programme, Judged]]:
    """Judge, for each running programme, the dose of every vaccine group that would come next."""
    return [
        (programme, judged)
        for programme in case.catalogue.programmes.values()
        if programme.runs_on(today)
        for judged in due_now(case, programme, today)
    ]


def verdict_answer(
    programme: Programme, judged: Judged, objection: answers.ProblemAnswer | None
) -> answers.VerdictAnswer:
    """Answer what a programme says of a person today."""
    return answers.VerdictAnswer(
        programme=programme.id,
        vaccine=judged.vaccine,
        status=judged.status,
        due=not judged.objections,
        dose=judged.number,
        total=judged.total,
        recommended=judged.recommended,
        past_due=judged.past_due,
        objection=objection,
    )


def outcome_views(db: Database, entries: Sequence[Entry]) -> dict[str, Any]:
    """Look up what an answer shows of the things a request's entries tell of."""
    seen: dict[str, Any] = {}
    for entry in entries:
        if entry.type == "PersonRegistered":
            person = views.person(db, entry.id)
            seen["person"] = person_answer(person) if person else None
        elif entry.type == "DoseGiven":
            record = views.recorded(db, entry.id)
            seen["dose"] = dose_answer(record.dose, record) if record else None
        elif entry.type in ("CertificateIssued", "CopyRequested"):
            issued = views.certificate(db, entry.body["certificate"])
            seen["certificate"] = certificate_answer(issued) if issued else None
            copy = entry.body.get("copy", 1)
            jobs = print_jobs.jobs_of(db, entry.body["certificate"])
            job = next((one for one in jobs if one.copy == copy), None)
            seen["print_job"] = job_answer(job) if job else None
        elif entry.type == "SlipRequested":
            jobs = print_jobs.jobs_of(db, entry.body["subject"], entry.body["slip"])
            job = next((one for one in jobs if one.copy == entry.body["copy"]), None)
            seen["print_job"] = job_answer(job) if job else None
    return seen


def outcome_answer(outcome: Outcome[dict[str, Any]]) -> answers.OutcomeAnswer:
    """Answer what a request came to."""
    return answers.OutcomeAnswer(
        id=outcome.id,
        repeated=outcome.repeated,
        entries=[
            answers.EntryAnswer(
                id=entry.id,
                type=entry.type,
                epoch=entry.epoch,
                number=entry.number,
                hash=entry.hash,
            )
            for entry in outcome.entries
        ],
        **outcome.seen,
    )


def problem(error: EdgeError, language: Language) -> answers.ProblemAnswer:
    """Answer an error in the caller's language."""
    return problem_answer(
        error,
        language.say(error.sentence, error.values),
        language.say(error.hint, error.values),
    )


def job_answer(job: print_jobs.PrintJob) -> answers.PrintJobAnswer:
    """Answer what became of a print."""
    return answers.PrintJobAnswer(
        id=job.id,
        slip=job.slip,
        printer=job.printer,
        copy=job.copy,
        state=job.state,
        cause=job.cause or (MISSING_LETTERS if job.missing_letters else ""),
    )
