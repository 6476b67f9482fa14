"""Which doses given elsewhere are believed: the same bounds for every way they come in by.

A dose given here is held against them by :func:`edge.domain.doses.give_dose`; this is for what an
import, a certificate, a typed card or the registry tells.
"""

from __future__ import annotations

from datetime import date

from edge.domain.catalogue import Catalogue, Programme
from edge.domain.doses import check_lived, check_running, not_assigned
from edge.domain.people import Person
from edge.domain.status import check_alive


def check_told(
    catalogue: Catalogue,
    programme: Programme | None,
    person: Person,
    on: date,
    today: date,
    *,
    facility: str = "",
    vaccinator: str = "",
) -> None:
    """Refuse a dose told of that cannot be: of its day, or of whoever gave it.

    ``facility`` and ``vaccinator`` are as they were told, each a code or a name; where the campaign
    knows both, the one must work at the other. Raises :class:`edge.domain.errors.Refusal`.
    """
    check_lived(person, on, today)
    check_alive(person.status, on)
    check_running(programme, on, elsewhere=True)
    places = [
        place for place in catalogue.facilities.values() if facility in (place.code, place.name)
    ]
    hands = [hand for hand in catalogue.staff.values() if vaccinator in (hand.code, hand.name)]
    if (
        places
        and hands
        and not any(hand.worked_at(place.code) for place in places for hand in hands)
    ):
        raise not_assigned(hands[0].name, places[0].name)
