"""A campaign that is named on the command line: a folder, or a packed file."""

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
