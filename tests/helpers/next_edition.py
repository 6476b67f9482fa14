"""A changed campaign, as the edition that follows the one in force."""

from __future__ import annotations

from dataclasses import replace

from edge.domain.errors import EdgeError
from edge.node import Node
from edge.services.campaigns import CampaignResult, CheckedCampaign


def put_in_force(node: Node, campaign: CheckedCampaign) -> CampaignResult:
    """Apply a campaign under a version that is newer than the one in force."""
    try:
        with node.journal.reading() as db:
            version = f"{node.site.catalogues.current(db).version}.1"
    except EdgeError:  # no campaign yet
        version = str(campaign.body["version"])
    return node.campaigns.apply(replace(campaign, body={**campaign.body, "version": version}))
