"""Recovery keys: age identities (X25519) on paper; a site knows what is sealed to them alone."""

from __future__ import annotations

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from edge.domain.errors import BadInput

_BEGIN, _GROUP = "AGE-SECRET-KEY-1", 4


def new_recovery_key() -> tuple[str, str]:
    """Make a recovery key: the secret for the paper, and the recipient that the site keeps."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def on_paper(secret: str) -> str:
    """Write a secret in groups, to be copied by hand; it has a checksum (bech32)."""
    first, rest = secret[: len(_BEGIN)], secret[len(_BEGIN) :]
    groups = [rest[place : place + _GROUP] for place in range(0, len(rest), _GROUP)]
    rows = [groups[place : place + 5] for place in range(0, len(groups), 5)]
    return "\n".join([first, *(" ".join(row) for row in rows)])


def read_recovery_key(text: str) -> pyrage.x25519.Identity:
    """Read a secret as it was typed: in groups, on several lines, in small letters or large."""
    try:
        return pyrage.x25519.Identity.from_str("".join(text.split()).upper())
    except (pyrage.IdentityError, ValueError):
        raise BadInput(
            "backup.recovery-key",
            "This is not a recovery key, or a sign of it is mistyped.",
            hint="It begins with AGE-SECRET-KEY-1; compare it with the paper sign by sign.",
            field="recovery-key",
        ) from None


def read_recipient(text: str) -> pyrage.x25519.Recipient:
    """Read what backups are sealed to."""
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except (pyrage.RecipientError, ValueError):
        raise BadInput(
            "backup.recipient",
            "{text} is nothing that a backup can be sealed to.",
            hint="It begins with age1 and has 62 signs; the secret key is never written here.",
            field="recovery",
            text=text[:12],
        ) from None


def site_recipient(node: Ed25519PublicKey) -> pyrage.ssh.Recipient:
    """Give the recipient with which the site itself opens its backups, to try them."""
    return pyrage.ssh.Recipient.from_str(
        node.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    )


def site_identity(node: Ed25519PrivateKey) -> pyrage.ssh.Identity:
    """Give the identity of a site."""
    return pyrage.ssh.Identity.from_buffer(
        node.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    )
