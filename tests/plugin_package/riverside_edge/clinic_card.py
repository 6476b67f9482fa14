# riverside_edge/clinic_card.py
"""The card of the Riverside clinics: R, six digits, and what is left of them divided by seven."""

from edge.domain.errors import BadInput
from edge.plugins.identity.contract import NumberType, TypedNumber

_LENGTH = 8


class ClinicCard(NumberType):
    """Reads the number of a card; nothing is needed, and no code is scanned."""

    def read(self, typed: TypedNumber) -> str:
        """Give it in capitals, without blanks and dashes."""
        plain = typed.text.upper().replace(" ", "").replace("-", "")
        digits = plain.removeprefix("R")
        if len(plain) != _LENGTH or not (digits.isascii() and digits.isdecimal()):
            raise _wrong("form", "A card of the clinics has R and seven digits.")
        if int(digits[:-1]) % 7 != int(digits[-1]):
            raise _wrong("digit", "The last digit of this card does not fit the others.")
        return plain


def _wrong(what: str, sentence: str) -> BadInput:
    hint = "Compare it with the card."
    return BadInput(f"clinic-card.{what}", sentence, hint=hint, field="identity")
