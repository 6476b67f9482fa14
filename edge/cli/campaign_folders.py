"""The folders of campaigns, packed ones, and those of regions, read and checked for a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.cli.common import naming_mistakes
from edge.domain.errors import BadInput
from sync.bounded_files import MB, read_bounded

if TYPE_CHECKING:
    from edge.services.campaigns import CampaignReader, CheckedCampaign

_LARGEST = 16 * MB


def checked_campaign(folder: Path) -> CheckedCampaign:
    """Read a campaign and check it; name each mistake."""
    from edge.wiring.campaigns import campaign_reader

    with naming_mistakes():
        return campaign_reader().folder(folder)


def checked_region(folder: Path) -> dict[str, Any]:
    """Read a region's facilities and staff and check them; name each mistake."""
    from edge.campaign.region_files import read_region
    from sync.resources import resource

    with naming_mistakes():
        return read_region(folder, resource("config/schemas"))


def campaign_at(path: Path, reader: CampaignReader) -> CheckedCampaign:
    """Read a campaign's folder, or what ``campaign pack`` made of one; name each mistake."""
    with naming_mistakes():
        return reader.packed(_packed(path)) if path.is_file() else reader.folder(path)


def _packed(path: Path) -> dict[str, Any]:
    try:
        body = json.loads(read_bounded(path, _LARGEST))
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise BadInput(
            "campaign.not-packed",
            "The file {file} is not a packed campaign.",
            hint="Name the campaign's folder, or what divoc-edge campaign pack FOLDER wrote.",
            file=path.name,
        )
    return body
