"""The wing of the desk: what people at the site do, who they are, and what is taken in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from edge.adapters.clock import BUILT
from edge.adapters.settings import Settings
from edge.domain.errors import EdgeError
from edge.domain.people import Person
from edge.journal import views
from edge.journal.journal import Journal
from edge.services.access_log import AccessLog
from edge.services.clock_dates import ClockDates
from edge.services.desk import Desk
from edge.services.devices import Devices
from edge.services.identities import Identities, IdentityReader
from edge.services.imports.importer import Importer
from edge.services.imports.tables import TableImporter
from edge.services.invitations import Invitations
from edge.services.methods_here import MethodsHere
from edge.services.payments.payers import Payers
from edge.services.pins import PinSeal
from edge.services.sign_in import Authenticator
from edge.services.sign_in_methods import Registrations
from edge.services.site import Site
from edge.slips.slip_maker import SlipMaker
from edge.wiring.certificates import Certificates
from edge.wiring.keys import Keys

_log = logging.getLogger("divoc_edge")


@dataclass(frozen=True, slots=True)
class UseCases:
    """The use cases of a site; ``seal`` hides verifiers of PINs, ``access`` notes who saw whom."""

    site: Site
    desk: Desk
    payers: Payers
    authenticator: Authenticator
    registrations: Registrations
    invitations: Invitations
    devices: Devices
    importer: Importer
    tables: TableImporter
    seal: PinSeal
    access: AccessLog
    clock_dates: ClockDates


def running_modules(certificates: Certificates, site: Site) -> frozenset[str]:
    """Name the modules that run at a site now: what its settings and its campaign want."""
    try:
        return site.running(certificates.catalogue())
    except EdgeError:  # no campaign yet
        return site.running(None)


def _identity_key(keys: Keys) -> bytes | None:
    """Give the key that hides identity numbers; a site without it goes on without such numbers."""
    try:
        return keys.files.identity_key()
    except EdgeError as error:
        _log.error("the key of identity numbers is not used: %s", error.code)
        return None


def _recorded(journal: Journal, identity: str) -> Person | None:
    with journal.reading() as db:
        return views.person_by_identity(db, identity)


def wire_desk(
    settings: Settings,
    keys: Keys,
    journal: Journal,
    certificates: Certificates,
    slips: SlipMaker,
    payers: Payers,
    readers: Mapping[str, IdentityReader],
    methods: MethodsHere,
) -> UseCases:
    """Make the site that the use cases work with, and the use cases."""
    printers = [printer.name for printer in settings.printers]
    site = Site(
        facility=settings.facility,
        catalogues=certificates.catalogues,
        clock=keys.clock,
        ids=keys.ids,
        certifier=certificates.certifier,
        judge=certificates.judge,
        slips=slips,
        identities=Identities(
            readers, _identity_key(keys), certificates.catalogue, partial(_recorded, journal)
        ),
        printer=printers[0] if printers else "",
        printers=frozenset(printers),
        modules=settings.running_modules,
    )
    seal = PinSeal(keys.node)
    importer, access = Importer(journal, site), AccessLog(journal, keys.clock, keys.ids)
    desk = Desk(journal, site, payers)
    authenticator = Authenticator(
        journal,
        certificates.catalogues,
        settings.facility,
        keys.clock,
        keys.entropy,
        keys.ids,
        seal,
        access,
        methods,
    )
    return UseCases(
        site=site,
        desk=desk,
        clock_dates=ClockDates(journal, site, desk, BUILT.date()),
        payers=payers,
        authenticator=authenticator,
        registrations=Registrations(
            journal, authenticator, keys.clock, keys.ids, seal, access, methods
        ),
        invitations=_invitations(
            settings, keys, journal, certificates, authenticator, seal, access
        ),
        devices=Devices(
            journal, keys.clock, keys.entropy, keys.ids, demanded=settings.pairing_demanded
        ),
        importer=importer,
        tables=TableImporter(importer, journal, site),
        seal=seal,
        access=access,
    )


def _invitations(
    settings: Settings,
    keys: Keys,
    journal: Journal,
    certificates: Certificates,
    authenticator: Authenticator,
    seal: PinSeal,
    access: AccessLog,
) -> Invitations:
    return Invitations(
        journal,
        certificates.catalogues,
        authenticator,
        keys.clock,
        keys.ids,
        seal,
        access,
        settings.facility,
        lambda: keys.node,
    )
