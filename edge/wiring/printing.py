"""The wing of the printers: slips, fonts, printers, and what is plugged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from edge.adapters.addresses import site_addresses, trust_address
from edge.adapters.lock import own_printer
from edge.adapters.profiles import keep_own, site_profile
from edge.adapters.settings import PrinterSettings, Settings
from edge.adapters.tls.site_tls import fingerprint as fingerprint_of
from edge.adapters.tls.site_tls import kept_authority
from edge.campaign.slip_templates import read_templates
from edge.domain.sign_in_rules import BADGE
from edge.domain.slip_template import SlipTemplate
from edge.journal.journal import Journal
from edge.plugins.sign_in.badge import badge_text
from edge.services.pictures import Pictures
from edge.services.pins import PinSeal
from edge.services.printing.calibration import Calibration
from edge.services.printing.certificate_pages import CertificatePages
from edge.services.printing.hotplug import Hotplug
from edge.services.printing.paper_scripts import CampaignFonts
from edge.services.printing.print_room import PrintRoom
from edge.services.proofs import usable
from edge.services.site import Site
from edge.slips.slip_maker import SlipMaker
from edge.slips.values import SetUp
from edge.web.translations import load_languages, speaker, with_words
from edge.wiring.keys import Keys
from printers.discovery import find
from printers.drivers import Drivers
from printers.fonts import Fonts
from printers.profile import Profile, read_profile
from sync.protocol.keys import fingerprint
from sync.resources import resource

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Printing:
    """The printers of a site, and all that is looked up for them."""

    fonts: CampaignFonts
    room: PrintRoom
    calibration: Calibration
    hotplug: Hotplug
    pages: CertificatePages


def wire_slips(settings: Settings, keys: Keys, payload: Callable[[str, str], bytes]) -> SlipMaker:
    """Make what lays out slips; ``payload`` gives what a credential's QR code holds."""
    return SlipMaker(
        shipped_templates(),
        settings.facility,
        keys.clock,
        payload,
        lambda: _set_up(settings, keys),
        speaker(load_languages(resource("config/locale"))),
        partial(_badge_text, PinSeal(keys.node)),
        zone=ZoneInfo(settings.zone),
        registry=bool(settings.registry),
    )


def _badge_text(seal: PinSeal, db: Database, staff: str) -> str:
    """Give what the badge says that somebody signs in with; empty where they have none."""
    rows = usable(db, seal, staff, BADGE)
    return badge_text(seal.bound, staff, seal.open(staff, rows[-1].verifier)) if rows else ""


def wire_printing(
    folder: Path,
    settings: Settings,
    journal: Journal,
    site: Site,
    pictures: Pictures,
    drivers: Drivers,
) -> Printing:
    """Make the print room over the printers of the settings."""
    printers = {
        printer_settings.name: (printer_settings, site_profile(folder, printer_settings))
        for printer_settings in settings.printers
    }
    fonts = Fonts(folder / "fonts")
    room = PrintRoom(
        journal,
        site,
        fonts,
        printers,
        settings.papers,
        site.slips,
        partial(own_printer, folder),
        drivers,
    )

    def keep(printer: PrinterSettings, found: Mapping[str, object]) -> Profile:
        keep_own(folder, printer, found)
        return site_profile(folder, printer)

    languages = load_languages(resource("config/locale"))
    return Printing(
        fonts=CampaignFonts(journal, fonts, shipped_templates(), speaker(languages)),
        room=room,
        calibration=Calibration(
            room,
            {printer.name: printer for printer in settings.printers},
            fonts,
            site.clock,
            keep,
            pictures.codes,
        ),
        hotplug=Hotplug(find, [printer.connection for printer in settings.printers]),
        pages=CertificatePages(
            journal,
            site,
            fonts,
            read_profile(resource("config/printers"), "page-a4"),
            lambda catalogue: with_words(languages, catalogue),
        ),
    )


@cache
def shipped_templates() -> Mapping[str, SlipTemplate]:
    """Read the templates of slips that come with the software, once in a process."""
    return MappingProxyType(read_templates(resource("templates/slips"), resource("config/schemas")))


def _set_up(settings: Settings, keys: Keys) -> SetUp:
    """Give what a site's set-up sheet says; the fingerprint is the SHA-256 of the node's key."""
    authority = kept_authority(keys.files) if settings.tls else None
    return SetUp(
        version=version("divoc-edge"),
        fingerprint=fingerprint(keys.node.public_key()),
        addresses=site_addresses(settings),
        trust=trust_address(settings),
        authority=fingerprint_of(authority) if authority else "",
        printers=tuple(
            (printer.name, printer.connection, printer.profile) for printer in settings.printers
        ),
    )
