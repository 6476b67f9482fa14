"""A request on its way: its number, who asks, and what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from edge.domain.catalogue import Staff

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Request(Generic[C]):
    """``digest`` is the SHA-256 of the command's canonical JSON: the same request, or another."""

    id: str
    actor: Staff
    command: C
    digest: str
