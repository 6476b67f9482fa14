"""What another campaign would change at a site: its people, its staff, its paper, its vaccine.

Everything is read and nothing is written, so it is tried beside the node that runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from edge.campaign.editions import SiteCampaign, check_edition, staff_here
from edge.domain.catalogue import NARROW, WIDE, Catalogue
from edge.domain.errors import BadInput
from edge.domain.recall import calls
from edge.journal import people_pages, views
from edge.journal.counts import count_people
from edge.journal.entries import campaign_versions, newest_of
from edge.journal.sessions import staff_with_pins
from edge.services.appointments.unkept import unkept_appointments
from edge.services.pins import without_pins

if TYPE_CHECKING:
    from sqlite_utils import Database

_PAGE = 500
Reading = Callable[[], AbstractContextManager["Database"]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """How many of a site's people are called for otherwise, of how many.

    ``due``: for a dose for which they are not called now; ``not_due``: no more for one for which
    they are; ``overdue``: late for one that is not late now. ``doses`` counts them by change,
    programme, vaccine and number of the dose.
    """

    people: int = 0
    due: int = 0
    not_due: int = 0
    overdue: int = 0
    doses: Mapping[tuple[str, str, str, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaperChange:
    """The formats that go on a width of paper (mm) for a programme, before and after."""

    programme: str
    width: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignTrial:
    """What a campaign would change at a site that has ``facility``.

    ``refusal`` says why it would not come into force. ``signed_out`` are the codes of those who
    can sign in now and could not then, ``without_pin`` of those who are new and have no PIN.
    ``stock`` counts the doses on hand of vaccines that nobody could give any more, ``unkept`` the
    appointments that would have no place and have one now.
    """

    facility: str
    refusal: BadInput | None
    unchanged: bool
    signed_out: tuple[str, ...]
    without_pin: tuple[str, ...]
    stock: Mapping[str, int]
    unkept: int
    paper: tuple[PaperChange, ...]


def campaign_in_force(db: Database) -> dict[str, Any]:
    """Give the body of the campaign that is in force at a site; empty before the first one."""
    last = newest_of(db, "CampaignApplied")
    return dict(last.body["campaign"]) if last else {}


def try_campaign(
    db: Database,
    body: Mapping[str, Any],
    facility: str,
    old: Catalogue | None,
    new: Catalogue,
    now: datetime,
) -> CampaignTrial:
    """Say what a checked campaign would change at a site; its people are another question.

    ``old`` is the catalogue in force, None at a new site; ``new`` the one of the campaign. ``now``
    is in the site's own time.
    """
    before = campaign_in_force(db)
    own_pins = staff_with_pins(db)
    campaign = _with_pins(body, before)
    unchanged = bool(before) and without_pins(campaign) == without_pins(before)
    versions = () if unchanged else campaign_versions(db, campaign["id"])
    refusal = None
    try:
        check_edition(campaign, SiteCampaign(facility, before, versions, own_pins))
    except BadInput as error:
        refusal = error
    could, can = (_able(body, facility, own_pins) for body in (before, campaign))
    here = {member["code"] for member in staff_here(campaign, facility)}
    return CampaignTrial(
        facility,
        refusal,
        unchanged,
        signed_out=tuple(sorted(could - can)),
        without_pin=tuple(sorted(here - can)),
        stock=_stock_of_nobody(db, new),
        unkept=len(_unkept(db, new, facility, now) - _unkept(db, old, facility, now)),
        paper=tuple(_paper(old, new)) if old is not None else (),
    )


def people_changes(
    reading: Reading, old: Catalogue, new: Catalogue, today: date, progress: Progress
) -> PeopleChange:
    """Go through everybody and compare for which doses each is to be called today."""
    found, after = PeopleChange(), ""
    doses: Counter[tuple[str, str, str, int]] = Counter()
    with reading() as db:
        whole = count_people(db)
    while True:
        with reading() as db:
            page = people_pages.people_after(db, after, _PAGE)
        for known in page:
            found = _counted(found, known, old, new, today, doses)
        progress(found.people, max(whole, found.people))
        if len(page) < _PAGE:
            return replace(found, doses=dict(doses))
        after = page[-1].person.id


def _counted(
    found: PeopleChange,
    known: people_pages.PersonRecord,
    old: Catalogue,
    new: Catalogue,
    today: date,
    doses: Counter[tuple[str, str, str, int]],
) -> PeopleChange:
    before, after = (
        {
            (item.programme, item.vaccine, item.number): item.status
            for item in calls(known.person, known.doses, known.observations, by, today, today)
        }
        for by in (old, new)
    )
    changes = {
        "due": after.keys() - before.keys(),
        "notDue": before.keys() - after.keys(),
        "overdue": {dose for dose, status in after.items()
                    if status == "overdue" and before.get(dose) != "overdue"},
    }  # fmt: skip
    for change, those in changes.items():
        doses.update((change, *dose) for dose in those)
    return replace(
        found,
        people=found.people + 1,
        due=found.due + bool(changes["due"]),
        not_due=found.not_due + bool(changes["notDue"]),
        overdue=found.overdue + bool(changes["overdue"]),
    )


def _with_pins(body: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Give a campaign with the PINs that would stay; nothing is opened or sealed for that."""
    known = {member["code"]: member.get("pin", "") for member in before.get("staff", ())}
    staff = [
        {**member, "pin": member.get("pin") or known.get(member["code"], "")}
        for member in body["staff"]
    ]
    return {**body, "staff": staff}


def _able(campaign: Mapping[str, Any], facility: str, own_pins: set[str]) -> set[str]:
    """Give the codes of those who could sign in at a facility."""
    return {
        member["code"]
        for member in staff_here(campaign, facility)
        if member.get("pin") or member["code"] in own_pins
    }


def _unkept(db: Database, by: Catalogue | None, facility: str, now: datetime) -> set[str]:
    """Name the appointments that have no place by a campaign."""
    if by is None or now.tzinfo is None:
        return set()
    found = unkept_appointments(db, by, facility, now.date(), now.tzinfo)
    return {unkept.record.id for unkept in found}


def _stock_of_nobody(db: Database, new: Catalogue) -> dict[str, int]:
    given = {
        code
        for programme in new.programmes.values()
        if programme.active
        for code in programme.vaccines
        if code in new.vaccines and new.vaccines[code].active
    }
    left: Counter[str] = Counter()
    for lot in views.lots(db):
        if lot.vaccine not in given and lot.quantity > 0:
            left[lot.vaccine] += lot.quantity
    return dict(left)


def _paper(old: Catalogue, new: Catalogue) -> list[PaperChange]:
    return [
        PaperChange(id_, width, before, after)
        for id_, programme in new.programmes.items()
        if id_ in old.programmes
        for width in (NARROW, WIDE)
        for before in [old.programmes[id_].certificates.on_paper(width)]
        for after in [programme.certificates.on_paper(width)]
        if before != after
    ]
