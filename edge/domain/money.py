"""Amounts of money in the minor units of a currency (ISO 4217), so that no sum is ever rounded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.domain.errors import BadInput
from edge.domain.numbers import in_ascii_digits
from sync.protocol.money import decimal, digits_of

LARGEST = 10**12
"""Minor units that one amount may have: a typing error, and no price, is beyond it."""
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency: 35000 and ``KES`` are 350.00 shillings."""

    amount: int
    currency: str

    def __str__(self) -> str:
        """Write the amount as a plain decimal, with the code of its currency."""
        return f"{decimal(self.amount, self.currency)} {self.currency}"


def is_currency(code: str) -> bool:
    """Say whether a text is the code of a currency, of today or of the past (ISO 4217)."""
    from babel.core import get_global

    return code in get_global("all_currencies")


def minor_units(text: str, currency: str, field: str) -> int:
    """Read an amount as it is typed (350, 350.00) as minor units; raises :class:`BadInput`."""
    plain = in_ascii_digits(text).strip().replace("\u066b", ".")
    digits = digits_of(currency)
    whole, _, rest = plain.partition(".")
    if not _AMOUNT.fullmatch(plain) or len(rest) > digits:
        raise BadInput(
            "money.form",
            "{text} is no amount in {currency}.",
            hint="Write it like {example}, without the currency.",
            field=field,
            text=text.strip()[:40] or "-",
            currency=currency,
            example=decimal(35 * 10 ** (digits + 1), currency),
        )
    return int(whole + rest.ljust(digits, "0"))
