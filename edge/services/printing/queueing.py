"""Queues slips on the printers of the site."""

from __future__ import annotations

from edge.domain.errors import BadInput, Conflict
from edge.journal import print_jobs
from edge.journal.unit import Unit
from edge.services.site import Site
from sync.protocol.instants import instant

CERTIFICATE_SLIP = "certificate"


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
        raise Conflict(
            "printer.none",
            "This site has no printer.",
            hint="Show it on the screen instead.",
        )
    return chosen


def queue_slip(unit: Unit, site: Site, slip: str, subject: str, copy: int, printer: str) -> None:
    """Queue a slip on a printer of the site; raises when there is none of that name, or none."""
    chosen = printer_of_site(site, printer)
    print_jobs.queue(unit.db, slip, subject, copy, chosen, instant(unit.stamp.at))
