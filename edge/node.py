"""One site's node: holds the parts that :mod:`edge.wiring` makes, starts them and closes them."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from edge.adapters.disk import disk_space
from edge.adapters.lock import SiteLock
from edge.adapters.memory import give_large_blocks_back
from edge.adapters.pictures import PictureWorker
from edge.adapters.settings import read_settings
from edge.domain.disk import DiskSpace
from edge.domain.errors import Unavailable
from edge.domain.modules import met
from edge.extensions import Extensions, installed
from edge.jobs import Jobs
from edge.journal import database
from edge.ports import PictureDecoder
from edge.services.pictures import Pictures
from edge.services.registry.enrolment_lists import EnrolmentLists
from edge.web.backend import Backend
from edge.wiring.campaigns import missing_conditions, wire_campaigns
from edge.wiring.certificates import open_lists, wire_certificates, wire_intake
from edge.wiring.desk import running_modules, wire_desk
from edge.wiring.enrolment import with_kept_code
from edge.wiring.followers import wire_followers
from edge.wiring.jobs import KEPT_LETTERS, wire_jobs, write_noted
from edge.wiring.journal import (
    keep_latest_moment,
    last_moment,
    undo_broken_start,
    wire_backups,
    wire_health,
    wire_journal,
)
from edge.wiring.keys import wire_keys, wire_signers
from edge.wiring.messages import wire_messages
from edge.wiring.methods import methods_here
from edge.wiring.plugins import identity_readers, payers_of, wire_plugins
from edge.wiring.printing import wire_printing, wire_slips
from edge.wiring.registry import wire_registry
from edge.wiring.tls import wire_announcer, wire_tls
from edge.wiring.web import verify_shown, wire_web
from sync.own_files import keep_private

_log = logging.getLogger("divoc_edge")


class Node:
    """One site's node over one data folder; the folder is held until :meth:`close`."""

    def __init__(
        self,
        folder: Path,
        connect_database: Callable[..., Any] = database.open_writer,
        decoder: PictureDecoder | None = None,
        more: Extensions | None = None,
        disk: Callable[[Path], DiskSpace] = disk_space,
    ) -> None:
        self.folder = folder
        self.extensions = more = more or installed()
        self.settings = settings = read_settings(folder)
        self._lock = SiteLock(folder)
        keep_private(folder)
        undo_broken_start(folder)
        self._keys = keys = wire_keys(folder, settings, last_moment(folder))
        self.clock, self.signers = keys.clock, wire_signers(folder, settings, more.key_stores)
        self.journal = journal = wire_journal(folder, settings, keys, _die, connect_database, disk)
        self.health = wire_health(folder, keys, journal)
        self.settings = settings = with_kept_code(folder, settings, journal)
        self.backups = wire_backups(folder, settings, keys, journal)
        self.plugins = wire_plugins(keys, journal, more.systems)
        self.lists = lists = open_lists(folder)
        self.pictures = Pictures(decoder or PictureWorker())
        self.tls, self.announcer = wire_tls(settings, keys), wire_announcer(settings)
        self._certificates = certificates = wire_certificates(
            settings, keys, self.signers, journal, lists, more.formats, more.conditions
        )
        self.certifier, self.issuer = certificates.certifier, certificates.issuer
        self.verify = partial(verify_shown, keys, certificates, self.pictures)

        slips = wire_slips(settings, keys, self.certifier.payload)
        readers = identity_readers(more.systems["identity"], self.plugins)
        payers = payers_of(more.systems["payment"], self.plugins)
        methods = methods_here(settings, keys, more.systems["sign_in"], self.plugins)
        self.use_cases = use_cases = wire_desk(
            settings, keys, journal, certificates, slips, payers, readers, methods
        )
        self.site, self.desk, self.importer = use_cases.site, use_cases.desk, use_cases.importer
        self.authenticator = use_cases.authenticator
        self.jobs = Jobs(lambda needs: met(needs, running_modules(certificates, self.site)))
        self.tables, self.devices = use_cases.tables, use_cases.devices
        self.printing = printing = wire_printing(
            folder, settings, journal, self.site, self.pictures, more.drivers
        )
        self.print_room = printing.room
        intake, trust = wire_intake(folder, settings, keys, journal, lists)
        again = partial(self.jobs.wake, KEPT_LETTERS)
        self.campaigns = campaigns = wire_campaigns(
            keys, journal, intake, trust, certificates, use_cases, printing, more.conditions, again
        )
        self._registry = registry = wire_registry(
            settings, keys, journal, intake, certificates, use_cases, campaigns, more.transports
        )
        self.inbox, self.registry, self.history = registry.inbox, registry.link, registry.history
        self.sticks, self.stick_watch = registry.sticks, registry.stick_watch
        self.followers = wire_followers(folder, settings, keys, journal, more.followers)
        self.messages = wire_messages(
            settings, keys, journal, self.site, more.systems["distribution"], printing.pages
        )
        self._wire_jobs()

    def _wire_jobs(self) -> None:
        wire_jobs(
            self.jobs,
            self.settings,
            self._keys,
            self.journal,
            self.certifier,
            self.use_cases,
            self.printing,
            self._registry,
            self.followers,
            self.messages,
            self.tls,
            self.announcer,
            self.health,
            self.backups,
        )

    @property
    def expected(self) -> EnrolmentLists:
        """The lists of people whom the nation expects here."""
        return self._registry.expected

    def start(self) -> None:
        """Start what the node does by itself."""
        give_large_blocks_back()
        for plugin in self.extensions.found:
            if plugin.reason:
                _log.error("%s of %s is left out: %s", plugin.name, plugin.package, plugin.reason)
        for condition in missing_conditions(self._certificates):
            _log.error("no installed package adds %s: supervisors decide on its doses", condition)
        for name, error in self.followers.troubles.items():
            _log.error("the follower %s does not run: %s", name, error)
        for name, error in self.messages.troubles.items():
            _log.error("the channel %s does not run: %s", name, error)
        self.print_room.open()
        self.jobs.start()

    def close(self) -> None:
        """Stop, finish what is being written, and let go of the folder."""
        self.print_room.close()
        self.messages.stop()
        self.jobs.stop()
        if self.announcer:
            self.announcer.close()
        self.pictures.close()
        with contextlib.suppress(Unavailable):  # a disk that takes nothing
            write_noted(self.use_cases)
            keep_latest_moment(self.journal)
        self.journal.close()
        self.lists.close()
        self._lock.release()

    def backend(self) -> Backend:
        """Give what the tablet's pages and the API work with."""
        return wire_web(
            self.settings,
            self._keys,
            self.health,
            self.lists,
            self._certificates,
            self.pictures,
            self.use_cases,
            self.campaigns,
            self.printing,
            self._registry,
            self.messages,
            self.jobs,
            self.tls,
            self.announcer,
            self.backups,
        )


def _die(error: BaseException) -> NoReturn:
    """End the process at once: what the disk holds is for the next start to find out."""
    _log.critical("a commit failed (%s): ending, to be started again", type(error).__name__)
    os._exit(70)
