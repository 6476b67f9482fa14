"""The page of a person's messages: how they want to be told, and what became of each."""

from __future__ import annotations

from flask import redirect, request

from edge.domain.errors import EdgeError
from edge.journal.outbox import messages_of
from edge.journal.views.contact import contact_preference
from edge.services.messages.recipients import reachable_by
from edge.web import calls, serializers
from edge.web.message_words import EVENT_WORDS, MESSAGE_WORDS
from edge.web.messages_api import message_answer
from edge.web.visit import Answer, Visit, form_missing, page_or_refusal


def person_messages(visit: Visit, id_: str) -> Answer:
    """Say whether and how somebody wants to be told, and see what became of each message."""
    problem = None
    if request.method == "POST":
        try:
            visit.take(_document(visit, id_))
            return redirect(f"/people/{id_}/messages", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    backend = visit.backend
    with backend.journal.reading() as db:
        person = calls.known_person(db, id_)
        said = contact_preference(db, id_)
        catalogue = backend.site.catalogues.current(db)
        found = messages_of(db, id_)
    plan = catalogue.distribution
    drawn = visit.page(
        "messages.html",
        person=person,
        said=said,
        agreed=plan.agreed(said),
        plan=plan,
        languages=sorted({catalogue.language, *plan.languages, said.language} - {""}),
        reached=reachable_by(person, catalogue),
        messages=[message_answer(row, visit.language) for row in found],
        words=MESSAGE_WORDS,
        events=EVENT_WORDS,
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def _document(visit: Visit, person: str) -> dict[str, object]:
    form = visit.form
    consent = form.get("consent", "")
    return {
        "type": "RecordContactPreference",
        "person": person,
        "consent": consent if consent in ("yes", "no") else form_missing("consent"),
        "channel": form.get("channel", "")[:200],
        "language": form.get("language", "")[:200],
    }
