"""A supervisor decides against rules: who may, and what is written of it."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.catalogue import Catalogue, Staff
from edge.domain.errors import NotAllowed, Refusal
from edge.services.commands import Override
from edge.services.site import Site


def overridden(
    objections: Sequence[Refusal],
    override: Override | None,
    actor: Staff,
    catalogue: Catalogue,
    site: Site,
) -> list[dict[str, str]]:
    """Give ``rule``, ``reason`` and ``supervisor`` for each objection that is set aside.

    Raises the first objection that nobody overrides or may override, :class:`NotAllowed` for
    somebody who is no supervisor of the facility.
    """
    for objection in objections:
        if override is None or not objection.overridable:
            raise objection
    if override is None or not objections:
        return []
    code = override.supervisor or actor.code
    if not is_supervisor(catalogue.staff.get(code), site):
        raise NotAllowed(
            "override.not-a-supervisor",
            "Only a supervisor of this facility may decide against a rule.",
            hint="Ask a supervisor to sign.",
            field="override.supervisor",
        )
    return [
        {"rule": objection.code, "reason": override.reason, "supervisor": code}
        for objection in objections
    ]


def is_supervisor(staff: Staff | None, site: Site) -> bool:
    """Say whether somebody is a supervisor of this facility."""
    return (
        staff is not None
        and staff.active
        and "supervisor" in staff.roles
        and site.facility in staff.facilities
    )
