"""The page of a slip: what it will look like, the button that prints it, what became of it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, redirect, request

from edge.domain.errors import EdgeError
from edge.journal import print_jobs
from edge.services.slip_roles import check_slip_role
from edge.web import api
from edge.web.visit import Answer, Visit, page_or_refusal


def slip_path(slip: str, subject: str) -> str:
    """Give the address of a slip's page."""
    return f"/slips/{quote(slip)}?of={quote(subject)}"


def slip(visit: Visit, name: str) -> Answer:
    """Show a slip before it is printed, and print it."""
    check_slip_role(name, visit.staff.roles)
    subject, problem = request.args.get("of", ""), None
    if request.method == "POST":
        try:
            if name == "certificate":
                visit.take({"type": "PrintCopy", "certificate": subject})
            else:
                visit.take({"type": "PrintSlip", "slip": name, "subject": subject})
            return redirect(slip_path(name, subject), 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = api.problem(error, visit.language)
    with visit.door.journal.reading() as db:
        jobs = print_jobs.jobs_of(db, subject, name)
    try:
        missing = visit.door.missing_letters(name, subject)
    except EdgeError as error:
        missing, problem = "", problem or api.problem(error, visit.language)
    job = jobs[-1] if jobs else None
    drawn = visit.page(
        "slip.html",
        slip=name,
        subject=subject,
        job=job,
        moving=job is not None and job.state in ("queued", "sending", "sent"),
        problem=problem,
        missing=missing,
    )
    return page_or_refusal(problem, drawn)


def slip_picture(visit: Visit, name: str) -> Answer:
    """Draw a slip from the bytes that the printer gets."""
    check_slip_role(name, visit.staff.roles)
    drawn = visit.door.slip_image(name, request.args.get("of", ""))
    return Response(drawn, mimetype="image/png")
