"""The page of a person's coming visits."""

from __future__ import annotations

from edge.domain.session_days import WEEKDAY_WORDS
from edge.journal.coming_visits import coming_visits
from edge.web import calls
from edge.web.plan_api import plan_answer
from edge.web.visit import Answer, Visit


def plan(visit: Visit, id_: str) -> Answer:
    """Show all coming visits of a person, and print them."""
    site = visit.backend.site
    with visit.backend.journal.reading() as db:
        person = calls.known_person(db, id_)
        catalogue = site.catalogues.current(db)
        found = coming_visits(
            db, catalogue, site.facility, person, site.clock.today(), site.clock.zone
        )
    return visit.page(
        "plan.html",
        person=person,
        plan=plan_answer(found, visit.language),
        catalogue=catalogue,
        weekdays=WEEKDAY_WORDS,
    )
