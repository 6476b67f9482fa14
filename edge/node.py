"""The composition root: the one file that knows everything, and puts it together."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from PIL import Image

from edge.adapters.clock import SystemClock
from edge.adapters.entropy import Ids, SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.lock import SiteLock
from edge.adapters.print_store import PrintStore
from edge.adapters.registry import TARGET, JournalSource
from edge.adapters.settings import PrinterSettings, Settings, read_settings
from edge.campaign.catalogue import to_catalogue
from edge.credentials.packing import pack
from edge.credentials.rdf import Canonicaliser
from edge.credentials.trust import Trust
from edge.credentials.verification import Verifier
from edge.domain.errors import EdgeError, Unavailable
from edge.jobs import Jobs
from edge.journal import database, print_jobs, views
from edge.journal.journal import Journal, last_instant
from edge.journal.unit import Stamp, instant
from edge.ports import Clock
from edge.resources import resource
from edge.services.certifier import SiteCertifier
from edge.services.delivery import delivery
from edge.services.desk import Desk
from edge.services.imports import Importer
from edge.services.sign_in import Gate
from edge.services.site import Shelf, Site
from edge.slips import certificate_slip
from edge.web.door import Door, PrinterState, SyncState
from printers.connections import connect
from printers.errors import PrinterError
from printers.fonts import Fonts
from printers.interpreter import preview
from printers.languages import encode
from printers.profile import read_profile
from printers.qr import QUIET, lay_out
from printers.spooler import Job, Spooler
from sync.errors import SyncError
from sync.follower import Follower, Pass
from sync.protocol import node_id, public_key, public_text
from sync.transports import transport

_log = logging.getLogger("divoc_edge")
_PRINT_EVERY, _SYNC_EVERY = 2.0, 5.0
"""Seconds between looks by themselves; a new slip wakes its printer at once."""


class Node:
    """One site's node over one data folder; the folder is held until :meth:`close`."""

    def __init__(
        self, folder: Path, connect_database: Callable[..., Any] = database.open_writer
    ) -> None:
        self.folder = folder
        self.settings = read_settings(folder)
        self._lock = SiteLock(folder)
        entropy = SystemEntropy()
        keys = FileKeys(folder / "keys", entropy)
        self.clock = clock_of(folder, self.settings, keys)
        self._node_key = keys.signing_key("node")
        self.node_id = node_id(self._node_key.public_key())
        ids = Ids(self.clock, entropy)
        self.journal = Journal(
            folder / "journal.db",
            keys.journal_key(),
            node=self.node_id,
            epoch=ids.epoch(),
            stamp=self._stamp,
            die=_die,
            connect=connect_database,
        )
        self._shelf = Shelf(to_catalogue)
        self._canonicaliser = Canonicaliser(resource("edge/credentials/contexts"))
        self.certifier = SiteCertifier(
            keys.signing_key("certificates"),
            self._canonicaliser,
            self.settings.facility,
            self._issuer_did,
        )
        self.fonts = Fonts(folder / "fonts")
        self._profiles = {
            printer.name: read_profile(resource("config/printers"), printer.profile)
            for printer in self.settings.printers
        }
        names = [printer.name for printer in self.settings.printers]
        self.site = Site(
            facility=self.settings.facility,
            shelf=self._shelf,
            clock=self.clock,
            ids=ids,
            certifier=self.certifier,
            printer=names[0] if names else "",
            printers=frozenset(names),
        )
        self.desk = Desk(self.journal, self.site)
        self.gate = Gate(
            self.journal, self._shelf, self.settings.facility, self.clock, entropy, ids
        )
        self.importer = Importer(self.journal, self.site)
        self._spoolers = {
            printer.name: self._spooler(printer) for printer in self.settings.printers
        }
        self._last_pass: Pass | None = None
        self._sync_lock = threading.Lock()
        self.jobs = Jobs(self._timetable())

    def start(self) -> None:
        """Start what the node does by itself."""
        self.fonts.check()
        for spooler in self._spoolers.values():
            spooler.recover()
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
            slip_image=self.slip_image,
            sync_state=self.sync_state,
            printer_states=self.printer_states,
            wake_printers=self.wake_printers,
            newest_paper=self.newest_paper,
            templates=resource("templates"),
            locale=resource("config/locale"),
        )

    def verify(self, payload: bytes) -> Mapping[str, Any]:
        """Judge a certificate with the keys this site trusts."""
        return Verifier(self._canonicaliser, self.trust()).verify(payload).document()

    def trust(self) -> Trust:
        """Trust this site's own key, when a campaign says under which name it signs."""
        try:
            return self.certifier.trust()
        except EdgeError:
            return Trust()

    def sync(self) -> Pass:
        """Make one pass to the registry now."""
        with self._sync_lock:
            try:
                result = self._follower().run()
            except SyncError as error:
                result = Pass("unreachable", 0, 0, error.sentence, error.values)
            self._last_pass = result
            return result

    def sync_state(self) -> SyncState:
        """Say how the site stands with the registry: from receipts, not from hopes."""
        with self.journal.reading() as db:
            held = delivery(db, TARGET)
        last = self._last_pass
        if not self.settings.registry:
            state = "none"
        elif last is not None and last.state in ("diverged", "refused"):
            state = last.state
        elif held.complete:
            state = "synced"
        elif last is not None and last.state == "unreachable":
            state = "unreachable"
        else:
            state = "waiting"
        trouble, values = (last.trouble, last.values) if last and last.trouble else ("", None)
        return SyncState(state, held.recorded, held.delivered, held.heard_at, trouble, values)

    def printer_states(self) -> list[PrinterState]:
        """Say how each printer was when it was last spoken to."""
        with self.journal.reading() as db:
            counts = print_jobs.counts(db)
        found = []
        for name, spooler in self._spoolers.items():
            waiting = counts.get(name, {}).get("queued", 0)
            state = "held" if spooler.health.code else "ready"
            if spooler.health.code in ("printer.unreachable", "printer.cut-off"):
                state = "unreachable"
            found.append(PrinterState(name, state, spooler.health.sentence, waiting))
        return found

    def wake_printers(self) -> None:
        """Let the printers look at their jobs now."""
        for name in self._spoolers:
            self.jobs.wake(f"print {name}")

    def newest_paper(self) -> bytes | None:
        """Give the newest picture of a printer in software (PNG), if the site has one."""
        if not self.settings.papers:
            return None
        pictures = sorted(Path(self.settings.papers).glob("*.png"))
        return pictures[-1].read_bytes() if pictures else None

    def slip_image(self, certificate: str) -> bytes | None:
        """Draw a certificate's slip from the very bytes that would be sent (PNG)."""
        with self.journal.reading() as db:
            issued = views.certificate(db, certificate)
        profile = self._profiles.get(self.site.printer)
        if issued is None or profile is None:
            return None
        data = encode(self._slip(issued, 1, 0), profile, self.fonts)
        return _png(preview(data, profile.width))

    def render(self, printer: str, job: Job) -> bytes:
        """Give the bytes of a print job."""
        with self.journal.reading() as db:
            row = print_jobs.job(db, job.id)
            issued = views.certificate(db, row.subject) if row else None
        if row is None or issued is None:
            raise PrinterError("print.unknown-job", "There is no such print.")
        return encode(self._slip(issued, row.copy, row.id), self._profiles[printer], self.fonts)

    def _slip(self, issued: views.IssuedCertificate, copy: int, serial: int) -> Any:
        with self.journal.reading() as db:
            words = self._shelf.catalogue(db).slip
            record = views.recorded(db, issued.dose)
        due = record.next_due.isoformat() if record and record.next_due else ""
        printed = instant(self.clock.now())[:16].replace("T", " ")
        return certificate_slip(
            issued, words, copy=copy, serial=serial, next_due=due, printed_at=printed
        )

    def _spooler(self, printer: PrinterSettings) -> Spooler:
        return Spooler(
            profile=self._profiles[printer.name],
            store=PrintStore(self.journal, printer.name, self.clock),
            render=partial(self.render, printer.name),
            connect=partial(connect, printer.connection),
        )

    def _timetable(self) -> dict[str, tuple[float, Callable[[], object]]]:
        jobs: dict[str, tuple[float, Callable[[], object]]] = {
            f"print {name}": (_PRINT_EVERY, spooler.run) for name, spooler in self._spoolers.items()
        }
        if self.settings.registry:
            jobs["sync"] = (_SYNC_EVERY, self.sync)
        return jobs

    def _follower(self) -> Follower:
        way = transport(self.settings.registry)
        return Follower(
            JournalSource(self.journal),
            way,
            self.node_id,
            self._node_key,
            public_key(self._registry_key(way)),
        )

    def _registry_key(self, way: Any) -> str:
        """Give the registry's key: pinned at the enrolment, and never changed by an answer."""
        with self.journal.reading() as db:
            row = db.execute("SELECT value FROM setting WHERE name = 'registry-key'").fetchone()
        if row is not None:
            return str(row[0])
        answer = way.enrol(
            {
                "key": public_text(self._node_key.public_key()),
                "facility": self.settings.facility,
                "name": self._facility_name(),
                "code": self.settings.enrolment_code,
            }
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("key"), str):
            sentence = answer.get("sentence", "") if isinstance(answer, dict) else ""
            raise SyncError(
                "registry.refused", "The registry refuses: {reason}", reason=str(sentence)[:300]
            )
        key = str(answer["key"])
        public_key(key)
        self.journal.run(
            lambda unit: unit.db.execute(
                "INSERT INTO setting (name, value) VALUES ('registry-key', ?)", (key,)
            )
        )
        return key

    def _facility_name(self) -> str:
        with contextlib.suppress(EdgeError), self.journal.reading() as db:
            facility = self._shelf.catalogue(db).facilities.get(self.settings.facility)
            return facility.name if facility else ""
        return ""

    def _issuer_did(self) -> str:
        with self.journal.reading() as db:
            return self._shelf.catalogue(db).issuer.did

    def _stamp(self) -> Stamp:
        return Stamp(self.clock.now(), self.clock.believed())


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


def qr_image(certificate: views.IssuedCertificate) -> bytes:
    """Draw a certificate's QR code for a screen (PNG)."""
    symbol = lay_out(pack(certificate.credential), 1024)
    side = symbol.modules + 2 * QUIET
    image = Image.new("1", (side, side), 1)
    for top, row in enumerate(symbol.rows, start=QUIET):
        for left, module in enumerate(row, start=QUIET):
            if module:
                image.putpixel((left, top), 0)
    return _png(image.resize((side * 5, side * 5), Image.Resampling.NEAREST))


def _png(image: Any) -> bytes:
    buffer = io.BytesIO()
    image.convert("1").save(buffer, format="PNG")
    return buffer.getvalue()


def _die(error: BaseException) -> NoReturn:
    """End the process at once: what the disk holds is for the next start to find out."""
    _log.critical("a commit failed (%s): ending, to be started again", type(error).__name__)
    os._exit(70)
