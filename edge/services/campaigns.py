"""Applies campaigns, whichever way they come: a folder, a letter, a stick, the demonstration.

Each is checked, recorded whole as one entry, and then what a site made of the one before is made
anew: the catalogue at hand, the lists that came with it, letters kept aside, and fonts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.campaign.loader import read_campaign, read_packed
from edge.credentials.issuing import IssuedFormat
from edge.domain.errors import EdgeError
from edge.domain.schedule.conditions import AddedConditions
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.entries import newest_of
from edge.journal.journal import Journal
from edge.journal.unit import Unit
from edge.services.catalogue_cache import CatalogueCache
from edge.services.certificates.signed_intake import FolderResult, SignedIntake
from edge.services.pins import PinSeal, sealed_campaign
from edge.services.printing.paper_fit import check_paper
from printers.errors import PrinterError

if TYPE_CHECKING:
    pass

Progress = Callable[[str], None]
"""Told the name of each font before it is made."""


@dataclass(frozen=True, slots=True)
class CheckedCampaign:
    """A campaign without a mistake; ``lists`` is the folder of lists that came with it, if any."""

    body: Mapping[str, Any]
    lists: Path | None = None


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """What applying came to: whether it is ``new`` in force, and what of its lists was taken."""

    new: bool
    lists: FolderResult = field(default_factory=FolderResult)


class CampaignReader:
    """Reads campaigns and finds every mistake, also certificates that do not fit on paper.

    Both ways raise :class:`edge.campaign.mistakes.CampaignErrors`.
    """

    def __init__(
        self, schemas: Path, formats: Mapping[str, IssuedFormat], conditions: AddedConditions
    ) -> None:
        self._schemas = schemas
        self._formats = formats
        self._conditions = conditions

    def folder(self, folder: Path) -> CheckedCampaign:
        """Read a folder of files; its folder ``trust`` holds the lists."""
        lists = folder / "trust"
        body = read_campaign(folder, self._schemas, self._conditions)
        return self._fitting(body, lists if lists.is_dir() else None)

    def packed(self, body: Mapping[str, Any]) -> CheckedCampaign:
        """Read a campaign that was packed into one body."""
        return self._fitting(read_packed(body, self._schemas, self._conditions), None)

    def _fitting(self, body: Mapping[str, Any], lists: Path | None) -> CheckedCampaign:
        check_paper(body, self._formats)
        return CheckedCampaign(body, lists)


class Campaigns:
    """Applies campaigns at one site.

    ``prepare_fonts`` makes the fonts of the campaign in force; ``wake`` starts what may go on now
    that another one is.
    """

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        new_id: Callable[[], str],
        seal: PinSeal,
        reader: CampaignReader,
        intake: SignedIntake,
        prepare_fonts: Callable[[Progress], None],
        wake: Callable[[], None],
    ) -> None:
        self.reader = reader
        self._journal = journal
        self._catalogues = catalogues
        self._new_id = new_id
        self._seal = seal
        self._intake = intake
        self._prepare_fonts = prepare_fonts
        self._wake = wake

    def apply(
        self, campaign: CheckedCampaign, *, by: str = "import", progress: Progress = lambda _: None
    ) -> CampaignResult:
        """Apply a campaign in a unit of work of its own, and do what follows from it.

        A list that the ministry has not signed is refused, and said so in the result. Raises for a
        font that cannot be made; the campaign is in force then.
        """
        id_ = derived_id("campaign", dict(campaign.body))

        def work(unit: Unit) -> bool:
            # An edition that was in force before is applied again, under an id of its own.
            own = self._new_id() if has_entry(unit.db, id_) else id_
            return self.record(unit, campaign, own, by=by)

        new = self._journal.run(work)
        self._look_again()
        taken = self._take_lists(campaign.lists) if campaign.lists else FolderResult()
        self._prepare_fonts(progress)
        return CampaignResult(new, taken)

    def in_force(self, campaign: CheckedCampaign) -> bool:
        """Say whether a campaign is in force already, so that applying it would change nothing."""
        with self._journal.reading() as db:
            last = newest_of(db, "CampaignApplied")
        before: Mapping[str, Any] = last.body["campaign"] if last else {}
        return sealed_campaign(campaign.body, before, self._seal) == before

    def record(self, unit: Unit, campaign: CheckedCampaign, id_: str, *, by: str) -> bool:
        """Record a campaign in somebody's unit of work, who then calls :meth:`came_into_force`."""
        return record_campaign(unit, campaign.body, id_, by=by, seal=self._seal)

    def came_into_force(self) -> None:
        """Do what follows from a campaign that :meth:`record` has recorded.

        A font that cannot be made is told where it is missed, on the pages of the slips.
        """
        self._look_again()
        with contextlib.suppress(EdgeError, PrinterError):
            self._prepare_fonts(lambda _: None)

    def _look_again(self) -> None:
        self._catalogues.forget()
        self._wake()

    def _take_lists(self, folder: Path) -> FolderResult:
        with self._journal.reading() as db:
            issuer = self._catalogues.current(db).issuer
        return self._intake.take_folder(folder, issuer.did)


def record_campaign(
    unit: Unit, body: Mapping[str, Any], id_: str, *, by: str, seal: PinSeal
) -> bool:
    """Record a checked campaign whole; false when it is in force, or its entry is there already.

    The PINs of its staff are recorded sealed; who has none in it keeps the one of before.
    """
    last = newest_of(unit.db, "CampaignApplied")
    before: Mapping[str, Any] = last.body["campaign"] if last else {}
    campaign = sealed_campaign(body, before, seal)
    if has_entry(unit.db, id_) or campaign == before:
        return False
    unit.append("CampaignApplied", {"campaign": campaign}, id_=id_, by=by)
    return True
