"""How somebody wants to be told of certificates and coming doses."""

from __future__ import annotations

import re

from edge.domain.errors import BadInput, Refusal
from edge.journal.unit import Unit
from edge.journal.views.contact import contact_preference
from edge.services.commands import RecordContactPreference
from edge.services.lookups import known_person
from edge.services.request import Request
from edge.services.site import Site

_LANGUAGE = re.compile(r"([a-z]{2,3})?")
"""ISO 639, as campaigns name their languages."""


def record_contact_preference(
    unit: Unit, request: Request[RecordContactPreference], site: Site
) -> None:
    """Write ``ContactPreferenceRecorded``.

    Raises :class:`BadInput` for a channel that the campaign does not allow, a language that is
    none, and what is recorded already.
    """
    command = request.command
    person = known_person(unit, command.person)
    plan = site.catalogues.current(unit.db).distribution
    if not plan.channels:
        raise Refusal(
            "contact.nothing-sent",
            "The campaign sends people nothing.",
            hint="The ministry allows channels in distribution.yaml.",
            field="consent",
        )
    if command.channel and command.channel not in plan.channels:
        raise BadInput(
            "contact.channel",
            "The campaign does not allow the channel {channel}.",
            hint="Choose one of: {known}.",
            field="channel",
            channel=command.channel,
            known=", ".join(plan.channels),
        )
    if not _LANGUAGE.fullmatch(command.language):
        raise BadInput(
            "contact.language",
            "The language {language} is not a code of two or three small letters.",
            hint="Write it as ISO 639 does, such as fr, or leave it empty.",
            field="language",
            language=command.language,
        )
    said = contact_preference(unit.db, person.id)
    told = (command.consent, command.channel, command.language)
    if told == (said.consent, said.channel, said.language) and not said.by_reply:
        raise BadInput(
            "contact.nothing",
            "This is what is recorded already.",
            hint="Choose what has changed, then save.",
            field="consent",
        )
    unit.append(
        "ContactPreferenceRecorded",
        preference_body(person.id, command.consent, "person", command.channel, command.language),
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def preference_body(
    person: str, consent: str, source: str, channel: str, language: str
) -> dict[str, str]:
    """Give the body of the entry; what is empty is left out."""
    said = {"channel": channel, "language": language}
    kept = {name: value for name, value in said.items() if value}
    return {"person": person, "consent": consent, "source": source, **kept}
