"""What the API answers of doses that were taken back, and of what follows from a change."""

from __future__ import annotations

from datetime import date

from edge.web.answer import Answer


class WithdrawalAnswer(Answer, frozen=True):
    """How a dose was taken back: when, what it was, why, and which dose stands for it."""

    at: str
    kind: str
    reason: str
    replaced_by: str = ""


class RenumberedDoseAnswer(Answer, frozen=True):
    """A dose that would get another number: ``number`` of ``total`` in the place of ``was``.

    ``wasTotal`` is how many its course had. A number beyond its total is of a booster or a
    supplementary dose.
    """

    dose: str
    programme: str
    vaccine: str
    on: date
    was: int
    was_total: int
    number: int
    total: int


class RehearsalAnswer(Answer, frozen=True):
    """What would follow from a request, of which nothing was recorded.

    ``revoked`` are numbers of certificates, ``renewed`` those of them in whose place another is
    printed; ``entries`` the types of what would be recorded, in order.
    """

    entries: list[str]
    revoked: list[str]
    renewed: list[str]
    numbers: list[RenumberedDoseAnswer]
