"""Numbers with check digits: countries' own by python-stdnum, and the schemes they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from stdnum import luhn, verhoeff
from stdnum.exceptions import (
    InvalidChecksum,
    InvalidComponent,
    InvalidLength,
    ValidationError,
)
from stdnum.iso7064 import mod_11_10, mod_37_36, mod_97_10

from edge.domain.errors import BadInput
from edge.plugins.identity.contract import NumberType, TypedNumber

_BETWEEN = " -./"
"""What people write between the parts of a number."""


@dataclass(frozen=True, slots=True)
class CountryNumber(NumberType):
    """A country's number by its module in python-stdnum, such as ``in_.aadhaar``.

    ``least`` is its length where check digits behind it may be left out; 0: they belong to it.
    """

    module: str
    least: int = 0

    def read(self, typed: TypedNumber) -> str:
        """Check length, form, parts and check digits; give it without what stands between."""
        number = checked(import_module(f"stdnum.{self.module}").validate, typed.text)
        return number[: self.least] if self.least else number


@dataclass(frozen=True, slots=True)
class CheckedNumber(NumberType):
    """A number that ends with the check digits of a scheme; a campaign's pattern says the rest."""

    validate: Callable[[str], str]

    def read(self, typed: TypedNumber) -> str:
        """Check the digits; give it in capitals without what stands between."""
        plain = "".join(sign for sign in typed.text.upper() if sign not in _BETWEEN)
        return checked(self.validate, plain)


SCHEMES: dict[str, Callable[[str], str]] = {
    "luhn": luhn.validate,  # ISO/IEC 7812-1
    "verhoeff": verhoeff.validate,
    "mod-11-10": mod_11_10.validate,  # ISO/IEC 7064
    "mod-37-36": mod_37_36.validate,
    "mod-97-10": mod_97_10.validate,
}
"""Every scheme by its name in a campaign."""

COUNTRIES = {
    "ar.dni": "ar.dni",
    "br.cpf": "br.cpf",
    "cl.rut": "cl.rut",
    "cn.ric": "cn.ric",
    "cu.ni": "cu.ni",
    "do.cedula": "do.cedula",
    "ec.ci": "ec.ci",
    "es.dni": "es.dni",
    "fr.nir": "fr.nir",
    "gb.nhs": "gb.nhs",
    "id.nik": "id.nik",
    "il.idnr": "il.idnr",
    "in.gov.pancard": "in_.pan",
    "in.gov.uidai.aadhaar": "in_.aadhaar",
    "it.cf": "it.codicefiscale",
    "ke.pin": "ke.pin",
    "kr.rrn": "kr.rrn",
    "mu.nid": "mu.nid",
    "mx.curp": "mx.curp",
    "my.nric": "my.nric",
    "pk.cnic": "pk.cnic",
    "th.pin": "th.pin",
    "tr.tckn": "tr.tckimlik",
    "za.id": "za.idnr",
}
"""Modules of python-stdnum by the name in a campaign; DIVOC's own names where it has one."""


def checked(validate: Callable[[str], str], text: str) -> str:
    """Give what a validator makes of a number; raises :class:`BadInput` in words of ours."""
    try:
        return validate(text)
    except InvalidLength:
        raise wrong_number(
            "identity.length",
            "This number is too short or too long.",
            "Count its digits on the card.",
        ) from None
    except InvalidChecksum:
        raise wrong_number(
            "identity.check-digit",
            "This number has a slip in it: its check digit does not fit.",
            "Compare it with the card, digit by digit; perhaps two have changed places.",
        ) from None
    except InvalidComponent:
        raise wrong_number(
            "identity.part",
            "A part of this number cannot be: a day of birth, a place or a kind that there is not.",
            "Compare it with the card.",
        ) from None
    except ValidationError:
        raise wrong_form() from None


def wrong_number(code: str, sentence: str, hint: str, /, **values: object) -> BadInput:
    """Refuse a number without repeating it."""
    return BadInput(code, sentence, hint=hint, field="identity", **values)


def wrong_form() -> BadInput:
    """Refuse what does not look like a number of the kind that was chosen."""
    return wrong_number(
        "identity.form",
        "This does not look like a number of the kind that is chosen.",
        "Choose the kind that is written on the card, and compare the number.",
    )
