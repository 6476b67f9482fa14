"""Cards that say who somebody is: scanned in Find, or scanned and typed at registration."""

from __future__ import annotations

from typing import Any

from edge.credentials.verdict import UNREADABLE, Verdict
from edge.domain.errors import BadInput, EdgeError
from edge.domain.identities import joined_identity
from edge.domain.people import Person
from edge.journal import views
from edge.services.identities import ReadCard
from edge.web.uploads import asker_of
from edge.web.visit import Visit

SHORTEST = 60
"""Characters: no certificate or card is shorter, and hardly anything that somebody types longer."""
LONGEST = 8192
"""Characters: a QR code of digits holds 7,089."""


def card_in(visit: Visit, text: str) -> ReadCard | None:
    """Read lines that a machine can read; None for another text. Raises :class:`BadInput`."""
    if len(text) < SHORTEST or len(text) > LONGEST:
        return None
    site = visit.backend.site
    return site.identities.card(text, site.clock.today())


def card_of(visit: Visit, verdict: Verdict | None) -> ReadCard | None:
    """Give the card that a good verdict is of, if the campaign asks for its kind."""
    if verdict is None or not verdict.good or verdict.claims.get("kind") != "identity":
        return None
    site = visit.backend.site
    return site.identities.card("", site.clock.today(), verdict.format, verdict.claims)


def shown_card(visit: Visit) -> ReadCard:
    """Read the card of a registration form.

    Raises :class:`BadInput` for what is none, has a mistake or no good signature.
    """
    text = visit.form.get("card", "").strip()
    found = card_in(visit, text)
    if found is None and len(text) >= SHORTEST:
        verdict = visit.backend.verify(text.encode(), asker_of(visit.backend))
        found = card_of(visit, verdict)
        if found is None and verdict.verdict != UNREADABLE and not verdict.good:
            values: dict[str, Any] = dict(verdict.values)
            raise BadInput("card.not-good", verdict.reason, field="card", hint=_HINT, **values)
    if found is None:
        raise BadInput(
            "card.unread",
            "This is no card that the campaign asks for.",
            hint="Scan the code again, or type all of the lines with < signs.",
            field="card",
        )
    return found


_HINT = "Look at the card and the person, and type what it says."


def filled_by(card: ReadCard) -> dict[str, str]:
    """Give the fields of a registration that a card fills."""
    facts = card.facts
    whole = len(facts.birth) == 10
    return {
        "name": facts.name,
        "passportName": facts.passport_name,
        "birthDate": facts.birth if whole else "",
        "birthYear": "" if whole else facts.birth[:4],
        "gender": facts.gender,
        "identityType": card.rule.type,
        "identityNumber": facts.number,
    }


def holder_of(visit: Visit, card: ReadCard) -> Person | None:
    """Find who has a card's number here; nobody where it cannot be kept here."""
    identity = joined_identity(card.rule.type, card.facts.number)
    try:
        kept = visit.backend.site.identities.kept(identity)
    except EdgeError:
        return None
    with visit.backend.journal.reading() as db:
        return views.person_by_identity(db, kept)
