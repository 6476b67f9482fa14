"""The answers from which a new campaign is made: what each may be, and what to write instead."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from edge.campaign.typed_values import length_meant

COUNTRY, WEB, CODE, LENGTH, TEXT = "country", "web", "code", "length", "text"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_COUNTRY = re.compile("[A-Z]{2}")
_LENGTH = re.compile(r"\d+ (day|week|month|year)s?")
_LONGEST = 120


def answered(kind: str, said: str) -> str:
    """Give an answer as the campaign has it; raises :class:`ValueError` with what to write."""
    text = " ".join(said.split())
    wrong = _wrong(kind, text)
    if wrong:
        raise ValueError(wrong)
    return _length(text) if kind == LENGTH and text else text


def _wrong(kind: str, text: str) -> str:
    if kind == COUNTRY and not _COUNTRY.fullmatch(text):
        return "Two capital letters, as in KE for Kenya (ISO 3166-1)."
    if kind == WEB and not _is_web(text):
        return "A web address, such as https://moh.example."
    if kind == CODE and not _CODE.fullmatch(text):
        return "A short code without blanks: letters, digits, dot, dash, underscore."
    if kind == LENGTH and text and not _length(text):
        return "A length of time, such as 6 weeks, 9 months or 12 years."
    if kind == TEXT and not 0 < len(text) <= _LONGEST:
        return "One to 120 letters."
    return ""


def _length(text: str) -> str:
    """Give a length of time as schedules write it, or nothing for a text that is none."""
    return text if _LENGTH.fullmatch(text) else length_meant(text)


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
