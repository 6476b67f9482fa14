"""Whoever hands out cards and passports, in software: lines that machines read, and signed codes.

Each card can be made as it should be, changed after it was signed, or signed by a stranger.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from edge.credentials.aadhaar_qr import KEY_NAME
from edge.credentials.trust import TrustedKey, kid_name, spki

Mood = Literal["right", "changed", "stranger"]
"""A card as it should be; one that somebody changed; one that another key has signed."""
_KID = b"cards-1"
_DAYS = 10 * 366
_WEIGHTS = (7, 3, 1)


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Whom a card is of: ``gender`` as M, F or X, names in Latin letters."""

    family: str
    given: str
    born: date
    gender: str
    number: str


class CardIssuer:
    """An authority with keys of its own, which sites trust by :meth:`trusted`."""

    def __init__(self) -> None:
        self._signing = Ed25519PrivateKey.generate()
        self._uidai = rsa.generate_private_key(65537, 2048)

    def trusted(self) -> tuple[TrustedKey, ...]:
        """Give the keys that a site is to believe, under the names that cards have for them."""
        return (
            TrustedKey(spki(self._signing.public_key()), (kid_name(_KID),)),
            TrustedKey(spki(self._uidai.public_key()), (KEY_NAME,)),
        )

    def claim169(self, holder: CardHolder, on: date, mood: Mood = "right") -> str:
        """Give the text of MOSIP's QR code, issued on a day and good for ten years."""
        issued = (on - date(1970, 1, 1)).days * 86_400
        identity = {
            1: holder.number,
            4: f"{holder.given} {holder.family}",
            8: f"{holder.born:%Y%m%d}",
            9: {"M": 1, "F": 2}.get(holder.gender, 3),
        }
        claims = {1: "https://id.demoland.example", 4: issued + _DAYS * 86_400, 6: issued}
        payload = cbor2.dumps({**claims, 169: identity})
        protected = cbor2.dumps({1: -8, 4: _KID})
        key = Ed25519PrivateKey.generate() if mood == "stranger" else self._signing
        signature = key.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
        if mood == "changed":
            payload = cbor2.dumps({**claims, 169: {**identity, 4: "Somebody Else"}})
        message = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
        text: str = base45.b45encode(zlib.compress(message, 9)).decode()
        return text

    def aadhaar(self, holder: CardHolder, mood: Mood = "right") -> str:
        """Give the number in UIDAI's Secure QR code; of ``number`` it has the last four digits."""
        fields = [
            "V2", "0", f"{holder.number[-4:]}20190808220135111",
            f"{holder.given} {holder.family}", f"{holder.born:%d-%m-%Y}", holder.gender,
            "", "North Delta", "", "1 Well Lane", "", "100101", "", "Delta", "", "", "",
        ]  # fmt: skip
        signed = b"".join(field.encode() + b"\xff" for field in fields) + b"\xff\x4f\xff\x51" * 100
        key = rsa.generate_private_key(65537, 2048) if mood == "stranger" else self._uidai
        signature = key.sign(signed, padding.PKCS1v15(), SHA256())
        if mood == "changed":
            signed = signed.replace(holder.given.encode(), holder.given[::-1].encode())
        return str(int.from_bytes(gzip.compress(signed + signature, mtime=0), "big"))


def passport_zone(holder: CardHolder, state: str, until: date) -> str:
    """Give both lines of a passport (ICAO Doc 9303, TD3) with the check digits that fit."""
    names = f"P<{state:<<3}{_names(holder)}"[:44].ljust(44, "<")
    number = holder.number[:9].ljust(9, "<")
    born, end, personal = f"{holder.born:%y%m%d}", f"{until:%y%m%d}", "<" * 14
    parts = [number + _digit(number), born + _digit(born), end + _digit(end), personal + "<"]
    line = f"{parts[0]}{state:<<3}{parts[1]}{_sex(holder)}{parts[2]}{parts[3]}"
    return f"{names}\n{line}{_digit(''.join(parts))}"


def card_zone(holder: CardHolder, state: str, until: date) -> str:
    """Give the three lines of an identity card (TD1); a long number goes on behind its digit."""
    number, rest = holder.number[:9].ljust(9, "<"), holder.number[9:]
    place = f"{number}<{rest}{_digit(holder.number)}" if rest else number + _digit(number)
    first = f"I<{state:<<3}{place}".ljust(30, "<")
    born, end = f"{holder.born:%y%m%d}", f"{until:%y%m%d}"
    dates = [born + _digit(born), end + _digit(end)]
    overall = _digit(f"{first[5:]}{dates[0]}{dates[1]}{'<' * 11}")
    second = f"{dates[0]}{_sex(holder)}{dates[1]}{state:<<3}{'<' * 11}{overall}"
    return f"{first}\n{second}\n{_names(holder)[:30].ljust(30, '<')}"


def _names(holder: CardHolder) -> str:
    return f"{holder.family}<<{holder.given}".upper().replace(" ", "<")


def _sex(holder: CardHolder) -> str:
    return holder.gender if holder.gender in ("M", "F") else "<"


_VALUES: Mapping[str, Any] = {"<": 0, **{sign: int(sign, 36) for sign in map(str, range(10))}}


def _digit(text: str) -> str:
    """Reckon a check digit as part 3 of Doc 9303 says it, apart from what reads it."""
    values = (_VALUES.get(sign, ord(sign) - 55) for sign in text)
    return str(sum(value * _WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)
