"""What the API answers of messages to a person."""

from __future__ import annotations

from datetime import datetime

from edge.web.answer import Answer


class MessageAnswer(Answer, frozen=True):
    """One message: on which channel, what it is about, how far it is, and why.

    ``event`` is ``certificate``, ``due`` or ``overdue``; ``state`` as in docs/distribution.md.
    ``address`` shows the end of where it went to.
    """

    id: str
    channel: str
    event: str
    state: str
    code: str
    sentence: str
    address: str
    tries: int
    queued_at: datetime
    changed_at: datetime


class ContactAnswer(Answer, frozen=True):
    """How a person wants to be told, on which channels they may be, and what became of messages.

    ``consent`` is ``yes``, ``no`` or empty where nobody asked; ``byReply``: they answered a message
    with the word that ends them.
    """

    consent: str
    channel: str
    language: str
    by_reply: bool
    agreed: bool
    channels: list[str]
    messages: list[MessageAnswer]
