"""What the API answers of doses that were taken back, and of what follows from a change."""

from __future__ import annotations

from datetime import date

from msgspec import Struct


class WithdrawalAnswer(Struct, frozen=True, rename="camel", omit_defaults=True):
    """How a dose was taken back: when, what it was, why, and which dose stands for it."""

    at: str
    kind: str
    reason: str
    replaced_by: str = ""


class RenumberedDoseAnswer(Struct, frozen=True, rename="camel"):
    """A dose that would get another number: ``number`` of ``total`` in the place of ``was``."""

    dose: str
    vaccine: str
    on: date
    was: int
    number: int
    total: int


class RehearsalAnswer(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What would follow from a request, of which nothing was recorded.

    ``revoked`` are numbers of certificates, ``renewed`` those of them in whose place another is
    printed; ``entries`` the types of what would be recorded, in order.
    """

    entries: list[str]
    revoked: list[str]
    renewed: list[str]
    numbers: list[RenumberedDoseAnswer]
