"""The page of a slip: what it will look like, the button that prints it, what became of it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, redirect, request

from edge.domain.errors import EdgeError, NotFound
from edge.domain.numbers import typed_number
from edge.journal import print_jobs, views
from edge.services.printing.print_room import paper_length
from edge.web import serializers
from edge.web.paper_access import check_slip
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal
from printers.jobs import PENDING
from printers.scripts import package_for


def slip_path(slip: str, subject: str) -> str:
    """Give the address of a slip's page."""
    return f"/slips/{quote(slip)}?of={quote(subject)}"


def page_of(issued: views.IssuedCertificate) -> str:
    """Give the address of the page of what a certificate is of."""
    return f"/document/{issued.document}" if issued.document else f"/doses/{issued.dose}"


def missing_told(letters: str) -> dict[str, str]:
    """Give what a page says of letters that no font here has, and of the package that has them."""
    return {"missing": letters, "package": package_for(letters)}


def slip(visit: Visit, name: str) -> Answer:
    """Show a slip before it is printed, and print it."""
    subject, problem = request.args.get("of", ""), None
    check_slip(visit.backend, name, subject, visit.staff)
    if request.method == "POST":
        try:
            if name == "certificate":
                visit.take_print({"type": "PrintCopy", "certificate": subject})
            else:
                visit.take_print({"type": "PrintSlip", "slip": name, "subject": subject})
            return redirect(slip_path(name, subject), 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, subject, name)
    try:
        missing = visit.backend.missing_letters(name, subject)
        length = paper_length(visit.backend.slip_image(name, subject, visit.printer))
    except EdgeError as error:
        missing, length, problem = "", 0, problem or serializers.problem(error, visit.language)
    job = jobs[-1] if jobs else None
    drawn = visit.page(
        "slip.html",
        slip=name,
        subject=subject,
        job=job,
        earlier=print_jobs.unsettled(jobs),
        moving=job is not None and job.state in PENDING,
        problem=problem,
        length=length,
        **missing_told(missing),
    )
    return page_or_refusal(problem, drawn)


def move(visit: Visit, id_: str) -> Answer:
    """Let another printer print what waits for one that is out of action."""
    number = typed_number(id_)
    if number is None:
        raise NotFound("print.unknown-job", "There is no such print.")
    printer = visit.form.get("printer", "") or form_missing("printer")
    visit.take({"type": "MovePrint", "printJob": number, "printer": printer})
    with visit.backend.journal.reading() as db:
        job = print_jobs.job(db, number)
        issued = views.certificate(db, job.subject) if job and job.slip == "certificate" else None
    if job is None:
        raise NotFound("print.unknown-job", "There is no such print.")
    path = page_of(issued) if issued else slip_path(job.slip, job.subject)
    return redirect(path, 303)  # type: ignore[return-value]


def slip_picture(visit: Visit, name: str) -> Answer:
    """Draw a slip from the bytes that the printer gets."""
    subject = request.args.get("of", "")
    check_slip(visit.backend, name, subject, visit.staff)
    drawn = visit.backend.slip_image(name, subject, visit.printer)
    return Response(drawn, mimetype="image/png")
