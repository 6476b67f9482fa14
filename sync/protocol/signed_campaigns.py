"""A campaign that the ministry has signed offline, as files of The Update Framework (TUF 1.0).

The files are named as a TUF repository names them: ``metadata/1.root.json``,
``metadata/timestamp.json``, ``metadata/5.targets.json``, ``targets/SHA256.campaign.json``. They
come in a letter, on a stick or in a folder: whoever carries them can keep them back, and change
nothing. What a site has once believed it keeps in a folder, so that nothing older is believed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root, Targets
from tuf.api.serialization import DeserializationError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from sync.own_files import private_folder
from sync.protocol.campaign_files import LARGEST, unreadable
from sync.protocol.campaign_parts import (
    CAMPAIGN,
    LIST,
    LISTS,
    RegionPart,
    SignedParts,
    delegated_roles,
    region_name,
    region_of,
    region_target,
    speaker_of,
)
from sync.protocol.enrolment_codes import SHORT_ROOT
from sync.protocol.errors import ProtocolError

_ROOT = re.compile(r"metadata/[0-9]+\.root\.json")
_METADATA, _TARGETS = "metadata/", "targets/"


def fingerprint(root: bytes) -> str:
    """Give what a root is known by: the SHA-256, in hex, of what its keys sign.

    Empty for what is no root. Another signature leaves it as it is.
    """
    try:
        signed = Metadata[Root].from_bytes(root).signed_bytes
    except (RepositoryError, ValueError):  # it cannot be read, or not be written as it is signed
        return ""
    return hashlib.sha256(signed).hexdigest()


def is_root(root: bytes, told: str) -> bool:
    """Say whether a root is the one that was told of: all its digits, or the first 32."""
    return len(told) >= SHORT_ROOT and fingerprint(root).startswith(told)


class CampaignTrust:
    """What a site believes of signed campaigns: one root, and the newest that it has seen.

    ``folder`` is where it keeps that, ``root`` the root's fingerprint, or the first 32 digits of it
    as an enrolment code has them; empty where none was told: nothing is believed then. One object
    at a time may use a folder.
    """

    def __init__(self, folder: Path, root: str) -> None:
        self._folder = folder
        self._root = root

    @property
    def demanded(self) -> bool:
        """Whether this site knows the ministry's keys, and takes nothing that they did not sign."""
        return bool(self._root)

    def copied(self, folder: Path) -> CampaignTrust:
        """Give one that believes the same, in a folder of its own: nothing changes here."""
        if self._folder.is_dir():
            shutil.copytree(self._folder, folder, dirs_exist_ok=True)
        return CampaignTrust(folder, self._root)

    def parts(self, files: Mapping[str, bytes], now: datetime, facility: str = "") -> SignedParts:
        """Give a campaign's parts, proven: signed by enough keys, whole, in date, none older.

        Of the regions the one that may speak of a ``facility``. Raises :class:`ProtocolError` with
        what is wrong; what was believed before stays believed.
        """
        if not self._root:
            raise ProtocolError(
                "campaign.no-root",
                "This site does not know the ministry's keys. Ask the registry's office for a new"
                " enrolment code, and enter it with: divoc-edge enrol",
            )
        root = self._own_root(files)
        private_folder(self._folder)
        with _in_words(files, now):
            return _Updater(self._folder, files, root, now).parts(facility)

    def _own_root(self, files: Mapping[str, bytes]) -> bytes:
        """Give the root that this site believes: one that came along, or one that it kept."""
        kept = sorted((self._folder / "root_history").glob("*.root.json"))
        came = [content for name, content in files.items() if _ROOT.fullmatch(name)]
        for content in (*came, *(path.read_bytes() for path in kept)):
            if is_root(content, self._root):
                return content
        raise ProtocolError(
            "campaign.other-root",
            "This campaign is not under the keys that this site was told of: it believes the root"
            " {root}.",
            root=self._root[:16],
        )


