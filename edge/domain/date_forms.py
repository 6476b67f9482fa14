"""How a country writes dates and numbers: the form, the digits, a calendar of its own beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from edge.domain.calendars import local_words

DIGITS: Mapping[str, str] = {
    "latn": "0123456789",
    "arab": "٠١٢٣٤٥٦٧٨٩",
    "arabext": "۰۱۲۳۴۵۶۷۸۹",
    "beng": "০১২৩৪৫৬৭৮৯",
    "deva": "०१२३४५६७८९",
    "khmr": "០១២៣៤៥៦៧៨៩",
    "laoo": "໐໑໒໓໔໕໖໗໘໙",
    "mymr": "၀၁၂၃၄၅၆၇၈၉",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
}
"""The digits of each script, under their names in Unicode CLDR."""
ISO = "yyyy-MM-dd"
_FIELD = re.compile(r"'[^']*'|[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class DateForms:
    """What a campaign says of dates and numbers; empty: as the language and the paper have them.

    ``calendar`` is one of :data:`edge.domain.calendars.CALENDARS`, beside the Gregorian date;
    ``form`` a pattern of Unicode CLDR, such as ``d MMMM y``; ``digits`` one of :data:`DIGITS`.
    """

    calendar: str = ""
    form: str = ""
    digits: str = "latn"


GREGORIAN = DateForms()
"""What holds where a campaign says nothing."""


def dated(day: date, forms: DateForms, locale: str, usual: str, say: Callable[[str], str]) -> str:
    """Write a day for people: the Gregorian date, and the local one behind it.

    ``usual`` is the pattern where the campaign has none of its own, or a length such as ``medium``.
    """
    gregorian = str(format_date(day, format=forms.form or usual, locale=locale))
    local = local_words(forms.calendar, day, say)
    # no brackets: between words from right to left one would be taken for a part of a number
    return in_digits(f"{gregorian} · {local}" if local else gregorian, forms.digits)


def in_digits(text: str, digits: str) -> str:
    """Write the digits of a text in those of a script; nothing changes for one that is unknown."""
    return text.translate(str.maketrans(DIGITS["latn"], DIGITS.get(digits, DIGITS["latn"])))


def names_a_day(form: str) -> bool:
    """Say whether a pattern names day, month and year once each, and nothing else."""
    fields = [found for found in _FIELD.findall(form) if not found.startswith("'")]
    kinds = sorted({"L": "M", "u": "y"}.get(name[0], name[0]) for name in fields)
    lengths = all(len(name) <= 4 and len(set(name)) == 1 for name in fields)
    return lengths and kinds == ["M", "d", "y"] and form.count("'") % 2 == 0
