"""A lot is one thing however it is typed or scanned: its number in one form, its last day."""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from edge.domain.errors import BadInput
from edge.domain.gs1 import gs1_day, read_gs1
from edge.domain.numbers import in_ascii_digits
from sync.protocol.counted import Counted

LONGEST_LOT = 20
"""Characters: GS1's batch or lot number (AI 10)."""
LONGEST_LABEL = 120
"""Characters of what is typed or scanned for a lot: a whole GS1 code may be."""
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of controls, directions, halves of characters, and lines."""
_TRIES = 5
_MONTH = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})(?:[-/.]0?0)?"),
    re.compile(r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})"),
)

_EXPIRY_INSIDE = re.compile(r"17([0-9]{6})")
"""An expiry (AI 17) in a lot number: the separator between them was lost on the way."""


@dataclass(frozen=True, slots=True)
class LotLabel:
    """What stands on a vial: the lot's number in its one form, and its expiry where it was read."""

    lot: str
    expiry: date | None = None


def lot_key(text: str) -> str:
    """Give a lot number's one form: capitals and digits 0 to 9, without blanks.

    For what is on record already: nothing is refused, and what cannot be seen is left out.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    key = _plain(text)
    for _ in range(_TRIES):  # what is left out may join what stood beside it
        if (again := _plain(key)) == key:
            break
        key = again
    return key


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    return "".join(
        in_ascii_digits(character)
        for character in _DASHES.sub("-", plain)
        if not character.isspace() and unicodedata.category(character) not in _FORBIDDEN
    )


def lot_number(text: str) -> str:
    """Read a lot number that was typed, and give it in its one form.

    Raises :class:`BadInput` for one that is empty, too long, or has characters that nobody sees.
    """
    if any(unicodedata.category(character) in _FORBIDDEN for character in text.strip()):
        raise BadInput(
            "lot.forbidden-character",
            "The lot number holds a character that cannot be seen.",
            hint="Type it again, as it stands on the vial.",
            field="lot",
        )
    lot = lot_key(text)
    if not lot:
        raise BadInput(
            "lot.missing", "The lot number is empty.", hint="Read it on the vial.", field="lot"
        )
    if len(lot) > LONGEST_LOT:
        raise BadInput(
            "lot.too-long",
            Counted(
                "The lot number is longer than {longest} character.",
                "The lot number is longer than {longest} characters.",
            ),
            hint="Type the number behind LOT alone, or scan the code on the package.",
            field="lot",
            longest=LONGEST_LOT,
        )
    return lot


def read_label(text: str, today: date) -> LotLabel:
    """Read what was typed or scanned for a lot: its number, or a whole GS1 code.

    ``today`` tells the century of a year of two digits. Raises :class:`BadInput`.
    """
    scanned = read_gs1(text, today)
    if scanned is None:
        return LotLabel(lot_number(text))
    swallowed = _EXPIRY_INSIDE.search(scanned.lot) if scanned.expiry is None else None
    if swallowed and gs1_day(swallowed[1], today):
        raise BadInput(
            "lot.scan-unclear",
            "The scanner leaves out what separates the lot number from the rest of the code.",
            hint="Type lot and expiry date as they stand on the vial.",
            field="lot",
        )
    return LotLabel(lot_number(scanned.lot), scanned.expiry)


def expiry_day(text: str) -> date:
    """Read an expiry date: a day, or a month (``2027-03``, ``03/2027``, day 00): its last day.

    Raises :class:`BadInput`.
    """
    plain = in_ascii_digits(unicodedata.normalize("NFKC", text)).strip()
    plain = _DASHES.sub("-", plain)
    try:
        return date.fromisoformat(plain) if len(plain) == 10 else _month_end(plain)
    except ValueError:
        pass
    try:
        return _month_end(plain)
    except ValueError:
        raise BadInput(
            "lot.expiry-form",
            "The expiry date is not a date.",
            hint="Write it as 2027-03-31, or as 2027-03 where the vial names only the month.",
            field="expiry",
        ) from None


def agreed_expiry(lot: str, known: date | None, *told: date | None) -> date | None:
    """Give a lot's expiry: the one on record, else what was typed or scanned; None: neither.

    Raises :class:`BadInput` where they differ: another date must not let an expired lot pass.
    """
    days = [day for day in (known, *told) if day is not None]
    if len(set(days)) > 1:
        raise BadInput(
            "lot.expiry-differs",
            "The stock has {expiry} as the expiry date of lot {lot}."
            if known
            else "The code says {expiry} is the expiry date of lot {lot}.",
            hint="Read the date on the vial again.",
            field="expiry",
            lot=lot,
            expiry=days[0] if known else days[-1],
        )
    return days[0] if days else None


def _month_end(text: str) -> date:
    found = next((match for form in _MONTH if (match := form.fullmatch(text))), None)
    if found is None:
        raise ValueError(text)
    year, month = int(found["year"]), int(found["month"])
    if not 1 <= month <= 12 or not 1 <= year <= 9998:
        raise ValueError(text)
    return date(year, month, calendar.monthrange(year, month)[1])
