"""What the use cases of one site work with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from edge.credentials.verdict import Verdict
from edge.domain.catalogue import Catalogue
from edge.domain.certificate import Claims
from edge.domain.errors import Refusal
from edge.journal import views
from edge.ports import Clock
from edge.services.printing.slip_maker import SlipMaker

if TYPE_CHECKING:
    from sqlite_utils import Database


class IdSource(Protocol):
    """Gives fresh ids."""

    def new(self) -> str:
        """Give a UUIDv7."""
        ...


class Certifier(Protocol):
    """Signs what a certificate says."""

    def certify(self, claims: Claims, formats: Sequence[str]) -> dict[str, str]:
        """Give the credential of each format as text; one without its key is left out."""
        ...

    def payload(self, format_: str, credential: str) -> bytes:
        """Give what a credential's QR code holds."""
        ...

    def revocation(self, credentials: Mapping[str, str]) -> dict[str, Any]:
        """Give what an entry says so that every reader of every format finds it revoked."""
        ...


class Shelf:
    """Keeps the catalogue in force at hand until somebody who changed it says so.

    There is one process and one writer, so nobody else changes it.
    """

    def __init__(self, read: Callable[[Mapping[str, Any]], Catalogue]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: Catalogue | None = None

    def catalogue(self, db: Database) -> Catalogue:
        """Give the catalogue; raises :class:`Refusal` ``campaign.none`` before the first."""
        kept = self._kept
        if kept is not None:
            return kept
        body = views.catalogue_body(db)
        if "issuer" not in body:
            raise Refusal(
                "campaign.none",
                "No campaign has been applied at this site yet.",
                hint="The technician applies one with: divoc-edge import campaign FOLDER",
            )
        catalogue = self._read(body)
        with self._lock:
            self._kept = catalogue
        return catalogue

    def at_hand(self) -> Catalogue | None:
        """Give the catalogue if it was looked up before."""
        return self._kept

    def forget(self) -> None:
        """Look again next time."""
        with self._lock:
            self._kept = None


@dataclass(frozen=True, slots=True)
class Site:
    """One facility's node: where it is, and what it decides and signs with.

    ``judge`` verifies what somebody shows; ``slips`` makes what is printed. ``printer`` is the
    name of the usual printer, empty for a site without one.
    """

    facility: str
    shelf: Shelf
    clock: Clock
    ids: IdSource
    certifier: Certifier
    judge: Callable[[bytes], Verdict]
    slips: SlipMaker
    printer: str = ""
    printers: frozenset[str] = frozenset()
