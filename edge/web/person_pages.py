"""The pages of one person: who, what is due, the dose, its certificate and its paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response, redirect, request

from edge.domain.catalogue import Catalogue, Programme
from edge.domain.dose_status import Status
from edge.domain.errors import NotFound
from edge.domain.left_to_judgement import ASK_SUPERVISOR
from edge.domain.numbering import misnumbered
from edge.domain.numbers import typed_number
from edge.domain.scheduled import DoseJudgement
from edge.journal import merges, print_jobs, views
from edge.journal.entries import last_position
from edge.journal.histories import has_proof
from edge.services.certificates.issue import waits_for_certificate
from edge.services.certificates.travel_names import asks_passport_name
from edge.services.doses.following import less_is_known
from edge.services.registry.history import age_of, carried_request, told_here
from edge.web import schedule_api, serializers
from edge.web.answers import ProblemAnswer
from edge.web.appointment_pages import appointments_shown, left_open_by
from edge.web.appointment_words import (
    APPOINTMENT_WORDS,
    CAME_EARLIER,
    CANCEL_REASONS,
    FREED_WORDS,
)
from edge.web.certificate_pages import codes_shown
from edge.web.paper_access import certificate_for
from edge.web.payment_form import prices_asked
from edge.web.payment_pages import payment_told
from edge.web.person_file import PersonFile, person_file
from edge.web.questions import shown_answers, unanswered
from edge.web.route import OBSERVERS
from edge.web.said_before import said_before, said_of_answers
from edge.web.slip_pages import missing_told, page_of, slip_path
from edge.web.visit import Answer, Visit, page_or_refusal
from printers.jobs import PENDING

STATUS_WORDS: Mapping[Status, str] = {
    "due": "due",
    "overdue": "overdue",
    "notYet": "not yet",
    "complete": "complete",
    "notForThisAge": "not for this age",
    "notEligible": "not for this person",
    "conflict": "too close to another vaccine",
    "askBirth": "ask when they were born",
    "askSex": "ask for the sex",
    "askClinician": "ask a clinician",
    "askSupervisor": "ask a supervisor",
}
"""What a vaccinator reads first of a vaccine."""


def person(visit: Visit, id_: str, problem: ProblemAnswer | None = None) -> Answer:
    """Show a person: who, what is due, what was given; ``problem``: why a form was refused."""
    backend, file = visit.backend, person_file(visit, id_)
    today = backend.site.clock.today()
    with backend.journal.reading() as db:
        certificates = {
            certificate.dose: certificate.id for certificate in views.certificates_of(db, id_)
        }
        records = [views.recorded(db, dose.id) for dose in file.doses if not dose.reported]
        taken_back, seen = views.taken_back(db, id_), last_position(db)
        told = told_here(db, id_)
        parted = less_is_known(db, id_)
        names_another = {paper.dose for paper in merges.papers_of_another(db, [file.person.id])}
        age = age_of(db, id_, today, backend.zone)
        shown_before = has_proof(db, id_)
        carried = carried_request(db, id_, backend.zone)
        payments = views.payments_of(db, [dose.id for dose in file.doses])
    drawn = visit.page(
        "person.html",
        person=file.person,
        doses=file.doses,
        certificates=certificates,
        revoked={record.dose.id for record in records if record is not None and record.revoked},
        taken_back=taken_back,
        misnumbered=misnumbered(file.case, parted=parted),
        names_another=names_another,
        seen=seen,
        planned={record.dose.id for record in records if record is not None and record.next_due},
        offers=file.offers,
        verdicts=[verdict_shown(visit, file.catalogue, *verdict) for verdict in file.verdicts],
        next_day=_next_day(file.verdicts),
        advice=said_before(visit, file),
        unanswered=unanswered(visit, file),
        prices=prices_asked(visit, file),
        answers=_answers(visit, file, records),
        payments=payments,
        catalogue=file.catalogue,
        queued=file.catalogue.programmes.get(file.queued),
        waits=bool(file.queued),
        running=[plan for plan in file.catalogue.programmes.values() if plan.runs_on(today)],
        problem=problem,
        supervisors=visit.supervisors(problem),
        observed=file.observed,
        observable=file.catalogue.observable,
        may_observe=bool(OBSERVERS & visit.staff.roles),
        told=told,
        history_age=age,
        shown_before=shown_before,
        carried=carried,
        by_stick=backend.stick_state() is not None,
        words=STATUS_WORDS,
        appointments=appointments_shown(visit, id_),
        appointment_words=APPOINTMENT_WORDS,
        freed_words=FREED_WORDS,
        cancel_reasons=CANCEL_REASONS,
        today=today,
        own=backend.site.facility,
        facilities=file.catalogue.ever.facilities,
        **missing_told(backend.unprintable(file.person.name)),
    )
    return page_or_refusal(problem, drawn)


def _answers(
    visit: Visit, file: PersonFile, records: Sequence[views.DoseRecord | None]
) -> dict[str, Any]:
    """Give what was answered before each dose, in words."""
    return {
        record.dose.id: shown_answers(visit, record.answers, file.catalogue.ever.questions)
        for record in records
        if record is not None and record.answers
    }


def _next_day(verdicts: Sequence[tuple[Programme, DoseJudgement]]) -> date | None:
    """Give the first day to come on which something would be due."""
    days = [judged.objections[0].earliest for _, judged in verdicts if judged.objections]
    return min((day for day in days if day is not None), default=None)


def verdict_shown(
    visit: Visit, catalogue: Catalogue, programme: Programme, judged: DoseJudgement
) -> dict[str, Any]:
    """Give what the page shows of a vaccine's verdict."""
    return {
        "programme": programme,
        "vaccine": catalogue.vaccines[judged.vaccine],
        "judged": judged,
        "asked": any(found.code == ASK_SUPERVISOR for found in judged.objections),
        "reasons": schedule_api.reasons(
            judged, programme, visit.backend.site.clock.today(), catalogue, visit.language
        ),
        "objections": [
            serializers.problem(objection, visit.language) for objection in judged.objections
        ],
    }


