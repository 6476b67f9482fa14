"""Draws a certificate for a digital locker as a site would print it, from what was signed alone."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from edge.domain.numbers import grouped
from edge.extensions import installed
from edge.services.certificates.formats import Formats, load_formats
from edge.slips.codes import code_values
from edge.slips.layout import Print, Values, lay_out
from edge.web.translations import load_languages
from edge.wiring.printing import shipped_templates
from printers.fonts import Fonts
from printers.languages.pdf import encode
from printers.profile import Profile, read_profile
from printers.qr import fits
from sync.protocol.errors import SyncError
from sync.resources import resource


class LockerPapers:
    """Makes PDFs of one A4 page; keeps the fonts that it unpacked for as long as it lives."""

    def __init__(self, formats: Formats) -> None:
        self._issuing = formats.issuing
        self._folder = tempfile.TemporaryDirectory(prefix="divoc-fonts-")
        self._fonts = Fonts(Path(self._folder.name))
        self._profile = read_profile(resource("config/printers"), "page-a4")
        self._languages = load_languages(resource("config/locale"))

    def draw(self, said: Mapping[str, str], credentials: Mapping[str, str]) -> bytes:
        """Draw what a certificate says, under the names of its slip, and its codes by format.

        Its labels are in the ``language`` among what it says, where there are words for it, else in
        English. Raises :class:`SyncError` for one of formats that are not known here.
        """
        known = {name: text for name, text in credentials.items() if name in self._issuing}
        payloads = {name: self._issuing[name].payload(text) for name, text in known.items()}
        if not payloads:
            raise SyncError(
                "locker.no-papers", "The certificate is of a format that is not known here."
            )
        number = grouped(said["certificate"])
        language = self._languages.get(said.get("language", "")) or self._languages["en"]
        codes = {name: payload for name, payload in payloads.items() if self._fits(payload)}
        values: Values = {
            **said,
            "title": language.gettext("Vaccination certificate"),
            "certificate": number,
            **code_values(codes, {}, language.gettext),
        }
        template, this = shipped_templates()["certificate"], Print(1, 1, "", number)
        rtl = language.direction == "rtl"
        document = lay_out(template, values, this, language.gettext, rtl=rtl)
        return encode(document, self._profile, self._fonts)

    def _fits(self, payload: bytes) -> bool:
        profile: Profile = self._profile
        return fits(payload, profile.width, profile.dots_per_inch)


def locker_papers() -> Callable[[Mapping[str, str], Mapping[str, str]], bytes]:
    """Make what draws: the entry point of ``divoc_edge.locker_papers``."""
    return LockerPapers(load_formats(installed().formats)).draw
