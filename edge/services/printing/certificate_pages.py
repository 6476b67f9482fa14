"""A certificate as a page of A4, for a person's own telephone or mailbox: drawn, not printed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from edge.domain.catalogue import Catalogue
from edge.domain.errors import Unavailable
from edge.journal.journal import Journal
from edge.services.site import Site
from edge.slips.slip_maker import SlipRequest
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.languages import encode
from printers.profile import Profile

Languages = Callable[[Catalogue], Collection[str]]
"""Gives the codes of the languages in which a campaign's paper can speak."""


class CertificatePages:
    """Draws certificates as PDF on pages of one ``profile``."""

    def __init__(
        self, journal: Journal, site: Site, fonts: Fonts, profile: Profile, languages: Languages
    ) -> None:
        self._journal = journal
        self._site = site
        self._fonts = fonts
        self._profile = profile
        self._languages = languages

    def pdf(self, number: str, language: str = "") -> bytes:
        """Draw a certificate, in a language where its paper can speak it, else in the campaign's.

        It takes a tenth of a second and more: never within a unit of work. Raises
        :class:`NotFound` for a number that is not known here, :class:`Unavailable` where a font is
        missing or a code does not fit.
        """
        with self._journal.reading() as db:
            catalogue = self._site.catalogues.current(db)
            if language in self._languages(catalogue):
                catalogue = replace(catalogue, language=language)
            wanted, page = SlipRequest("certificate", number), self._profile
            slip = self._site.slips.make(db, catalogue, wanted, page.width, page.dots_per_inch)
        try:
            return encode(slip, self._profile, self._fonts)
        except PrinterError as error:
            raise Unavailable(error.code, error.sentence, **dict[str, Any](error.values)) from None
