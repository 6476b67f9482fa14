"""Whether somebody still comes here: died, moved away, lost to follow-up, or here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from edge.domain.errors import Refusal

StatusName = Literal["active", "died", "moved", "lost"]
STATUS_NAMES: tuple[str, ...] = get_args(StatusName)


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """A status, the calendar day since which it is so, and for ``moved`` where to."""

    name: StatusName = "active"
    on: date | None = None
    place: str = ""

    @property
    def here(self) -> bool:
        """Say whether the person is one to be called and vaccinated here."""
        return self.name == "active"

    def outlived_by(self, day: date) -> bool:
        """Say whether a dose of a day shows that the status is no longer so."""
        return not self.here and (self.on is None or day > self.on)


HERE = PersonStatus()


def check_alive(status: PersonStatus, on: date) -> None:
    """Refuse what is said to have been after a death that is on record; raises :class:`Refusal`."""
    if status.name == "died" and status.outlived_by(on):
        raise Refusal(
            "person.died",
            "This person is recorded as having died on {day}.",
            hint="Check the day, and whether it is the right person.",
            field="on",
            day=status.on or on,
        )


_SENTENCES: dict[StatusName, tuple[str, str]] = {
    "died": (
        "This person is recorded as having died on {day}.",
        "Look whether it is the right person, and ask a supervisor.",
    ),
    "moved": (
        "This person is recorded as having moved away on {day}.",
        'If the person is here again, record "is here again" first.',
    ),
    "lost": (
        "This person is recorded as lost to follow-up since {day}.",
        'If the person is here again, record "is here again" first.',
    ),
}


def not_here(status: PersonStatus, on: date) -> Refusal | None:
    """Refuse a dose on or after the day since which somebody is not here; before it, nothing."""
    if status.here or (status.on is not None and on < status.on):
        return None
    sentence, hint = _SENTENCES[status.name]
    return Refusal(
        f"person.{status.name}",
        sentence,
        hint=hint,
        field="person",
        overridable=True,
        day=status.on or on,
    )
