"""The folders of campaigns, and of regions, read and checked for a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge.services.campaigns import CheckedCampaign


def checked_campaign(folder: Path) -> CheckedCampaign:
    """Read a campaign and check it; name each mistake."""
    from edge.cli.common import naming_mistakes
    from edge.wiring.campaigns import campaign_reader

    with naming_mistakes():
        return campaign_reader().folder(folder)


def checked_region(folder: Path) -> dict[str, Any]:
    """Read a region's facilities and staff and check them; name each mistake."""
    from edge.campaign.region_files import read_region
    from edge.cli.common import naming_mistakes
    from sync.resources import resource

    with naming_mistakes():
        return read_region(folder, resource("config/schemas"))
