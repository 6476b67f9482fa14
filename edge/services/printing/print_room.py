"""The site's printers: from a queued job to paper, and pictures of slips for the screen."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from edge.adapters.print_store import PrintStore
from edge.adapters.settings import PrinterSettings
from edge.domain.errors import EdgeError
from edge.journal import print_jobs, views
from edge.journal.journal import Journal
from edge.services.printing.failover import Failover
from edge.services.site import Site
from edge.slips.slip_maker import SlipMaker, SlipRequest
from printers.document import Document
from printers.drivers import Drivers
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.glyphs import missing_letters
from printers.jobs import Job, PrintState, RenderedSlip, settle
from printers.layout import USUAL
from printers.profile import Profile
from printers.qr import QUIET, lay_out
from printers.spooler import Spooler

_UNREACHABLE = ("printer.unreachable", "printer.cut-off", "printer.silent")
NO_PRINTER = Profile("80 mm", "escpos", 576, 48)
_GONE = "The site no longer has this printer. Print its slips on another one."
_SCREEN = 1024
"""Dots across, for the QR code on a screen: room for every certificate."""


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A printer of the site: ``state`` is ``ready``, ``held`` or ``unreachable``, with the cause.

    One that the settings no longer have is ``gone``, and here as long as slips wait for it.
    ``trouble`` is a sentence; ``waiting`` counts the slips queued for it.
    """

    name: str
    state: str
    trouble: str
    waiting: int


