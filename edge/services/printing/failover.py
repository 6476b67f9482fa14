"""When a printer is out of action, and which of its slips another one may print instead.

Only what is queued moves: of a slip that is on its way a part may have come out.
"""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.errors import Conflict, NotFound
from edge.journal import print_jobs
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.ports import Clock
from edge.services.commands import MovePrint
from edge.services.printing.paper_roles import check_paper
from edge.services.printing.queueing import printer_of_site
from edge.services.request import Request
from edge.services.site import Site
from printers.jobs import MOVABLE
from printers.spooler import PrinterHealth
from sync.protocol.instants import instant

AFTER = 60.0
"""Seconds that a printer is out of action before its slips go to another one by themselves."""
_SOON_WELL = (
    "printer.paper-out",
    "printer.cover-open",
    "printer.offline",
    "printer.overheated",
    "printer.ribbon-out",
    "printer.owned",
)
"""Somebody who stands there puts these right, or they pass: only a person moves slips for them."""


def out_of_action(health: PrinterHealth, seconds: float) -> bool:
    """Say whether a printer that has been so for ``seconds`` is to be given up for now."""
    return health.held and health.code not in _SOON_WELL and seconds >= AFTER


def move_print(unit: Unit, request: Request[MovePrint], site: Site) -> None:
    """Give a queued slip to another printer of the site; a job is beside the journal, as its state.

    Raises :class:`Conflict` for one that is on its way already or has an end.
    """
    command = request.command
    job = print_jobs.job(unit.db, command.print_job)
    if job is None:
        raise NotFound("print.unknown-job", "There is no such print.", field="printJob")
    check_paper(unit.db, site.catalogues.current(unit.db), job.slip, job.subject, request.actor)
    chosen = printer_of_site(site, command.printer)
    if job.state not in MOVABLE:
        raise Conflict(
            "print.on-its-way",
            "This print is on its way already, or settled, and stays with its printer.",
            hint="Look whether the paper came out.",
            field="printJob",
        )
    print_jobs.give(unit.db, job.id, chosen, instant(unit.stamp.at))


class Failover:
    """Watches how long each printer is out of action, and moves what is queued for it.

    ``instead`` names, for each printer that has one, the printer that stands in.
    """

    def __init__(self, journal: Journal, clock: Clock, instead: Mapping[str, str]) -> None:
        self._journal = journal
        self._clock = clock
        self._instead = instead
        self._since: dict[str, tuple[str, float]] = {}

    def look(self, healths: Mapping[str, PrinterHealth], now: float) -> int:
        """Move what has to; count the slips. ``now`` in seconds that only rise."""
        moved = 0
        for name, other in self._instead.items():
            health = healths[name]
            code, since = self._since.get(name, ("", now))
            if not health.held or not code:
                since = now
            self._since[name] = (health.code if health.held else "", since)
            if out_of_action(health, now - since) and not healths[other].held:
                moved += self._move(name, other)
        return moved

    def _move(self, name: str, other: str) -> int:
        with self._journal.reading() as db:
            if not print_jobs.in_state(db, name, *MOVABLE):
                return 0
        at = instant(self._clock.now())

        def work(unit: Unit) -> int:
            waiting = print_jobs.in_state(unit.db, name, *MOVABLE)
            for job in waiting:
                print_jobs.give(unit.db, job.id, other, at)
            return len(waiting)

        return self._journal.run(work)
