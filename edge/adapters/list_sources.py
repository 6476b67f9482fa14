"""What a site remembers of a list: when it came, and whose word it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """One imported list: when, how much, and its kind.

    It is ``trust``, ``revocations``, ``codes`` or ``contexts``.
    """

    name: str
    kind: str
    imported_at: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Whose a list is: its publisher's id, or the officer who answers for it.

    ``version`` is what the publisher says of the edition, ``sequence`` the ministry's count,
    ``digest`` the SHA-256 of the list (hex), ``key`` the ministry's that signed it (base64).
    """

    publisher: str
    officer: str
    version: str
    sequence: int
    good_until: datetime
    digest: str
    key: str
