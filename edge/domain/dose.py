"""A dose that a person was given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """A dose that a person was given, here or (``reported``) elsewhere.

    ``evidence`` is the JSON of the certificate that told of it, empty for other reports. ``at`` is
    the instant at which it was recorded where it was given; None where that is not known.
    ``recorded_for`` is the id it was recorded for, where that is another one of the same person.
    ``position`` is its place in this site's journal. ``stated_number``: somebody knows that it was
    the dose of this number at the least, whatever is on record.
    """

    id: str
    person: str
    programme: str
    vaccine: str
    number: int
    total: int
    lot: str
    on: date
    facility: str
    vaccinator: str
    reported: bool = False
    evidence: str = ""
    at: datetime | None = None
    recorded_for: str = ""
    position: int = 0
    stated_number: int | None = None

    @property
    def from_card(self) -> bool:
        """Whether a handwritten card tells of it."""
        return '"format":"card"' in self.evidence

    @property
    def about(self) -> str:
        """The month or the year that a card gives, where it gives no day; else nothing."""
        return str(json.loads(self.evidence).get("told", "")) if self.from_card else ""

    @property
    def unnumbered(self) -> bool:
        """Whether the card gives it no number, so that its number follows from the days."""
        return self.from_card and bool(json.loads(self.evidence).get("unnumbered"))

    @property
    def believed_by(self) -> str:
        """The code of whoever believed the card, else nothing."""
        return str(json.loads(self.evidence).get("believedBy", "")) if self.from_card else ""
