"""A supervisor or a clinician decides against rules: who may, and what is written of it."""

from __future__ import annotations

from collections.abc import Sequence

from edge.domain.catalogue import Catalogue, Role, Staff
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
    somebody who may not decide at the facility: see :func:`decider`.
    """
    role = decider(objections)
    if override is None and objections and objections[0].overridable:
        raise next(objection for objection in objections if objection.decides == role)
    for objection in objections:
        if override is None or not objection.overridable:
            raise objection
    if override is None or not objections:
        return []
    code = override.supervisor or actor.code
    if not may_decide(catalogue.staff.get(code), site, role):
        if role == "clinician":
            raise NotAllowed(
                "override.not-a-clinician",
                "Only a clinician of this facility may decide whether this dose is given.",
                hint="Ask a clinician to sign.",
                field="override.supervisor",
            )
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


def decider(objections: Sequence[Refusal]) -> Role:
    """Give the role of whoever decides on all of these together.

    Where a clinician decides on one of them, the others come with it: it is one dose.
    """
    roles = {objection.decides for objection in objections}
    return "clinician" if "clinician" in roles else "supervisor"


def is_supervisor(staff: Staff | None, site: Site) -> bool:
    """Say whether somebody is a supervisor of this facility."""
    return may_decide(staff, site, "supervisor")


def may_decide(staff: Staff | None, site: Site, role: Role) -> bool:
    """Say whether somebody decides at this facility in a role."""
    return (
        staff is not None
        and staff.active
        and role in staff.roles
        and site.facility in staff.facilities
    )
