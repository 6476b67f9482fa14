"""A correction is judged like a dose: what it breaks or lifts needs a supervisor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from edge.domain.catalogue import Staff
from edge.domain.consequences import consequences
from edge.domain.dose import Dose
from edge.domain.errors import Refusal
from edge.domain.people import Person
from edge.domain.scheduled import Case
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import CorrectDose, CorrectPerson, Override
from edge.services.doses.overriding import decided, overridden, own_word
from edge.services.request import Request
from edge.services.site import Site


def case_of(unit: Unit, site: Site, person: Person, history: Sequence[Dose]) -> Case:
    """Put together whose doses are judged, by what."""
    catalogue = site.catalogues.current(unit.db)
    return Case.of(
        person, views.observations(unit.db, person.id), history, catalogue, site.clock.zone
    )


def agreed(
    unit: Unit,
    request: Request[CorrectPerson] | Request[CorrectDose],
    site: Site,
    before: Person,
    after: Person,
    corrected: Callable[[Dose], Dose] = lambda dose: dose,
    *,
    also: Sequence[Refusal] = (),
) -> dict[str, Any]:
    """Give ``overrides`` and ``supervisor`` of an entry, where a correction is against a rule.

    ``also`` are rules that it breaks whatever the schedule says.
    Raises the first rule that nobody overrides. A supervisor who is signed in decides as any other
    does: on what is named.
    """
    history = views.history(unit.db, before.id)
    return agreed_between(
        unit,
        request.actor,
        site,
        case_of(unit, site, before, history),
        case_of(unit, site, after, [corrected(dose) for dose in history]),
        request.command.override,
        request.command.reason,
        also=also,
    )


def agreed_between(
    unit: Unit,
    actor: Staff,
    site: Site,
    before: Case,
    after: Case,
    override: Override | None,
    reason: str,
    *,
    also: Sequence[Refusal] = (),
) -> dict[str, Any]:
    """Do the same of whatever changes how somebody is judged."""
    against = (*also, *consequences(before, after, site.clock.today()))
    override = override or own_word(against, actor, site, reason)
    catalogue = site.catalogues.current(unit.db)
    return decided(overridden(against, override, actor, catalogue, site), reason)
