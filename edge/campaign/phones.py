"""Phone numbers as people write them."""

from __future__ import annotations

import re

from edge.campaign.cells import plain
from edge.campaign.tables import RowError
from edge.domain.phones import e164

_NONE = frozenset({"-", "--", "---", ".", "0", "x", "n/a", "na", "nil", "no", "none", "null"})
"""What stands in the column of somebody without a phone."""
_WORD = re.compile(r"(?:tel|phone|mob|mobile|cell|whatsapp)[.:]*\s*", re.IGNORECASE)
_PARTS = re.compile(r"[/;,|\n]|\bor\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[ \-./()]")
_NUMBER = re.compile(r"\+?\d{6,15}")


def phone_of(text: str, region: str, column: str) -> str:
    """Give a phone number in E.164 where it is one of ``region`` or says its country.

    ``region`` is ISO 3166-1 alpha-2, or empty. Another number is kept as its digits, as they may
    be all that is known; nothing where nobody has a phone. Raises :class:`RowError`.
    """
    text = _WORD.sub("", plain(text), count=1)
    if text.casefold() in _NONE:
        return ""
    if text.startswith("00"):
        text = f"+{text[2:]}"
    if text.startswith("+"):
        text = text.replace("(0)", "")
    if sum(len(re.sub(r"\D", "", part)) >= 6 for part in _PARTS.split(text)) > 1:
        raise RowError(
            column,
            "csv.two-phones",
            "{column} holds more than one phone number.",
            hint="Keep the one that is answered.",
            column=column,
        )
    digits = _BETWEEN.sub("", text)
    if text and not _NUMBER.fullmatch(digits):
        raise RowError(
            column,
            "person.phone-form",
            "The phone number must have 6 to 15 digits.",
            hint="Digits only, with + and the country code where needed.",
        )
    return e164(digits, region) or digits