class PrintRoom:
    """Owns every printer of one site."""

    def __init__(
        self,
        journal: Journal,
        site: Site,
        fonts: Fonts,
        printers: Mapping[str, tuple[PrinterSettings, Profile]],
        papers: str,
        maker: SlipMaker,
        owner: Callable[[str], AbstractContextManager[None]],
        drivers: Drivers = Drivers(),  # noqa: B008  (a frozen value)
    ) -> None:
        self._drivers = drivers
        self._journal = journal
        self._site = site
        self._fonts = fonts
        self.profiles = {name: profile for name, (_, profile) in printers.items()}
        self._papers = papers
        self._maker = maker
        self.spoolers = {
            name: Spooler(
                profile=profile,
                store=PrintStore(journal, name, site.clock),
                render=partial(self._render, name),
                connect=partial(drivers.connect, settings.connection),
                owner=partial(owner, name),
                begin=drivers.begin,
            )
            for name, (settings, profile) in printers.items()
        }

        instead = {name: one.failover for name, (one, _) in printers.items() if one.failover}
        self._failover = Failover(journal, site.clock, instead)

    def fail_over(self, now: float) -> int:
        """Let other printers take over what waits for one out of action; count the slips.

        ``now`` in seconds that only rise.
        """
        healths = {name: spooler.health for name, spooler in self.spoolers.items()}
        return self._failover.look(healths, now)

    def open(self) -> None:
        """Check that text comes out right, and settle what a restart has left open."""
        self._fonts.check()
        for spooler in self.spoolers.values():
            spooler.recover()
        with self._journal.reading() as db:
            gone = print_jobs.counts(db).keys() - self.spoolers.keys()
        for name in gone:
            settle(PrintStore(self._journal, name, self._site.clock), "restart")

    def use(self, printer: str, profile: Profile) -> None:
        """Take a printer's new profile; it counts from the next slip on."""
        self.profiles[printer] = profile
        self.spoolers[printer].use(profile)

    def close(self) -> None:
        """Let go of every printer soon, also of one that holds a slip for want of paper."""
        for spooler in self.spoolers.values():
            spooler.stop()

    def states(self) -> list[PrinterState]:
        """Say how each printer was when it was last spoken to."""
        with self._journal.reading() as db:
            counts = print_jobs.counts(db)
        found = []
        for name, spooler in self.spoolers.items():
            state = "held" if spooler.health.held else "ready"
            if spooler.health.code in _UNREACHABLE:
                state = "unreachable"
            waiting = counts.get(name, {}).get(PrintState.QUEUED, 0)
            found.append(PrinterState(name, state, spooler.health.sentence, waiting))
        return found + [
            PrinterState(name, "gone", _GONE, waiting)
            for name in sorted(counts.keys() - self.spoolers.keys())
            if (waiting := counts[name].get(PrintState.QUEUED, 0))
        ]

    def newest_paper(self) -> bytes | None:
        """Give the newest picture of a printer in software (PNG), if the site has one."""
        if not self._papers:
            return None
        pictures = sorted(Path(self._papers).glob("*.png"))
        return pictures[-1].read_bytes() if pictures else None

    def slip_image(self, slip: str, subject: str, printer: str = "") -> bytes:
        """Draw a slip from the very bytes that would be sent to a printer (PNG); the usual one's.

        Raises what :meth:`SlipMaker.make` does; without a printer it is drawn as for 80 mm.
        """
        wanted = self.profiles.get(printer or self._site.printer, NO_PRINTER)
        profile = drawn_as(wanted, self._drivers)
        document = self.slip(SlipRequest(slip, subject), profile)
        return _png(self._drivers.draw(document, profile, self._fonts), profile.dots_per_inch)

    def missing_letters(self, slip: str, subject: str) -> str:
        """Give the letters of a slip that would be boxes on paper."""
        return missing_letters(self.slip(SlipRequest(slip, subject), NO_PRINTER), self._fonts)

    def unprintable(self, text: str) -> str:
        """Give the letters of a name that would be boxes on any paper of this machine."""
        return self._fonts.missing(text)

    def slip(self, wanted: SlipRequest, profile: Profile) -> Document:
        """Lay out a slip as the campaign in force has it, for a printer's paper."""
        with self._journal.reading() as db:
            catalogue = self._site.catalogues.current(db)
            return self._maker.make(db, catalogue, wanted, profile.width, profile.dots_per_inch)

    def qr_image(self, certificate: views.IssuedCertificate, format_: str = "") -> bytes:
        """Draw one of a certificate's QR codes for a screen (PNG); the usual format's by default.

        Raises :class:`KeyError` for a format the certificate does not have.
        """
        name = format_ or certificate.format
        payload = self._site.certifier.payload(name, certificate.credentials[name])
        symbol = lay_out(payload, _SCREEN)
        side = symbol.modules + 2 * QUIET
        image = Image.new("1", (side, side), 1)
        for top, row in enumerate(symbol.rows, start=QUIET):
            for left, module in enumerate(row, start=QUIET):
                if module:
                    image.putpixel((left, top), 0)
        return _png(image.resize((side * 5, side * 5), Image.Resampling.NEAREST))

    def _render(self, printer: str, job: Job) -> RenderedSlip:
        with self._journal.reading() as db:
            row = print_jobs.job(db, job.id)
        if row is None:
            raise PrinterError("print.unknown-job", "There is no such print.")
        profile = self.profiles[printer]
        try:
            document = self.slip(SlipRequest(row.slip, row.subject, row.copy, row.id), profile)
        except EdgeError as error:
            raise PrinterError(error.code, error.sentence, **dict[str, Any](error.values)) from None
        lacking = bool(missing_letters(document, self._fonts))
        return RenderedSlip(self._drivers.proven(document, profile, self._fonts), lacking)


def drawn_as(profile: Profile, drivers: Drivers) -> Profile:
    """Give the printer a slip is drawn for: pages have no drawing of their own, 80 mm stands in."""
    return profile if drivers.draws(profile) else NO_PRINTER


def paper_length(picture: bytes) -> int:
    """Give the millimetres of paper of a drawn slip (PNG), by the resolution that it carries."""
    with Image.open(io.BytesIO(picture)) as image:
        dots_per_inch: float = image.info["dpi"][1]
        return round(image.height / dots_per_inch * 25.4)


def _png(image: Any, dots_per_inch: int = USUAL) -> bytes:
    buffer = io.BytesIO()
    image.convert("1").save(buffer, format="PNG", dpi=(dots_per_inch, dots_per_inch))
    return buffer.getvalue()
