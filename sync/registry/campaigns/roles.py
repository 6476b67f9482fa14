"""Whose keys sign the parts of a campaign, and how each part stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from securesystemslib.signer import Key
from tuf.api.metadata import Role, Root, Snapshot, Targets, Timestamp

from sync.protocol.errors import SyncError


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """Whose signatures a role needs, and of how many of them."""

    keys: Collection[Key]
    threshold: int


@dataclass(frozen=True, slots=True)
class RoleState:
    """The newest version of a role: who has signed it, who may yet, and whether that is enough."""

    role: str
    version: int
    expires: datetime
    signed: tuple[str, ...]
    missing: tuple[str, ...]
    enough: bool


def check_threshold(role: str, keys: RoleKeys) -> None:
    """Raise :class:`SyncError` if a role asks for more signatures than it has keys."""
    if not 1 <= keys.threshold <= len({key.keyid for key in keys.keys}):
        raise SyncError(
            "campaign.threshold",
            "Of {count} keys for the {role}, {threshold} cannot be asked for.",
            count=len(keys.keys),
            role=role,
            threshold=keys.threshold,
        )


def new_root(
    root: RoleKeys, campaign: RoleKeys, online: Key, version: int, expires: datetime
) -> Root:
    """Make a root that gives each role its keys; raises :class:`SyncError` if too few are named."""
    online_keys = RoleKeys([online], 1)
    named = {
        Root.type: root,
        Targets.type: campaign,
        Snapshot.type: online_keys,
        Timestamp.type: online_keys,
    }
    made = Root(version, expires=expires, consistent_snapshot=True)
    for role, keys in named.items():
        check_threshold(role, keys)
        made.roles[role] = Role([], keys.threshold)
        for key in keys.keys:
            made.add_key(key, role)
    return made
