"""Which scripts a campaign puts on paper, so that their fonts are ready before the first slip."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge.campaign.catalogue import to_catalogue
from edge.domain.slip_template import SlipTemplate, every_block
from printers.fonts import scripts_of


def campaign_scripts(
    body: Mapping[str, Any],
    shipped: Mapping[str, SlipTemplate],
    say: Callable[[str], str],
) -> list[str]:
    """Name the scripts of the labels in the campaign's language, and of its own names."""
    catalogue = to_catalogue(body)
    words = [
        catalogue.issuer.name,
        *catalogue.slip.values(),
        *(one.name for one in catalogue.programmes.values()),
        *(one.name for one in catalogue.vaccines.values()),
        *(one.name for one in catalogue.facilities.values()),
        *(one.name for one in catalogue.staff.values()),
    ]
    for template in {**shipped, **catalogue.templates}.values():
        words += [say(block.words) for block in every_block(template)]
    return scripts_of(" ".join(words))
