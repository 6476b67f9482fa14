"""The pages of one person: who, what is due, the dose, its certificate and its paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, request

from edge.domain.catalogue import Catalogue, Programme, Staff
from edge.domain.errors import NotFound
from edge.domain.numbers import typed_number
from edge.domain.scheduled import DoseJudgement, Status
from edge.journal import people_pages, print_jobs, views
from edge.services.people.observe import observable
from edge.services.registry.history import age_of, told_here
from edge.web import calls, schedule_api, serializers
from edge.web.answers import ProblemAnswer
from edge.web.dose_form import dose_form
from edge.web.slip_pages import slip_path
from edge.web.visit import Answer, Visit, page_or_refusal
from printers.jobs import PENDING

STATUS_WORDS: Mapping[Status, str] = {
    "due": "due",
    "overdue": "overdue",
    "notYet": "not yet",
    "complete": "complete",
    "notForThisAge": "not for this age",
    "conflict": "too close to another vaccine",
    "askSupervisor": "ask a supervisor",
}
"""What a vaccinator reads first of a vaccine."""


def person(visit: Visit, id_: str, problem: ProblemAnswer | None = None) -> Answer:
    """Show a person: who, what was given, what is due; ``problem``: why a form was refused."""
    backend, today = visit.backend, visit.backend.site.clock.today()
    with backend.journal.reading() as db:
        found = calls.known_person(db, id_)
        doses = views.history(db, id_)
        observed = views.observations(db, id_)
        catalogue = backend.site.catalogues.current(db)
        lots = views.lots(db)
        certificates = {
            certificate.dose: certificate.id for certificate in views.certificates_of(db, id_)
        }
        records = [views.recorded(db, dose.id) for dose in doses if not dose.reported]
        taken_back = views.taken_back(db, id_)
        queued, enrolled = people_pages.expected_for(db, id_)
        told = told_here(db, id_)
        age = age_of(db, id_, today, backend.zone)
    case = serializers.case_of(found, doses, observed, catalogue, backend.site.clock)
    told_of = serializers.verdicts_of(case, today)
    drawn = visit.page(
        "person.html",
        person=found,
        age=found.age_on(today),
        doses=doses,
        certificates=certificates,
        revoked={record.dose.id for record in records if record is not None and record.revoked},
        taken_back=taken_back,
        planned={record.dose.id for record in records if record is not None and record.next_due},
        verdicts=[_verdict(visit, catalogue, *verdict) for verdict in told_of],
        catalogue=catalogue,
        give=dose_form(case, told_of, lots, today, (queued, enrolled), visit.form),
        vaccinators=_vaccinators(visit, catalogue),
        supervisors=visit.supervisors(),
        today=today,
        waits=bool(queued),
        problem=problem,
        observed=observed,
        observable=observable(catalogue),
        may_observe=bool({"vaccinator", "supervisor"} & visit.staff.roles),
        words=STATUS_WORDS,
        told=told,
        history_age=age,
    )
    return page_or_refusal(problem, drawn)


def _verdict(
    visit: Visit, catalogue: Catalogue, programme: Programme, judged: DoseJudgement
) -> dict[str, Any]:
    """Give what the page shows of a vaccine's verdict."""
    return {
        "programme": programme,
        "vaccine": catalogue.vaccines[judged.vaccine],
        "judged": judged,
        "reasons": schedule_api.reasons(judged, catalogue, visit.language),
        "objections": [
            serializers.problem(objection, visit.language) for objection in judged.objections
        ],
    }


def _vaccinators(visit: Visit, catalogue: Catalogue) -> list[Staff]:
    """Name those who vaccinate here."""
    return [
        staff
        for staff in catalogue.staff.values()
        if staff.active
        and visit.backend.site.facility in staff.facilities
        and "vaccinator" in staff.roles
    ]


def done(visit: Visit, id_: str) -> Answer:
    """Show what became of a dose: the record, its certificate, its paper."""
    backend = visit.backend
    with backend.journal.reading() as db:
        record = views.recorded(db, id_)
        if record is None:
            raise NotFound("dose.unknown", "There is no such dose here.")
        jobs = print_jobs.jobs_of(db, record.certificate) if record.certificate else []
        certificate = views.certificate(db, record.certificate) if record.certificate else None
        catalogue = backend.site.catalogues.current(db)
    job = jobs[-1] if jobs else None
    moving = job is not None and job.state in PENDING
    return visit.page(
        "done.html",
        record=record,
        certificate=certificate,
        job=job,
        earlier=print_jobs.unsettled(jobs),
        moving=moving,
        believed=backend.site.clock.believed(),
        papers=backend.newest_paper() is not None,
        vaccine=catalogue.vaccines.get(record.dose.vaccine),
        overrides=_overrides(visit, id_),
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
    return redirect(f"/doses/{found.dose}" if found else "/records", 303)  # type: ignore[return-value]


def settle(visit: Visit, id_: str) -> Answer:
    """Say whether a paper came out."""
    number = typed_number(id_)
    if number is None:
        raise NotFound("print.unknown-job", "There is no such print.")
    came_out = visit.form.get("cameOut") == "yes"
    visit.take({"type": "SettlePrint", "printJob": number, "cameOut": came_out})
    with visit.backend.journal.reading() as db:
        job = print_jobs.job(db, number)
    if job is not None and job.slip != "certificate":
        return redirect(slip_path(job.slip, job.subject), 303)  # type: ignore[return-value]
    return redirect("/records", 303)  # type: ignore[return-value]


def qr_picture(visit: Visit, id_: str) -> Answer:
    """Draw a certificate's QR code."""
    with visit.backend.journal.reading() as db:
        found = views.certificate(db, id_)
    if found is None:
        raise NotFound("certificate.unknown", "There is no certificate with this number here.")
    name = request.args.get("format", "")
    known = name if name in found.credentials else ""
    return Response(visit.backend.qr_image(found, known), mimetype="image/png")


def newest_paper(visit: Visit) -> Answer:
    """Show what came out last of a printer in software."""
    paper = visit.backend.newest_paper()
    if paper is None:
        raise NotFound("paper.none", "No paper has come out yet.")
    return Response(paper, mimetype="image/png")
