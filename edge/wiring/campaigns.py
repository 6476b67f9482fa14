"""The wing of the campaigns: what reads them, and what applies them at a site."""

from __future__ import annotations

from collections.abc import Callable

from edge.domain.errors import EdgeError
from edge.domain.schedule.conditions import AddedConditions, missing
from edge.extensions import installed
from edge.journal.journal import Journal
from edge.services.campaigns import CampaignReader, Campaigns
from edge.services.certificates.formats import Formats, load_formats
from edge.services.certificates.signed_intake import SignedIntake
from edge.wiring.certificates import Certificates
from edge.wiring.desk import UseCases
from edge.wiring.keys import Keys
from edge.wiring.printing import Printing
from sync.protocol.signed_campaigns import CampaignTrust
from sync.resources import resource


def campaign_reader() -> CampaignReader:
    """Make what reads campaigns and checks them by what is installed, beside a site."""
    more = installed()
    return _reader(load_formats(more.formats), more.conditions)


def _reader(formats: Formats, conditions: AddedConditions) -> CampaignReader:
    return CampaignReader(resource("config/schemas"), formats, conditions)


def wire_campaigns(
    keys: Keys,
    journal: Journal,
    intake: SignedIntake,
    trust: CampaignTrust,
    certificates: Certificates,
    use_cases: UseCases,
    printing: Printing,
    conditions: AddedConditions,
    wake: Callable[[], None],
) -> Campaigns:
    """Make what applies campaigns, with the ``conditions`` that packages add to schedules.

    ``intake`` takes the lists that come with one, ``trust`` proves what the ministry has signed,
    ``wake`` starts what may go on now that another campaign is in force.
    """
    return Campaigns(
        journal,
        certificates.catalogues,
        keys.ids.new,
        use_cases.site.facility,
        use_cases.seal,
        _reader(certificates.formats, conditions),
        trust,
        keys.clock.now,
        intake,
        printing.fonts.prepare,
        wake,
    )


def missing_conditions(certificates: Certificates) -> list[str]:
    """Name what the campaign in force asks about doses, and no package that is here answers."""
    try:
        programmes = certificates.catalogue().programmes.values()
    except EdgeError:  # no campaign yet
        return []
    return sorted({kind for programme in programmes for kind in missing(programme.schedule)})
