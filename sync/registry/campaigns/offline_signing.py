"""Signing where the folder never goes: a small request out, a small file of signatures back.

The request holds the metadata that is to be signed, and nothing of the campaign itself but its
digest. A signature is taken only where it is one of a key that may sign, over what the folder has.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from securesystemslib.signer import Signature, Signer
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Targets

from sync.protocol.errors import SyncError
from sync.registry.campaigns.folder import CampaignFolder

REQUEST, SIGNATURES = "divoc-edge sign request", "divoc-edge signatures"
_MOST = 1000


class _Asked(msgspec.Struct):
    role: str
    keys: list[str]
    metadata: dict[str, Any]


class _Request(msgspec.Struct):
    type: str
    roles: list[_Asked]


class _Made(msgspec.Struct):
    role: str
    version: int
    keyid: str
    sig: str


class _Signatures(msgspec.Struct):
    type: str
    signatures: list[_Made]


@dataclass(frozen=True, slots=True)
class AskedRole:
    """What a request asks to be signed: a role's version.

    ``digest`` is the SHA-256 of all that is signed, ``digests`` those of its targets; ``counting``
    the ids of the keys that count from then on, by role, after how many of them must sign.
    """

    role: str
    version: int
    digest: str
    digests: Mapping[str, str]
    counting: Mapping[str, tuple[int, tuple[str, ...]]]
    keys: frozenset[str]
    metadata: Metadata[Any]


def request_of(folder: CampaignFolder) -> dict[str, Any]:
    """Give what is still to be signed in a folder; raises :class:`SyncError` where nothing is."""
    asked = [
        {"role": state.role, "keys": list(state.missing), "metadata": found[1].to_dict()}
        for state in folder.states()
        if not state.enough and (found := folder.files.newest(state.role))
    ]
    if not asked:
        raise SyncError("sign.nothing", "Everything in the folder is signed by enough keys.")
    return {"type": REQUEST, "roles": asked}


def read_request(content: bytes) -> list[AskedRole]:
    """Read a request; raises :class:`SyncError` for what is none."""
    try:
        found = msgspec.json.decode(content, type=_Request)
        if found.type != REQUEST:
            raise ValueError
        asked = [_asked(role) for role in found.roles[:_MOST]]
        if len({role.role for role in asked}) < len(asked):
            raise ValueError
        return asked
    except (msgspec.MsgspecError, RepositoryError, ValueError, KeyError, TypeError, RecursionError):
        raise SyncError(
            "sign.request",
            "This is no request for signatures. Make it with: divoc-registry campaign request",
        ) from None


def _asked(one: _Asked) -> AskedRole:
    metadata: Metadata[Any] = Metadata.from_dict(one.metadata)
    signed = metadata.signed
    # Nothing that is signed says of which role it is, but for its type: what one is asked for
    # under another name must not be signed unseen.
    if not isinstance(signed, Root if one.role == Root.type else Targets):
        raise ValueError(one.role)
    targets = signed.targets if isinstance(signed, Targets) else {}
    delegations = signed.delegations if isinstance(signed, Targets) else signed
    roles = (delegations.roles if delegations else None) or {}
    return AskedRole(
        one.role,
        signed.version,
        hashlib.sha256(metadata.signed_bytes).hexdigest(),
        {path: file.hashes.get("sha256", "") for path, file in targets.items()},
        {name: (role.threshold, tuple(role.keyids)) for name, role in roles.items()},
        frozenset(one.keys),
        metadata,
    )


def signatures_for(asked: Sequence[AskedRole], signer: Signer) -> dict[str, Any]:
    """Sign what a key is asked for; raises :class:`SyncError` where it is asked for nothing."""
    own = signer.public_key.keyid
    made = []
    for wanted in asked:
        if own in wanted.keys:
            signature = wanted.metadata.sign(signer, append=True)
            made.append(
                {
                    "role": wanted.role,
                    "version": wanted.version,
                    "keyid": own,
                    "sig": signature.signature,
                }
            )
    if not made:
        raise SyncError("sign.not-asked", "Nothing is asked of this key: {key}.", key=own[:8])
    return {"type": SIGNATURES, "signatures": made}


def take_signatures(folder: CampaignFolder, content: bytes) -> list[str]:
    """Put signatures into the folder; gives the roles. Raises for any that is not right."""
    try:
        found = msgspec.json.decode(content, type=_Signatures)
    except (msgspec.MsgspecError, RecursionError):
        found = None
    if found is None or found.type != SIGNATURES or len(found.signatures) > _MOST:
        raise SyncError(
            "sign.signatures",
            "This is no file of signatures. Make it with: divoc-registry campaign sign --request",
        )
    for made in found.signatures:
        folder.add_signature(made.role, made.version, Signature(made.keyid, made.sig))
    return [made.role for made in found.signatures]


def as_bytes(document: Mapping[str, Any]) -> bytes:
    """Give a request, or signatures, as a file that people can read."""
    return (json.dumps(document, indent=1) + "\n").encode()
