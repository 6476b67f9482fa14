"""The entries of revocation lists, each by itself: one that is wrong is told and costs no other.

EU DCC revocation (dgc-gateway, RevocationBatchDto), SMART Health Cards Framework (Revocation),
DIVOC's RevokedCertificate.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.credentials.revocation import ROW
from edge.credentials.trust import unpadded_base64
from sync.protocol.instants import in_utc
from sync.protocol.list_keys import KEY_BYTES, UNKNOWN_KID, dcc_key, divoc_key, shc_key

_HASH_TYPES = ("UCI", "COUNTRYCODEUCI", "SIGNATURE")
_COUNTRY = re.compile(r"[A-Z]{2,10}")
_HEX = re.compile(r"[0-9a-fA-F]+")
_LONGEST_HASH = 32
"""Bytes: a whole SHA-256, of which the first 16 count."""
_ZONE = re.compile(r"\[[^\]]*\]\Z")
"""The name of a zone behind the offset, as Java writes a moment."""
_FINE = re.compile(r"(\.\d{6})\d+")
_MILLISECONDS = 100_000_000_000
"""From here on, a number is of milliseconds: as seconds it would be in the year 5138."""


@dataclass(frozen=True, slots=True)
class RevocationKeys:
    """One entry: its key, and what bounds it.

    ``before``: a certificate must be issued before this moment to be meant. ``until``: after this
    moment the entry revokes no more, as its batch has expired.
    """

    key: bytes
    before: datetime | None = None
    until: datetime | None = None


Entries = Iterator[RevocationKeys | str]
"""Each entry, or in words what is wrong with it."""


def batch_scope(batch: Mapping[str, Any]) -> str:
    """Give whose certificates a DCC batch is about; raises :class:`ValueError`."""
    country = batch.get("country")
    text = country.strip().upper() if isinstance(country, str) else ""
    if not _COUNTRY.fullmatch(text):
        raise ValueError("a batch of no country")
    return f"hcert:{text}"


def batch_entries(batch: Mapping[str, Any]) -> Entries:
    """Read a DCC batch; raises :class:`ValueError` for one of which nothing can be read."""
    kind = str(batch.get("hashType")).strip().upper()
    if kind not in _HASH_TYPES:
        raise ValueError("a hash of a kind that is not known here")
    entries = batch.get("entries")
    if not isinstance(entries, list):
        raise ValueError("a batch without entries")
    return _hashes(_batch_kid(batch.get("kid")), kind, entries, batch.get("expires"))


def _hashes(kid: str, kind: str, entries: list[Any], expires: Any) -> Entries:
    until = _until(expires)
    for entry in entries:
        try:
            hash_ = _hash(entry.get("hash") if isinstance(entry, Mapping) else entry)
        except ValueError:
            yield "a hash that is neither base64 nor hex of 16 bytes or more"
            continue
        yield RevocationKeys(dcc_key(kid, kind, hash_), until=until)
    if entries and until is None and expires not in (None, ""):
        yield "an expiry (expires) that is no moment: its batch revokes without end"


def card_scope(listed: Mapping[str, Any]) -> str:
    """Give whose cards a list is about; raises :class:`ValueError`."""
    kid = listed.get("kid")
    if not isinstance(kid, str) or not kid:
        raise ValueError("a card list of no key (kid)")
    return f"shc:{kid}"


def card_entries(listed: Mapping[str, Any]) -> Entries:
    """Read a SMART Health Card list; raises :class:`ValueError` for one of another kind."""
    if listed.get("method") != "rid":
        raise ValueError("a card list of another method than rid")
    rids = listed["rids"]
    if not isinstance(rids, list):
        raise ValueError("a card list without entries")
    return _rids(str(listed["kid"]), rids)


def _rids(kid: str, rids: list[Any]) -> Entries:
    for rid in rids:
        name, dot, seconds = rid.partition(".") if isinstance(rid, str) else ("", "", "")
        try:
            if not name or (dot and not (seconds.isascii() and seconds.isdigit())):
                raise ValueError
            before = datetime.fromtimestamp(int(seconds), UTC) if dot else None
        except (ValueError, OverflowError, OSError):
            yield "a card whose rid or time is none"
            continue
        yield RevocationKeys(shc_key(kid, name), before)


def row_entry(row: Mapping[str, Any]) -> RevocationKeys:
    """Read a row of DIVOC's; raises :class:`ValueError` for one that lacks a column."""
    texts = [row.get(name) for name in ROW]
    written = [str(text).strip() for text in texts if isinstance(text, str | int)]
    if len(written) != len(ROW) or not all(written):
        raise ValueError("a row that lacks one of the columns " + ", ".join(ROW))
    return RevocationKeys(divoc_key(*written))


def _batch_kid(kid: Any) -> str:
    """Give a key's name as certificates are looked up by it: base64 with padding, or unknown."""
    text = kid.strip() if isinstance(kid, str) else ""
    if not text or text.upper() == UNKNOWN_KID:
        return UNKNOWN_KID
    try:
        raw = bytes.fromhex(text) if _is_hex(text, 8) else unpadded_base64(text)
    except ValueError:
        return text
    return base64.b64encode(raw).decode()


def _hash(value: Any) -> bytes:
    if not isinstance(value, str):
        raise ValueError("no hash")
    text = value.strip()
    hexadecimal = _is_hex(text, KEY_BYTES) or _is_hex(text, _LONGEST_HASH)
    raw = bytes.fromhex(text) if hexadecimal else unpadded_base64(text)
    if not KEY_BYTES <= len(raw) <= _LONGEST_HASH:
        raise ValueError("a hash of another length")
    return raw


def _is_hex(text: str, size: int) -> bool:
    """Say whether a text is hex of so many bytes: as base64 it would be of a length nobody uses."""
    return len(text) == 2 * size and _HEX.fullmatch(text) is not None


def _until(value: Any) -> datetime | None:
    """Read when a batch expires: never, where it does not say so or nobody understands it."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value >= _MILLISECONDS else value
            return datetime.fromtimestamp(int(seconds), UTC)
        if not isinstance(value, str) or len(value) > 80:
            return None
        text = _FINE.sub(r"\1", _ZONE.sub("", value.strip()))
        found = in_utc(datetime.fromisoformat(text)).replace(microsecond=0)
        return found + timedelta(days=1) if re.fullmatch(r"[\d-]+", text) else found
    except (ValueError, OverflowError, OSError):
        return None
