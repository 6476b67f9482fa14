"""What the web application works with: handed in by the wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.adapters.announcer import Announcer
from edge.adapters.list_sources import Source
from edge.adapters.tls.site_tls import SiteTls
from edge.credentials.document_signer import SignerState
from edge.credentials.verdict import Verdict
from edge.journal.journal import Journal
from edge.journal.views import IssuedCertificate
from edge.services.access_log import AccessLog
from edge.services.admission import Asker
from edge.services.campaigns import Campaigns
from edge.services.clock_dates import ClockDates
from edge.services.desk import Desk
from edge.services.devices import Devices
from edge.services.downloads import Downloads
from edge.services.imports.tables import TableImporter
from edge.services.imports.waiting import WaitingFiles
from edge.services.invitations import Invitations
from edge.services.journal_health import JournalHealth
from edge.services.payments.payers import Payers
from edge.services.pictures import Pictures
from edge.services.printing.calibration import Calibration
from edge.services.printing.print_room import PrinterState
from edge.services.registry.link import SyncState
from edge.services.registry.stick_watch import StickState
from edge.services.sign_in import Authenticator
from edge.services.sign_in_methods import Registrations
from edge.services.site import Site
from edge.services.site_backups import BackupStatus
from printers.discovery import Device
from printers.profile import Profile


@dataclass(frozen=True, slots=True)
class Backend:
    """The use cases and the questions that the pages and the API put; ``port`` is theirs.

    ``running`` names the modules that run now.
    """

    desk: Desk
    payers: Payers
    authenticator: Authenticator
    registrations: Registrations
    invitations: Invitations
    downloads: Downloads
    clock_dates: ClockDates
    access: AccessLog
    devices: Devices
    tls: SiteTls | None
    announcer: Announcer | None
    port: str
    trust_address: str
    health: JournalHealth
    backup: Callable[[], BackupStatus]
    site: Site
    verify: Callable[[bytes, Asker], Verdict]
    pictures: Pictures
    signing: Callable[[], SignerState]
    published: Callable[[], dict[str, Any]]
    list_sources: Callable[[], list[Source]]
    qr_image: Callable[[IssuedCertificate, str], bytes]
    slip_image: Callable[[str, str, str], bytes]
    missing_letters: Callable[[str, str], str]
    unprintable: Callable[[str], str]
    sync_state: Callable[[], SyncState]
    stick_state: Callable[[], StickState | None]
    ask_history: Callable[..., int]
    printer_states: Callable[[], list[PrinterState]]
    print_profiles: Callable[[], Mapping[str, Profile]]
    calibration: Calibration
    found_printers: Callable[[], list[Device]]
    wake_printers: Callable[[], None]
    channel_kinds: Mapping[str, str]
    retry_messages: Callable[[str], int]
    newest_paper: Callable[[], bytes | None]
    campaigns: Campaigns
    tables: TableImporter
    waiting_files: WaitingFiles
    running: Callable[[], frozenset[str]]

    @property
    def journal(self) -> Journal:
        """The journal, to be read."""
        return self.health.journal

    @property
    def zone(self) -> str:
        """Name the site's time zone."""
        return str(self.site.clock.zone)
