"""Slips that are not certificates: appointment, plan, sticker, label, tally, set-up sheet."""

from __future__ import annotations

from edge.journal import print_jobs
from edge.journal.unit import Unit
from edge.services.commands import PrintSlip
from edge.services.printing.queueing import queue_slip
from edge.services.printing.slip_roles import check_slip
from edge.services.request import Request
from edge.services.site import Site
from edge.slips.slip_maker import SlipRequest

_ANY_WIDTH = 576


def print_slip(unit: Unit, request: Request[PrintSlip], site: Site) -> None:
    """Write ``SlipRequested`` and queue the slip, after making it once to see that it can be made.

    Raises :class:`NotAllowed` for the wrong role, and what the slip itself is refused for.
    """
    command, catalogue = request.command, site.catalogues.current(unit.db)
    check_slip(command.slip, request.actor.roles, site.running(catalogue))
    wanted = SlipRequest(command.slip, command.subject)
    site.slips.make(unit.db, catalogue, wanted, _ANY_WIDTH)
    copy = print_jobs.copies(unit.db, command.slip, command.subject) + 1
    unit.append(
        "SlipRequested",
        {"slip": command.slip, "subject": command.subject, "copy": copy},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
    queue_slip(unit, site, command.slip, command.subject, copy, command.printer)
