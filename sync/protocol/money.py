"""Amounts of money in the minor units of a currency (ISO 4217), as entries have them."""

from __future__ import annotations

_WITHOUT = frozenset(
    [
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"),
        *("VND", "VUV", "XAF", "XOF", "XPF"),
    ]
)
"""Currencies without a minor unit (ISO 4217, list one)."""
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def digits_of(currency: str) -> int:
    """Say how many digits of a currency stand behind the decimal point (ISO 4217)."""
    return 0 if currency in _WITHOUT else 3 if currency in _THOUSANDTHS else 2


def decimal(amount: int, currency: str) -> str:
    """Write minor units as a decimal with a point, as files and fields of forms have it."""
    digits = digits_of(currency)
    sign, whole = ("-" if amount < 0 else ""), str(abs(amount)).rjust(digits + 1, "0")
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}" if digits else f"{sign}{whole}"
