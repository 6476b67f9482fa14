"""How a key is wrapped: under a passphrase, under a key on a stick, by systemd.

The name of the key's file is bound into what is wrapped, so that no other key passes for it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.protocol.errors import LocalError

KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12
_PASSES, _MEMORY, _LANES = 3, 256 * 1024, 4
"""Argon2id over a passphrase: 256 MiB, three passes, once a day."""
_MOST_MEMORY, _MOST_PASSES = 1024 * 1024, 16
_SECONDS = 60
Ask = Callable[[], str]
Random = Callable[[int], bytes]
"""Gives so many random bytes."""


class KeyPlaceError(LocalError):
    """The key, or the place where it is to be, is not there or does not fit."""


def wrap(key: bytes, name: str, passphrase: str, random: Random) -> str:
    """Wrap a key under a passphrase (Argon2id, AES-256-GCM), as a JSON document."""
    salt, nonce = random(_SALT_BYTES), random(_NONCE_BYTES)
    costs = {"passes": _PASSES, "memory": _MEMORY, "lanes": _LANES}
    wrapped = AESGCM(_stretched(passphrase, salt, costs)).encrypt(nonce, key, name.encode())
    document = {
        "kdf": "argon2id",
        **costs,
        "salt": salt.hex(),
        "nonce": nonce.hex(),
        "key": wrapped.hex(),
    }
    return json.dumps(document) + "\n"


def unwrapped(written: str, name: str, ask: Ask) -> bytes:
    """Open a wrapped key: asked for once in a process, however often it is needed."""
    known = opened()
    if written not in known:
        document = json.loads(written)
        costs = {cost: int(document[cost]) for cost in ("passes", "memory", "lanes")}
        if costs["memory"] > _MOST_MEMORY or costs["passes"] > _MOST_PASSES:
            raise ValueError("the costs are none of ours")
        secret = _stretched(ask(), bytes.fromhex(document["salt"]), costs)
        try:
            known[written] = AESGCM(secret).decrypt(
                bytes.fromhex(document["nonce"]), bytes.fromhex(document["key"]), name.encode()
            )
        except InvalidTag as error:
            raise KeyPlaceError(
                "keys.passphrase-wrong",
                "The passphrase is wrong.",
                hint="Type it again: nothing was changed.",
            ) from error
    return known[written]


def wrap_for_stick(key: bytes, name: str, file: Path, random: Random) -> tuple[bytes, str]:
    """Give a secret for a file on a stick, and the key wrapped under it, as a JSON document."""
    secret, nonce = random(KEY_BYTES), random(_NONCE_BYTES)
    wrapped = AESGCM(secret).encrypt(nonce, key, name.encode())
    document = {"file": str(file), "nonce": nonce.hex(), "key": wrapped.hex()}
    return secret, json.dumps(document) + "\n"


def off_stick(written: str, name: str) -> bytes:
    """Open a key by the file on its stick, which may be pulled out afterwards."""
    known = opened()
    if written in known:
        return known[written]
    document = json.loads(written)
    file = Path(document["file"])
    try:
        secret = key_of(file.read_text())
    except OSError as error:
        raise KeyPlaceError(
            "keys.no-stick",
            "The USB stick with the key is not there: {path}.",
            hint="Plug it in, and start again.",
            path=file,
        ) from error
    try:
        nonce, wrapped = bytes.fromhex(document["nonce"]), bytes.fromhex(document["key"])
        known[written] = AESGCM(secret).decrypt(nonce, wrapped, name.encode())
    except InvalidTag as error:
        raise KeyPlaceError(
            "keys.other-stick", "The key on the USB stick is another one: {path}.", path=file
        ) from error
    return known[written]


def seal(key: bytes, name: str, file: Path) -> None:
    """Seal a key to this machine into a file, and read it back."""
    _systemd_creds("encrypt", f"--name={name}", "-", str(file), given=key.hex())
    if unsealed(name, file) != key:
        raise unread()


def unsealed(name: str, file: Path) -> bytes:
    """Open a key that is sealed to this machine."""
    return key_of(_systemd_creds("decrypt", f"--name={name}", str(file), "-"))


def key_of(text: str) -> bytes:
    """Read a key of 32 bytes in hex; raises ValueError."""
    found = bytes.fromhex(text.strip())
    if len(found) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    return found


def unread() -> KeyPlaceError:
    """Say that a new place does not give the key back."""
    return KeyPlaceError("keys.place-unread", "The key could not be read back from there.")


@cache
def opened() -> dict[str, bytes]:
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
        raise KeyPlaceError(
            "keys.systemd-creds",
            "systemd-creds cannot seal or open the key on this machine.",
            hint="It needs systemd 250 or newer, a TPM or its host key, and to be run as root.",
        ) from error
    return done.stdout
