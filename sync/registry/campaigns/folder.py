"""A signed campaign in a folder, as a TUF repository: carried from key to key, then published.

The root, the campaign, its lists and each region's part are signed by keys that never see a
network. What says which version is the newest (snapshot and timestamp, specification 1.0.34,
sections 4.4 and 4.6) is signed by the registry's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, Key, Signature
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from sync.protocol.campaign_parts import CAMPAIGN, delegated_roles
from sync.protocol.counted import Counted
from sync.protocol.errors import SyncError
from sync.protocol.signed_campaigns import fingerprint
from sync.registry.campaigns.metadata_files import MetadataFiles
from sync.registry.campaigns.roles import RoleKeys, RoleState, new_root

_JSON = JSONSerializer(compact=False)


class CampaignFolder:
    """The folder; every method reads it anew, for it is carried away in between."""

    def __init__(self, folder: Path) -> None:
        self.files = MetadataFiles(folder)

    def create(self, root: RoleKeys, campaign: RoleKeys, online: Key, expires: datetime) -> None:
        """Begin with a root that names all keys; nobody has signed it yet."""
        if self.files.versions(Root.type):
            raise SyncError(
                "campaign.there",
                "{folder} holds a campaign already.",
                folder=self.files.folder.name,
            )
        self.files.put(Root.type, new_root(root, campaign, online, 1, expires))

    def renew(self, root: RoleKeys, campaign: RoleKeys, online: Key, expires: datetime) -> None:
        """Put a next root in front, with other keys or a later end; the old keys sign it too."""
        version = self.files.root().version + 1
        self.files.put(Root.type, new_root(root, campaign, online, version, expires))

    def put(self, packed: bytes, expires: datetime) -> int:
        """Put the next campaign into the folder; gives its version in the folder."""
        self.files.root()
        targets = self.next_targets(Targets.type, expires)
        self.files.put_target(targets, CAMPAIGN, packed)
        self.files.put(Targets.type, targets)
        return targets.version

    def editions(self) -> list[bytes]:
        """Give every campaign that the folder holds, the newest first; see :meth:`campaign`."""
        found = []
        for number in reversed(self.files.versions(Targets.type)):
            targets = self.files.targets_of(self.files.version(Targets.type, number)[1], CAMPAIGN)
            found += [packed for packed in targets.values() if packed not in found]
        return found

    def next_targets(self, role: str, expires: datetime | None = None) -> Targets:
        """Give what the next version of a role's targets begins with: what the last one says."""
        found = self.files.newest(role)
        if found is None:
            return Targets(1, expires=expires, targets={})
        before: Targets = found[1].signed
        return Targets(
            before.version + 1,
            expires=expires or before.expires,
            targets=dict(before.targets),
            delegations=before.delegations,
        )

    def sign(self, signer: CryptoSigner) -> list[str]:
        """Sign what this key may sign and has not yet; gives the roles."""
        done = []
        for role, speaker in self._speakers().items():
            found = self.files.newest(role)
            if found is None:
                continue
            name, metadata = found
            own = signer.public_key.keyid
            if own in self._keys(speaker, role) and own not in metadata.signatures:
                metadata.sign(signer, append=True)
                self.files.save(name, metadata)
                done.append(role)
        return done

    def add_signature(self, role: str, version: int, signature: Signature) -> None:
        """Take a signature that was made elsewhere, proven; raises :class:`SyncError`."""
        speaker = self._speakers().get(role)
        found = self.files.newest(role) if speaker else None
        if speaker is None or found is None or found[1].signed.version != version:
            raise SyncError(
                "sign.other",
                "The folder has another {role} than {version}: it was changed after the request"
                " was made. Make a new request.",
                role=role[:80],
                version=version,
            )
        name, metadata = found
        key = self._keys(speaker, role).get(signature.keyid)
        try:
            if key is None:
                raise UnverifiedSignatureError
            key.verify_signature(signature, metadata.signed_bytes)
        except (UnverifiedSignatureError, VerificationError):
            raise SyncError(
                "sign.wrong",
                "A signature of {role} is none of the keys that may sign it: {key}.",
                role=role,
                key=signature.keyid[:8],
            ) from None
        metadata.signatures[signature.keyid] = signature
        self.files.save(name, metadata)

    def states(self) -> list[RoleState]:
        """Tell how each part stands that is signed offline."""
        return [
            self._state(speaker, role, found[1])
            for role, speaker in self._speakers().items()
            if (found := self.files.newest(role))
        ]

    def campaign(self) -> bytes | None:
        """Give the campaign that a signature is for; None while none was put here.

        Raises :class:`SyncError` where the file is another than the one whose hash is signed.
        """
        found = self.files.newest(Targets.type)
        targets = self.files.targets_of(found[1]) if found else {}
        return next((packed for name, packed in targets.items() if name.endswith(CAMPAIGN)), None)

    @property
    def root_fingerprint(self) -> str:
        """What sites know this campaign's keys by: the first root's."""
        self.files.root()  # raises where this is no campaign's folder
        return fingerprint(self.files.read("metadata/1.root.json"))

    def complete(self, signer: CryptoSigner, now: datetime, days: int) -> dict[str, bytes]:
        """Give all files as sites take them, with this moment's snapshot and timestamp.

        The folder holds them too then, so that it can be carried to a site as it is. They are
        numbered by the millisecond, so that no copy of the folder gives a number twice.
        Raises :class:`SyncError` for what is not signed by enough keys.
        """
        published = self._published(now)
        until = now + timedelta(days=days)
        numbers = self.files.versions("snapshot")
        number = max([int(now.timestamp() * 1000), *(last + 1 for last in numbers)])
        files = {
            f"metadata/{each}.root.json": self.files.read(f"metadata/{each}.root.json")
            for each in self.files.versions(Root.type)
        }
        # TUF: what a snapshot has once named, each later one names (specification, 5.5.5).
        meta = {
            f"{role}.json": MetaFile(self.files.versions(role)[-1])
            for role in self._named_before() - published.keys()
        }
        for role, (name, metadata) in published.items():
            files[name] = self.files.read(name)
            files |= self.files.targets_of(metadata)
            meta[f"{role}.json"] = _meta(metadata.signed.version, files[name])
        newest = _signed(Snapshot(number, expires=until, meta=meta), signer)
        timestamp = Timestamp(number, expires=until, snapshot_meta=_meta(number, newest))
        made = {
            f"metadata/{number}.snapshot.json": newest,
            "metadata/timestamp.json": _signed(timestamp, signer),
        }
        for old in (self.files.folder / "metadata").glob("*.snapshot.json"):
            old.unlink()
        for name, content in made.items():
            self.files.write(name, content)
        return files | made

    def _published(self, now: datetime) -> Mapping[str, tuple[str, Metadata[Any]]]:
        """Give what goes out of each role that signs targets: the newest that is signed.

        The nation's own must be the newest of all; a region's draft keeps nobody else waiting.
        """
        self.files.root()
        self.files.targets()  # both raise where there is none
        for state in self.states()[:2]:
            if not state.enough:
                raise _unsigned(state)
        found = {}
        for role, speaker in self._speakers().items():
            versions = self.files.versions(role)
            if role == Root.type or not versions:
                continue
            at_hand = [self.files.version(role, each) for each in reversed(versions)]
            signed = [file for file in at_hand if self._state(speaker, role, file[1]).enough]
            if not signed and role not in self._named_before():
                continue  # a region's first draft keeps nobody waiting
            if not signed:
                raise _unsigned(self._state(speaker, role, at_hand[0][1]))
            _check_end(role, signed[0][1].signed.expires, now)
            found[role] = signed[0]
        return found

    def _named_before(self) -> set[str]:
        """Give the roles that the last snapshot named."""
        found = self.files.newest(Snapshot.type)
        return {name.removesuffix(".json") for name in found[1].signed.meta} if found else set()

    def _speakers(self) -> dict[str, Root | Targets]:
        """Give the roles whose keys are kept offline, each with what says whose they are."""
        root, found = self.files.root(), self.files.newest(Targets.type)
        named: dict[str, Root | Targets] = {Root.type: root, Targets.type: root}
        if found:
            targets: Targets = found[1].signed
            named |= {role.name: targets for role in delegated_roles(targets)}
        return named

    def _state(self, speaker: Root | Targets, role: str, metadata: Metadata[Any]) -> RoleState:
        own = (role, metadata.signed_bytes, metadata.signatures)
        result = speaker.get_verification_result(*own)
        enough, missing = bool(result), dict(result.unsigned)
        if role == Root.type and metadata.signed.version > 1:
            old = self.files.root(metadata.signed.version - 1).get_verification_result(*own)
            enough, missing = enough and bool(old), missing | dict(old.unsigned)
        return RoleState(
            role,
            metadata.signed.version,
            metadata.signed.expires,
            tuple(sorted(metadata.signatures)),
            tuple(sorted(missing)),
            enough,
        )

    def _keys(self, speaker: Root | Targets, role: str) -> dict[str, Key]:
        """Give the keys that may sign a role; of a next root the ones of before as well."""
        speakers = [speaker]
        if role == Root.type and speaker.version > 1:
            speakers.append(self.files.root(speaker.version - 1))
        return {
            keyid: each.get_key(keyid)
            for each in speakers
            for keyid in each.get_delegated_role(role).keyids
        }


def _unsigned(state: RoleState) -> SyncError:
    return SyncError(
        "campaign.unsigned",
        Counted(
            "{role} {version} has {count} signature, and too few. Sign it with another key:"
            " {missing}.",
            "{role} {version} has {count} signatures, and too few. Sign it with another key:"
            " {missing}.",
        ),
        role=state.role,
        version=state.version,
        count=len(state.signed),
        missing=", ".join(key[:8] for key in state.missing),
    )


def _check_end(role: str, expires: datetime, now: datetime) -> None:
    if expires <= now:
        raise SyncError(
            "campaign.part-over",
            "What {role} signed counted until {until}, and sites would take none of it. Have it"
            " signed again.",
            role=role,
            until=expires.date(),
        )


def _meta(version: int, content: bytes) -> MetaFile:
    return MetaFile.from_data(version, content, ["sha256"])


def _signed(what: Snapshot | Timestamp, signer: CryptoSigner) -> bytes:
    metadata: Metadata[Any] = Metadata(what)
    metadata.sign(signer)
    return metadata.to_bytes(_JSON)
