"""How somebody wants to be told, as forms ask it and bring it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from edge.domain.catalogue import Catalogue
from edge.domain.contact import ContactPreference, DistributionPlan
from edge.journal.views.contact import contact_preference
from edge.web.message_words import CHANNEL_WORDS
from edge.web.seen_forms import touched
from edge.web.visit import Visit, form_missing

_FIELDS = ("consent", "channel", "language")


@dataclass(frozen=True, slots=True)
class ContactFields:
    """What a form shows of it: what was said, and what may be chosen."""

    said: ContactPreference
    channels: dict[str, str]
    languages: dict[str, str]

    def shown(self) -> dict[str, str]:
        """Give the fields as the form has them."""
        return {name: getattr(self.said, name) for name in _FIELDS}


def contact_fields_of(visit: Visit, person: str) -> ContactFields | None:
    """Give the fields for somebody who is registered; None where people are sent nothing."""
    with visit.backend.journal.reading() as db:
        catalogue = visit.backend.site.catalogues.current(db)
        said = contact_preference(db, person)
    plan = catalogue.distribution
    if not plan.channels:
        return None
    return ContactFields(said, channels_of(plan), languages_of(catalogue, said.language))


def contact_touched(form: Mapping[str, str]) -> bool:
    """Say whether somebody changed the fields of a form: they are not as it showed them.

    What was said meanwhile, as by an answer to a message, stands where nobody touched them.
    """
    return "contact" in form and bool(touched(form, _FIELDS))


def contact_stands(visit: Visit, person: str) -> bool:
    """Say whether what a form brings is what another tablet recorded meanwhile."""
    now = contact_fields_of(visit, person)
    return now is not None and all(
        visit.form.get(name, "") == value for name, value in now.shown().items()
    )


def channels_of(plan: DistributionPlan) -> dict[str, str]:
    """Give the channels of a campaign with what they are called."""
    return {name: CHANNEL_WORDS.get(name, name) for name in plan.channels}


def languages_of(catalogue: Catalogue, said: str) -> dict[str, str]:
    """Name the languages in which somebody may be told, each in itself, and the one they said."""
    codes = {catalogue.language, *catalogue.distribution.languages, said} - {""}
    return {code: _own_name(code) for code in sorted(codes)}


def _own_name(code: str) -> str:
    try:
        return Locale.parse(code).get_language_name() or code
    except (UnknownLocaleError, ValueError):  # a language that is the campaign's alone
        return code


def contact_document(visit: Visit, person: str) -> dict[str, object]:
    """Read a form's fields of how somebody wants to be told."""
    form = visit.form
    consent = form.get("consent", "")
    return {
        "type": "RecordContactPreference",
        "person": person,
        "consent": consent if consent in ("yes", "no") else form_missing("consent"),
        "channel": form.get("channel", "")[:200],
        "language": form.get("language", "")[:200],
    }
