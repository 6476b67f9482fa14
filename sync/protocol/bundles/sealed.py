"""A bundle's bytes: frames, each behind its length, under age.

age (age-encryption.org/v1) with X25519 recipients: whoever finds the stick reads nothing, and a
byte that was changed or is missing is seen before anything inside is looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pyrage

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
    text = b"".join(_LENGTH.pack(len(frame)) + frame for frame in frames)
    recipient = pyrage.x25519.Recipient.from_str(check_address(address))
    sealed: bytes = pyrage.encrypt(text, [recipient])
    return sealed


def open_sealed(data: bytes, identities: Sequence[str]) -> list[bytes]:
    """Open a bundle into its frames; raises :class:`ProtocolError` ``bundle.sealed``.

    age does not say whether bytes were changed, are missing, or were meant for somebody else.
    """
    end = data.find(b"\n--- ", 0, _AGE_HEADER)
    if len(data) > LARGEST or end < 0:
        raise _unopened()
    try:
        known = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
        text: bytes = pyrage.decrypt(data, known)
    except (pyrage.DecryptError, pyrage.IdentityError):
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
