"""The API of messages: what one person is told, and how they want to be."""

from __future__ import annotations

from edge.journal.outbox import Message, messages_of
from edge.journal.views.contact import contact_preference
from edge.web.calls import ApiInput, known_person
from edge.web.message_answers import ContactAnswer, MessageAnswer
from edge.web.serializers import answer_of
from edge.web.translations import Language
from sync.protocol.instants import read_instant

_SHOWN = 3
"""Signs of an address that are shown: enough to tell a person's two numbers apart."""


def person_messages(call: ApiInput) -> ContactAnswer:
    """Give how a person wants to be told, and what became of each message, the newest first."""
    with call.backend.journal.reading() as db:
        person = known_person(db, call.values["id"])
        said = contact_preference(db, person.id)
        plan = call.backend.site.catalogues.current(db).distribution
        found = messages_of(db, person.id)
    return answer_of(
        ContactAnswer,
        said,
        agreed=plan.agreed(said),
        channels=list(plan.channels),
        messages=[message_answer(row, call.language) for row in found],
    )


def message_answer(message: Message, language: Language) -> MessageAnswer:
    """Answer a message, its cause in words."""
    return answer_of(
        MessageAnswer,
        message,
        state=str(message.state),
        code=message.cause.code,
        sentence=language.say(message.cause.sentence, dict(message.cause.values)),
        address=shown_end(message.address),
        queued_at=read_instant(message.queued_at),
        changed_at=read_instant(message.changed_at),
    )


def shown_end(address: str) -> str:
    """Show the end of an address alone."""
    return f"…{address[-_SHOWN:]}" if address else ""
