"""Numbers that have no check digit: a telephone, a birth registration, a card of the programme."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.domain.numbers import PERSON_DIGITS
from edge.domain.phones import is_phone
from edge.plugins.identity.contract import NumberType, TypedNumber
from edge.plugins.identity.numbers import wrong_form, wrong_number
from sync.protocol.counted import Counted
from sync.protocol.proofs import plain_code

_LONGEST = 40
_BETWEEN = re.compile(r"[\s./_-]+")
_PLAIN = re.compile(r"[^\W_]+(-[^\W_]+)*")
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]+")


@dataclass(frozen=True, slots=True)
class PlainNumber(NumberType):
    """A number without a check digit: what it is to look like is the campaign's pattern."""

    def read(self, typed: TypedNumber) -> str:
        """Give it in capitals, its parts with one dash between them."""
        plain = _BETWEEN.sub("-", typed.text.upper()).strip("-")
        if not plain or len(plain) > _LONGEST or not _PLAIN.fullmatch(plain):
            raise wrong_form()
        return plain


@dataclass(frozen=True, slots=True)
class PhoneNumber(NumberType):
    """A telephone number that people are known by (DIVOC's enrolments have one each)."""

    def read(self, typed: TypedNumber) -> str:
        """Give it as E.164 has it, without the plus, which no DID may have.

        Google's libphonenumber (``phonenumbers``) says what a number of a country may be.
        """
        import phonenumbers

        if is_phone(typed.text):
            try:
                found = phonenumbers.parse(typed.text, typed.country or None)
            except phonenumbers.NumberParseException:
                found = None
            if found is not None and phonenumbers.is_possible_number(found):
                form = phonenumbers.PhoneNumberFormat.E164
                return str(phonenumbers.format_number(found, form)).removeprefix("+")
        raise wrong_number(
            "identity.phone",
            "This is no telephone number of this country, nor one with a country's code.",
            "Type all of its digits; of another country with + and its code.",
        )


@dataclass(frozen=True, slots=True)
class OwnCard(NumberType):
    """A card that the programme hands out, with a code as nodes and registry make them."""

    def read(self, typed: TypedNumber) -> str:
        """Give the code's twelve letters and digits; look-alikes are read as what is meant."""
        code = plain_code(typed.text)
        if len(code) != PERSON_DIGITS or not _CODE.fullmatch(code):
            raise wrong_number(
                "identity.own-card",
                Counted(
                    "A code of the programme has {digits} letter and digits.",
                    "A code of the programme has {digits} letters and digits.",
                ),
                "Compare it with the card.",
                digits=PERSON_DIGITS,
            )
        return code


@dataclass(frozen=True, slots=True)
class NoPaper(NumberType):
    """Somebody who has none of the papers: their own code stands in the number's place."""

    def read(self, typed: TypedNumber) -> str:
        """Take nothing: the code is put in its place when the person is registered."""
        if typed.text:
            raise wrong_number(
                "identity.none",
                "Somebody who has no number cannot have one.",
                "Choose the kind of the number, or leave the number empty.",
            )
        return ""
