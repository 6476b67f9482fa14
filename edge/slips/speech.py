"""How a slip speaks: the words of its language, its direction, and how it writes a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from edge.domain.catalogue import Catalogue
from edge.domain.date_forms import GREGORIAN, ISO, DateForms, dated, in_digits
from edge.domain.money import Money
from edge.domain.phrases import Tell, in_english
from edge.slips.layout import Say


@dataclass(frozen=True, slots=True)
class Speech:
    """The language of a campaign's paper; ``rtl``: it reads from right to left.

    ``say`` translates a text, ``tell`` a template with its values.
    """

    say: Say
    rtl: bool = False
    locale: str = "en_001"
    forms: DateForms = GREGORIAN
    tell: Tell = in_english

    def day(self, day: date | None) -> str:
        """Write a day: as ISO 8601 where the campaign has no form of its own."""
        return dated(day, self.forms, self.locale, ISO, self.say) if day else ""

    def plain_day(self, day: date | None) -> str:
        """Write a day as it stands on a vial, in no other calendar."""
        return day.isoformat() if day else ""

    def money(self, money: Money) -> str:
        """Write an amount in the campaign's digits, with the code of its currency."""
        return in_digits(str(money), self.forms.digits)

    def number(self, number: int) -> str:
        """Write a count in the campaign's digits."""
        return in_digits(str(number), self.forms.digits)


Speak = Callable[[Catalogue], Speech]
"""Gives how the paper of a campaign speaks."""
