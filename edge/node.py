"""The composition root: the one file that knows everything, and puts it together."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from edge.adapters.entropy import Ids, SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.lock import SiteLock, own_printer
from edge.adapters.memory import give_large_blocks_back
from edge.adapters.pictures import PictureWorker
from edge.adapters.profiles import keep_own, site_profile
from edge.adapters.settings import PrinterSettings, read_settings
from edge.adapters.signers import Signers
from edge.adapters.trust_store import TrustStore
from edge.campaign.catalogue import to_catalogue
from edge.campaign.loader import check_packed
from edge.credentials.shc import thumbprint
from edge.credentials.trust import Trust, web_key
from edge.credentials.verdict import Verdict
from edge.domain.catalogue import STALE_AFTER_DAYS, Issuer, names_of_codes
from edge.domain.errors import EdgeError
from edge.folder import clock_of, handed_credentials, key_store, setup_of, shipped_templates
from edge.followers.runner import Ports
from edge.followers.table import Surroundings, runners
from edge.jobs import Jobs
from edge.journal import database, views
from edge.journal.journal import Journal
from edge.journal.unit import Stamp
from edge.plugins import Extensions, installed
from edge.ports import PictureDecoder
from edge.resources import resource
from edge.services.catalogue_cache import CatalogueCache
from edge.services.certificates.certifier import SiteCertifier
from edge.services.certificates.formats import Formats, load_formats
from edge.services.certificates.site_verifier import SiteVerifier
from edge.services.certificates.trust_lists import Taken, take_folder
from edge.services.desk import Desk
from edge.services.imports import Importer
from edge.services.pictures import Pictures
from edge.services.pins import PinSeal
from edge.services.printing.calibration import Calibration
from edge.services.printing.hotplug import Hotplug
from edge.services.printing.paper_fit import check_paper
from edge.services.printing.paper_scripts import campaign_scripts
from edge.services.printing.print_room import PrintRoom
from edge.services.registry import letter_handlers
from edge.services.registry.history import History
from edge.services.registry.inbox import SiteInbox, take_verdict
from edge.services.registry.link import Introduction, RegistryLink, World
from edge.services.registry.stick_memory import take_recipient
from edge.services.registry.stick_watch import StickWatch
from edge.services.registry.sticks import Applicant, SiteSticks
from edge.services.sign_in import Authenticator
from edge.services.site import Site
from edge.services.turns import NOBODY, Asker
from edge.slips.slip_maker import SlipMaker
from edge.web.backend import Backend
from edge.web.translations import load_languages, speaker
from printers.discovery import find
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.profile import Profile
from sync.protocol.keys import node_id
from sync.site.transports import Line, transport

_log = logging.getLogger("divoc_edge")
_PRINT_EVERY, _SYNC_EVERY, _SIGNERS_EVERY, _FAILOVER_EVERY = 2.0, 5.0, 30.0, 5.0
_PLUGGED_EVERY, _STICK_EVERY, _KEPT_LETTERS_EVERY = 2.0, 2.0, 6 * 3600.0
"""Seconds between looks by themselves; a new slip wakes its printer at once."""


class Node:
    """One site's node over one data folder; the folder is held until :meth:`close`."""

    def __init__(
        self,
        folder: Path,
        connect_database: Callable[..., Any] = database.open_writer,
        decoder: PictureDecoder | None = None,
        more: Extensions | None = None,
    ) -> None:
        self.folder = folder
        self.extensions = more = more or installed()
        self.settings = settings = read_settings(folder)
        self._lock = SiteLock(folder)
        entropy = SystemEntropy()
        keys = FileKeys(folder / "keys", entropy, handed_credentials())
        self.clock = clock_of(folder, settings, keys)
        ids = Ids(self.clock, entropy)
        node_key = keys.signing_key("node")
        self.journal = Journal(
            folder / "journal.db",
            keys.journal_key(),
            node=node_id(node_key.public_key()),
            epoch=ids.epoch(),
            stamp=lambda: Stamp(self.clock.now(), self.clock.believed()),
            die=_die,
            connect=connect_database,
        )
        self._catalogues = CatalogueCache(to_catalogue)
        formats = load_formats(more.formats)
        self.signers = Signers(key_store(settings, keys), folder / "keys", self.clock.now)
        self.certifier = SiteCertifier(
            formats.issuing, keys, self.signers.all, settings.facility, self._issuer_did
        )
        self.lists = TrustStore(folder / "trust.db")
        self.pictures = Pictures(decoder or PictureWorker())
        self._verification = SiteVerifier(
            formats,
            self.lists,
            own_trust=self._own_trust,
            own_revoked=self._own_revoked,
            stale_after=self._stale_after,
            own_codes=self._own_codes,
        )
        printers = {one.name: (one, site_profile(folder, one)) for one in settings.printers}
        self._languages = load_languages(resource("config/locale"))
        self.slips = SlipMaker(
            shipped_templates(),
            settings.facility,
            self.clock,
            self.certifier.payload,
            lambda: setup_of(settings, node_key.public_key()),
            speaker(self._languages),
            zone=ZoneInfo(settings.zone),
            registry=bool(settings.registry),
        )
        self.site = Site(
            facility=settings.facility,
            catalogues=self._catalogues,
            clock=self.clock,
            ids=ids,
            certifier=self.certifier,
            judge=self.judge,
            slips=self.slips,
            printer=next(iter(printers), ""),
            printers=frozenset(printers),
        )
        self.desk = Desk(self.journal, self.site)
        self._seal = PinSeal(node_key)
        self.authenticator = Authenticator(
            self.journal, self._catalogues, settings.facility, self.clock, entropy, ids, self._seal
        )
        self.importer = Importer(self.journal, self.site, self._seal)
        self.fonts = fonts = Fonts(folder / "fonts")
        self.print_room = PrintRoom(
            self.journal,
            self.site,
            fonts,
            printers,
            settings.papers,
            self.slips,
            partial(own_printer, folder),
            more.drivers,
        )
        settings_of = {name: one for name, (one, _) in printers.items()}
        self.calibration = Calibration(
            self.print_room, settings_of, fonts, self.clock, self._keep_profile,
            self.pictures.codes,
        )  # fmt: skip
        self.hotplug = Hotplug(find, [one.connection for one in settings.printers])
        self.inbox = inbox = self._inbox(formats)

        def nonce() -> str:
            return entropy.bytes(8).hex()

        self.registry = RegistryLink(
            self.journal,
            settings.registry,
            node_key,
            Introduction(
                settings.facility,
                settings.enrolment_code,
                self._facility_name,
                self._signing_request,
            ),
            World(
                time.monotonic,
                lambda: int.from_bytes(entropy.bytes(4)) / 2**32,
                nonce,
                self.clock.now,
            ),
            line=Line(authority=settings.registry_ca, idle=settings.registry_patience),
            inbox=inbox,
            software=version("divoc-edge"),
            connect=partial(transport, transports=more.transports),
        )
        self.sticks = SiteSticks(
            self.journal,
            node_key,
            inbox,
            Applicant(
                settings.facility,
                settings.enrolment_code,
                self._facility_name,
                version("divoc-edge"),
            ),
            self.clock.now,
            nonce,
        )
        stick = settings.stick_folder
        self.stick_watch = (
            StickWatch(self.sticks, self.journal, stick, time.monotonic, self.clock.now)
            if stick
            else None
        )
        self.followers, self._follower_troubles = runners(
            settings.followers,
            Surroundings(settings.facility, folder, self.journal.reading),
            more.followers,
            self.journal,
            Ports(time.monotonic, lambda: int.from_bytes(entropy.bytes(4)) / 2**32, self.clock.now),
        )
        self.history = History(self.journal, self.site, self.registry)
        self.jobs = Jobs(self._timetable())

    def start(self) -> None:
        """Start what the node does by itself."""
        give_large_blocks_back()
        for plugin in self.extensions.found:
            if plugin.reason:
                _log.error("%s of %s is left out: %s", plugin.name, plugin.package, plugin.reason)
        for name, error in self._follower_troubles.items():
            _log.error("the follower %s does not run: %s", name, error)
        self.print_room.open()
        self.jobs.start()

    def close(self) -> None:
        """Stop, finish what is being written, and let go of the folder."""
        self.print_room.close()
        self.jobs.stop()
        self.pictures.close()
        self.journal.close()
        self.lists.close()
        self._lock.release()

    def backend(self) -> Backend:
        """Give what the tablet's pages and the API work with."""
        return Backend(
            desk=self.desk,
            authenticator=self.authenticator,
            journal=self.journal,
            site=self.site,
            verify=self.verify,
            pictures=self.pictures,
            signing=lambda: self.certifier.state(self.clock.now()),
            published_keys=self.published_keys,
            list_sources=self.lists.sources,
            qr_image=self.print_room.qr_image,
            slip_image=self.print_room.slip_image,
            missing_letters=self.print_room.missing_letters,
            sync_state=self.registry.state,
            stick_state=self.stick_watch.state if self.stick_watch else lambda: None,
            ask_history=self.history.ask,
            zone=self.settings.zone,
            printer_states=self.print_room.states,
            print_profiles=lambda: self.print_room.profiles,
            calibration=self.calibration,
            found_printers=self.hotplug.others,
            wake_printers=self._wake_printers,
            newest_paper=self.print_room.newest_paper,
            templates=resource("templates"),
            locale=resource("config/locale"),
        )

    def take_lists(self, folder: Path) -> dict[str, Taken]:
        """Take in the lists that came with a campaign."""
        return take_folder(self.lists, folder, self.clock.now(), self._issuer_did())

    def prepare_fonts(self, progress: Callable[[str], None]) -> None:
        """Merge the fonts that the campaign in force needs; raises before the first campaign."""
        with self.journal.reading() as db:
            body = views.catalogue_body(db)
        say, _ = speaker(self._languages)(body.get("language", "en"))
        self.fonts.prepare(campaign_scripts(body, shipped_templates(), say), progress)

    def verify(self, payload: bytes, asker: Asker = NOBODY) -> Verdict:
        """Judge a certificate with the keys and lists of this site, as of now.

        Raises ``Unavailable`` for a picture when too many are being read.
        """
        read = partial(self.pictures.codes, asker=asker)
        return self._verification.verify(payload, self.clock.now(), read)

    def judge(self, payload: bytes) -> Verdict:
        """Judge what a code holds; no picture is read, as this is asked within a transaction."""
        return self._verification.verify(payload, self.clock.now())

    def published_keys(self) -> list[dict[str, Any]]:
        """Give the keys that the offline page verifies with: P-256 only, and nobody's secret."""
        trust = self._own_trust().joined(self.lists.trust())
        return [found for key in trust.all_keys() if (found := web_key(key)) is not None]

    def _own_trust(self) -> Trust:
        try:
            return self.certifier.trust()
        except EdgeError:  # no campaign yet: this site has no name to sign under
            return Trust()

    def _own_revoked(self, keys: Sequence[str]) -> bool:
        with self.journal.reading() as db:
            return views.is_revoked(db, keys)

    def _own_codes(self) -> Mapping[str, str]:
        catalogue = self._catalogues.cached()
        return names_of_codes(catalogue) if catalogue else {}

    def _stale_after(self) -> int:
        catalogue = self._catalogues.cached()
        return catalogue.stale_after if catalogue else STALE_AFTER_DAYS

    def _sync(self) -> None:
        """Push, then pull: letters with the pass, and behind it the histories of those expected."""
        done = self.registry.run_when_due()
        if done is not None and done.state == "synced":
            self.history.ask_ahead(self.clock.now())

    def _wake_printers(self) -> None:
        for name in self.print_room.spoolers:
            self.jobs.wake(f"print {name}")

    def _keep_profile(self, printer: PrinterSettings, found: Mapping[str, object]) -> Profile:
        keep_own(self.folder, printer, found)
        return site_profile(self.folder, printer)

    def _look_for_printers(self) -> None:
        """A printer that was plugged in is spoken to at once."""
        if self.hotplug.look():
            for spooler in self.print_room.spoolers.values():
                spooler.look_soon()
            self._wake_printers()

    def _fail_over(self) -> None:
        if self.print_room.fail_over(time.monotonic()):
            self._wake_printers()

    def _timetable(self) -> dict[str, tuple[float, Callable[[], object]]]:
        jobs: dict[str, tuple[float, Callable[[], object]]] = {
            f"print {name}": (_PRINT_EVERY, spooler.run)
            for name, spooler in self.print_room.spoolers.items()
        }
        if any(one.failover for one in self.settings.printers):
            jobs["failover"] = (_FAILOVER_EVERY, self._fail_over)
        jobs["plugged"] = (_PLUGGED_EVERY, self._look_for_printers)
        jobs["letters"] = (_KEPT_LETTERS_EVERY, self.inbox.again)
        jobs["signers"] = (_SIGNERS_EVERY, self.certifier.look_again)
        if self.stick_watch:
            jobs["stick"] = (_STICK_EVERY, self.stick_watch.run)
        jobs |= {f"follower {one.name}": (one.every, one.run_when_due) for one in self.followers}
        if self.settings.has_line:
            jobs["sync"] = (_SYNC_EVERY, self._sync)
        return jobs

    def _inbox(self, formats: Formats) -> SiteInbox:
        def check(body: Mapping[str, Any]) -> None:
            check_packed(body, resource("config/schemas"))
            check_paper(body, formats.issuing)

        prepared = {
            "campaign": letter_handlers.campaigns(check, self._seal),
            "revocations": letter_handlers.revocations(
                self.lists, self.clock.now, self._issuer_did
            ),
            "enrolments": letter_handlers.enrolments(self.importer, self.journal, self.site),
            "certificate": letter_handlers.certificates(self.signers, self.certifier.look_again),
        }
        handlers = {"verdict": take_verdict, "recipient": take_recipient}
        replacing = ("campaign", "revocations", "certificate")
        return SiteInbox(self.journal, handlers, prepared, replacing, self._taken)

    def _taken(self, kinds: frozenset[str]) -> None:
        """Look again at what letters may have changed; a font that is missing is told elsewhere."""
        if "campaign" in kinds:
            self._catalogues.forget()
            with contextlib.suppress(EdgeError, PrinterError):
                self.prepare_fonts(lambda _face: None)
            self.jobs.wake("letters")

    def _signing_request(self) -> tuple[str, str]:
        """Give the request for the next signing certificate when it is time for one."""
        now = self.clock.now()
        if not self.certifier.state(now).warning:
            return "", ""
        try:
            issuer = self.issuer()
        except EdgeError:  # no campaign yet: nobody knows in whose name
            return "", ""
        if any(one.sign_from > now for one in self.signers.all()):
            return "", ""  # the next one is there already
        made = self.signers.request(issuer.country, issuer.name, self.settings.facility)
        key = made.public_key()
        name = thumbprint(key) if isinstance(key, EllipticCurvePublicKey) else ""
        return made.public_bytes(Encoding.PEM).decode(), name

    def _facility_name(self) -> str:
        with contextlib.suppress(EdgeError), self.journal.reading() as db:
            facility = self._catalogues.current(db).facilities.get(self.settings.facility)
            return facility.name if facility else ""
        return ""

    def issuer(self) -> Issuer:
        """Give who stands behind the certificates; raises before the first campaign."""
        catalogue = self._catalogues.cached()
        if catalogue is None:
            with self.journal.reading() as db:
                catalogue = self._catalogues.current(db)
        return catalogue.issuer

    def _issuer_did(self) -> str:
        return self.issuer().did


def _die(error: BaseException) -> NoReturn:
    """End the process at once: what the disk holds is for the next start to find out."""
    _log.critical("a commit failed (%s): ending, to be started again", type(error).__name__)
    os._exit(70)
