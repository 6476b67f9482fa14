"""What an imported row may not do: leave this site without its facility or its people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edge.campaign.editions import SiteCampaign, has_facility, shuts_out, staff_here
from edge.domain.catalogue import LIST_KEYS
from edge.domain.errors import BadInput
from edge.journal import views
from edge.journal.sessions import staff_with_pins

if TYPE_CHECKING:
    from sqlite_utils import Database


def staying_open(
    db: Database, facility: str, kind: str, item: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Give an item of a table as it is recorded: with what the site knows and no table says.

    Raises :class:`BadInput` for one with which nobody could work at ``facility``, or sign in there.
    """
    if kind not in ("facilities", "staff"):
        return item
    code = item[LIST_KEYS[kind]]
    before = views.catalogue_item(db, kind, code)
    if before is None:
        return item
    kept = {**before, **item}  # a table says nothing of sessions, approvals and PINs
    if before.get("pin") and not item.get("pin"):
        kept["pin"] = before["pin"]
    if kind == "facilities" and code == facility:
        _check_facility(before, kept, facility)
    elif kind == "staff" and _leaves(db, before, kept, facility):
        _check_staff(db, kept, facility)
    return kept


def _leaves(
    db: Database, before: Mapping[str, Any], member: Mapping[str, Any], facility: str
) -> bool:
    """Say whether somebody works at a facility, and would no more."""
    own = [item for item in [views.catalogue_item(db, "facilities", facility)] if item]
    was, is_ = (
        staff_here({"staff": [row], "facilities": own}, facility) for row in (before, member)
    )
    return bool(was) and not is_


def _check_facility(before: Mapping[str, Any], item: Mapping[str, Any], facility: str) -> None:
    had, has = (has_facility({"facilities": [row]}, facility) for row in (before, item))
    if had and not has:
        raise BadInput(
            "facility.own",
            "This site is {facility}: with this row nobody could work here.",
            hint="Leave the row out, or correct the facility of this site.",
            field="status",
            facility=facility,
        )


def _check_staff(db: Database, item: Mapping[str, Any], facility: str) -> None:
    now = views.catalogue_body(db)
    staff = [item if member["code"] == item["code"] else member for member in now["staff"]]
    site = SiteCampaign(facility, now, own_pins=staff_with_pins(db))
    if shuts_out({**now, "staff": staff}, site):
        raise BadInput(
            "staff.last",
            "{staff} is the last who can sign in at {facility}: with this row nobody could.",
            hint="Give somebody else who works here a PIN first.",
            field="status",
            staff=item["code"],
            facility=facility,
        )
