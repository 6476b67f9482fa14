"""The metadata and targets of a campaign's folder, by role and version, as TUF names them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets
from tuf.api.serialization.json import JSONSerializer

from sync.own_files import write_whole
from sync.protocol.errors import SyncError

_JSON = JSONSerializer(compact=False)


class MetadataFiles:
    """Reads and writes them; what is missing or odd is a :class:`SyncError` by its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def versions(self, role: str) -> list[int]:
        """Give the versions of a role that there are, in order."""
        form = re.compile(rf"([0-9]{{1,15}})\.{re.escape(role)}\.json")  # a copy beside it is none
        found = (form.fullmatch(path.name) for path in (self.folder / "metadata").glob("*"))
        return sorted(int(name[1]) for name in found if name)

    def newest(self, role: str) -> tuple[str, Metadata[Any]] | None:
        """Give the newest metadata of a role, and its file; None if there is none."""
        versions = self.versions(role)
        return self.version(role, versions[-1]) if versions else None

    def version(self, role: str, version: int) -> tuple[str, Metadata[Any]]:
        """Give a version of a role's metadata, and its file."""
        name = f"metadata/{version}.{role}.json"
        return name, self._load(name, role if role in (Root.type, Snapshot.type) else Targets.type)

    def root(self, version: int = 0) -> Root:
        """Give a root, by default the newest."""
        versions = self.versions(Root.type)
        if not versions:
            raise SyncError(
                "campaign.no-folder",
                "{folder} holds no campaign. Begin with: divoc-registry campaign init.",
                folder=self.folder.name,
            )
        root: Root = self.version(Root.type, version or versions[-1])[1].signed
        return root

    def targets(self) -> Targets:
        """Give the nation's newest targets, signed or not; raises where there are none yet."""
        found = self.newest(Targets.type)
        if found is None:
            raise SyncError("campaign.none", "There is no campaign in the folder yet. Add one.")
        targets: Targets = found[1].signed
        return targets

    def read(self, name: str) -> bytes:
        """Give a file's bytes."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise SyncError(
                "campaign.missing", "{file} is missing. Take the folder anew.", file=name
            ) from None

    def write(self, name: str, content: bytes) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)

    def put(self, role: str, signed: Any) -> None:
        """Write metadata that nobody has signed yet."""
        self.save(f"metadata/{signed.version}.{role}.json", Metadata(signed))

    def save(self, name: str, metadata: Metadata[Any]) -> None:
        """Write metadata with its signatures."""
        self.write(name, metadata.to_bytes(_JSON))

    def put_target(self, targets: Targets, path: str, content: bytes) -> None:
        """Write a target's file, and name it in targets that are to be signed."""
        file = TargetFile.from_data(path, content, ["sha256"])
        targets.targets[path] = file
        self.write(f"targets/{file.hashes['sha256']}.{path}", content)

    def targets_of(self, metadata: Metadata[Any], only: str = "") -> dict[str, bytes]:
        """Give the files of the targets that metadata names, proven, by what they are called.

        ``only`` the one of that path, if there is one.
        """
        found = {}
        for path, file in metadata.signed.targets.items():
            if only and path != only:
                continue
            name = f"targets/{file.hashes['sha256']}.{path}"
            found[name] = self.read(name)
            try:
                file.verify_length_and_hashes(found[name])
            except (RepositoryError, ValueError):
                raise _unreadable(name) from None
        return found

    def _load(self, name: str, type_: str) -> Metadata[Any]:
        try:
            found = Metadata[Any].from_bytes(self.read(name))
            if found.signed.type != type_:  # of another role, under this one's name
                raise ValueError
        except (RepositoryError, ValueError):
            raise _unreadable(name) from None
        return found


def _unreadable(name: str) -> SyncError:
    return SyncError("campaign.file", "{file} cannot be read. Take the folder anew.", file=name)
