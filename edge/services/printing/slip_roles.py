"""Which roles may have which slip."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.catalogue import Role
from edge.domain.errors import NotAllowed

_EVERY_DAY: frozenset[Role] = frozenset({"registrar", "vaccinator", "supervisor"})
_STAFF: frozenset[Role] = _EVERY_DAY | {"technician"}
SLIP_ROLES: Mapping[str, frozenset[Role]] = {
    "certificate": _EVERY_DAY,
    "appointment": _EVERY_DAY,
    "sticker": _EVERY_DAY,
    "plan": _EVERY_DAY,
    "vial": _STAFF,
    "tally": _STAFF,
    "setup": frozenset({"supervisor", "technician"}),
    "badge": frozenset({"supervisor"}),
}
"""Who may see and print each slip: people's records are none of a technician's business."""


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
