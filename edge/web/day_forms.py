"""The day that a form proposes is today, also where its page stood open past midnight."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from edge.domain.errors import BadInput
from edge.journal.entries import entries_of
from edge.web.visit import Visit

DRAWN = "drawn"
"""The field that says which day it was when the page was drawn."""


def day_shown(form: Mapping[str, str], today: date) -> str:
    """Give the day that was chosen; one that a page proposed itself gives way to today."""
    on = form.get("on", "")
    return today.isoformat() if on in ("", form.get(DRAWN, "")) else on


def check_proposed(visit: Visit, on: str) -> None:
    """Ask for the day where the page proposed one that is over; raises :class:`BadInput`.

    Not where the request was taken before that day ended and only its answer was lost: the desk
    gives the first answer again.
    """
    today = visit.backend.site.clock.today()
    if on != today.isoformat() and visit.form.get(DRAWN) == on and not _taken(visit):
        raise BadInput(
            "day.is-over",
            "This page was opened on {day}, and today is another day.",
            hint="Today stands there now: change it if another day is right, and send it again.",
            field="on",
            day=date.fromisoformat(on),
        )


def _taken(visit: Visit) -> bool:
    with visit.backend.journal.reading() as db:
        return bool(entries_of(db, visit.form.get("id", "")))
