"""A tablet that was paired with the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Device:
    """One paired tablet: ``id`` is no secret; ``revoked_at`` is None while it may be used."""

    id: str
    name: str
    paired_at: datetime
    paired_by: str
    seen_at: datetime
    revoked_at: datetime | None = None
