"""The page of the site's clock: what speaks against it, and a supervisor's word."""

from __future__ import annotations

from datetime import date

from flask import redirect, request

from edge.domain.errors import EdgeError
from edge.domain.modules import DOSES, met
from edge.journal import views
from edge.services.clock_dates import ReplacedAhead
from edge.web import calls, serializers
from edge.web.noting import showed
from edge.web.visit import Answer, Visit, form_missing


def clock(visit: Visit) -> Answer:
    """Show what the clock says, confirm today's date, replace what was dated ahead."""
    backend, problem = visit.backend, None
    replaced: ReplacedAhead | None = None
    if request.method == "POST":
        try:
            if "on" in visit.form:
                on = _day(visit, "on")
                replaced = backend.clock_dates.replace(on, visit.staff)
            else:
                day = _day(visit, "day")
                backend.clock_dates.confirm(day, visit.staff)
                return redirect("/clock", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    found = backend.clock_dates.ahead() if met(DOSES, backend.running()) else []
    with backend.journal.reading() as db:
        people = {dated.person: views.person(db, dated.person) for dated in found}
        vaccines = backend.site.catalogues.current(db).ever.vaccines
    showed(people)
    return visit.page(
        "clock.html",
        problem=problem,
        step=backend.site.clock.step,
        today=backend.site.clock.today(),
        ahead=found,
        people=people,
        vaccines=vaccines,
        replaced=replaced,
    )


def _day(visit: Visit, field: str) -> date:
    """Read the date of a form; one that is missing or none is refused by its name."""
    return calls.query_day(visit.form.get(field, ""), field) or date.fromisoformat(
        form_missing(field)
    )
