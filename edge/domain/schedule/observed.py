"""What was observed of a person and still holds on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from edge.domain.schedule.model import Observable, Schedule, Subject


@dataclass(frozen=True, slots=True)
class Seen:
    """When something was observed of a person, and its last day where that is known."""

    on: date
    until: date | None = None

    @classmethod
    def read(cls, on: str, until: str = "") -> Seen:
        """Read days in ISO 8601; an empty last day is one that is not known."""
        return cls(date.fromisoformat(on), date.fromisoformat(until) if until else None)


def as_of(schedule: Schedule, subject: Subject, on: date) -> Subject:
    """Leave out the observations that ended before a day, or that are too old by then.

    ``until`` of the others is the last day on which they hold, where that is known. One whose own
    day is not known does not grow old.
    """
    return still_held(schedule.observations, subject, on)


def still_held(observable: Mapping[str, Observable], subject: Subject, on: date) -> Subject:
    """Do the same for what may be observed, by code, whoever asks about it."""
    if not subject.observations:
        return subject
    until = {
        code: day
        for code, seen in subject.observations.items()
        if (day := _until(observable.get(code), subject, code, seen)) is not None
    }
    held = {
        code: seen
        for code, seen in subject.observations.items()
        if code not in until or on <= until[code]
    }
    return replace(subject, observations=held, until=until)


def _until(asked: Observable | None, subject: Subject, code: str, seen: date | None) -> date | None:
    days = [subject.until[code]] if code in subject.until else []
    if asked is not None and asked.valid is not None and seen is not None:
        days.append(asked.valid.after(seen) - timedelta(days=1))
    return min(days, default=None)
