"""Telephone numbers as people type them: national, international, with any digits; or their end."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from edge.domain.numbers import in_ascii_digits

SHORTEST, LONGEST = 6, 15
"""Digits of a whole number (ITU-T E.164 has at most 15)."""
_WRITTEN_BETWEEN = frozenset(" -()./\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2212")


def plain_digits(text: str) -> str:
    """Give the digits of a text, of whatever script, as 0 to 9."""
    return "".join(filter(str.isdecimal, in_ascii_digits(text)))


def is_phone(text: str) -> bool:
    """Say whether a text is a telephone number: digits, and what people write between them."""
    body = text.strip()[1:] if is_international(text) else text.strip()
    rest = {sign for sign in body if unicodedata.category(sign) != "Nd"}
    return rest <= _WRITTEN_BETWEEN and SHORTEST <= len(plain_digits(text)) <= LONGEST


def is_international(text: str) -> bool:
    """Say whether a number is written with a plus."""
    return text.strip()[:1] in ("+", "\uff0b")


@lru_cache(maxsize=1024)
def national_number(text: str, region: str) -> str:
    """Give the digits that a number has in its own country, without 0 or country code in front.

    ``region`` is where a number without a country code is of (ISO 3166-1 alpha-2); where neither
    tells, the digits without the zeros in front. By Google's libphonenumber.
    """
    import phonenumbers

    digits = plain_digits(text)
    international = is_international(text)
    known = region if region in phonenumbers.SUPPORTED_REGIONS else None
    attempts = [f"+{digits}"] if international else [digits]
    if not international and digits.startswith("00"):
        attempts.append(f"+{digits[2:]}")
    for attempt in attempts:
        try:
            found = phonenumbers.parse(attempt, known)
        except phonenumbers.NumberParseException:
            continue
        if attempt[0] == "+" or phonenumbers.is_possible_number(found):
            return str(phonenumbers.national_significant_number(found))
    return digits.lstrip("0") or digits


def e164(text: str, region: str) -> str:
    """Give a number as networks take it (ITU-T E.164), or nothing where it cannot be one.

    ``region`` is where a number without a country code is of (ISO 3166-1 alpha-2), or empty.
    """
    import phonenumbers

    digits = plain_digits(text)
    if is_international(text):
        digits = f"+{digits}"
    elif digits.startswith("00"):
        digits = f"+{digits[2:]}"
    try:
        found = phonenumbers.parse(digits, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(found):
        return ""
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def beginnings(text: str, region: str) -> list[str]:
    """Give the digits with which a number may begin on record, by the beginning that was typed.

    With and without the country's code and what is dialled before a national number.
    """
    import phonenumbers

    digits = plain_digits(text)
    bare = digits.removeprefix("00") if digits.startswith("00") else digits
    found = [digits, bare]
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    if metadata is not None:
        code, trunk = str(metadata.country_code), metadata.national_prefix or ""
        abroad = bare.startswith(code) and (is_international(text) or bare != digits)
        national = bare.removeprefix(code) if abroad else bare.removeprefix(trunk)
        found += [national, f"{trunk}{national}", f"{code}{national}"] if national else []
    return list(dict.fromkeys(filter(None, found)))


def same_phone(one: str, other: str) -> bool:
    """Say whether two numbers are one, as far as can be told without knowing the country."""
    mine, theirs = (plain_digits(text).lstrip("0") for text in (one, other))
    shorter, longer = sorted((mine, theirs), key=len)
    return len(shorter) >= SHORTEST and longer.endswith(shorter)
