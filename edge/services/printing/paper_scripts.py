"""Which scripts a campaign puts on paper, so that their fonts are ready before the first slip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from edge.campaign.catalogue import to_catalogue
from edge.domain.slip_template import SlipTemplate, every_block
from edge.journal import views
from edge.journal.journal import Journal
from edge.slips.speech import Speak
from printers.fonts import Fonts, Progress
from printers.scripts import scripts_of


class CampaignFonts:
    """Makes the fonts that the campaign in force needs on paper.

    ``speak`` says how a campaign's paper speaks.
    """

    def __init__(
        self,
        journal: Journal,
        fonts: Fonts,
        shipped: Mapping[str, SlipTemplate],
        speak: Speak,
    ) -> None:
        self._journal = journal
        self._fonts = fonts
        self._shipped = shipped
        self._speak = speak

    def prepare(self, progress: Progress) -> None:
        """Merge them, none before the first campaign; raises where a font cannot be made."""
        with self._journal.reading() as db:
            body = views.catalogue_body(db)
        if "issuer" not in body:
            return
        self._fonts.prepare(campaign_scripts(body, self._shipped, self._speak), progress)


def campaign_scripts(
    body: Mapping[str, Any],
    shipped: Mapping[str, SlipTemplate],
    speak: Speak,
) -> list[str]:
    """Name the scripts of the labels in the campaign's language, and of its own names."""
    catalogue = to_catalogue(body)
    speech = speak(catalogue)
    words = [
        catalogue.issuer.name,
        *catalogue.slip.values(),
        *(programme.name for programme in catalogue.programmes.values()),
        *(vaccine.name for vaccine in catalogue.vaccines.values()),
        *(facility.name for facility in catalogue.facilities.values()),
        *(staff.name for staff in catalogue.staff.values()),
    ]
    for template in {**shipped, **catalogue.templates}.values():
        words += [speech.say(block.words) for block in every_block(template)]
    words += [speech.day(date(2026, month, 28)) for month in range(1, 13)]
    return scripts_of(" ".join(words))
