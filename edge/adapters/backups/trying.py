"""Tries a backup by restoring it into a scratch folder, which is taken away again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from edge.adapters.backups.manifest import Manifest
from edge.adapters.backups.recovery import site_identity
from edge.adapters.backups.restoring import prove, unpack
from edge.adapters.backups.scratch import scratch_in
from edge.adapters.backups.sealed import Identity
from edge.adapters.keys import FileKeys
from sync.own_files import private_files


def try_backup(path: Path, keys: FileKeys, folder: Path) -> Manifest:
    """Try a backup of the site in a folder with the site's own key; raises :class:`EdgeError`."""
    with scratch_in(folder) as scratch:
        return _tried(path, [site_identity(keys.signing_key("node"))], scratch)


def try_with(path: Path, identities: list[Identity]) -> Manifest:
    """Unpack a backup, read every page of its journal and walk its chain; raises EdgeError."""
    with private_files(), TemporaryDirectory(prefix="backup-") as scratch:
        return _tried(path, identities, Path(scratch))


def _tried(path: Path, identities: list[Identity], scratch: Path) -> Manifest:
    manifest, key = unpack(path, identities, scratch)
    prove(scratch, key, manifest)
    return manifest
