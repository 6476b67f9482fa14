"""What a message says, and whether it may still go: asked at the moment it is handed over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from babel.core import Locale, UnknownLocaleError

from edge.domain.catalogue import Catalogue
from edge.domain.date_forms import ISO, dated
from edge.domain.messages import (
    DIED,
    GIVEN,
    MOVED,
    NO_ADDRESS,
    NO_CONSENT,
    NOT_ALLOWED,
    REMINDERS,
    REVOKED,
    Cause,
    MessageState,
)
from edge.domain.recall import calls
from edge.journal import views
from edge.journal.outbox import Message
from edge.plugins.distribution.contract import OutgoingMessage
from edge.services.messages.recipients import ChannelAddresses, Recipient, recipient
from edge.services.site import Site

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Stopped:
    """A message that does not go: the state it ends in, and why."""

    state: MessageState
    cause: Cause


def composed(
    db: Database, message: Message, site: Site, channels: ChannelAddresses
) -> OutgoingMessage | Stopped:
    """Write a message for its channel, or say why it does not go."""
    catalogue = site.catalogues.current(db)
    known = recipient(db, message.person, channels, catalogue)
    if known is None:
        return Stopped(MessageState.DROPPED, NO_ADDRESS)
    stopped = _stopped(db, message, known, catalogue, site)
    if stopped is not None:
        return stopped
    template = catalogue.distribution.texts[message.event]
    language = known.preference.language or catalogue.language
    facility = catalogue.find_facility(site.facility)
    text = template.in_language(language).format(
        facility=facility.name if facility else site.facility,
        day=_day(_due(message), catalogue, language),
        stop=catalogue.distribution.stop.in_language(language),
    )
    return OutgoingMessage(message.id, known.addresses[message.channel], text, language)


def reminder_subject(due: date, offset: int) -> str:
    """Name a reminder: the day on which doses are due, and how many days from there it is told."""
    return f"{due.isoformat()}{offset:+d}"


def _due(message: Message) -> date | None:
    """Give the day that a reminder is about."""
    return date.fromisoformat(message.subject[:10]) if message.event in REMINDERS else None


def _stopped(
    db: Database, message: Message, known: Recipient, catalogue: Catalogue, site: Site
) -> Stopped | None:
    plan, person = catalogue.distribution, known.person
    if person.status.name == "died":
        return Stopped(MessageState.DROPPED, DIED)
    if message.event in REMINDERS and not person.status.here:
        return Stopped(MessageState.DROPPED, MOVED)
    if not plan.agreed(known.preference):
        return Stopped(MessageState.DECLINED, NO_CONSENT)
    if message.channel not in plan.channels or message.event not in plan.texts:
        return Stopped(MessageState.DROPPED, NOT_ALLOWED)
    if message.channel not in known.addresses:
        return Stopped(MessageState.DROPPED, NO_ADDRESS)
    if message.event == "certificate":
        certificate = views.certificate(db, message.subject)
        if certificate is None or certificate.revoked_at:
            return Stopped(MessageState.DROPPED, REVOKED)
        return None
    return None if _still_due(db, message, known, catalogue, site) else _NOT_DUE


_NOT_DUE = Stopped(MessageState.DROPPED, GIVEN)


def _still_due(
    db: Database, message: Message, known: Recipient, catalogue: Catalogue, site: Site
) -> bool:
    """Say whether a dose that became due on the day of a reminder still is."""
    due, today = _due(message), site.clock.today()
    sessions = catalogue.sessions_of(site.facility)
    return due is not None and any(
        sessions.comes_back(call.since) == due
        for call in calls(
            known.person,
            views.history(db, known.person.id),
            views.observations(db, known.person.id),
            catalogue,
            today,
            max(due, today),
            sessions,
        )
    )


def _day(day: date | None, catalogue: Catalogue, language: str) -> str:
    if day is None:
        return ""
    try:
        locale = str(Locale.parse(language))
    except (UnknownLocaleError, ValueError):
        locale = "en_001"
    return dated(day, replace(catalogue.dates, calendar=""), locale, ISO, str)
