"""Who answers for a person, as a request gives them."""

from __future__ import annotations

from edge.domain.errors import BadInput
from edge.domain.guardian import Guardian
from edge.journal.unit import Unit
from edge.services.commands import GuardianInput
from edge.services.lookups import known_person


def guardian_of(unit: Unit, given: GuardianInput | None, of: str = "") -> Guardian | None:
    """Read a guardian; of one who is registered here, name and phone are filled in.

    ``of`` is the id of the person whom it is about. Nothing given is nobody.
    """
    if given is None or not (given.name.strip() or given.phone.strip() or given.person):
        return None
    name, phone, person = " ".join(given.name.split()), given.phone.strip(), ""
    if given.person:
        known = known_person(unit, given.person)
        if known.id == of:
            raise BadInput(
                "guardian.oneself",
                "Nobody is their own mother, father or guardian.",
                hint="Choose another person, or leave it empty.",
                field="guardian.person",
            )
        name, phone, person = name or known.name, phone or known.phone, known.id
    return Guardian(given.relation, name, phone, person)
