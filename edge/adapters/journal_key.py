"""Where the journal's key is, in the site's own words and errors; how, :mod:`sync.key_places`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from edge.domain.errors import told_by_sync
from edge.ports import Entropy
from sync.key_places import DatabaseKey, KeyName
from sync.key_wrapping import Ask, KeyPlaceError

NAME = KeyName("journal.key", "journal.passphrase", "Passphrase of this site: ", "divoc-edge")


class JournalKey:
    """Finds the journal's key for a folder of keys, and moves it to another place.

    ``credentials`` is the folder in which systemd hands over credentials, if it does; ``ask`` asks
    somebody for the passphrase. Raises :class:`BadInput` for a place that is none,
    ``Unavailable`` for one that is away.
    """

    def __init__(self, folder: Path, credentials: Path | None = None, ask: Ask | None = None):
        self._key = DatabaseKey(folder, NAME, credentials, ask)

    def place(self) -> str:
        """Say where the key is; empty for nowhere: there is none yet."""
        return self._key.place()

    def create(self, entropy: Entropy, kind: str = "file", where: str = "", new: str = "") -> None:
        """Make the key in a place if there is none yet; ``new`` is the passphrase for that."""
        with _in_words():
            self._key.create(entropy.bytes, kind, where, new)

    def put(self, key: bytes, entropy: Entropy, kind: str, where: str, new: str) -> None:
        """Keep a key that came back from a backup; ``new`` is the passphrase for that."""
        with _in_words():
            self._key.put(key, entropy.bytes, kind, where, new)

    def read(self) -> bytes:
        """Give the 32 bytes that open the journal."""
        with _in_words():
            return self._key.read()

    def move(self, kind: str, where: str, entropy: Entropy, new: str = "") -> None:
        """Keep the key in another place; ``new`` is the passphrase for that."""
        with _in_words():
            self._key.move(kind, where, entropy.bytes, new)


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except KeyPlaceError as error:
        raise told_by_sync(error) from error
