"""What another campaign would change at a site: its staff, its paper, its vaccine, its lots.

Everything is read and nothing is written, so it is tried beside the node that runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.campaign.editions import SiteCampaign, check_edition, staff_here
from edge.domain.catalogue import NARROW, WIDE, Catalogue
from edge.domain.errors import BadInput
from edge.journal import views
from edge.journal.entries import campaign_versions, newest_of
from edge.journal.sessions import staff_with_pins
from edge.services.campaign_people import given_vaccines
from edge.services.doses.lot_recalls import recalled_lots
from edge.services.pins import without_pins

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class PaperChange:
    """The formats that go on a width of paper (mm) for a programme, before and after."""

    programme: str
    width: int
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecallChange:
    """A recall of lots that is new: the doses of them in stock, and how many people got one."""

    code: str
    vaccine: str
    lots: tuple[str, ...]
    stock: int
    people: int


@dataclass(frozen=True, slots=True)
class SiteChange:
    """What is otherwise at a site with one campaign than with another.

    ``signed_out`` are the codes of those who could sign in with the one and could not with the
    other, ``without_pin`` of those who would work there and have no PIN. ``stock`` counts the
    doses on hand of vaccines that nobody could give any more.
    """

    signed_out: tuple[str, ...]
    without_pin: tuple[str, ...]
    stock: Mapping[str, int]
    paper: tuple[PaperChange, ...]
    recalls: tuple[RecallChange, ...]

    def document(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {
            "signedOut": self.signed_out,
            "withoutPin": self.without_pin,
            "stockOfNobody": self.stock,
            "paper": [
                {"programme": paper.programme, "width": paper.width, "before": paper.before,
                 "after": paper.after}
                for paper in self.paper
            ],
            "recalls": [
                {"code": recall.code, "vaccine": recall.vaccine, "lots": recall.lots,
                 "stock": recall.stock, "people": recall.people}
                for recall in self.recalls
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class CampaignTrial:
    """What a campaign would change at a site that has ``facility``.

    ``refusal`` says why it would not come into force.
    """

    facility: str
    refusal: BadInput | None
    unchanged: bool
    change: SiteChange


def campaign_in_force(db: Database) -> dict[str, Any]:
    """Give the body of the campaign that is in force at a site; empty before the first one."""
    last = newest_of(db, "CampaignApplied")
    return dict(last.body["campaign"]) if last else {}


def try_campaign(
    db: Database, body: Mapping[str, Any], facility: str, old: Catalogue | None, new: Catalogue
) -> CampaignTrial:
    """Say what a checked campaign would change at a site; its people are another question.

    ``old`` is the catalogue in force, None at a new site; ``new`` the one of the campaign.
    """
    before = campaign_in_force(db)
    campaign = _with_pins(body, before)
    unchanged = bool(before) and without_pins(campaign) == without_pins(before)
    versions = () if unchanged else campaign_versions(db, campaign["id"])
    known = views.credentials_by_context(db)
    refusal = None
    try:
        now = SiteCampaign(facility, before, versions, staff_with_pins(db), known)
        check_edition(campaign, now)
    except BadInput as error:
        refusal = error
    return CampaignTrial(
        facility, refusal, unchanged, site_change(db, facility, before, body, old, new)
    )


def site_change(
    db: Database,
    facility: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    old: Catalogue | None,
    new: Catalogue,
) -> SiteChange:
    """Say what is otherwise at a site with a campaign ``after`` than with the one ``before``.

    ``old`` and ``new`` are their catalogues. The PINs are those that the site has.
    """
    in_force, own_pins = campaign_in_force(db), staff_with_pins(db)
    could, can = (_able(_with_pins(body, in_force), facility, own_pins) for body in (before, after))
    here = {member["code"] for member in staff_here(after, facility)}
    return SiteChange(
        signed_out=tuple(sorted(could - can)),
        without_pin=tuple(sorted(here - can)),
        stock=_stock_of_nobody(db, new),
        paper=tuple(_paper(old, new)) if old is not None else (),
        recalls=tuple(_recalls(db, old, new)),
    )


def _with_pins(body: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Give a campaign with the PINs that would stay; nothing is opened or sealed for that."""
    known = {member["code"]: member.get("pin", "") for member in before.get("staff", ())}
    staff = [
        {**member, "pin": member.get("pin") or known.get(member["code"], "")}
        for member in body.get("staff", ())
    ]
    return {**body, "staff": staff}


def _able(campaign: Mapping[str, Any], facility: str, own_pins: set[str]) -> set[str]:
    """Give the codes of those who could sign in at a facility."""
    return {
        member["code"]
        for member in staff_here(campaign, facility)
        if member.get("pin") or member["code"] in own_pins
    }


def _stock_of_nobody(db: Database, new: Catalogue) -> dict[str, int]:
    given = {code for _, code in given_vaccines(new)}
    left: Counter[str] = Counter()
    for lot in views.lots(db):
        if lot.vaccine not in given and lot.quantity > 0:
            left[lot.vaccine] += lot.quantity
    return dict(left)


def _recalls(db: Database, old: Catalogue | None, new: Catalogue) -> list[RecallChange]:
    """Give the recalls that name lots which were not recalled before."""
    before = {(recall.vaccine, lot) for recall in (old.lot_recalls if old else ())
              for lot in recall.lots}  # fmt: skip
    return [
        RecallChange(
            found.recall.code,
            found.recall.vaccine,
            tuple(sorted(found.recall.lots)),
            sum(max(lot.quantity, 0) for lot in found.stock),
            len({record.person.id for record in found.doses}),
        )
        for found in recalled_lots(db, new)
        if any((found.recall.vaccine, lot) not in before for lot in found.recall.lots)
    ]


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
