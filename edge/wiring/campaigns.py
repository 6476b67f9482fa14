"""The wing of the campaigns: what reads them, and what applies them at a site."""

from __future__ import annotations

from collections.abc import Callable

from edge.adapters.trust_store import TrustStore
from edge.journal.journal import Journal
from edge.plugins import installed
from edge.services.campaigns import CampaignReader, Campaigns
from edge.services.certificates.formats import Formats, load_formats
from edge.wiring.certificates import Certificates
from edge.wiring.desk import UseCases
from edge.wiring.keys import Keys
from edge.wiring.printing import Printing
from sync.resources import resource


def campaign_reader(formats: Formats | None = None) -> CampaignReader:
    """Make what reads campaigns and checks them; a site's own ``formats`` are not read again."""
    known = formats or load_formats(installed().formats)
    return CampaignReader(resource("config/schemas"), known.issuing)


def wire_campaigns(
    keys: Keys,
    journal: Journal,
    lists: TrustStore,
    certificates: Certificates,
    use_cases: UseCases,
    printing: Printing,
    wake: Callable[[], None],
) -> Campaigns:
    """Make what applies campaigns; ``wake`` starts what may go on now that another is in force."""
    return Campaigns(
        journal,
        certificates.catalogues,
        keys.ids.new,
        use_cases.seal,
        campaign_reader(certificates.formats),
        lists,
        keys.clock.now,
        printing.fonts.prepare,
        wake,
    )
