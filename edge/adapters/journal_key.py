"""Where the journal's key is: one of four places, which the files in the folder of keys tell.

A place is changed without a change of the key: no page of the journal is encrypted anew.
"""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.adapters.own_files import erase, write_whole
from edge.domain.errors import BadInput, Unavailable
from edge.ports import Entropy

NAME = "journal.key"
KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12
_PASSES, _MEMORY, _LANES = 3, 256 * 1024, 4
"""Argon2id over a passphrase: 256 MiB, three passes, once a day."""
_MOST_MEMORY, _MOST_PASSES = 1024 * 1024, 16
SHORTEST = 12
"""Characters of a passphrase."""
_WRAPPED, _STICK, _SEALED = f"{NAME}.passphrase", f"{NAME}.usb", f"{NAME}.credential"
_HANDED = "journal.passphrase"
"""The credential in which systemd hands a passphrase over."""
_SECONDS = 60
Ask = Callable[[], str]


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place of the journal's key: what somebody has with the computer alone."""

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
        "wrapped under a passphrase that somebody types when the site starts",
        "A stolen computer that is off shows nothing, without the passphrase; nor does its disk or"
        " a backup. After a power cut somebody has to type it.",
    ),
    "usb": KeyPlace(
        "usb",
        "wrapped under a key on a USB stick, which is needed when the site starts",
        "A stolen computer without the stick shows nothing, and the stick without the computer"
        " neither. Both together do.",
    ),
    "file": KeyPlace(
        "file",
        "in a file beside the journal",
        "Nothing: whoever has the disk, the card or a backup of the whole folder reads everything."
        " The last resort; the whole disk should be encrypted then.",
    ),
}


class JournalKey:
    """Finds the journal's key for a folder of keys, and moves it to another place.

    ``credentials`` is the folder in which systemd hands over credentials, if it does; ``ask`` asks
    somebody for the passphrase.
    """

    def __init__(self, folder: Path, credentials: Path | None = None, ask: Ask | None = None):
        self._folder = folder
        self._credentials = credentials
        self._ask = ask or _ask_here

    def place(self) -> str:
        """Say where the key is; empty for nowhere: there is none yet."""
        if self._handed(NAME) or (self._folder / _SEALED).exists():
            return "credential"
        for kind, name in (("passphrase", _WRAPPED), ("usb", _STICK), ("file", NAME)):
            if (self._folder / name).exists():
                return kind
        return ""

    def read(self) -> bytes:
        """Give the 32 bytes that open the journal; raises ``Unavailable`` with what is missing."""
        kind = self.place()
        handed = self._handed(NAME)
        try:
            if handed:
                return _hex(handed.read_text())
            if kind == "credential":
                return _unsealed(Path((self._folder / _SEALED).read_text().strip()))
            if kind == "passphrase":
                return self._with_passphrase()
            if kind == "usb":
                return self._with_stick()
            return _hex((self._folder / NAME).read_text())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "keys.missing",
                "The key of the journal is missing or unreadable: {path}.",
                hint="Run divoc-edge init for a new site, or put the key file back.",
                path=handed or self._folder / NAME,
            ) from error

    def keep(self, key: bytes, kind: str, where: str, entropy: Entropy, new: str = "") -> None:
        """Keep the key in a place, read it back from there, and only then take it from the others.

        ``where`` is the folder of a stick or the file of a credential, ``new`` the passphrase.
        Raises :class:`BadInput` for a place that is none, ``Unavailable`` for one that is away.
        """
        if kind not in PLACES:
            raise BadInput(
                "keys.place",
                "{place} is no place for the journal's key.",
                hint="Choose one of: {known}.",
                field="to",
                place=kind,
                known=", ".join(PLACES),
            )
        beside = Path(where).absolute().is_relative_to(self._folder.absolute().parent)
        if kind in ("usb", "credential") and (not where or beside):
            raise BadInput(
                "keys.place-where",
                "{place} needs a place outside the data folder.",
                hint="Write {place}:/whole/path.",
                field="to",
                place=kind,
            )
        if kind == "file":
            write_whole(self._folder / NAME, key.hex())
        elif kind == "passphrase":
            self._wrap(key, new, entropy)
        elif kind == "usb":
            self._put_on_stick(key, Path(where), entropy)
        else:
            _seal(key, Path(where))
            write_whole(self._folder / _SEALED, f"{Path(where).absolute()}\n")
        names = {"file": NAME, "passphrase": _WRAPPED, "usb": _STICK, "credential": _SEALED}
        again = JournalKey(self._folder, ask=lambda: new)
        if kind != "credential" and again._read_from(kind) != key:
            raise Unavailable("keys.place-unread", "The key could not be read back from there.")
        for other, name in names.items():
            if other != kind:
                erase(self._folder / name)

    def _read_from(self, kind: str) -> bytes:
        if kind == "passphrase":
            return self._with_passphrase()
        return self._with_stick() if kind == "usb" else _hex((self._folder / NAME).read_text())

    def _handed(self, name: str) -> Path | None:
        found = self._credentials / name if self._credentials else None
        return found if found and found.exists() else None

    def _with_passphrase(self) -> bytes:
        handed = self._handed(_HANDED)
        ask = (lambda: handed.read_text().rstrip("\r\n")) if handed else self._ask
        return _unlocked((self._folder / _WRAPPED).read_text(), ask)

    def _wrap(self, key: bytes, passphrase: str, entropy: Entropy) -> None:
        if len(passphrase) < SHORTEST:
            raise BadInput(
                "keys.passphrase-short",
                "The passphrase has less than {least} characters.",
                hint="Take five words that have nothing to do with each other.",
                field="passphrase",
                least=SHORTEST,
            )
        salt, nonce = entropy.bytes(_SALT_BYTES), entropy.bytes(_NONCE_BYTES)
        costs = {"passes": _PASSES, "memory": _MEMORY, "lanes": _LANES}
        wrapped = AESGCM(_stretched(passphrase, salt, costs)).encrypt(nonce, key, NAME.encode())
        document = {
            "kdf": "argon2id",
            **costs,
            "salt": salt.hex(),
            "nonce": nonce.hex(),
            "key": wrapped.hex(),
        }
        write_whole(self._folder / _WRAPPED, json.dumps(document) + "\n")

    def _with_stick(self) -> bytes:
        written, known = (self._folder / _STICK).read_text(), _opened()
        if written in known:  # the stick may be pulled out once the site has started
            return known[written]
        known[written] = found = self._off_stick(json.loads(written))
        return found

    def _off_stick(self, document: Mapping[str, str]) -> bytes:
        file = Path(document["file"])
        try:
            secret = _hex(file.read_text())
        except OSError as error:
            raise Unavailable(
                "keys.no-stick",
                "The USB stick with the key is not there: {path}.",
                hint="Plug it in, and start the site again.",
                path=file,
            ) from error
        try:
            nonce, wrapped = bytes.fromhex(document["nonce"]), bytes.fromhex(document["key"])
            return AESGCM(secret).decrypt(nonce, wrapped, NAME.encode())
        except InvalidTag as error:
            raise Unavailable(
                "keys.other-stick",
                "The key on the USB stick is of another site: {path}.",
                path=file,
            ) from error

    def _put_on_stick(self, key: bytes, folder: Path, entropy: Entropy) -> None:
        if not folder.is_dir():
            raise Unavailable(
                "keys.no-stick",
                "The USB stick with the key is not there: {path}.",
                hint="Plug it in, and name the folder where it is mounted.",
                path=folder,
            )
        file = folder.absolute() / f"divoc-edge-{entropy.bytes(4).hex()}.key"
        secret, nonce = entropy.bytes(KEY_BYTES), entropy.bytes(_NONCE_BYTES)
        write_whole(file, secret.hex())
        wrapped = AESGCM(secret).encrypt(nonce, key, NAME.encode())
        document = {"file": str(file), "nonce": nonce.hex(), "key": wrapped.hex()}
        write_whole(self._folder / _STICK, json.dumps(document) + "\n")


