"""Everything a page shows of one person, read at one moment, and what is offered today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edge.domain.catalogue import Catalogue, Programme
from edge.domain.dose import Dose
from edge.domain.people import Person
from edge.domain.schedule.observed import Seen
from edge.domain.scheduled import Case, DoseJudgement
from edge.journal import people_pages, views
from edge.services.people.observe import holding
from edge.web import calls, serializers
from edge.web.offers import Offers, offers
from edge.web.ribbon import Ribbon
from edge.web.visit import Visit

NOTHING = Ribbon((), None)


@dataclass(frozen=True, slots=True)
class PersonFile:
    """A person, what is recorded, and what the programmes say of today.

    ``queued`` is the programme that the person waits for, or empty.
    """

    person: Person
    doses: list[Dose]
    observed: Mapping[str, Seen]
    catalogue: Catalogue
    case: Case
    verdicts: list[tuple[Programme, DoseJudgement]]
    offers: Offers
    queued: str


def person_file(visit: Visit, id_: str) -> PersonFile:
    """Read what is known of a person, and judge it; raises :class:`NotFound`."""
    site = visit.backend.site
    with visit.backend.journal.reading() as db:
        person = calls.known_person(db, id_)
        doses = views.history(db, id_)
        observed = views.observations(db, id_)
        catalogue = site.catalogues.current(db)
        expected = people_pages.expected_for(db, id_)
    today = site.clock.today()
    case = serializers.case_of(person, doses, observed, catalogue, site.clock)
    verdicts = serializers.verdicts_of(case, today)
    offered = offers(case, verdicts, visit.ribbon or NOTHING, today, expected)
    held = holding(catalogue, observed, today)
    return PersonFile(person, doses, held, catalogue, case, verdicts, offered, expected[0])
