"""What the use cases of one site work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from edge.credentials.verdict import Verdict
from edge.domain.catalogue import Catalogue
from edge.domain.certificate import Claims
from edge.domain.documents import DocumentClaims
from edge.domain.modules import EVERY, running
from edge.ports import SiteClock
from edge.services.catalogue_cache import CatalogueCache
from edge.services.identities import Identities
from edge.slips.slip_maker import SlipMaker

if TYPE_CHECKING:
    pass


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

    def certify_document(self, claims: DocumentClaims, formats: Sequence[str]) -> dict[str, str]:
        """Give the credential of each format of a document; one without its key is left out."""
        ...

    def payload(self, format_: str, credential: str) -> bytes:
        """Give what a credential's QR code holds."""
        ...

    def revocation(self, credentials: Mapping[str, str]) -> dict[str, Any]:
        """Give what an entry says so that every reader of every format finds it revoked."""
        ...


@dataclass(frozen=True, slots=True)
class Site:
    """One facility's node: where it is, and what it decides and signs with.

    ``judge`` verifies what somebody shows; ``slips`` makes what is printed; ``identities`` reads
    the numbers that people are asked for. ``printer`` is the name of the usual printer, empty for a
    site without one. ``modules`` are those of its settings.
    """

    facility: str
    catalogues: CatalogueCache
    clock: SiteClock
    ids: IdSource
    certifier: Certifier
    judge: Callable[[bytes], Verdict]
    slips: SlipMaker
    identities: Identities
    printer: str = ""
    printers: frozenset[str] = frozenset()
    modules: frozenset[str] = EVERY

    def running(self, catalogue: Catalogue | None) -> frozenset[str]:
        """Name the modules that run under a campaign; None: before the first."""
        return running(self.modules, catalogue.modules if catalogue else self.modules)
