"""What the use cases of one site work with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from edge.domain.catalogue import Catalogue
from edge.domain.certificate import Claims
from edge.domain.errors import Refusal
from edge.journal import views
from edge.ports import Clock

if TYPE_CHECKING:
    from sqlite_utils import Database


class IdSource(Protocol):
    """Gives fresh ids."""

    def new(self) -> str:
        """Give a UUIDv7."""
        ...


class Certifier(Protocol):
    """Signs what a certificate says."""

    def certify(self, claims: Claims) -> tuple[str, str]:
        """Give the name of the format, and the credential as text."""
        ...


class Shelf:
    """Keeps the catalogue in force at hand, and looks again when the journal has changed it."""

    def __init__(self, read: Callable[[Mapping[str, Any]], Catalogue]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: tuple[int, Catalogue] | None = None

    def catalogue(self, db: Database) -> Catalogue:
        """Give the catalogue; raises :class:`Refusal` ``campaign.none`` before the first."""
        position = views.catalogue_position(db)
        with self._lock:
            if self._kept is not None and self._kept[0] == position:
                return self._kept[1]
        body = views.catalogue_body(db)
        if "issuer" not in body:
            raise Refusal(
                "campaign.none",
                "No campaign has been applied at this site yet.",
                hint="The technician applies one with: divoc-edge import campaign FOLDER",
            )
        catalogue = self._read(body)
        with self._lock:
            self._kept = (position, catalogue)
        return catalogue


@dataclass(frozen=True, slots=True)
class Site:
    """One facility's node: where it is, and what it decides and signs with.

    ``printer`` is the name of the usual printer, empty for a site without one.
    """

    facility: str
    shelf: Shelf
    clock: Clock
    ids: IdSource
    certifier: Certifier
    printer: str = ""
    printers: frozenset[str] = frozenset()
