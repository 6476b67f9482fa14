"""Where the key of a database is: one of four places, which the files in the folder of keys tell.

A place is changed without a change of the key: no page of the database is encrypted anew.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sync.key_wrapping import (
    KEY_BYTES,
    Ask,
    KeyPlaceError,
    Random,
    key_of,
    off_stick,
    seal,
    unread,
    unsealed,
    unwrapped,
    wrap,
    wrap_for_stick,
)
from sync.own_files import erase, private_folder, write_once, write_whole
from sync.protocol.counted import Counted

SHORTEST = 12
"""Characters of a passphrase."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place of a database's key: what somebody has with the computer alone."""

    kind: str
    words: str
    protects: str


PLACES: Mapping[str, KeyPlace] = {
    "credential": KeyPlace(
        "credential",
        "sealed to this machine's TPM, and handed over by systemd",
        "A stolen disk, card or backup shows nothing. A whole computer that is stolen starts, and"
        " shows what its pages show to who signs in.",
    ),
    "passphrase": KeyPlace(
        "passphrase",
        "wrapped under a passphrase that somebody types when the program starts",
        "A stolen computer that is off shows nothing, without the passphrase; nor does its disk or"
        " a backup. After a power cut somebody has to type it.",
    ),
    "usb": KeyPlace(
        "usb",
        "wrapped under a key on a USB stick, which is needed when the program starts",
        "A stolen computer without the stick shows nothing, and the stick without the computer"
        " neither. Both together do.",
    ),
    "file": KeyPlace(
        "file",
        "in a file beside the database",
        "Nothing: whoever has the disk, the card or a backup of the whole folder reads everything."
        " The last resort; the whole disk should be encrypted then.",
    ),
}


@dataclass(frozen=True, slots=True)
class KeyName:
    """What a key is called: its file, as systemd's credential too, and the passphrase's.

    ``asking`` is what a terminal shows, ``stick`` how its file on a stick begins.
    """

    file: str
    passphrase: str
    asking: str
    stick: str

    @property
    def files(self) -> Mapping[str, str]:
        """Name the file that stands for each place."""
        more = {kind: f"{self.file}.{kind}" for kind in ("passphrase", "usb", "credential")}
        return {**more, "file": self.file}


