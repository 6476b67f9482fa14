"""What pages and API share of running a site: who may take in which table, and whose PIN is set."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.catalogue import Staff
from edge.domain.errors import BadInput, NotAllowed
from edge.domain.modules import ALWAYS, DESK, HISTORY, STOCK, Needs, met
from edge.domain.sign_in_rules import REGISTRABLE
from edge.services.imports.tables import PROGRAMMED, unknown_kind
from edge.services.sign_in_outcomes import Signature
from edge.web.asking import signed
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


_KIND_NEEDS: Mapping[str, Needs] = {
    "enrolments": DESK,
    "certificates": HISTORY,
    "stock": STOCK,
    "facilities": ALWAYS,
    "vaccinators": ALWAYS,
    "campaign": ALWAYS,
}


def kinds_of(backend: Backend, staff: Staff) -> tuple[str, ...]:
    """Name the tables that somebody may take in: a technician none of people or of roles."""
    return tuple(
        kind for kind in _kinds(backend) if "supervisor" in staff.roles or kind not in _SUPERVISORS
    )


def _kinds(backend: Backend) -> list[str]:
    running = backend.running()
    return [kind for kind, needs in _KIND_NEEDS.items() if met(needs, running)]


def check_kind(backend: Backend, staff: Staff, kind: str) -> None:
    """Refuse a table that somebody may not take in; raises :class:`NotAllowed`.

    Raises :class:`BadInput` for a kind that there is not where the modules of now run.
    """
    if kind not in (known := _kinds(backend)):
        raise unknown_kind(kind, known)
    if kind not in kinds_of(backend, staff):
        raise NotAllowed("staff.not-allowed", "Your role does not allow this.")


def staff_here(backend: Backend) -> list[Staff]:
    """Name those who work at this facility, in order of their names."""
    with backend.journal.reading() as db:
        staff = backend.site.catalogues.current(db).staff.values()
    here = [
        member for member in staff if member.active and backend.site.facility in member.facilities
    ]
    return sorted(here, key=lambda member: member.name)


def registrable(backend: Backend) -> frozenset[str]:
    """Name what the campaign has somebody register to sign in with, beside a PIN."""
    methods = backend.authenticator.methods()
    return frozenset(name for name in methods if name in REGISTRABLE or name.startswith("x-"))


def check_twice(pin: str, again: str) -> None:
    """Refuse a new PIN that was not typed the same twice."""
    if pin != again:
        raise BadInput(
            "pin.differ",
            "The two new PINs are not the same.",
            hint="Type the new PIN twice.",
            field="newPinAgain",
        )


def decide_invitation(
    backend: Backend, supervisor: Staff, id_: str, signature: Signature, *, right: bool
) -> Staff | None:
    """Let an invited person's PIN count, or end the invitation; the supervisor signs.

    Gives who can sign in now. Raises :class:`EdgeError` for a wrong PIN, or an invitation that
    ended meanwhile.
    """
    signed(backend, supervisor.code, signature)
    if right:
        return backend.invitations.confirm(id_, supervisor)
    backend.invitations.refuse(id_, supervisor)
    return None


def set_pin(backend: Backend, supervisor: Staff, code: str, pin: str, signature: Signature) -> None:
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
    signed(backend, supervisor.code, signature)
    backend.authenticator.set_pin(code, pin, by=supervisor.code)