class _Updater(Updater):
    """TUF's client workflow (specification 1.0.34, section 5) over files at hand, by our clock."""

    def __init__(
        self, folder: Path, files: Mapping[str, bytes], root: bytes, now: datetime
    ) -> None:
        super().__init__(
            str(folder),
            _METADATA,
            target_base_url=_TARGETS,
            fetcher=_Files(files),
            config=UpdaterConfig(targets_max_length=LARGEST),
            bootstrap=root,
        )
        # The library goes by the computer's clock; a site's may be set, and is judged elsewhere.
        self._trusted_set.reference_time = now

    def parts(self, facility: str) -> SignedParts:
        """Give the parts that concern a facility."""
        self.refresh()
        targets = self._trusted_set.targets
        if CAMPAIGN not in targets.targets:
            raise DownloadHTTPError(CAMPAIGN, 404)
        campaign = self._content(CAMPAIGN, targets)
        return SignedParts(campaign, self._region(targets, facility), self._lists(targets))

    def _region(self, targets: Targets, facility: str) -> RegionPart | None:
        role = region_of(targets, facility)
        if role is None or not self._is_published(role.name):
            return None
        name, own = region_name(role.name), self._load_targets(role.name, Targets.type)
        path = region_target(name)
        if path not in own.targets or path not in (role.paths or ()):
            raise DownloadHTTPError(path, 404)
        return RegionPart(name, own.version, self._content(path, own), speaker_of(role))

    def _lists(self, targets: Targets) -> dict[str, bytes]:
        """Give the nation's lists: its own targets, and those of the role that signs lists."""
        roles = {role.name: role for role in delegated_roles(targets)}
        signed = [targets]
        if LISTS in roles and self._is_published(LISTS):
            signed.insert(0, self._load_targets(LISTS, Targets.type))
        return {
            name: self._content(name, part)
            for part in signed
            for name in part.targets
            if name.startswith(LIST)
        }

    def _is_published(self, role: str) -> bool:
        return f"{role}.json" in self._trusted_set.snapshot.meta

    def _content(self, path: str, signed: Targets) -> bytes:
        """Give a target's bytes, without writing them to the disk: they name people who work."""
        info = signed.targets[path]
        digest = info.hashes["sha256"]
        content = self._fetcher.download_bytes(f"{_TARGETS}{digest}.{path}", info.length)
        info.verify_length_and_hashes(content)
        return content


class _Files(FetcherInterface):
    """Fetches from files at hand."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def _fetch(self, url: str) -> Iterator[bytes]:
        if url not in self._files:
            raise DownloadHTTPError(url, 404)
        return iter((self._files[url],))


@contextlib.contextmanager
def _in_words(files: Mapping[str, bytes], now: datetime) -> Iterator[None]:
    try:
        yield
    except ExpiredMetadataError:
        until = _expired(files, now)
        raise ProtocolError(
            "campaign.expired",
            "This campaign was to be used until {until}, and today is {today}. If that is not so,"
            " set the clock; else ask the ministry for a new one.",
            until=until.date() if until else "?",
            today=now.date(),
        ) from None
    except BadVersionNumberError:
        raise ProtocolError(
            "campaign.rolled-back", "This campaign is older than what was here before it."
        ) from None
    except UnsignedMetadataError:
        raise _unsigned() from None
    except LengthOrHashMismatchError:
        raise ProtocolError(
            "campaign.changed", "A part of this campaign is not what the ministry has signed."
        ) from None
    except DownloadError as error:
        raise ProtocolError(
            "campaign.incomplete",
            "A part of this campaign is missing: {name}. Copy the whole of it again.",
            name=str(error)[:100],
        ) from None
    except (RepositoryError, DeserializationError, KeyError, ValueError):
        raise unreadable() from None


def _expired(files: Mapping[str, bytes], now: datetime) -> datetime | None:
    """Give the earliest day on which a part ended, for the sentence only."""
    found = []
    for name, content in files.items():
        with contextlib.suppress(DeserializationError, ValueError):
            if name.startswith(_METADATA):
                found.append(Metadata[Any].from_bytes(content).signed.expires)
    return min((moment for moment in found if moment <= now), default=None)


def _unsigned() -> ProtocolError:
    return ProtocolError(
        "campaign.signature", "Too few of the ministry's keys have signed this campaign."
    )
