"""Who waits."""

from __future__ import annotations

from edge.journal.unit import Unit
from edge.services.commands import Arrive, Leave
from edge.services.lookups import check_programme, known_person
from edge.services.request import Request
from edge.services.site import Site


def arrive(unit: Unit, request: Request[Arrive], site: Site) -> None:
    """Write ``PersonArrived``."""
    person = known_person(unit, request.command.person)
    check_programme(site.catalogues.current(unit.db), request.command.programme)
    unit.append(
        "PersonArrived",
        {"person": person.id, "programme": request.command.programme},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )


def leave(unit: Unit, request: Request[Leave], site: Site) -> None:  # noqa: ARG001
    """Write ``PersonLeft``."""
    person = known_person(unit, request.command.person)
    unit.append(
        "PersonLeft",
        {"person": person.id, "reason": request.command.reason},
        id_=request.id,
        by=request.actor.code,
        command=request.digest,
    )
