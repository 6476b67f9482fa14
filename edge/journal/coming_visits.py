"""A person's coming visits, by what the journal holds of them and the sessions of a facility."""

from __future__ import annotations

from datetime import date, tzinfo
from typing import TYPE_CHECKING

from edge.domain.catalogue import Catalogue
from edge.domain.people import Person
from edge.domain.scheduled import Case, subject_of
from edge.domain.session_days import EVERY_DAY
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
    case = Case(
        subject=subject_of(person, views.observations(db, person.id)),
        history=views.history(db, person.id),
        catalogue=catalogue,
        zone=zone,
        status=person.status,
    )
    known = catalogue.find_facility(facility)
    return plan_visits(case, today, known.sessions if known else EVERY_DAY, until)
