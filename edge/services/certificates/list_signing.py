"""The ministry's desk of lists: proves whose a list is, and signs it for the sites.

A list of somebody else is signed when the signature of its publisher holds against a key that the
ministry has pinned. A list that nobody signed, and the nation's own, are signed on the word of an
officer, who is named in it.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.ministry_folder import Edition, MinistryFolder
from edge.adapters.trust_store import TrustStore
from edge.credentials.publishers import (
    Publisher,
    ReceivedList,
    check_published,
    instant_of,
)
from edge.credentials.revocation_files import OURS
from edge.domain.errors import BadInput
from edge.services.certificates.trust_lists import TrustListResult, take_list
from sync.bounded_files import MB, read_bounded
from sync.protocol.signed_lists import SignedList, sealed

LARGEST_LIST = 64 * MB
GOOD_DAYS = 90
"""Days for which a list counts that an officer answers for."""
_AHEAD = timedelta(days=1)
"""A publisher's clock may be before ours."""


@dataclass(frozen=True, slots=True)
class SignedEdition:
    """A list as sites get it, what is in it, and what stands before it."""

    stated: SignedList
    file: bytes
    counts: TrustListResult


class ListSigner:
    """Signs lists with the key of a folder; ``load`` gives JSON-LD contexts of trust lists."""

    def __init__(
        self,
        folder: MinistryFolder,
        key: Ed25519PrivateKey,
        now: Callable[[], datetime],
        load: Callable[..., dict[str, Any]],
    ) -> None:
        self._folder = folder
        self._key = key
        self._now = now
        self._load = load

    def take(self, publisher: Publisher, content: bytes, signature: bytes = b"") -> SignedEdition:
        """Sign a publisher's list, if it is; raises :class:`BadInput`."""
        now = self._now()
        received = ReceivedList(content, signature, now, self._load)
        found = check_published(publisher, received)
        _check_age(publisher, found.version, now)
        stated = SignedList(
            name=publisher.id,
            publisher=publisher.id,
            publisher_key=found.key,
            version=found.version,
            sequence=self._next(publisher.id, found.version, now),
            issued_at=now,
            good_until=now + timedelta(days=publisher.good_days),
        )
        return self._signed(stated, found.content, found.left_out)

    def vouch(
        self, name: str, content: bytes, officer: str, reason: str, good_days: int = GOOD_DAYS
    ) -> SignedEdition:
        """Sign a list on an officer's word; raises :class:`BadInput`."""
        version = _own_version(content)
        stated = self._on_word(name, version, officer, reason, good_days)
        return self._signed(stated, content, ())

    def withdraw(self, name: str, officer: str, reason: str) -> SignedEdition:
        """Sign an empty edition: sites let go what the list of that name said.

        Raises :class:`BadInput`, also for a list that was never signed here.
        """
        before = self._folder.signed_before(name.strip())
        if before is None:
            raise BadInput(
                "lists.unknown",
                "No list called {name} was signed with this folder.",
                hint="Look at its name: divoc-edge lists show FILE.",
                name=name.strip()[:80],
            )
        stated = self._on_word(name, before.version, officer, reason, GOOD_DAYS)
        return self._signed(stated, b"", ())

    def _on_word(
        self, name: str, version: str, officer: str, reason: str, good_days: int
    ) -> SignedList:
        if not (name.strip() and officer.strip() and reason.strip()):
            raise BadInput(
                "lists.word",
                "A list that no publisher has signed needs a name, an officer and a reason.",
                hint="Who answers for it, and how was it compared?",
            )
        now = self._now()
        return SignedList(
            name=name.strip(),
            officer=officer.strip(),
            reason=reason.strip(),
            version=version,
            sequence=self._next(name.strip(), version, now),
            issued_at=now,
            good_until=now + timedelta(days=good_days),
        )

    def _next(self, name: str, version: str, now: datetime) -> int:
        """Give the count of the next edition, unless it is an older one than was signed."""
        before = self._folder.signed_before(name)
        if before is not None and version < before.version:
            raise BadInput(
                "lists.older",
                "The list {name} is of {version}; one of {before} was signed already.",
                hint="Fetch the newest. Somebody may be holding it back.",
                name=name,
                version=version or "no date",
                before=before.version,
            )
        # Seconds since 1970: a folder whose memory was lost goes on counting.
        return max(int(now.timestamp()), before.sequence + 1 if before else 0)

    def _signed(
        self, stated: SignedList, content: bytes, left_out: tuple[str, ...]
    ) -> SignedEdition:
        counts = _counts(stated.name, content, self._now()) if content else TrustListResult(())
        file = sealed(stated, content, self._key)
        digest = hashlib.sha256(content).hexdigest()
        self._folder.remember(
            stated.name,
            Edition(
                sequence=stated.sequence,
                version=stated.version,
                digest=digest,
            ),
        )
        told = TrustListResult(counts.counts, (*left_out, *counts.left_out))
        return SignedEdition(stated, file, told)


def read_list(path: Path) -> bytes:
    """Read a list's file whole; raises :class:`BadInput`."""
    try:
        return read_bounded(path, LARGEST_LIST)
    except OSError as error:
        raise BadInput(
            "lists.file", "The file {file} cannot be read: {reason}.", file=path.name,
            reason=error.strerror or type(error).__name__,
        ) from None  # fmt: skip


def _check_age(publisher: Publisher, version: str, now: datetime) -> None:
    if not version:
        if publisher.undated:
            return
        raise BadInput(
            "lists.undated",
            "The list of {name} says no date, so an older one could not be told.",
            hint="If that is known and accepted, write undated: true into the table.",
            name=publisher.name,
        )
    stated = datetime.fromisoformat(version)
    if stated > now + _AHEAD:
        raise BadInput(
            "lists.future",
            "The list of {name} is dated in the future: {version}.",
            hint="Is the clock of this machine right?",
            name=publisher.name,
            version=version,
        )
    if stated < now - timedelta(days=publisher.stale_after_days):
        raise BadInput(
            "lists.stale",
            "The list of {name} is of {version}, older than {days} days.",
            hint="Fetch the newest. Somebody may be holding it back.",
            name=publisher.name,
            version=version,
            days=publisher.stale_after_days,
        )


def _own_version(content: bytes) -> str:
    """Say of which edition a list is that says so itself: our own revocations, a card list."""
    try:
        header = json.loads(content.partition(b"\n")[0])
        document = header if isinstance(header, dict) else {}
        if document.get("type") == OURS:
            return instant_of(document.get("issuedAt"))
    except (ValueError, RecursionError):
        document = {}
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    counter = document.get("ctr") if isinstance(document, dict) else None
    return f"{counter:012d}" if isinstance(counter, int) and 0 <= counter < 10**12 else ""


def _counts(name: str, content: bytes, now: datetime) -> TrustListResult:
    """Read a list as a site will, into a store that nobody keeps."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        path.write_bytes(content)
        store = TrustStore(Path(folder) / "trust.db")
        try:
            return take_list(store, path, now.astimezone(UTC), name=name, issuer="did:x")
        finally:
            store.close()
