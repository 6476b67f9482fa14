"""History typed from a handwritten card: days that are exact or about, and whether they count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from edge.domain import births
from edge.domain.dose import Dose
from edge.domain.errors import BadInput

CardRule = Literal["all", "exact", "none"]
"""Which doses of a handwritten card a country counts: all, those of an exact day, none."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """The days on one of which something was; both ends belong to it."""

    first: date
    last: date

    @property
    def exact(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last


def told_span(told: str) -> DaySpan:
    """Read a day, a month or a year as ISO 8601 writes them; raises :class:`BadInput`."""
    span = births.told_span(told)
    if span is None or "/" in told:
        raise BadInput(
            "card.day",
            "This is no day, no month and no year.",
            hint="Write 2026-03-05, or 2026-03 where only the month is known, or 2026.",
            field="on",
        )
    return DaySpan(span.first, span.last)


def placed(spans: Sequence[DaySpan], born: date, today: date) -> Iterator[date]:
    """Choose a day for each dose of one vaccine, given in their order.

    A dose of about a month or a year stands in the middle of it; several of one year stand at equal
    distances; none stands before the birth, after today, or on the wrong side of another one.
    Raises :class:`BadInput` where their order cannot be.
    """
    low = born
    for index, span in enumerate(spans):
        first = max(span.first, low)
        last = min(today, *(later.last for later in spans[index:]))
        if span.exact:
            first = last = span.first
        if first < low or last < first:
            raise BadInput(
                "card.order",
                "The doses of one vaccine are not in the order of their days.",
                hint="Compare the days with the card, and with the date of birth.",
                field="on",
            )
        together = 1 + sum(not later.exact and later.first <= last for later in spans[index + 1 :])
        step = (last - first) // (together + 1)
        yield first + step
        low = first + step + _DAY


def counted(history: Iterable[Dose], rule: CardRule) -> list[Dose]:
    """Leave out the doses of handwritten cards that the country does not count."""
    return [
        dose
        for dose in history
        if not dose.from_card or rule == "all" or (rule == "exact" and not dose.about)
    ]
