"""A supervisor's word about the date: written down, and what was dated ahead is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from edge.domain.believable import TOLERANCE
from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, EdgeError, NotAllowed
from edge.journal import views
from edge.journal.entries import CONFIRMED
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.journal.views.ahead import DatedAhead, dated_ahead
from edge.services.certificates.renewal import renew
from edge.services.commands import CorrectDose
from edge.services.desk import Desk
from edge.services.doubtful_clock import clock_unsure
from edge.services.request import Request
from edge.services.site import Site
from sync.protocol.instants import instant

REASON = "The clock of the site computer was wrong."
_YEARS = timedelta(days=20 * 365)


@dataclass(frozen=True, slots=True)
class ReplacedAhead:
    """How many doses were dated anew or certified anew, and what was refused, by the dose."""

    done: int
    refused: Sequence[tuple[DatedAhead, EdgeError]]


class ClockDates:
    """Takes a supervisor's word about the date at one site."""

    def __init__(self, journal: Journal, site: Site, desk: Desk, made: date) -> None:
        self._journal = journal
        self._site = site
        self._desk = desk
        self._made = made

    def confirm(self, day: date, by: Staff) -> None:
        """Go by a date from now on, and write ``ClockConfirmed``.

        Raises :class:`NotAllowed` for anybody but a supervisor, :class:`BadInput` for a date from
        before the program was made, or decades after it.
        """
        _check_role(by)
        if not self._made <= day <= self._made + _YEARS:
            raise BadInput(
                "clock.no-such-day",
                "Today cannot be {day}.",
                hint="Look at a telephone or a calendar, and write today's date.",
                field="day",
                day=day,
            )
        clock = self._site.clock
        shown = clock.today()
        clock.confirm(day)
        body = {"day": day.isoformat(), "shown": shown.isoformat()}
        try:
            self._journal.run(
                lambda unit: unit.append(CONFIRMED, body, id_=self._site.ids.new(), by=by.code)
            )
        except BaseException:
            clock.forget_confirmed()
            raise

    def ahead(self) -> list[DatedAhead]:
        """List what is dated after now; nothing while the clock is not believed."""
        clock = self._site.clock
        if not clock.believed():
            return []
        with self._journal.reading() as db:
            return dated_ahead(db, clock.now() + TOLERANCE, clock.today())

    def replace(self, on: date, by: Staff) -> ReplacedAhead:
        """Date all of it on a day, and sign its certificates anew; what is refused stays listed.

        A dose that has a day that was is left on it: only its certificate is signed anew. Raises
        :class:`NotAllowed`, :class:`Unavailable` while the clock is not believed.
        """
        _check_role(by)
        clock, done, refused = self._site.clock, 0, []
        if not clock.believed():
            raise clock_unsure(clock, "Nothing was changed. Correct it afterwards.")
        for found in self.ahead():
            try:
                if found.on > clock.today():
                    command = CorrectDose(dose=found.dose, reason=REASON, on=on)
                    self._desk.take(self._site.ids.new(), command, by)
                else:
                    self._sign_anew(found, by)
                done += 1
            except EdgeError as error:
                refused.append((found, error))
        return ReplacedAhead(done, refused)

    def _sign_anew(self, found: DatedAhead, by: Staff) -> None:
        request: Request[Any] = Request(self._site.ids.new(), by, None, "")

        def work(unit: Unit) -> None:
            old = views.certificate(unit.db, found.certificate)
            if old is not None and not old.revoked_at and old.issued_at > instant(unit.stamp.at):
                renew(unit, request, self._site, old, REASON, first=True)

        self._journal.run(work)


def _check_role(by: Staff) -> None:
    if "supervisor" not in by.roles:
        raise NotAllowed(
            "staff.not-allowed",
            "Your role does not allow this.",
            hint="Ask a colleague with the role: {roles}.",
            roles="supervisor",
        )
