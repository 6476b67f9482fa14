"""How somebody said that they want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge.domain.contact import NOTHING_SAID, ContactPreference
from edge.journal.views.people import OF_ONE

if TYPE_CHECKING:
    from sqlite_utils import Database


def contact_preference(db: Database, person_id: str) -> ContactPreference:
    """Give what somebody said last, under whichever id."""
    row = db.execute(
        "SELECT consent, channel, language, by_reply FROM contact_preference"  # noqa: S608
        " JOIN person ON person.id = contact_preference.person"
        f" WHERE {OF_ONE} ORDER BY contact_preference.position DESC LIMIT 1",
        (person_id,),
    ).fetchone()
    if row is None:
        return NOTHING_SAID
    consent, channel, language, by_reply = row
    return ContactPreference(consent, channel, language, bool(by_reply))
