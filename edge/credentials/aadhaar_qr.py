"""UIDAI's Secure QR code on Aadhaar letters and cards; read only.

A decimal number, as bytes packed with gzip: fields that end with 0xFF, a photograph, and 256 bytes
of RSA over SHA-256 of all before them (UIDAI, "User manual for QR code reader", 2018 and V2). Only
the last four digits of the Aadhaar number are in it. It says who somebody is, nothing about
vaccinations.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
    facts_only,
)
from edge.credentials.trust import Trust, TrustedKey, keys_that_fit
from edge.credentials.verdict import NO, UNKNOWN_ISSUER, YES, CheckError, UnreadableError

FORMAT = "aadhaar-qr"
ISSUER = "UIDAI"
KEY_NAME = "uidai"
"""The name of UIDAI's key in a list; a certificate of India's is taken too."""
_TEXT = re.compile(r"[0-9]{600,7089}")
"""From a code without a photograph to the longest that a QR code of digits holds."""
_SIGNATURE = 256
_LARGEST = 64 * 1024
_DIGITS = 4000
"""Digits that Python makes a number of at once."""
_FIELDS = ("reference", "name", "birthDate", "gender")
_REFERENCE = re.compile(r"\d{4}\d{17}")
_VERSION = re.compile(r"V\d")
_GENDERS: Mapping[str, str] = {"M": "male", "F": "female", "T": "other"}
_BORN = re.compile(r"(\d\d)[-/](\d\d)[-/](\d{4})|(\d{4})")


class AadhaarCodes:
    """Verifies Secure QR codes (a :class:`Format`)."""

    name = FORMAT

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for a long decimal number that is a gzip file."""
        if not _TEXT.fullmatch(shown.text):
            return False
        return packed(shown.text)[:2] == b"\x1f\x8b"

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        signed, signature = _unpacked(shown.text)
        return examined(
            FORMAT,
            lambda found: _examine(signed, signature, trust, found),
            lambda: bool(_keys(trust)),
        )


def packed(text: str) -> bytes:
    """Give the bytes that a decimal number stands for."""
    number = 0
    for start in range(0, len(text), _DIGITS):
        piece = text[start : start + _DIGITS]
        number = number * 10 ** len(piece) + int(piece)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _unpacked(text: str) -> tuple[bytes, bytes]:
    """Give what is signed, and the signature; raises :class:`UnreadableError`."""
    reader = zlib.decompressobj(wbits=31)
    try:
        whole = reader.decompress(packed(text), _LARGEST)
    except zlib.error:
        raise UnreadableError("This number is no code of an Aadhaar card.") from None
    if reader.unconsumed_tail or not reader.eof or len(whole) <= _SIGNATURE:
        raise UnreadableError("This number is no code of an Aadhaar card.")
    return whole[:-_SIGNATURE], whole[-_SIGNATURE:]


def _examine(signed: bytes, signature: bytes, trust: Trust, evidence: Evidence) -> None:
    evidence.claims = _claims(signed)
    evidence.checks["form"] = YES
    keys = _keys(trust)
    if not keys:
        evidence.checks["issuer"] = NO
        raise CheckError("issuer", NO_ISSUER, UNKNOWN_ISSUER)
    evidence.checks["issuer"] = YES
    evidence.keys = keys_that_fit(keys, lambda known: _fits(known, signed, signature))
    if not evidence.keys:
        raise CheckError("signature", WRONG_SIGNATURE)
    evidence.checks["signature"] = YES


def _keys(trust: Trust) -> list[TrustedKey]:
    named = trust.keys(KEY_NAME)
    indian = (known for known in trust.all_keys() if known.country == "IN")
    found = dict.fromkeys((*named, *indian))
    return [known for known in found if isinstance(known.key, RSAPublicKey)]


def _fits(known: TrustedKey, signed: bytes, signature: bytes) -> bool:
    key = known.key
    if not isinstance(key, RSAPublicKey):
        return False
    try:
        key.verify(signature, signed, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _claims(signed: bytes) -> dict[str, Any]:
    """Give what the fields say; the reference with its time first, so that it ends as the number.

    Texts are ISO 8859-1 in the first version and UTF-8 later.
    """
    fields = signed.split(b"\xff", 8)
    texts = [_text(field) for field in fields[:-1]]
    if texts and _VERSION.fullmatch(texts[0]):
        del texts[0]
    told = dict(zip(_FIELDS, texts[1:], strict=False))
    if not _REFERENCE.fullmatch(told.get("reference", "")) or not told.get("name", "").strip():
        raise CheckError("form", "The field {field} is of the wrong kind.", field="reference")
    reference = told["reference"]
    return facts_only(
        {
            "kind": "identity",
            "identity": reference[4:] + reference[:4],
            "name": told["name"].strip(),
            "birthDate": _born(told.get("birthDate", "")),
            "gender": _GENDERS.get(told.get("gender", "")),
            "issuer": ISSUER,
        }
    )


def _text(field: bytes) -> str:
    try:
        return field.decode("utf-8")
    except UnicodeDecodeError:
        return field.decode("iso-8859-1")


def _born(text: str) -> str:
    """Write a day as ISO 8601; a card may have the year alone."""
    found = _BORN.fullmatch(text.strip())
    if found is None:
        return ""
    if found[4]:
        return found[4]
    try:
        day = datetime(int(found[3]), int(found[2]), int(found[1]))  # noqa: DTZ001  (a day)
    except ValueError:
        return ""
    return day.date().isoformat()