class DatabaseKey:
    """Finds a database's key for a folder of keys, and moves it to another place.

    ``credentials`` is the folder in which systemd hands over credentials, if it does; ``ask`` asks
    somebody for the passphrase. Raises :class:`KeyPlaceError`.
    """

    def __init__(
        self, folder: Path, name: KeyName, credentials: Path | None = None, ask: Ask | None = None
    ) -> None:
        self._folder = folder
        self._name = name
        self._credentials = credentials
        self._ask = ask or self._ask_here

    def place(self) -> str:
        """Say where the key is; empty for nowhere: there is none yet."""
        if self._handed(self._name.file):
            return "credential"
        for kind in ("credential", "passphrase", "usb", "file"):
            if self._file(kind).exists():
                return kind
        return ""

    def create(self, random: Random, kind: str = "file", where: str = "", new: str = "") -> None:
        """Make the key in a place, if there is none yet; it is never in another on the way.

        One that was left by a set-up that was broken off is moved there. ``where`` and ``new`` as
        for :meth:`move`.
        """
        found = self.place()
        if found:
            if kind not in ("file", found):
                self.move(kind, where, random, new)
            return
        self._check(kind, where, new)
        private_folder(self._folder)
        if kind == "file":
            write_once(self._file(kind), random(KEY_BYTES).hex())
        else:
            self._keep(random(KEY_BYTES), kind, where, random, new)

    def put(self, key: bytes, random: Random, kind: str, where: str = "", new: str = "") -> None:
        """Keep a key that came back from a backup in a place, where there is none yet."""
        self._check(kind, where, new)
        private_folder(self._folder)
        self._keep(key, kind, where, random, new)

    def read(self) -> bytes:
        """Give the 32 bytes that open the database; raises what is missing."""
        handed = self._handed(self._name.file)
        try:
            return key_of(handed.read_text()) if handed else self._read_from(self.place())
        except (OSError, ValueError) as error:
            raise KeyPlaceError(
                "keys.missing",
                "The key of the database is missing or unreadable: {path}.",
                hint="Put the key file back from the backup.",
                path=handed or self._file("file"),
            ) from error

    def move(self, kind: str, where: str, random: Random, new: str = "") -> None:
        """Keep the key in a place, read it back from there, and only then take it from the others.

        ``where`` is the folder of a stick or the file of a credential, ``new`` the passphrase.
        """
        key = self.read()
        self._check(kind, where, new)
        self._keep(key, kind, where, random, new)
        for other in self._name.files:
            if other != kind:
                erase(self._file(other))

    def _keep(self, key: bytes, kind: str, where: str, random: Random, new: str) -> None:
        """Write the key to a place, and read it back from there."""
        if kind == "file":
            write_whole(self._file(kind), key.hex())
        elif kind == "passphrase":
            write_whole(self._file(kind), wrap(key, self._name.file, new, random))
        elif kind == "usb":
            self._put_on_stick(key, Path(where), random)
        else:
            seal(key, self._name.file, Path(where))
            write_whole(self._file(kind), f"{Path(where).absolute()}\n")
        again = DatabaseKey(self._folder, self._name, ask=lambda: new)
        if again._read_from(kind) != key:
            raise unread()

    def _check(self, kind: str, where: str, new: str) -> None:
        if kind not in PLACES:
            raise KeyPlaceError(
                "keys.place",
                "{place} is no place for a key.",
                hint="Choose one of: {known}.",
                field="to",
                temporary=False,
                place=kind,
                known=", ".join(PLACES),
            )
        beside = Path(where).absolute().is_relative_to(self._folder.absolute().parent)
        if kind in ("usb", "credential") and (not where or beside):
            raise KeyPlaceError(
                "keys.place-where",
                "{place} needs a place outside the data folder.",
                hint="Write {place}:/whole/path.",
                field="to",
                temporary=False,
                place=kind,
            )
        if kind == "passphrase" and len(new) < SHORTEST:
            raise KeyPlaceError(
                "keys.passphrase-short",
                Counted(
                    "The passphrase has less than {least} character.",
                    "The passphrase has less than {least} characters.",
                ),
                hint="Take five words that have nothing to do with each other.",
                field="passphrase",
                temporary=False,
                least=SHORTEST,
            )

    def _file(self, kind: str) -> Path:
        return self._folder / self._name.files[kind]

    def _read_from(self, kind: str) -> bytes:
        written = self._file(kind or "file").read_text()
        if kind == "credential":
            return unsealed(self._name.file, Path(written.strip()))
        if kind == "passphrase":
            handed = self._handed(self._name.passphrase)
            ask = (lambda: handed.read_text().rstrip("\r\n")) if handed else self._ask
            return unwrapped(written, self._name.file, ask)
        return off_stick(written, self._name.file) if kind == "usb" else key_of(written)

    def _handed(self, name: str) -> Path | None:
        found = self._credentials / name if self._credentials else None
        return found if found and found.exists() else None

    def _put_on_stick(self, key: bytes, folder: Path, random: Random) -> None:
        if not folder.is_dir():
            raise KeyPlaceError(
                "keys.no-stick",
                "The USB stick with the key is not there: {path}.",
                hint="Plug it in, and name the folder where it is mounted.",
                path=folder,
            )
        file = folder.absolute() / f"{self._name.stick}-{random(4).hex()}.key"
        secret, document = wrap_for_stick(key, self._name.file, file, random)
        write_whole(file, secret.hex())
        write_whole(self._file("usb"), document)

    def _ask_here(self) -> str:
        if not sys.stdin.isatty():
            raise KeyPlaceError(
                "keys.nobody-to-ask",
                "The key is under a passphrase, and nobody is here to type it.",
                hint="Start from a terminal, or hand the passphrase over as the credential"
                " {credential}.",
                credential=self._name.passphrase,
            )
        return getpass.getpass(self._name.asking)


def handed_credentials() -> Path | None:
    """Give the folder in which systemd hands over credentials, if it started us with any."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None
