"""The wing of the certificates: what this site signs, and how it judges what is shown to it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.adapters.settings import Settings
from edge.adapters.signers import Signers
from edge.adapters.trust_store import TrustStore
from edge.campaign.catalogue import to_catalogue
from edge.credentials.trust import Trust
from edge.credentials.verdict import Verdict
from edge.domain.catalogue import Catalogue, Issuer
from edge.domain.errors import EdgeError
from edge.domain.schedule.conditions import AddedConditions
from edge.journal import views
from edge.journal.journal import Journal, Readers
from edge.services.campaign_root import believed_root
from edge.services.catalogue_cache import CatalogueCache
from edge.services.certificates.certifier import SiteCertifier
from edge.services.certificates.formats import AddedFormat, Formats, load_formats
from edge.services.certificates.signed_intake import SignedIntake
from edge.services.certificates.site_verifier import Lists, NoLists, SiteVerifier
from edge.wiring.keys import Keys
from sync.protocol.signed_campaigns import CampaignTrust

_LISTS = "trust.db"


@dataclass(frozen=True, slots=True)
class Certificates:
    """``catalogue`` gives the campaign in force, and raises before the first."""

    formats: Formats
    signers: Signers
    catalogues: CatalogueCache
    catalogue: Callable[[], Catalogue]
    certifier: SiteCertifier
    verifier: SiteVerifier
    judge: Callable[[bytes], Verdict]

    def issuer(self) -> Issuer:
        """Give who stands behind the certificates; raises before the first campaign."""
        return self.catalogue().issuer


def wire_certificates(
    settings: Settings,
    keys: Keys,
    signers: Signers,
    journal: Journal | Readers,
    lists: Lists,
    added: Sequence[AddedFormat],
    conditions: AddedConditions,
    also: Trust = Trust(),  # noqa: B008  (a frozen value)
) -> Certificates:
    """Make what signs and what judges, with the formats that packages ``added``.

    ``conditions`` are those that packages add to schedules, ``also`` is trusted beside the site
    and its lists.
    """
    formats = load_formats(added)
    catalogues = CatalogueCache(partial(to_catalogue, conditions=conditions))

    def catalogue() -> Catalogue:
        known = catalogues.cached()
        if known is not None:
            return known
        with journal.reading() as db:
            return catalogues.current(db)

    certifier = SiteCertifier(
        formats,
        keys.files,
        signers.all,
        settings.facility,
        lambda: catalogue().issuer.did,
    )

    def own_trust() -> Trust:
        try:
            return also.joined(certifier.trust())
        except EdgeError:  # no campaign yet: this site has no name to sign under
            return also

    def own_revoked(names: Sequence[str]) -> bool:
        with journal.reading() as db:
            return views.is_revoked(db, names)

    def in_force() -> Catalogue | None:
        try:
            return catalogue()
        except EdgeError:
            return None

    verifier = SiteVerifier(
        formats, lists, own_trust, own_revoked, in_force, ZoneInfo(settings.zone)
    )
    return Certificates(
        formats=formats,
        signers=signers,
        catalogues=catalogues,
        catalogue=catalogue,
        certifier=certifier,
        verifier=verifier,
        # No picture is read: this is asked within a transaction.
        judge=lambda payload: verifier.verify(payload, keys.clock.now()),
    )


def wire_intake(
    folder: Path, settings: Settings, keys: Keys, journal: Journal, lists: TrustStore
) -> tuple[SignedIntake, CampaignTrust]:
    """Make what takes lists that the ministry signed, and what proves its campaigns."""
    return (
        SignedIntake(lists, frozenset(settings.ministry_keys), keys.clock.now),
        campaign_trust(folder, believed_root(journal, settings.campaign_root, keys.ids.new)),
    )


def campaign_trust(folder: Path, root: str) -> CampaignTrust:
    """Give what a data folder believes of signed campaigns under the ministry's root."""
    return CampaignTrust(folder / "campaign", root)


def open_lists(folder: Path) -> TrustStore:
    """Open the lists of a data folder; they are made when they are not there."""
    return TrustStore(folder / _LISTS)


@contextlib.contextmanager
def known_lists(folder: Path) -> Iterator[Lists]:
    """Read the lists of a data folder, also while its node runs; none is made."""
    if not (folder / _LISTS).exists():
        yield NoLists()
        return
    store = open_lists(folder)
    try:
        yield store
    finally:
        store.close()
