"""A bundle's bytes: frames, each behind its length, under age.

age (age-encryption.org/v1) with X25519 recipients: whoever finds the stick reads nothing, and a
byte that was changed or is missing is seen before anything inside is looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sync.protocol.errors import ProtocolError

LARGEST = 8 * 1024 * 1024
"""Bytes of a sealed bundle at the most."""
_AGE_HEADER = 4096
"""Bytes of an age header at the most: ours have some 300, and each stanza costs a curve's work."""
_LENGTH = struct.Struct(">I")


def new_identity() -> str:
    """Make an age identity (X25519): a secret, in its text form."""
    return str(pyrage.x25519.Identity.generate())


def recipient_of(identity: str) -> str:
    """Give what an identity's bundles are sealed to; raises ``bundle.identity``."""
    try:
        return str(pyrage.x25519.Identity.from_str(identity).to_public())
    except pyrage.IdentityError:
        raise ProtocolError("bundle.identity", "The age identity cannot be read.") from None


def check_address(text: str) -> str:
    """Let an age recipient (X25519) through; raises ``bundle.recipient``."""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except (pyrage.RecipientError, ValueError):  # ValueError: half a character
        raise ProtocolError(
            "bundle.recipient", "The recipient of the bundle is not an age recipient."
        ) from None
    return text


def seal(frames: Sequence[bytes], address: str) -> bytes:
    """Seal frames to an age recipient."""
    recipient = pyrage.x25519.Recipient.from_str(check_address(address))
    sealed: bytes = pyrage.encrypt(_joined(frames), [recipient])
    return sealed


def seal_for_node(frames: Sequence[bytes], key: Ed25519PublicKey, address: str) -> bytes:
    """Seal frames to a node's own key, as age does to ``ssh-ed25519``, and to an age recipient."""
    public = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    node = pyrage.ssh.Recipient.from_str(public)
    recipient = pyrage.x25519.Recipient.from_str(check_address(address))
    sealed: bytes = pyrage.encrypt(_joined(frames), [node, recipient])
    return sealed


def open_for_node(data: bytes, key: Ed25519PrivateKey) -> list[bytes]:
    """Open what is sealed to a node with its own key; raises as :func:`open_sealed` does."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return _opened(data, [pyrage.ssh.Identity.from_buffer(private)])


def open_sealed(data: bytes, identities: Sequence[str]) -> list[bytes]:
    """Open a bundle into its frames; raises :class:`ProtocolError` ``bundle.sealed``.

    age does not say whether bytes were changed, are missing, or were meant for somebody else.
    """
    try:
        known = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
    except pyrage.IdentityError:
        raise _unopened() from None
    return _opened(data, known)


def _joined(frames: Sequence[bytes]) -> bytes:
    return b"".join(_LENGTH.pack(len(frame)) + frame for frame in frames)


def _opened(data: bytes, identities: Sequence[Any]) -> list[bytes]:
    end = data.find(b"\n--- ", 0, _AGE_HEADER)
    if len(data) > LARGEST or end < 0:
        raise _unopened()
    try:
        text: bytes = pyrage.decrypt(data, identities)
    except pyrage.DecryptError:
        raise _unopened() from None
    frames, place = [], 0
    while place < len(text):
        if len(text) - place < _LENGTH.size:
            raise _form()
        (length,) = _LENGTH.unpack_from(text, place)
        place += _LENGTH.size
        if not 0 < length <= len(text) - place:
            raise _form()
        frames.append(text[place : place + length])
        place += length
    if not frames:
        raise _form()
    return frames


def _unopened() -> ProtocolError:
    return ProtocolError(
        "bundle.sealed",
        "It cannot be opened: it is cut off, damaged, or was made for somebody else.",
    )


def _form() -> ProtocolError:
    return ProtocolError("bundle.form", "This is not a bundle.")
