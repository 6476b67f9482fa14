"""Who waits."""

from __future__ import annotations

from edge.domain.catalogue import Catalogue
from edge.domain.errors import BadInput, NotFound
from edge.domain.people import Person
from edge.journal import views
from edge.journal.unit import Unit
from edge.services.commands import Arrive, Leave
from edge.services.request import Request
from edge.services.site import Site


def arrive(unit: Unit, request: Request[Arrive], site: Site) -> None:
    """Write ``PersonArrived``."""
    known_person(unit, request.command.person)
    check_programme(site.shelf.catalogue(unit.db), request.command.programme)
    unit.append(
        "PersonArrived",
        {"person": request.command.person, "programme": request.command.programme},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def leave(unit: Unit, request: Request[Leave], site: Site) -> None:  # noqa: ARG001
    """Write ``PersonLeft``."""
    known_person(unit, request.command.person)
    unit.append(
        "PersonLeft",
        {"person": request.command.person, "reason": request.command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def known_person(unit: Unit, id_: str) -> Person:
    """Find a person, or raise :class:`NotFound`."""
    person = views.person(unit.db, id_)
    if person is None:
        raise NotFound(
            "person.unknown",
            "This person is not registered here.",
            hint="Search again, or register the person.",
            field="person",
        )
    return person


def check_programme(catalogue: Catalogue, id_: str) -> None:
    """Refuse a programme that the campaign in force does not have."""
    if id_ not in catalogue.programmes:
        raise BadInput(
            "programme.unknown",
            "The programme {programme} is not in the campaign in force.",
            hint="Choose one of: {known}.",
            field="programme",
            programme=id_,
            known=", ".join(sorted(catalogue.programmes)),
        )
