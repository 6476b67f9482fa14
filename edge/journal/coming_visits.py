"""A person's coming visits, by what the journal holds of them and the sessions of a facility."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.people import Person
from edge.domain.scheduled import Case
from edge.domain.visits import VisitPlan, plan_visits
from edge.journal import views

if TYPE_CHECKING:
    from sqlite_utils import Database


def coming_visits(
    db: Database,
    catalogue: Catalogue,
    facility: str,
    person: Person,
    today: date,
    zone: tzinfo,
    until: date | None = None,
) -> VisitPlan:
    """Plan a person's visits to a facility (by its code) from a day on."""
    observed, history = views.observations(db, person.id), views.history(db, person.id)
    case = Case.of(person, observed, history, catalogue, zone)
    return plan_visits(case, today, catalogue.sessions_of(facility), until)
