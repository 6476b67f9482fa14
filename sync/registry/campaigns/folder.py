"""A signed campaign in a folder, as a TUF repository: carried from key to key, then published.

The root and the campaign are signed by keys that never see a network. What says which version is
the newest (snapshot and timestamp, specification 1.0.34, sections 4.4 and 4.6) is signed by the
registry's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, Key
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Role,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from sync.own_files import write_whole
from sync.protocol.errors import SyncError
from sync.protocol.signed_campaigns import CAMPAIGN, fingerprint

_JSON = JSONSerializer(compact=False)
_SIGNED = (Root.type, Targets.type)
"""The roles whose keys are kept offline."""


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


class CampaignFolder:
    """The folder; every method reads it anew, for it is carried away in between."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, root: RoleKeys, campaign: RoleKeys, online: Key, expires: datetime) -> None:
        """Begin with a root that names all keys; nobody has signed it yet."""
        if self._versions(Root.type):
            raise SyncError(
                "campaign.there", "{folder} holds a campaign already.", folder=self._folder.name
            )
        self._put_root(_new_root(root, campaign, online, 1, expires))

    def renew(self, root: RoleKeys, campaign: RoleKeys, online: Key, expires: datetime) -> None:
        """Put a next root in front, with other keys or a later end; the old keys sign it too."""
        before = self._root()
        self._put_root(_new_root(root, campaign, online, before.version + 1, expires))

    def put(self, packed: bytes, expires: datetime) -> int:
        """Put the next campaign into the folder; gives its version in the folder."""
        self._root()
        before = self._versions(Targets.type)
        version = before[-1] + 1 if before else 1
        content = TargetFile.from_data(CAMPAIGN, packed, ["sha256"])
        targets = Targets(version, expires=expires, targets={CAMPAIGN: content})
        self._write(f"targets/{content.hashes['sha256']}.{CAMPAIGN}", packed)
        self._write(f"metadata/{version}.targets.json", Metadata(targets).to_bytes(_JSON))
        return version

    def sign(self, signer: CryptoSigner) -> list[str]:
        """Sign what this key may sign and has not yet; gives the roles."""
        done = []
        for role in _SIGNED:
            found = self._newest(role)
            if found is None:
                continue
            name, metadata = found
            own = signer.public_key.keyid
            if own in self._allowed(role) and own not in metadata.signatures:
                metadata.sign(signer, append=True)
                self._write(name, metadata.to_bytes(_JSON))
                done.append(role)
        return done

    def states(self) -> list[RoleState]:
        """Tell how each part stands that is signed offline."""
        return [self._state(role, found) for role in _SIGNED if (found := self._newest(role))]

    def campaign(self) -> bytes | None:
        """Give the campaign that a signature is for; None while none was put here.

        Raises :class:`SyncError` where the file is another than the one whose hash is signed.
        """
        found = self._newest(Targets.type)
        if found is None:
            return None
        name, metadata = found
        content = self._targets(metadata.to_bytes(_JSON))
        try:
            ((_, file),) = metadata.signed.targets.items()
            ((_, packed),) = content.items()
            file.verify_length_and_hashes(packed)
        except (RepositoryError, ValueError):
            raise SyncError(
                "campaign.file", "{file} cannot be read. Take the folder anew.", file=name
            ) from None
        return packed

    @property
    def root_fingerprint(self) -> str:
        """What sites know this campaign's keys by: the first root's."""
        return fingerprint(self._read("metadata/1.root.json"))

    def complete(self, signer: CryptoSigner, now: datetime, days: int) -> dict[str, bytes]:
        """Give all files as a site takes them, with this moment's snapshot and timestamp.

        The folder holds them too then, so that it can be carried to a site as it is. They are
        numbered by the millisecond, so that no copy of the folder gives a number twice.
        Raises :class:`SyncError` for what is not signed by enough keys.
        """
        states = self.states()
        if len(states) < len(_SIGNED):
            raise SyncError("campaign.none", "There is no campaign in the folder yet. Add one.")
        for state in states:
            if not state.enough:
                raise SyncError(
                    "campaign.unsigned",
                    "{role} {version} has {count} signatures, and too few. Sign it with another"
                    " key: {missing}.",
                    role=state.role,
                    version=state.version,
                    count=len(state.signed),
                    missing=", ".join(key[:8] for key in state.missing),
                )
        until = now + timedelta(days=days)
        number = max(
            [int(now.timestamp() * 1000), *(last + 1 for last in self._versions("snapshot"))]
        )
        version = states[-1].version
        targets = self._read(f"metadata/{version}.targets.json")
        snapshot = Snapshot(number, expires=until, meta={"targets.json": _meta(version, targets)})
        newest = _signed(snapshot, signer)
        timestamp = Timestamp(number, expires=until, snapshot_meta=_meta(number, newest))
        files = {
            f"metadata/{each}.root.json": self._read(f"metadata/{each}.root.json")
            for each in self._versions(Root.type)
        }
        files[f"metadata/{version}.targets.json"] = targets
        made = {
            f"metadata/{number}.snapshot.json": newest,
            "metadata/timestamp.json": _signed(timestamp, signer),
        }
        for old in (self._folder / "metadata").glob("*.snapshot.json"):
            old.unlink()
        for name, content in made.items():
            self._write(name, content)
        return files | made | self._targets(targets)

    def _targets(self, targets: bytes) -> dict[str, bytes]:
        listed = Metadata[Targets].from_bytes(targets).signed.targets
        names = [f"targets/{file.hashes['sha256']}.{path}" for path, file in listed.items()]
        return {name: self._read(name) for name in names}

    def _state(self, role: str, found: tuple[str, Metadata[Any]]) -> RoleState:
        _, metadata = found
        result = self._root().get_verification_result(
            role, metadata.signed_bytes, metadata.signatures
        )
        enough, missing = bool(result), dict(result.unsigned)
        if role == Root.type and metadata.signed.version > 1:
            before = self._root(metadata.signed.version - 1)
            old = before.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
            enough, missing = enough and bool(old), missing | dict(old.unsigned)
        return RoleState(
            role,
            metadata.signed.version,
            metadata.signed.expires,
            tuple(sorted(metadata.signatures)),
            tuple(sorted(missing)),
            enough,
        )

    def _allowed(self, role: str) -> set[str]:
        root = self._root()
        allowed = set(root.roles[role].keyids)
        if role == Root.type and root.version > 1:
            allowed |= set(self._root(root.version - 1).roles[role].keyids)
        return allowed

    def _root(self, version: int = 0) -> Root:
        versions = self._versions(Root.type)
        if not versions:
            raise SyncError(
                "campaign.no-folder",
                "{folder} holds no campaign. Begin with: divoc-registry campaign init.",
                folder=self._folder.name,
            )
        root: Root = self._load(f"metadata/{version or versions[-1]}.root.json").signed
        return root

    def _newest(self, role: str) -> tuple[str, Metadata[Any]] | None:
        versions = self._versions(role)
        if not versions:
            return None
        name = f"metadata/{versions[-1]}.{role}.json"
        return name, self._load(name)

    def _load(self, name: str) -> Metadata[Any]:
        try:
            found = Metadata[Any].from_bytes(self._read(name))
            if found.signed.type != name.split(".")[-2]:  # of another role, under this one's name
                raise ValueError
        except (RepositoryError, ValueError):
            raise SyncError(
                "campaign.file", "{file} cannot be read. Take the folder anew.", file=name
            ) from None
        return found

    def _versions(self, role: str) -> list[int]:
        form = re.compile(rf"([0-9]{{1,15}})\.{role}\.json")  # a copy beside it is none
        found = (form.fullmatch(path.name) for path in (self._folder / "metadata").glob("*"))
        return sorted(int(name[1]) for name in found if name)

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            raise SyncError(
                "campaign.missing", "{file} is missing. Take the folder anew.", file=name
            ) from None

    def _put_root(self, root: Root) -> None:
        self._write(f"metadata/{root.version}.root.json", Metadata(root).to_bytes(_JSON))

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


def _new_root(
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
        if not 1 <= keys.threshold <= len({key.keyid for key in keys.keys}):
            raise SyncError(
                "campaign.threshold",
                "Of {count} keys for the {role}, {threshold} cannot be asked for.",
                count=len(keys.keys),
                role=role,
                threshold=keys.threshold,
            )
        made.roles[role] = Role([], keys.threshold)
        for key in keys.keys:
            made.add_key(key, role)
    return made


def _meta(version: int, content: bytes) -> MetaFile:
    return MetaFile.from_data(version, content, ["sha256"])


def _signed(what: Snapshot | Timestamp, signer: CryptoSigner) -> bytes:
    metadata: Metadata[Any] = Metadata(what)
    metadata.sign(signer)
    return metadata.to_bytes(_JSON)