def _unlocked(written: str, ask: Ask) -> bytes:
    """Open a wrapped key: asked for once in a process, however often it is needed."""
    known = _opened()
    if written not in known:
        document = json.loads(written)
        costs = {name: int(document[name]) for name in ("passes", "memory", "lanes")}
        if costs["memory"] > _MOST_MEMORY or costs["passes"] > _MOST_PASSES:
            raise ValueError("the costs are none of ours")
        secret = _stretched(ask(), bytes.fromhex(document["salt"]), costs)
        try:
            known[written] = AESGCM(secret).decrypt(
                bytes.fromhex(document["nonce"]), bytes.fromhex(document["key"]), NAME.encode()
            )
        except InvalidTag as error:
            raise Unavailable(
                "keys.passphrase-wrong",
                "The passphrase is wrong.",
                hint="Type it again: nothing was changed.",
            ) from error
    return known[written]


@cache
def _opened() -> dict[str, bytes]:
    """Give the keys that were opened in this process, by what they were wrapped in."""
    return {}


def _stretched(passphrase: str, salt: bytes, costs: Mapping[str, int]) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=costs["passes"],
        memory_cost=costs["memory"],
        parallelism=costs["lanes"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _hex(text: str) -> bytes:
    found = bytes.fromhex(text.strip())
    if len(found) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return found


def _ask_here() -> str:
    if not sys.stdin.isatty():
        raise Unavailable(
            "keys.nobody-to-ask",
            "The journal's key is under a passphrase, and nobody is here to type it.",
            hint="Start the site from a terminal, or hand the passphrase over as the credential"
            " journal.passphrase.",
        )
    return getpass.getpass("Passphrase of this site: ")


def _seal(key: bytes, file: Path) -> None:
    _systemd_creds("encrypt", f"--name={NAME}", "-", str(file), given=key.hex())
    if _unsealed(file) != key:
        raise Unavailable("keys.place-unread", "The key could not be read back from there.")


def _unsealed(file: Path) -> bytes:
    return _hex(_systemd_creds("decrypt", f"--name={NAME}", str(file), "-"))


def _systemd_creds(*words: str, given: str = "") -> str:
    try:
        done = subprocess.run(  # noqa: S603  (our own words)
            ["systemd-creds", *words],  # noqa: S607  (where the system has it)
            input=given,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(
            "keys.systemd-creds",
            "systemd-creds cannot seal or open the journal's key on this machine.",
            hint="It needs systemd 250 or newer, a TPM or its host key, and to be run as root.",
        ) from error
    return done.stdout
