"""The embedded store's key: in one of four places (:mod:`sync.key_places`), made when needed."""

from __future__ import annotations

import os
from pathlib import Path

from sync.key_places import DatabaseKey, KeyName, handed_credentials
from sync.registry.store.sqlite.connections import in_words
from sync.registry.store.sqlite.encryption import encrypt, is_encrypted

NAME = KeyName(
    "registry.key", "registry.passphrase", "Passphrase of this registry: ", "divoc-registry"
)


def folder_key(folder: Path) -> DatabaseKey:
    """Find the key of a registry's data folder."""
    return DatabaseKey(folder / "keys", NAME, handed_credentials())


def file_key(path: Path) -> bytes:
    """Give the key of a database file, which is encrypted under it if it lay there plain.

    Raises :class:`~sync.key_wrapping.KeyPlaceError` also where the key of a file that is encrypted
    is gone: a new one would not open it.
    """
    found = folder_key(path.parent)
    with in_words():
        if not found.place() and path.parent.is_dir() and not is_encrypted(path):
            found.create(os.urandom)
        key = found.read()
        encrypt(path, key)
    return key
