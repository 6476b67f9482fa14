"""People's histories by stick: the question that goes out, and its answer weeks later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal.delivery import HEARD
from edge.journal.histories import last_asked
from edge.journal.history_requests import carried_nonce, carried_question
from edge.journal.settings import setting
from edge.journal.unit import Unit
from edge.services.registry.record_histories import next_people, record_histories
from edge.services.site import Site
from sync.protocol.histories import MOST, Histories, PersonQuery, make_question
from sync.protocol.instants import instant
from sync.protocol.keys import node_id
from sync.protocol.questions import sign_question


class CarriedHistory:
    """Asks by stick for whom somebody asked, and for those who are expected."""

    def __init__(
        self,
        site: Site,
        key: Ed25519PrivateKey,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
    ) -> None:
        self._site = site
        self._key = key
        self._now = now
        self._nonce = nonce

    def question(self, unit: Unit) -> dict[str, Any] | None:
        """Give the signed question that goes with an export; None: nobody is to be asked for."""
        db, now = unit.db, self._now()
        people = sorted(next_people(db, self._site.facility, now, MOST), key=lambda one: one.id)
        if not people:
            return None
        after = setting(db, HEARD)
        nonce = carried_nonce(db, people, after, self._nonce(), instant(now))
        document = {**make_question(people, nonce), "after": after}
        return sign_question(document, "history", node_id(self._key.public_key()), self._key)

    def take(self, unit: Unit, nonce: str, told: Histories) -> None:
        """Record an answer as one that came by network; nothing of what is not newer than known.

        The registry has signed it; one to a question that this site never asked changes nothing.
        """
        question = carried_question(unit.db, nonce)
        asked = [
            PersonQuery(person, question[person])
            for person in told.people
            if person in question and told.at > last_asked(unit.db, person)
        ]
        record_histories(unit, self._site, asked, told)
