"""What stands behind the tablet's door: handed in by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.journal.journal import Journal
from edge.journal.views import IssuedCertificate
from edge.services.desk import Desk
from edge.services.sign_in import Gate
from edge.services.site import Site


@dataclass(frozen=True, slots=True)
class SyncState:
    """How the site stands with the registry.

    ``state`` is one of ``none`` (no registry is set up), ``synced``, ``waiting``, ``unreachable``
    and ``diverged``; ``synced`` only if a receipt proves it. Instants are ISO 8601.
    """

    state: str
    recorded: int
    delivered: int
    last_receipt: str
    trouble: str = ""
    trouble_values: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PrinterState:
    """A printer of the site: ``state`` is ``ready``, ``held`` or ``unreachable``, with the cause.

    ``trouble`` is a sentence template; ``waiting`` counts the slips queued for it.
    """

    name: str
    state: str
    trouble: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Door:
    """The use cases and the questions that the pages and the API put."""

    desk: Desk
    gate: Gate
    journal: Journal
    site: Site
    verify: Callable[[bytes], Mapping[str, Any]]
    qr_image: Callable[[IssuedCertificate], bytes]
    slip_image: Callable[[str], bytes | None]
    sync_state: Callable[[], SyncState]
    printer_states: Callable[[], list[PrinterState]]
    wake_printers: Callable[[], None]
    newest_paper: Callable[[], bytes | None]
    templates: Path
    locale: Path
