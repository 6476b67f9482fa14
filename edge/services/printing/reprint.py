"""Paper that is asked for again, and paper nobody is sure of."""

from __future__ import annotations

from edge.domain.errors import Conflict, NotFound
from edge.journal import print_jobs
from edge.journal.unit import Unit
from edge.services.commands import PrintCopy, SettlePrint
from edge.services.lookups import known_certificate
from edge.services.printing.paper_roles import check_paper
from edge.services.printing.queueing import CERTIFICATE_SLIP, queue_certificate
from edge.services.request import Request
from edge.services.site import Site
from printers.jobs import PrintState
from sync.protocol.instants import instant


def print_copy(unit: Unit, request: Request[PrintCopy], site: Site) -> None:
    """Write ``CopyRequested`` and queue a print that is marked as a copy."""
    certificate = known_certificate(unit, request.command.certificate)
    catalogue = site.catalogues.current(unit.db)
    check_paper(unit.db, catalogue, CERTIFICATE_SLIP, certificate.id, request.actor)
    if certificate.revoked_at:
        raise Conflict(
            "certificate.revoked",
            "This certificate is revoked; its replacement is {number}.",
            hint="Print the newer one.",
            field="certificate",
            number=certificate.replaced_by or "-",
        )
    copy = print_jobs.copies(unit.db, CERTIFICATE_SLIP, certificate.id) + 1
    unit.append(
        "CopyRequested",
        {"certificate": certificate.id, "copy": copy},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    queue_certificate(unit, site, certificate.id, copy, request.command.printer)


def settle_print(unit: Unit, request: Request[SettlePrint], site: Site) -> None:
    """Write ``PrintSettled``: a person has looked whether the paper came out."""
    job = print_jobs.job(unit.db, request.command.print_job)
    if job is None:
        raise NotFound("print.unknown-job", "There is no such print.", field="printJob")
    check_paper(unit.db, site.catalogues.current(unit.db), job.slip, job.subject, request.actor)
    if job.state is not PrintState.UNKNOWN:
        raise Conflict(
            "print.settled",
            "What became of this print is already known.",
            field="printJob",
        )
    what = (
        {"certificate": job.subject}
        if job.slip == CERTIFICATE_SLIP
        else {"slip": job.slip, "subject": job.subject}
    )
    unit.append(
        "PrintSettled",
        {**what, "copy": job.copy, "cameOut": request.command.came_out},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    state = PrintState.PRINTED if request.command.came_out else PrintState.FAILED
    print_jobs.move(unit.db, job.id, state, print_jobs.SETTLED, instant(unit.stamp.at))
