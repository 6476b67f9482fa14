"""What one site can say of a certificate: its own keys and revocations, and the lists it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from edge.credentials.reading import ReadPicture, no_pictures
from edge.credentials.revocation import Lookup, Revocations, Standing
from edge.credentials.trust import Trust
from edge.credentials.verdict import Verdict
from edge.credentials.verifier import Verifier
from edge.services.certificates.formats import Formats


class Lists(Revocations, Protocol):
    """What others told this site."""

    def version(self) -> int:
        """Give a number that changes when somebody imports a list."""
        ...

    def trust(self) -> Trust:
        """Trust every key of every list."""
        ...

    def codes(self) -> Mapping[str, str]:
        """Give the names of codes."""
        ...


class SiteRevocations:
    """Asks the site's own journal first, then the lists (a :class:`Revocations`)."""

    def __init__(self, own: Callable[[Sequence[str]], bool], lists: Revocations) -> None:
        self._own = own
        self._lists = lists

    def standing(self, lookup: Lookup) -> Standing:
        """Say whether it is revoked here or anywhere."""
        found = self._lists.standing(lookup)
        if lookup.keys and self._own([key.hex() for key in lookup.keys]):
            return replace(found, revoked=True, before=None)
        return found


class SiteVerifier:
    """Judges certificates for one site; reads trust lists again when they changed.

    ``own_trust`` gives the site's own keys, ``own_revoked`` asks its journal for keys in hex,
    ``stale_after`` is the campaign's, in days; ``own_codes`` are the codes its vaccines have.
    """

    def __init__(
        self,
        formats: Formats,
        lists: Lists,
        own_trust: Callable[[], Trust],
        own_revoked: Callable[[Sequence[str]], bool],
        stale_after: Callable[[], int],
        own_codes: Callable[[], Mapping[str, str]],
    ) -> None:
        self._formats = formats
        self._lists = lists
        self._own_trust = own_trust
        self._revocations = SiteRevocations(own_revoked, lists)
        self._stale_after = stale_after
        self._own_codes = own_codes
        self._kept: tuple[int, Trust, Mapping[str, str]] | None = None

    def verify(
        self, payload: bytes, at: datetime, read_picture: ReadPicture = no_pictures
    ) -> Verdict:
        """Judge a payload as of an instant."""
        trust, codes = self._lists_now()
        verifier = Verifier(
            self._formats.reading,
            self._own_trust().joined(trust),
            self._revocations,
            stale_after=timedelta(days=self._stale_after()),
            value_sets={**self._own_codes(), **codes},
        )
        return verifier.verify(payload, at, read_picture)

    def _lists_now(self) -> tuple[Trust, Mapping[str, str]]:
        version, kept = self._lists.version(), self._kept
        if kept is None or kept[0] != version:
            kept = (version, self._lists.trust(), self._lists.codes())
            self._kept = kept
        return kept[1], kept[2]
