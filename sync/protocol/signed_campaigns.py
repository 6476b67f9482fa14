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
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    DownloadHTTPError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import Metadata, Root
from tuf.api.serialization import DeserializationError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from sync.own_files import private_folder
from sync.protocol.enrolment_codes import SHORT_ROOT
from sync.protocol.errors import ProtocolError
from sync.protocol.shapes import fit

CAMPAIGN = "campaign.json"
"""The target that holds the nation's campaign, packed."""
LARGEST = 4 * 1024 * 1024
"""Bytes of all files together: they must go into one letter."""
_MOST_FILES = 300
_NAME = re.compile(r"(metadata|targets)/[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_ROOT = re.compile(r"metadata/[0-9]+\.root\.json")
_METADATA, _TARGETS = "metadata/", "targets/"


class _Body(msgspec.Struct):
    files: dict[str, str]


def read_files(body: Mapping[str, Any]) -> dict[str, bytes]:
    """Read the files that a letter carries; raises :class:`ProtocolError` for what is none."""
    files = fit(body, _Body, unreadable).files
    try:
        found = {name: text.encode() for name, text in files.items() if _NAME.fullmatch(name)}
    except UnicodeEncodeError:  # half a character
        raise unreadable() from None
    if len(files) > _MOST_FILES or sum(map(len, found.values())) > LARGEST:
        raise unreadable()
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Read the files of a folder; what is named otherwise is left alone.

    Raises :class:`ProtocolError` for more, or larger ones, than a campaign may have.
    """
    found: dict[str, bytes] = {}
    left = LARGEST
    for path in sorted([*(folder / _METADATA).glob("*"), *(folder / _TARGETS).glob("*")]):
        name = f"{path.parent.name}/{path.name}"
        if not _NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            found[name] = file.read(left + 1)
        left -= len(found[name])
        if left < 0 or len(found) > _MOST_FILES:
            raise unreadable()
    return found


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


def same_root(one: str, other: str) -> bool:
    """Say whether two told the same root: one may know more of its digits."""
    return bool(one and other) and (one.startswith(other) or other.startswith(one))


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

    def campaign(self, files: Mapping[str, bytes], now: datetime) -> bytes:
        """Give the campaign in files, proven: signed by enough keys, whole, in date, none older.

        Raises :class:`ProtocolError` with what is wrong; what was believed before stays believed.
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
            return _Updater(self._folder, files, root, now).target(CAMPAIGN)

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

    def target(self, path: str) -> bytes:
        """Give a target's bytes, without writing them to the disk: they name people who work."""
        info = self.get_targetinfo(path)
        if info is None:
            raise DownloadHTTPError(path, 404)
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


def unreadable(_field: str = "") -> ProtocolError:
    """Say that something is no signed campaign."""
    return ProtocolError("campaign.form", "This is no signed campaign that can be read.")
