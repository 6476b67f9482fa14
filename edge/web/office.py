"""What pages and API share of running a site: who may take in which table, and whose PIN is set."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, NotAllowed
from edge.services.imports.tables import PROGRAMMED
from edge.web.asking import pin_asker
from edge.web.backend import Backend

KIND_WORDS: Mapping[str, str] = {
    "enrolments": "People who are expected",
    "certificates": "Doses given elsewhere",
    "stock": "A delivery of vaccine",
    "facilities": "Facilities",
    "vaccinators": "Vaccinators",
    "campaign": "A packed campaign",
}
"""What the tables are called on the screen."""
_SUPERVISORS = frozenset({*PROGRAMMED, "vaccinators", "campaign"})
"""Tables of people, and those that say who may do what here, and with which PIN."""


def kinds_of(staff: Staff) -> tuple[str, ...]:
    """Name the tables that somebody may take in: a technician none of people or of roles."""
    return tuple(
        kind for kind in KIND_WORDS if "supervisor" in staff.roles or kind not in _SUPERVISORS
    )


def check_kind(staff: Staff, kind: str) -> None:
    """Refuse a table that somebody may not take in; raises :class:`NotAllowed`."""
    if kind in KIND_WORDS and kind not in kinds_of(staff):
        raise NotAllowed("staff.not-allowed", "Your role does not allow this.")


def staff_here(backend: Backend) -> list[Staff]:
    """Name those who work at this facility, in order of their names."""
    with backend.journal.reading() as db:
        staff = backend.site.catalogues.current(db).staff.values()
    here = [
        member for member in staff if member.active and backend.site.facility in member.facilities
    ]
    return sorted(here, key=lambda member: member.name)


def set_pin(backend: Backend, supervisor: Staff, code: str, pin: str, own_pin: str) -> None:
    """Set somebody's PIN, which ends their sessions; the supervisor signs with their own.

    Raises :class:`BadInput` for somebody who does not work here, :class:`NotAllowed` for a wrong
    PIN of the supervisor's.
    """
    if code not in {member.code for member in staff_here(backend)}:
        raise BadInput(
            "staff.not-here",
            "Nobody with this code works here.",
            hint="Choose somebody of the list.",
            field="code",
        )
    backend.authenticator.check_pin(supervisor.code, own_pin, pin_asker(backend))
    backend.authenticator.set_pin(code, pin, by=supervisor.code)
