"""Signed cards: what the site's verifier has read of them, as somebody's identity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.credentials import aadhaar_qr, claim169
from edge.domain.births import told_span
from edge.domain.numbers import in_ascii_digits
from edge.plugins.identity.contract import CardFacts, NumberType, ShownCard, TypedNumber
from edge.plugins.identity.numbers import wrong_form

_BETWEEN = re.compile(r"[\s./-]+")
_NUMBER = re.compile(r"[0-9A-Z]{4,40}")
_GENDERS: Mapping[str, str] = {"male": "Male", "female": "Female", "other": "Other"}


@dataclass(frozen=True, slots=True)
class SignedCard(NumberType):
    """A card of one format whose signature the site has verified; its number may be typed too."""

    format: str
    reads_cards = True

    def read(self, typed: TypedNumber) -> str:
        """Give the number in capitals, without what stands between its parts."""
        number = _BETWEEN.sub("", typed.text.upper())
        if not _NUMBER.fullmatch(number):
            raise wrong_form()
        return number

    def scan(self, shown: ShownCard) -> CardFacts | None:
        """Give what a good card says; None for another, or one that names no number."""
        number = in_ascii_digits(str(shown.claims.get("identity") or ""))
        if shown.format != self.format or not number:
            return None
        return CardFacts(
            number=self.read(TypedNumber(number)),
            name=_name(shown.claims),
            birth=_birth(str(shown.claims.get("birthDate") or "")),
            gender=_GENDERS.get(str(shown.claims.get("gender")), ""),
            signed=True,
        )


def _birth(told: str) -> str:
    """Give a day, or the year of what says less; empty for what is none: it is typed then."""
    span = told_span(in_ascii_digits(told))
    if span is None or span.first.year != span.last.year:
        return ""
    return span.first.isoformat() if span.first == span.last else f"{span.first.year:04}"


MOSIP, AADHAAR = claim169.FORMAT, aadhaar_qr.FORMAT


def _name(claims: Mapping[str, Any]) -> str:
    parts = (claims.get(part) for part in ("givenName", "middleName", "familyName"))
    return str(claims.get("name") or " ".join(str(part) for part in parts if part))
