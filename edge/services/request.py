"""A request on its way: its number, who asks, and what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.domain.catalogue import Staff
from edge.domain.payments import Settlement

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Request(Generic[C]):
    """``digest`` is the SHA-256 of the command's canonical JSON: the same request, or another.

    ``settled`` is what the payer said that was asked before; None: nobody was asked.
    """

    id: str
    actor: Staff
    command: C
    digest: str
    settled: Settlement | None = None
