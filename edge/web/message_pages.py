"""The page of a person's messages: how they want to be told, and what became of each."""

from __future__ import annotations

from flask import redirect, request

from edge.domain.errors import EdgeError
from edge.journal.handed_out import handed_out
from edge.journal.outbox import messages_of
from edge.journal.views.contact import contact_preference
from edge.services.messages.channel_states import channel_states
from edge.services.messages.recipients import reachable_by
from edge.web import calls, serializers
from edge.web.contact_form import channels_of, contact_document, languages_of
from edge.web.message_words import CHANNEL_WORDS, EVENT_WORDS, MESSAGE_WORDS, WAY_WORDS
from edge.web.messages_api import message_answer
from edge.web.visit import Answer, Visit, page_or_refusal


def person_messages(visit: Visit, id_: str) -> Answer:
    """Say whether and how somebody wants to be told, and see what became of each message."""
    problem = None
    if request.method == "POST":
        try:
            visit.take(contact_document(visit, id_))
            return redirect(f"/people/{id_}/messages", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    backend = visit.backend
    with backend.journal.reading() as db:
        person = calls.known_person(db, id_)
        said = contact_preference(db, id_)
        catalogue = backend.site.catalogues.current(db)
        found = messages_of(db, id_)
        handed = handed_out(db, id_)
    plan = catalogue.distribution
    drawn = visit.page(
        "messages.html",
        person=person,
        said=said,
        agreed=plan.agreed(said),
        plan=plan,
        channels=channels_of(plan),
        languages=languages_of(catalogue, said.language),
        reached=reachable_by(person, catalogue),
        channel_words=CHANNEL_WORDS,
        messages=[message_answer(row, visit.language) for row in found],
        handed=handed,
        ways=WAY_WORDS,
        words=MESSAGE_WORDS,
        events=EVENT_WORDS,
        problem=problem,
    )
    return page_or_refusal(problem, drawn)


def channels(visit: Visit) -> Answer:
    """Show how each channel of the site stands; what waits may be tried now."""
    backend, problem = visit.backend, None
    if request.method == "POST":
        try:
            backend.retry_messages(visit.form.get("channel", ""))
            return redirect("/messages", 303)  # type: ignore[return-value]
        except EdgeError as error:
            problem = serializers.problem(error, visit.language)
    with backend.journal.reading() as db:
        found = channel_states(db, backend.channel_kinds)
    drawn = visit.page(
        "channels.html",
        channels=found,
        words=MESSAGE_WORDS,
        problem=problem,
    )
    return page_or_refusal(problem, drawn)
