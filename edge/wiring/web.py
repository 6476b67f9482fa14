"""The wing of the pages: what the tablet's pages and the API work with."""

from __future__ import annotations

import time
from functools import partial

from edge.adapters.addresses import trust_address
from edge.adapters.announcer import Announcer
from edge.adapters.settings import Settings
from edge.adapters.tls.site_tls import SiteTls
from edge.adapters.trust_store import TrustStore
from edge.credentials.verdict import Verdict
from edge.jobs import Jobs
from edge.journal.journal import Journal
from edge.services.admission import NOBODY, Asker
from edge.services.campaigns import Campaigns
from edge.services.downloads import Downloads
from edge.services.imports.waiting import WaitingFiles
from edge.services.journal_health import JournalHealth
from edge.services.pictures import Pictures
from edge.services.site_backups import SiteBackups
from edge.web.backend import Backend
from edge.wiring.certificates import Certificates
from edge.wiring.desk import UseCases, running_modules
from edge.wiring.jobs import wake_printers
from edge.wiring.keys import Keys
from edge.wiring.messages import Messages
from edge.wiring.printing import Printing
from edge.wiring.registry import Registry


def verify_shown(
    keys: Keys,
    certificates: Certificates,
    pictures: Pictures,
    payload: bytes,
    asker: Asker = NOBODY,
) -> Verdict:
    """Judge a certificate with the keys and lists of this site, as of now.

    Raises ``Unavailable`` for a picture when too many are being read.
    """
    read = partial(pictures.codes, asker=asker)
    return certificates.verifier.verify(payload, keys.clock.now(), read)


def wire_web(
    settings: Settings,
    keys: Keys,
    health: JournalHealth,
    lists: TrustStore,
    certificates: Certificates,
    pictures: Pictures,
    use_cases: UseCases,
    campaigns: Campaigns,
    printing: Printing,
    registry: Registry,
    messages: Messages,
    jobs: Jobs,
    tls: SiteTls | None,
    announcer: Announcer | None,
    backups: SiteBackups,
) -> Backend:
    """Make the one thing that pages and API are handed."""
    room, watch = printing.room, registry.stick_watch
    return Backend(
        clock_dates=use_cases.clock_dates,
        desk=use_cases.desk,
        payers=use_cases.payers,
        authenticator=use_cases.authenticator,
        registrations=use_cases.registrations,
        invitations=use_cases.invitations,
        downloads=_downloads(keys, health.journal, use_cases, printing),
        access=use_cases.access,
        devices=use_cases.devices,
        tls=tls,
        announcer=announcer,
        port=settings.listen.rpartition(":")[2],
        trust_address=trust_address(settings),
        health=health,
        backup=backups.shown,
        site=use_cases.site,
        verify=partial(verify_shown, keys, certificates, pictures),
        pictures=pictures,
        signing=lambda: certificates.certifier.state(keys.clock.now()),
        published=certificates.verifier.published,
        list_sources=lists.sources,
        qr_image=room.qr_image,
        slip_image=room.slip_image,
        missing_letters=room.missing_letters,
        unprintable=room.unprintable,
        sync_state=registry.link.state,
        stick_state=watch.state if watch else lambda: None,
        ask_history=registry.history.ask_shown,
        printer_states=room.states,
        print_profiles=lambda: room.profiles,
        calibration=printing.calibration,
        found_printers=printing.hotplug.others,
        wake_printers=partial(wake_printers, printing, jobs),
        channel_kinds={channel.name: channel.kind for channel in settings.channels},
        retry_messages=lambda name: messages.sender(name).retry(),
        newest_paper=room.newest_paper,
        campaigns=campaigns,
        tables=use_cases.tables,
        waiting_files=WaitingFiles(keys.clock.now, keys.ids.new),
        running=partial(running_modules, certificates, use_cases.site),
    )


def _downloads(keys: Keys, journal: Journal, use_cases: UseCases, printing: Printing) -> Downloads:
    """Make what hands people their own certificate in the site's Wi-Fi."""
    site, access = use_cases.site, use_cases.access
    return Downloads(
        journal, site, keys.entropy, access, printing.pages, time.monotonic, time.sleep
    )
