"""The catalogue in force, kept at hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from edge.domain.catalogue import Catalogue
from edge.domain.errors import Refusal
from edge.journal import views

if TYPE_CHECKING:
    from sqlite_utils import Database


class CatalogueCache:
    """Keeps the catalogue in force at hand until somebody who changed it says so.

    There is one process and one writer, so nobody else changes it.
    """

    def __init__(self, read: Callable[[Mapping[str, Any]], Catalogue]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._kept: Catalogue | None = None

    def current(self, db: Database) -> Catalogue:
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

    def cached(self) -> Catalogue | None:
        """Give the catalogue if it was looked up before."""
        return self._kept

    def forget(self) -> None:
        """Look again next time."""
        with self._lock:
            self._kept = None
