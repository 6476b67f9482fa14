"""A supervisor or a clinician decides against rules: who may, and what is written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge.domain.catalogue import Catalogue, Role, Staff
from edge.domain.errors import NotAllowed, Refusal
from edge.services.commands import DecidedObjection, Override
from edge.services.site import Site

_FOR_A_SUPERVISOR = frozenset({"dose.take-back", "dose.number-stated"})
"""Objections that ask for no more than that a supervisor does it."""


def overridden(
    objections: Sequence[Refusal],
    override: Override | None,
    actor: Staff,
    catalogue: Catalogue,
    site: Site,
) -> list[dict[str, str]]:
    """Give ``rule``, ``reason`` and ``supervisor`` for each objection that is set aside.

    Raises the first objection that nobody may override or that whoever decides has not seen, with
    all the others beside it; :class:`NotAllowed` for somebody who may not decide at the facility:
    see :func:`decider`.
    """
    if not objections:
        return []
    role = decider(objections)
    refused = next((objection for objection in objections if not objection.overridable), None)
    if refused is not None:
        raise refused.among(objections, role)
    reasons = _reasons(objections, override) if override else {}
    unseen = [objection for objection in objections if objection.id not in reasons]
    if override is None or unseen:
        first = next((other for other in unseen if other.decides == role), unseen[0])
        raise first.among(objections, role)
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
        {"rule": objection.code, "reason": reasons[objection.id], "supervisor": code}
        for objection in objections
    ]


def decided(found: Sequence[Mapping[str, str]], reason: str) -> dict[str, Any]:
    """Give ``overrides`` and ``supervisor`` of an entry that has a reason; nothing for no rule.

    ``reasons`` are why each rule was set aside, where it is another one.
    """
    if not found:
        return {}
    told: dict[str, Any] = {
        "overrides": [item["rule"] for item in found],
        "supervisor": found[0]["supervisor"],
    }
    if any(item["reason"] != reason for item in found):
        told["reasons"] = [item["reason"] for item in found]
    return told


def own_word(
    objections: Sequence[Refusal], actor: Staff, site: Site, reason: str
) -> Override | None:
    """Give the word of a supervisor who is signed in on what asks for a supervisor and no more.

    A rule that a request breaks is named to them first, as to anybody who signs.
    """
    asked = [objection for objection in objections if objection.code in _FOR_A_SUPERVISOR]
    if not asked or not may_decide(actor, site, decider(objections)):
        return None
    seen = tuple(DecidedObjection(id=objection.id) for objection in asked)
    return Override(reason=reason, objections=seen)


def _reasons(objections: Sequence[Refusal], override: Override) -> dict[str, str]:
    """Give why each objection is set aside, by its id; one that nobody saw is not in it."""
    if not override.objections and len(objections) == 1:
        return {objections[0].id: override.reason}
    return {seen.id: seen.reason.strip() or override.reason for seen in override.objections}


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
