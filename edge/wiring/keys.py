"""The wing of the keys: the site's secrets, its signing certificates, its clock and its ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.clock import SystemClock
from edge.adapters.entropy import Ids, SystemEntropy
from edge.adapters.keys import FileKeys, file_keys
from edge.adapters.settings import Settings
from edge.adapters.signers import KeyStore, NoKeys, Signers
from edge.extensions import OpenKeys
from sync.key_places import handed_credentials
from sync.protocol.paper_keys import PrivatePaperKey


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of a site, and the time and the ids it writes down."""

    files: FileKeys
    clock: SystemClock
    entropy: SystemEntropy
    ids: Ids

    @property
    def node(self) -> Ed25519PrivateKey:
        """Give the node's own key, read from its file."""
        return self.files.signing_key("node")

    def nonce(self) -> str:
        """Give 64 random bits in hex."""
        return self.entropy.bytes(8).hex()

    def chance(self) -> float:
        """Give a number in [0, 1)."""
        return int.from_bytes(self.entropy.bytes(4)) / 2**32


def wire_keys(folder: Path, settings: Settings, floor: datetime | None = None) -> Keys:
    """Read the keys of a data folder; ``floor`` is the latest moment that was written."""
    clock, entropy = SystemClock(settings.zone, floor), SystemEntropy()
    return Keys(file_keys(folder), clock, entropy, Ids(clock, entropy))


def wire_signers(folder: Path, settings: Settings, stores: Mapping[str, OpenKeys]) -> Signers:
    """Find the signing certificates of a data folder, and the place where their keys are.

    Raises ``Unavailable`` when that is a token which is not there.
    """
    keys = key_store(folder, settings, stores)
    now = SystemClock(settings.zone, None).now
    return Signers(keys, folder / "keys", now, partial(_paper_keys, file_keys(folder)))


def _paper_keys(files: FileKeys) -> list[PrivatePaperKey]:
    found: list[PrivatePaperKey] = [files.signing_key("certificates")]
    return [*found, files.rsa_key()] if files.has_rsa_key() else found


def key_store(folder: Path, settings: Settings, stores: Mapping[str, OpenKeys]) -> KeyStore:
    """Open the place where the document signer's keys are; one that is not known holds none."""
    scheme = settings.signing_keys.partition(":")[0]
    if scheme == "file":
        return file_keys(folder)
    if scheme not in stores:
        return NoKeys(settings.signing_keys)
    return stores[scheme](settings.signing_keys, handed_credentials())
