"""The first page: find somebody, or take the next from the queue."""

from __future__ import annotations

from flask import redirect

from edge.domain.modules import PEOPLE, met
from edge.domain.numbers import typed_number
from edge.journal import views
from edge.web.noting import showed
from edge.web.people_api import found_people
from edge.web.route import CLINICAL
from edge.web.scans import meant
from edge.web.visit import Answer, Visit


def station(visit: Visit) -> Answer:
    """Find somebody, or take the next from the queue."""
    if not CLINICAL & visit.staff.roles or not met(PEOPLE, visit.backend.running()):
        return redirect("/site", 303)  # type: ignore[return-value]
    text = visit.form.get("q", "").strip()
    first = typed_number(visit.form.get("first", ""), 3) or 0
    known = meant(visit, text) if text else None
    if known is not None:
        return known
    page = found_people(visit.backend, text, first) if text else views.NOBODY
    with visit.backend.journal.reading() as db:
        waiting = views.queue(db)
        catalogue = visit.backend.site.catalogues.current(db)
    showed(person.id for person in page.people)
    showed(row.person.id for row in waiting)
    return visit.page(
        "station.html",
        q=text,
        found=page.people,
        count=page.total,
        page=page,
        waiting=waiting,
        programmes=catalogue.ever.programmes,
        today=visit.backend.site.clock.today(),
    )