def done(visit: Visit, id_: str) -> Answer:
    """Show what became of a dose: the record, its certificate, its paper."""
    backend = visit.backend
    with backend.journal.reading() as db:
        record = views.recorded(db, id_)
        if record is None:
            raise NotFound("dose.unknown", "There is no such dose here.")
        jobs = print_jobs.jobs_of(db, record.certificate) if record.certificate else []
        certificate = views.certificate(db, record.certificate) if record.certificate else None
        unsigned = not record.withdrawn and waits_for_certificate(db, record)
        catalogue = backend.site.catalogues.current(db)
        payment = views.payment_of(db, id_)
    job = jobs[-1] if jobs else None
    moving = job is not None and job.state in PENDING
    file = person_file(visit, record.person.id)
    return visit.page(
        "done.html",
        record=record,
        comes_back=catalogue.sessions_of(record.dose.facility).comes_back(record.next_due),
        left_open=[
            found for found in left_open_by(visit, record) if found.id != request.args.get("keep")
        ],
        came_earlier=CAME_EARLIER,
        today=backend.site.clock.today(),
        own=backend.site.facility,
        facilities=catalogue.ever.facilities,
        answers=shown_answers(visit, record.answers, catalogue.ever.questions),
        advice=said_of_answers(visit, file, record),
        unanswered=unanswered(visit, file),
        prices=prices_asked(visit, file),
        codes=codes_shown(visit, certificate) if certificate else (),
        person=record.person,
        certificate=certificate,
        may_travel=certificate is not None
        and not certificate.revoked_at
        and asks_passport_name(record.person, certificate.credentials),
        unsigned=unsigned,
        job=job,
        earlier=print_jobs.unsettled(jobs),
        moving=moving,
        believed=backend.site.clock.believed(),
        papers=backend.newest_paper() is not None,
        vaccine=catalogue.find_vaccine(record.dose.vaccine),
        offers=file.offers,
        overrides=_overrides(visit, id_),
        payment=payment,
        told_payment=payment_told(catalogue, payment),
    )


def _overrides(visit: Visit, dose: str) -> list[str]:
    with visit.backend.journal.reading() as db:
        return views.overrides_of(db, dose)


def sign(visit: Visit, id_: str) -> Answer:
    """Sign the certificate of a dose that has none."""
    visit.take_print({"type": "IssueCertificate", "dose": id_})
    return redirect(f"/doses/{id_}", 303)  # type: ignore[return-value]


def copy(visit: Visit, id_: str) -> Answer:
    """Print a certificate again, as a copy."""
    visit.take_print({"type": "PrintCopy", "certificate": id_})
    with visit.backend.journal.reading() as db:
        found = views.certificate(db, id_)
    return redirect(page_of(found) if found else "/records", 303)  # type: ignore[return-value]


def settle(visit: Visit, id_: str) -> Answer:
    """Say whether a paper came out."""
    number = typed_number(id_)
    if number is None:
        raise NotFound("print.unknown-job", "There is no such print.")
    came_out = visit.form.get("cameOut") == "yes"
    visit.take({"type": "SettlePrint", "printJob": number, "cameOut": came_out})
    with visit.backend.journal.reading() as db:
        job = print_jobs.job(db, number)
        issued = views.certificate(db, job.subject) if job else None
    if job is not None and job.slip != "certificate":
        return redirect(slip_path(job.slip, job.subject), 303)  # type: ignore[return-value]
    if issued is not None and issued.document:
        return redirect(page_of(issued), 303)  # type: ignore[return-value]
    return redirect("/records", 303)  # type: ignore[return-value]


def qr_picture(visit: Visit, id_: str) -> Answer:
    """Draw a certificate's QR code."""
    found = certificate_for(visit.backend, id_, visit.staff)
    name = request.args.get("format", "")
    known = name if name in found.credentials else ""
    return Response(visit.backend.qr_image(found, known), mimetype="image/png")


def newest_paper(visit: Visit) -> Answer:
    """Show what came out last of a printer in software."""
    paper = visit.backend.newest_paper()
    if paper is None:
        raise NotFound("paper.none", "No paper has come out yet.")
    return Response(paper, mimetype="image/png")
