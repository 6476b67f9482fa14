"""Applies campaigns, whichever way they come: a folder, a letter, a stick, the demonstration.

Each is checked, recorded whole as one entry, and then what a site made of the one before is made
anew: the catalogue at hand, the lists that came with it, letters kept aside, and fonts.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.campaign.editions import SiteCampaign, check_edition
from edge.campaign.loader import CampaignFiles, read_files, read_packed
from edge.campaign.mistakes import CampaignErrors, Mistake
from edge.campaign.review import review
from edge.campaign.reviewed import Reviewed
from edge.campaign.words import left_in_english
from edge.domain.errors import BadInput, EdgeError
from edge.domain.schedule.conditions import AddedConditions
from edge.journal import views
from edge.journal.derived_ids import derived_id, has_entry
from edge.journal.entries import campaign_versions, newest_of
from edge.journal.journal import Journal
from edge.journal.sessions import staff_with_pins
from edge.journal.unit import Unit
from edge.services.catalogue_cache import CatalogueCache
from edge.services.certificates.formats import Formats
from edge.services.certificates.signed_intake import FolderResult, SignedIntake
from edge.services.documents.paper import document_paper_mistakes
from edge.services.pins import PinSeal, sealed_campaign, without_pins
from edge.services.printing.paper_fit import check_paper, paper_mistakes
from printers.errors import PrinterError
from sync.protocol.campaign_files import unreadable
from sync.protocol.campaign_parts import with_region
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.signed_campaigns import CampaignTrust

if TYPE_CHECKING:
    from sqlite_utils import Database

Progress = Callable[[str], None]
"""Told the name of each font before it is made."""


@dataclass(frozen=True, slots=True)
class CheckedCampaign:
    """A campaign without a mistake; ``lists`` is the folder of lists that came with it, if any.

    ``signed``: the ministry's keys have signed it, as this site was told of them, and with it
    ``signed_lists``, files by their names. ``files`` are those of a folder.
    """

    body: Mapping[str, Any]
    lists: Path | None = None
    signed: bool = False
    signed_lists: Mapping[str, bytes] = field(default_factory=dict)
    files: CampaignFiles | None = None


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """What applying came to: whether it is ``new`` in force, and what of its lists was taken."""

    new: bool
    lists: FolderResult = field(default_factory=FolderResult)


class CampaignReader:
    """Reads campaigns and finds every mistake, also certificates that do not fit on paper.

    Both ways raise :class:`edge.campaign.mistakes.CampaignErrors`.
    """

    def __init__(self, schemas: Path, formats: Formats, conditions: AddedConditions) -> None:
        self._schemas = schemas
        self._formats = formats
        self._conditions = conditions

    def folder(self, folder: Path) -> CheckedCampaign:
        """Read a folder of files, all mistakes at once; its folder ``trust`` holds the lists."""
        lists = folder / "trust"
        files = read_files(folder, self._schemas, self._conditions)
        if (readable := files.lists()) is not None:
            files.mistakes.extend(
                paper_mistakes(readable, self._formats.issuing, files.line_of_certificates)
            )
            files.mistakes.extend(document_paper_mistakes(readable, self._formats.documents))
        return CheckedCampaign(files.body(), lists if lists.is_dir() else None, files=files)

    def packed(self, body: Mapping[str, Any]) -> CheckedCampaign:
        """Read a campaign that was packed into one body."""
        checked = read_packed(body, self._schemas, self._conditions)
        check_paper(checked, self._formats.issuing)
        if mistakes := list(document_paper_mistakes(checked, self._formats.documents)):
            raise CampaignErrors(mistakes)
        return CheckedCampaign(checked)

    def signed(
        self, files: Mapping[str, bytes], trust: CampaignTrust, now: datetime, facility: str
    ) -> CheckedCampaign:
        """Prove a signed campaign by its files, and check it; raises :class:`BadInput` as well.

        Of a campaign in parts it is the nation's, and of its region's what concerns a facility.
        """
        try:
            parts = trust.parts(files, now, facility)
            body = json.loads(parts.campaign)
            if parts.region is not None:
                body = with_region(body, parts.region, facility)
        except (ProtocolError, ValueError, RecursionError) as error:
            told = error if isinstance(error, ProtocolError) else unreadable()
            raise in_words(told) from None
        return replace(self.packed(body), signed=True, signed_lists=parts.lists)

    def remarks(self, campaign: CheckedCampaign, today: date) -> list[Mistake]:
        """Find what a campaign of a folder says and hardly means; nothing of a packed one."""
        if campaign.files is None:
            return []
        locales = (self._schemas.parent / "locale").glob("*.po")
        files = campaign.files
        languages = frozenset({"en", *(path.stem for path in locales), *files.words})
        found = review(Reviewed(files.main, files.schedules, today, languages))
        return [*found, *left_in_english(files.words)]


class Campaigns:
    """Applies campaigns at one site.

    Where ``trust`` knows the ministry's keys, nothing comes into force that they did not sign.
    ``prepare_fonts`` makes the fonts of the campaign in force; ``wake`` starts what may go on now
    that another one is.
    """

    def __init__(
        self,
        journal: Journal,
        catalogues: CatalogueCache,
        new_id: Callable[[], str],
        facility: str,
        seal: PinSeal,
        reader: CampaignReader,
        trust: CampaignTrust,
        now: Callable[[], datetime],
        intake: SignedIntake,
        prepare_fonts: Callable[[Progress], None],
        wake: Callable[[], None],
    ) -> None:
        self.reader = reader
        self._journal = journal
        self._catalogues = catalogues
        self._new_id = new_id
        self._facility = facility
        self._seal = seal
        self._trust = trust
        self._now = now
        self._intake = intake
        self._prepare_fonts = prepare_fonts
        self._wake = wake

    def apply(
        self, campaign: CheckedCampaign, *, by: str = "import", progress: Progress = lambda _: None
    ) -> CampaignResult:
        """Apply a campaign in a unit of work of its own, and do what follows from it.

        Raises :class:`BadInput` for one that may not come into force here, and nothing is changed
        then; also for a font that cannot be made, and then it is in force. A list that the ministry
        has not signed is refused, and said so in the result.
        """
        id_ = derived_id("campaign", dict(campaign.body))

        def work(unit: Unit) -> bool:
            # An edition of before, with its old PINs, is recorded again under an id of its own.
            own = self._new_id() if has_entry(unit.db, id_) else id_
            return self.record(unit, campaign, own, by=by)

        new = self._journal.run(work)
        self._look_again()
        taken = self.take_lists(campaign)
        self._prepare_fonts(progress)
        return CampaignResult(new, taken)

    def signed(self, files: Mapping[str, bytes]) -> CheckedCampaign:
        """Prove and check a signed campaign by its files; raises :class:`BadInput` with why not."""
        return self.reader.signed(files, self._trust, self._now(), self._facility)

    def would_change(self, campaign: CheckedCampaign) -> bool:
        """Say whether applying a campaign would change anything; raises as :meth:`apply`."""
        with self._journal.reading() as db:
            changed = _changed(db, campaign.body, self._seal, self._facility)
        if changed is not None:
            self._demand_signature(campaign)
        return changed is not None

    def is_recorded(self, id_: str) -> bool:
        """Say whether an entry is there."""
        with self._journal.reading() as db:
            return has_entry(db, id_)

    def record(self, unit: Unit, campaign: CheckedCampaign, id_: str, *, by: str) -> bool:
        """Record a campaign in somebody's unit of work, who then calls :meth:`came_into_force`.

        Raises as :meth:`apply` does; false where nothing changes.
        """
        return record_campaign(
            unit,
            campaign.body,
            id_,
            by=by,
            seal=self._seal,
            facility=self._facility,
            demand=partial(self._demand_signature, campaign),
        )

    def _demand_signature(self, campaign: CheckedCampaign) -> None:
        if self._trust.demanded and not campaign.signed:
            raise BadInput(
                "campaign.unsigned",
                "This site takes campaigns that the ministry's keys have signed, and this one is"
                " not signed.",
                hint="Bring the signed folder, or wait until the registry sends it.",
            )

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

    def take_lists(self, campaign: CheckedCampaign) -> FolderResult:
        """Take the lists that came with a campaign, in force or not; each is for itself."""
        issuer = str(campaign.body["issuer"]["did"])
        if campaign.signed:
            return self._intake.take_signed(campaign.signed_lists, issuer)
        if campaign.lists:
            return self._intake.take_folder(campaign.lists, issuer)
        return FolderResult()


def in_words(error: SyncError) -> BadInput:
    """Give what is wrong with what the nation told, as a site tells it."""
    values = {name: str(value) for name, value in error.values.items()}
    return BadInput(error.code, error.sentence, hint="", field="", **values)


def record_campaign(
    unit: Unit,
    body: Mapping[str, Any],
    id_: str,
    *,
    by: str,
    seal: PinSeal,
    facility: str,
    demand: Callable[[], None] = lambda: None,
) -> bool:
    """Record a checked campaign whole; false when it is in force, or its entry is there already.

    The PINs of its staff are recorded sealed; who has none in it keeps the one of before. Raises
    :class:`BadInput` for one that may not come into force at ``facility``, and what ``demand``
    raises, which is called before anything changes.
    """
    if has_entry(unit.db, id_):
        return False
    campaign = _changed(unit.db, body, seal, facility)
    if campaign is None:
        return False
    demand()
    unit.append("CampaignApplied", {"campaign": campaign}, id_=id_, by=by)
    return True


def _changed(
    db: Database, body: Mapping[str, Any], seal: PinSeal, facility: str
) -> dict[str, Any] | None:
    """Give a campaign as it would be recorded, none if it is in force; refuse what may not be."""
    last = newest_of(db, "CampaignApplied")
    before: Mapping[str, Any] = last.body["campaign"] if last else {}
    campaign = sealed_campaign(body, before, seal)
    if campaign == before:
        return None
    # The same edition with other PINs is no other edition: a site's PINs are its own.
    same = last is not None and without_pins(campaign) == without_pins(before)
    versions = () if same else campaign_versions(db, campaign["id"])
    check_edition(
        campaign,
        SiteCampaign(
            facility, before, versions, staff_with_pins(db), views.credentials_by_context(db)
        ),
    )
    return campaign
