"""Paper that is asked for again, and paper nobody is sure of."""

from __future__ import annotations

from edge.domain.errors import BadInput, Conflict, NotFound, Unavailable
from edge.journal import print_jobs, views
from edge.journal.unit import Unit, instant
from edge.services.commands import PrintCopy, SettlePrint
from edge.services.printing.slip_roles import check_slip_role
from edge.services.request import Request
from edge.services.site import Site

CERTIFICATE_SLIP = "certificate"


def print_copy(unit: Unit, request: Request[PrintCopy], site: Site) -> None:
    """Write ``CopyRequested`` and queue a print that is marked as a copy."""
    certificate = known_certificate(unit, request.command.certificate)
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


def known_certificate(unit: Unit, number: str) -> views.IssuedCertificate:
    """Find a certificate by its number; raises :class:`NotFound`."""
    certificate = views.certificate(unit.db, number)
    if certificate is None:
        raise NotFound(
            "certificate.unknown",
            "There is no certificate with this number here.",
            hint="Check the number on the paper.",
            field="certificate",
        )
    return certificate


def settle_print(unit: Unit, request: Request[SettlePrint], site: Site) -> None:  # noqa: ARG001
    """Write ``PrintSettled``: a person has looked whether the paper came out."""
    job = print_jobs.job(unit.db, request.command.print_job)
    if job is None:
        raise NotFound("print.unknown-job", "There is no such print.", field="printJob")
    check_slip_role(job.slip, request.actor.roles)
    if job.state != "unknown":
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
    state = "printed" if request.command.came_out else "failed"
    print_jobs.move(unit.db, job.id, state, print_jobs.SETTLED, instant(unit.stamp.at))


def queue_certificate(unit: Unit, site: Site, certificate: str, copy: int, printer: str) -> None:
    """Queue the slip of a certificate on a printer of the site; none there: nothing to do."""
    if copy == 1 and not printer and not site.printer:
        return
    queue_slip(unit, site, CERTIFICATE_SLIP, certificate, copy, printer)


def printer_of_site(site: Site, printer: str) -> str:
    """Give the printer that was asked for, the usual one for none.

    Raises when there is none of that name, or none at all.
    """
    if printer and printer not in site.printers:
        raise BadInput(
            "printer.unknown",
            "There is no printer {printer} at this site.",
            hint="Choose one of: {known}.",
            field="printer",
            printer=printer,
            known=", ".join(sorted(site.printers)) or "none",
        )
    chosen = printer or site.printer
    if not chosen:
        raise Unavailable(
            "printer.none",
            "This site has no printer.",
            hint="Show it on the screen instead.",
        )
    return chosen


def queue_slip(unit: Unit, site: Site, slip: str, subject: str, copy: int, printer: str) -> None:
    """Queue a slip on a printer of the site; raises when there is none of that name, or none."""
    chosen = printer_of_site(site, printer)
    print_jobs.queue(unit.db, slip, subject, copy, chosen, instant(unit.stamp.at))
