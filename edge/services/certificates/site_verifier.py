"""What one site can say of a certificate: its own keys and revocations, and the lists it keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Protocol

from edge.credentials.document_formats import documents_read
from edge.credentials.documents import DocumentTrust
from edge.credentials.page_rules import page_key, page_rules
from edge.credentials.reading import ReadPicture, no_pictures
from edge.credentials.revocation import Lookup, NoRevocations, Revocations, Standing
from edge.credentials.trust import Trust
from edge.credentials.verdict import Verdict
from edge.credentials.verifier import Verifier
from edge.domain.catalogue import STALE_AFTER_DAYS, Catalogue, names_of_codes
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


class NoLists(NoRevocations):
    """Nobody told this site anything yet (:class:`Lists`)."""

    def version(self) -> int:
        """Never change."""
        return 0

    def trust(self) -> Trust:
        """Trust nobody."""
        return Trust()

    def codes(self) -> Mapping[str, str]:
        """Know no code's name."""
        return {}


class SiteRevocations:
    """Asks the site's own journal first, then the lists (a :class:`Revocations`)."""

    def __init__(self, own: Callable[[Sequence[str]], bool], lists: Revocations) -> None:
        self._own = own
        self._lists = lists

    def standing(self, lookup: Lookup) -> Standing:
        """Say whether it is revoked here or anywhere."""
        found = self._lists.standing(lookup)
        if lookup.keys and self._own([key.hex() for key in lookup.keys]):
            return replace(found, revoked=True, before=None, until=None)
        return found


class SiteVerifier:
    """Judges certificates for one site; reads trust lists again when they changed.

    ``own_trust`` gives the site's own keys, ``own_revoked`` asks its journal for keys in hex,
    ``catalogue`` gives the campaign in force, if any: it says when a list of revocations is stale,
    and its vaccines what codes are called. ``zone`` is the site's.
    """

    def __init__(
        self,
        formats: Formats,
        lists: Lists,
        own_trust: Callable[[], Trust],
        own_revoked: Callable[[Sequence[str]], bool],
        catalogue: Callable[[], Catalogue | None],
        zone: tzinfo = UTC,
    ) -> None:
        self._formats = formats
        self._lists = lists
        self._own_trust = own_trust
        self._revocations = SiteRevocations(own_revoked, lists)
        self._catalogue = catalogue
        self._zone = zone
        self._described = documents_read(self._documents, formats.contexts)
        self._kept: tuple[int, Trust, Mapping[str, str]] | None = None

    def verify(
        self, payload: bytes, at: datetime, read_picture: ReadPicture = no_pictures
    ) -> Verdict:
        """Judge a payload as of an instant."""
        trust, codes = self._lists_now()
        catalogue = self._catalogue()
        own_codes = names_of_codes(catalogue) if catalogue else {}
        days = catalogue.stale_after if catalogue else STALE_AFTER_DAYS
        verifier = Verifier(
            self._formats.reading,
            self._own_trust().joined(trust),
            self._revocations,
            stale_after=timedelta(days=days),
            value_sets={**own_codes, **codes},
            described=self._described,
        )
        return verifier.verify(payload, at.astimezone(self._zone), read_picture)

    def published(self) -> dict[str, Any]:
        """Give what the offline page verifies with: ``keys``, all of them public, and ``rules``."""
        trust = self._own_trust().joined(self._lists.trust())
        return {
            "keys": [page_key(key) for key in trust.all_keys()],
            "rules": page_rules(self._formats.profiles),
        }

    def _documents(self) -> DocumentTrust:
        catalogue = self._catalogue()
        if catalogue is None:
            return DocumentTrust()
        issuer = catalogue.issuer
        return DocumentTrust(catalogue.ever.contexts, issuer.did, issuer.country)

    def _lists_now(self) -> tuple[Trust, Mapping[str, str]]:
        version, kept = self._lists.version(), self._kept
        if kept is None or kept[0] != version:
            kept = (version, self._lists.trust(), self._lists.codes())
            self._kept = kept
        return kept[1], kept[2]
