"""Invitations of staff: a one-time code's verifier for one node, sealed to that node's own key.

age seals to the node's Ed25519 key (age's ``ssh-ed25519`` recipient), which the registry knows of
every site, and to the registry itself, which lists what it has sent. What is sealed names its node,
its id and its facility: it is nothing elsewhere, nor under another letter's id.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.protocol.bundles.sealed import open_for_node, open_sealed, seal_for_node
from sync.protocol.counted import Counted
from sync.protocol.entries import canonical
from sync.protocol.errors import ProtocolError, SyncError
from sync.protocol.instants import instant, read_instant

LETTER = "invitation"
"""The kind of the letter that brings one."""
MOST_DAYS = 30
"""For how many days one counts at the most."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 12, 4
"""59 bits: at 19 MiB and two passes a guess (Argon2id) nobody tries a millionth of them."""
_LARGEST = 4096
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
_Verifier = Annotated[str, msgspec.Meta(pattern=r"^\$argon2id\$", max_length=200)]


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who may set a PIN of their own at a node; ``issued`` and ``expires`` are instants."""

    id: _Text
    node: _Text
    facility: _Text
    staff: _Text
    verifier: _Verifier
    issued: _Text
    expires: _Text


@dataclass(frozen=True, slots=True)
class InvitedAt:
    """Where somebody is invited to: a node, its public key, its facility."""

    node: str
    key: Ed25519PublicKey
    facility: str


def new_code(choose: Callable[[str], str] = secrets.choice) -> str:
    """Make a one-time code as it is written down: three groups of four letters and digits."""
    code = "".join(choose(_LETTERS) for _ in range(_LENGTH))
    return "-".join(code[place : place + _GROUP] for place in range(0, _LENGTH, _GROUP))


def plain_code(typed: str) -> str:
    """Give a code as its verifier is made of it: capitals or not, with or without what parts it."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def new_invitation(
    id_: str, at: InvitedAt, staff: str, code: str, now: datetime, days: int
) -> Invitation:
    """Make an invitation; raises :class:`SyncError` for days or a staff code that cannot be."""
    if not 1 <= days <= MOST_DAYS:
        raise SyncError(
            "invitation.days",
            Counted(
                "An invitation counts for 1 to {most} day, not for {days}.",
                "An invitation counts for 1 to {most} days, not for {days}.",
                "most",
            ),
            most=MOST_DAYS,
            days=days,
        )
    if not 0 < len(staff) <= 64 or not staff.isprintable() or staff != staff.strip():
        raise SyncError(
            "invitation.staff",
            "This cannot be a staff code. Give the code as it is in the campaign's staff.yaml.",
        )
    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # RFC 9106
    verifier = hasher.hash(plain_code(code))
    until = instant(now + timedelta(days=days))
    return Invitation(id_, at.node, at.facility, staff, verifier, instant(now), until)


def seal_invitation(invitation: Invitation, key: Ed25519PublicKey, registry: str) -> dict[str, Any]:
    """Give the body of the letter; ``registry`` is the registry's own age recipient."""
    sealed = seal_for_node([canonical(asdict(invitation))], key, registry)
    return {"sealed": base64.b64encode(sealed).decode()}


def open_invitation(body: Mapping[str, Any], key: Ed25519PrivateKey) -> Invitation:
    """Open a letter's body with the node's own key; raises :class:`ProtocolError`."""
    return _read(open_for_node(_sealed(body), key))


def open_sent(body: Mapping[str, Any], identities: Sequence[str]) -> Invitation:
    """Open a letter's body at the registry that has sent it; raises :class:`ProtocolError`."""
    return _read(open_sealed(_sealed(body), identities))


def _sealed(body: Mapping[str, Any]) -> bytes:
    sealed = body.get("sealed")
    if not isinstance(sealed, str) or len(sealed) > _LARGEST:
        raise _form()
    try:
        return base64.b64decode(sealed, validate=True)
    except (binascii.Error, ValueError):
        raise _form() from None


def _read(frames: Sequence[bytes]) -> Invitation:
    try:
        found = msgspec.convert(json.loads(frames[0]), Invitation)
        lasts = read_instant(found.expires) - read_instant(found.issued)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise _form() from None
    if len(frames) != 1 or not timedelta() < lasts <= timedelta(days=MOST_DAYS):
        raise _form()
    return found


def _form() -> ProtocolError:
    return ProtocolError("invitation.form", "This is not an invitation.")
