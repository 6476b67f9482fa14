"""Who is reminded today: of the doses that are due soon, and of those that are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial

from edge.domain.contact import DistributionPlan
from edge.domain.errors import EdgeError
from edge.domain.messages import Event
from edge.journal.journal import Journal
from edge.journal.settings import keep_setting, setting
from edge.journal.unit import Unit
from edge.services.doses.recall import RecallQuery, stretches
from edge.services.messages.composing import reminder_subject
from edge.services.messages.planning import queue_for
from edge.services.messages.recipients import ChannelAddresses
from edge.services.site import Site

_LATE = timedelta(days=7)
"""How many days after its own a reminder is still told: a site may have stood still."""
_KEPT = timedelta(days=14)
"""How long one that is late may wait for a channel."""
_DAY = timedelta(days=1)
_TOLD = "reminders.day"


class Reminders:
    """Queues a day's reminders, once a day, and after a restart only those that are missing."""

    def __init__(self, journal: Journal, site: Site, channels: ChannelAddresses) -> None:
        self._journal = journal
        self._site = site
        self._channels = channels

    def run(self) -> int:
        """Go through everybody if this day's reminders are not queued yet; count those that are."""
        today = self._site.clock.today()
        with self._journal.reading() as db:
            if setting(db, _TOLD) == today.isoformat():
                return 0
            try:
                catalogue = self._site.catalogues.current(db)
            except EdgeError:  # no campaign yet
                return 0
        plan, count = catalogue.distribution, 0
        if plan.reminders:
            until = today - timedelta(days=min(plan.reminders))
            query = RecallQuery(catalogue, today, until, self._site.facility)
            sessions = catalogue.sessions_of(self._site.facility)
            for page, _, _ in stretches(self._journal.reading, query):
                days = [(item, sessions.comes_back(item.since)) for item in page.items]
                due = [
                    (item.person.id, day, told)
                    for item, day in days
                    if (told := reminder_day(plan, day, today)) is not None
                ]
                if due:
                    count += self._journal.run(partial(self._queue, due))
        self._journal.run(lambda unit: keep_setting(unit.db, _TOLD, today.isoformat()))
        return count

    def _queue(self, due: Sequence[tuple[str, date, int]], unit: Unit) -> int:
        return sum(
            queue_for(
                unit, self._site, self._channels, event_of(told),
                reminder_subject(day, told), person,
                reminder_until(day, told, self._site.clock.zone),
            )
            for person, day, told in due
        )  # fmt: skip


def reminder_day(plan: DistributionPlan, due: date, today: date) -> int | None:
    """Choose the reminder, by its day counted from the one a dose is due, that is told today.

    Only the last of several whose day has come, for a week; none that says a day is to come which
    is over.
    """
    come = [day for day in plan.reminders if due + timedelta(days=day) <= today]
    if not come or (come[-1] <= 0 and today > due):
        return None
    return come[-1] if today - (due + timedelta(days=come[-1])) <= _LATE else None


def event_of(day: int) -> Event:
    """Say what a reminder on a day counted from the due one tells."""
    return "overdue" if day > 0 else "due"


def reminder_until(due: date, day: int, zone: tzinfo) -> datetime:
    """Give until when a reminder may be told; of a dose to come until its day is over there."""
    last = due + _DAY if day <= 0 else due + timedelta(days=day) + _KEPT
    return datetime.combine(last, time.min, zone)
