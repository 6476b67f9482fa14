"""The first page: find somebody, or take the next from the queue."""

from __future__ import annotations

from flask import redirect

from edge.journal import views
from edge.web.routes import CLINICAL
from edge.web.scans import meant
from edge.web.visit import Answer, Visit

_SHOWN, _COUNTED = 20, 1000
"""People on the page, and how many are counted at most."""


def station(visit: Visit) -> Answer:
    """Find somebody, or take the next from the queue."""
    if not CLINICAL & visit.staff.roles:
        return redirect("/site", 303)  # type: ignore[return-value]
    text = visit.form.get("q", "").strip()
    known = meant(visit, text) if text else None
    if known is not None:
        return known
    with visit.backend.journal.reading() as db:
        found = views.find_people(db, text, _COUNTED) if text else []
        waiting = views.queue(db)
        catalogue = visit.backend.site.catalogues.current(db)
    return visit.page(
        "station.html",
        q=text,
        found=found[:_SHOWN],
        count=len(found),
        waiting=waiting,
        programmes=catalogue.ever.programmes,
        today=visit.backend.site.clock.today(),
    )
