"""What can be read of a site's data folder without holding it, also while its node runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.adapters.addresses import site_addresses
from edge.adapters.clock import SystemClock
from edge.adapters.entropy import SystemEntropy
from edge.adapters.keys import FileKeys
from edge.adapters.settings import Settings, read_settings
from edge.adapters.signers import KeyStore, NoKeys, Signers
from edge.campaign.catalogue import to_catalogue
from edge.campaign.slip_templates import read_templates
from edge.credentials.trust import Trust
from edge.domain.errors import EdgeError, NotAllowed, Unavailable
from edge.domain.slip_template import SlipTemplate
from edge.journal import database, views
from edge.journal.journal import last_instant
from edge.plugins import installed
from edge.ports import Clock
from edge.resources import resource
from edge.services.certificates.certifier import SiteCertifier
from edge.services.certificates.formats import load_formats
from edge.slips.slip_maker import SlipMaker
from edge.slips.values import SetUp
from edge.web.translations import load_languages, speaker
from sync.protocol.keys import fingerprint


def handed_credentials() -> Path | None:
    """Give the folder in which systemd hands over credentials, if it started us with any."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None


def key_store(settings: Settings, keys: FileKeys) -> KeyStore:
    """Give the place where the document signer's keys are."""
    scheme = settings.signing_keys.partition(":")[0]
    if scheme == "file":
        return keys
    stores = installed().key_stores
    if scheme not in stores:
        return NoKeys(settings.signing_keys)
    return stores[scheme](settings.signing_keys, handed_credentials())


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
    keys = keys or FileKeys(folder / "keys", SystemEntropy(), handed_credentials())
    db = database.open_reader(path, keys.journal_key())
    try:
        yield db
    finally:
        db.conn.close()


@cache
def shipped_templates() -> Mapping[str, SlipTemplate]:
    """Read the templates of slips that come with the software, once in a process."""
    return MappingProxyType(read_templates(resource("templates/slips"), resource("config/schemas")))


def setup_of(settings: Settings, key: Ed25519PublicKey) -> SetUp:
    """Give what a site's set-up sheet says; the fingerprint is the SHA-256 of the node's key."""
    return SetUp(
        version=version("divoc-edge"),
        fingerprint=fingerprint(key),
        addresses=site_addresses(settings.listen),
        printers=tuple((one.name, one.connection, one.profile) for one in settings.printers),
    )


def reading_slips(folder: Path) -> SlipMaker:
    """Make a site's slips without holding its folder, also while it runs; no certificates."""
    settings = read_settings(folder)
    keys = FileKeys(folder / "keys", SystemEntropy(), handed_credentials())

    def no_payload(_format: str, _credential: str) -> bytes:
        raise NotAllowed("slip.at-the-site", "A certificate is printed from the site's pages.")

    return SlipMaker(
        shipped_templates(),
        settings.facility,
        SystemClock(settings.zone, None),
        no_payload,
        lambda: setup_of(settings, keys.signing_key("node").public_key()),
        speaker(load_languages(resource("config/locale"))),
        zone=ZoneInfo(settings.zone),
        registry=bool(settings.registry),
    )


def site_trust(folder: Path) -> Trust:
    """Trust the keys of the site in a folder; no campaign yet: it has no name to sign under."""
    try:
        return _certifier_of(folder).trust()
    except (EdgeError, KeyError):
        return Trust()


def public_names(folder: Path) -> dict[str, str]:
    """Give the site's public keys by name, as PEM, or base58 for Ed25519 as DIVOC writes them."""
    try:
        return _certifier_of(folder).public_names()
    except (EdgeError, KeyError):
        return {}


def _certifier_of(folder: Path) -> SiteCertifier:
    settings = read_settings(folder)
    keys = FileKeys(folder / "keys", SystemEntropy(), handed_credentials())
    with reading(folder, keys) as db:
        issuer = to_catalogue(views.catalogue_body(db)).issuer
    clock = SystemClock(settings.zone, None)
    signers = Signers(key_store(settings, keys), folder / "keys", clock.now)
    return SiteCertifier(
        load_formats(installed().formats).issuing,
        keys,
        signers.all,
        settings.facility,
        lambda: issuer.did,
    )
