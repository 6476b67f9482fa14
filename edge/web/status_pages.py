"""The page that says whether somebody still comes here."""

from __future__ import annotations

from collections.abc import Mapping

from flask import redirect, request

from edge.domain.errors import EdgeError
from edge.web import calls, serializers
from edge.web.day_forms import check_proposed, day_shown
from edge.web.visit import Answer, Visit, form_date, form_missing, page_or_refusal, signed_override

CHOICES: Mapping[str, str] = {
    "active": "Is here again",
    "died": "Died",
    "moved": "Moved away",
    "lost": "Lost to follow-up",
}
"""What may be said of somebody."""


def person_status(visit: Visit, id_: str) -> Answer:
    """Say that somebody died, moved away or is lost, or is here again."""
    problem = None
    if request.method == "POST":
        try:
            visit.take(_document(visit, id_))
            return redirect(f"/people/{id_}", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with visit.backend.journal.reading() as db:
        person = calls.known_person(db, id_)
    choices = {
        name: words for name, words in CHOICES.items() if name != "active" or not person.status.here
    }
    today = visit.backend.site.clock.today()
    drawn = visit.page(
        "status.html",
        person=person,
        choices=choices,
        today=today,
        on=day_shown(visit.form, today),
        problem=problem,
        supervisors=visit.supervisors(problem),
    )
    return page_or_refusal(problem, drawn)


def _document(visit: Visit, person: str) -> dict[str, object]:
    form = visit.form
    reason = form.get("reason", "").strip()
    status = form.get("status", "")
    document: dict[str, object] = {
        "type": "RecordStatus",
        "person": person,
        "status": status if status in CHOICES else form_missing("status"),
        "place": form.get("place", "")[:120] if status == "moved" else "",
        "reason": reason[:200],
    }
    if form.get("on"):
        on = form_date(form["on"], "on")
        check_proposed(visit, on)
        document["on"] = on
    if form.get("supervisor"):
        document |= signed_override(visit, reason)
    return document
