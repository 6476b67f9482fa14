"""The composition root: the one file that knows everything, and puts it together."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from edge.adapters.clock import SystemClock
from edge.adapters.entropy import Ids, SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.lock import SiteLock
from edge.adapters.settings import Settings, read_settings
from edge.campaign.catalogue import to_catalogue
from edge.credentials.rdf import Canonicaliser
from edge.credentials.trust import Trust
from edge.credentials.verification import Verifier
from edge.domain.errors import EdgeError, Unavailable
from edge.jobs import Jobs
from edge.journal import database
from edge.journal.journal import Journal, last_instant
from edge.journal.unit import Stamp
from edge.ports import Clock
from edge.resources import resource
from edge.services.certifier import SiteCertifier
from edge.services.desk import Desk
from edge.services.imports import Importer
from edge.services.print_room import PrintRoom, qr_image
from edge.services.registry_link import Introduction, RegistryLink
from edge.services.sign_in import Gate
from edge.services.site import Shelf, Site
from edge.web.door import Door
from edge.web.language import choose, load_languages
from printers.fonts import Fonts
from printers.profile import read_profile
from sync.protocol import node_id

_log = logging.getLogger("divoc_edge")
_PRINT_EVERY, _SYNC_EVERY = 2.0, 5.0
"""Seconds between looks by themselves; a new slip wakes its printer at once."""


class Node:
    """One site's node over one data folder; the folder is held until :meth:`close`."""

    def __init__(
        self, folder: Path, connect_database: Callable[..., Any] = database.open_writer
    ) -> None:
        self.folder = folder
        self.settings = settings = read_settings(folder)
        self._lock = SiteLock(folder)
        entropy = SystemEntropy()
        keys = FileKeys(folder / "keys", entropy)
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
        self._shelf = Shelf(to_catalogue)
        self._canonicaliser = Canonicaliser(resource("edge/credentials/contexts"))
        self._certifier = SiteCertifier(
            keys.signing_key("certificates"),
            self._canonicaliser,
            settings.facility,
            self._issuer_did,
        )
        printers = {
            one.name: (one, read_profile(resource("config/printers"), one.profile))
            for one in settings.printers
        }
        self.site = Site(
            facility=settings.facility,
            shelf=self._shelf,
            clock=self.clock,
            ids=ids,
            certifier=self._certifier,
            printer=next(iter(printers), ""),
            printers=frozenset(printers),
        )
        self.desk = Desk(self.journal, self.site)
        self.gate = Gate(self.journal, self._shelf, settings.facility, self.clock, entropy, ids)
        self.importer = Importer(self.journal, self.site)
        fonts = Fonts(folder / "fonts")
        self._languages = load_languages(resource("config/locale"))
        self.print_room = PrintRoom(
            self.journal, self.site, fonts, printers, settings.papers, self._speak
        )
        self.registry = RegistryLink(
            self.journal,
            settings.registry,
            node_key,
            Introduction(settings.facility, settings.enrolment_code, self._facility_name),
        )
        self.jobs = Jobs(self._timetable())

    def start(self) -> None:
        """Start what the node does by itself."""
        self.print_room.open()
        self.jobs.start()

    def close(self) -> None:
        """Stop, finish what is being written, and let go of the folder."""
        self.jobs.stop()
        self.journal.close()
        self._lock.release()

    def door(self) -> Door:
        """Give what the tablet's pages and the API work with."""
        return Door(
            desk=self.desk,
            gate=self.gate,
            journal=self.journal,
            site=self.site,
            verify=self.verify,
            qr_image=qr_image,
            slip_image=self.print_room.slip_image,
            sync_state=self.registry.state,
            printer_states=self.print_room.states,
            wake_printers=self._wake_printers,
            newest_paper=self.print_room.newest_paper,
            templates=resource("templates"),
            locale=resource("config/locale"),
        )

    def verify(self, payload: bytes) -> Mapping[str, Any]:
        """Judge a certificate with the keys this site trusts."""
        try:
            trust = self._certifier.trust()
        except EdgeError:  # no campaign yet: this site has no name to sign under
            trust = Trust()
        return Verifier(self._canonicaliser, trust).verify(payload).document()

    def _wake_printers(self) -> None:
        for name in self.print_room.spoolers:
            self.jobs.wake(f"print {name}")

    def _timetable(self) -> dict[str, tuple[float, Callable[[], object]]]:
        jobs: dict[str, tuple[float, Callable[[], object]]] = {
            f"print {name}": (_PRINT_EVERY, spooler.run)
            for name, spooler in self.print_room.spoolers.items()
        }
        if self.settings.registry:
            jobs["sync"] = (_SYNC_EVERY, self.registry.run)
        return jobs

    def _speak(self, code: str) -> tuple[Callable[[str], str], bool]:
        language = choose(self._languages, code, "")
        return language.gettext, language.direction == "rtl"

    def _facility_name(self) -> str:
        with contextlib.suppress(EdgeError), self.journal.reading() as db:
            facility = self._shelf.catalogue(db).facilities.get(self.settings.facility)
            return facility.name if facility else ""
        return ""

    def _issuer_did(self) -> str:
        catalogue = self._shelf.at_hand()
        if catalogue is None:
            with self.journal.reading() as db:
                catalogue = self._shelf.catalogue(db)
        return catalogue.issuer.did


def clock_of(folder: Path, settings: Settings, keys: FileKeys) -> Clock:
    """Give the machine's clock, with the moment of the last entry as the earliest honest one."""
    floor: datetime | None = None
    if (folder / "journal.db").exists():
        with reading(folder, keys) as db:
            tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
            floor = last_instant(db) if "entry" in tables else None
    return SystemClock(settings.zone, floor)


@contextlib.contextmanager
def reading(folder: Path, keys: FileKeys | None = None) -> Iterator[Any]:
    """Open a site's database for looking only, also while the node runs."""
    path = folder / "journal.db"
    if not path.exists():
        raise Unavailable(
            "journal.none",
            "There is no journal in {folder} yet.",
            hint="Make a site with divoc-edge init, then import a campaign.",
            folder=folder,
        )
    keys = keys or FileKeys(folder / "keys", SystemEntropy())
    db = database.open_reader(path, keys.journal_key())
    try:
        yield db
    finally:
        db.conn.close()


def _die(error: BaseException) -> NoReturn:
    """End the process at once: what the disk holds is for the next start to find out."""
    _log.critical("a commit failed (%s): ending, to be started again", type(error).__name__)
    os._exit(70)
