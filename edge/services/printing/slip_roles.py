"""Which roles may have which slip, and of which modules each is."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.catalogue import Role
from edge.domain.errors import NotAllowed
from edge.domain.modules import (
    ALWAYS,
    APPOINTMENTS,
    PAPERS,
    PAYMENT,
    STOCK,
    VACCINATION,
    Needs,
    met,
)
from edge.slips.slip_maker import unknown_slip

_EVERY_DAY: frozenset[Role] = frozenset({"registrar", "vaccinator", "supervisor"})
_STAFF: frozenset[Role] = _EVERY_DAY | {"technician"}
SLIP_ROLES: Mapping[str, frozenset[Role]] = {
    "certificate": _EVERY_DAY,
    "appointment": _EVERY_DAY,
    "expected": _EVERY_DAY,
    "sticker": _EVERY_DAY,
    "plan": _EVERY_DAY,
    "card": _EVERY_DAY,
    "history": _EVERY_DAY,
    "vial": _STAFF,
    "tally": _STAFF,
    "receipt": _EVERY_DAY,
    "cash": _EVERY_DAY,
    "setup": frozenset({"supervisor", "technician"}),
    "badge": frozenset({"supervisor"}),
}
"""Who may see and print each slip: people's records are none of a technician's business."""


SLIP_NEEDS: Mapping[str, Needs] = {
    "certificate": PAPERS,
    "appointment": APPOINTMENTS,
    "expected": APPOINTMENTS,
    "sticker": VACCINATION,
    "plan": APPOINTMENTS,
    "card": VACCINATION,
    "history": PAPERS,
    "vial": STOCK,
    "tally": VACCINATION,
    "receipt": PAYMENT,
    "cash": PAYMENT,
    "setup": ALWAYS,
    "badge": ALWAYS,
}


def slips_of(running: frozenset[str]) -> list[str]:
    """Name the slips that there are where these modules run."""
    return [slip for slip, needs in SLIP_NEEDS.items() if met(needs, running)]


def slips_for(roles: frozenset[Role], running: frozenset[str]) -> list[str]:
    """Name the slips that somebody in these roles may have where these modules run."""
    return [slip for slip in slips_of(running) if SLIP_ROLES[slip] & roles]


def check_slip(slip: str, roles: frozenset[Role], running: frozenset[str]) -> None:
    """Refuse a slip that there is not where these modules run, or not for somebody.

    Raises :class:`NotFound` and :class:`NotAllowed`.
    """
    check_slip_there(slip, running)
    check_slip_role(slip, roles)


def check_slip_there(slip: str, running: frozenset[str]) -> None:
    """Refuse a slip that there is not where these modules run; raises :class:`NotFound`."""
    known = slips_of(running)
    if slip not in known:
        raise unknown_slip(slip, known)


def check_slip_role(slip: str, roles: frozenset[Role]) -> None:
    """Refuse a slip to those who may not have it; raises :class:`NotAllowed`."""
    allowed = SLIP_ROLES.get(slip, _STAFF)  # which slips there are, is for others to say
    if not allowed & roles:
        raise NotAllowed(
            "staff.not-allowed",
            "Your role does not allow this.",
            hint="Ask a colleague with the role: {roles}.",
            roles=", ".join(sorted(allowed)),
        )
