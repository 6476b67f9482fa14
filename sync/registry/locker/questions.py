"""What a digital locker asks, as XML: read within bounds, and only from who holds the key.

Source: Issuer API Specification of DigiLocker, section 8.1, and DIVOC's digilocker_support_api: the
header ``x-digilocker-hmac`` is the Base64 of the hexadecimal HMAC-SHA256 of the whole body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sync.protocol.errors import ProtocolError
from sync.registry.locker.settings import LockerSettings

LARGEST = 256 * 1024
"""Bytes of a request: it may hold the photograph of the person."""
FRESH = timedelta(minutes=10)
"""How far the locker's clock may be from the registry's."""
_REMEMBERED = 20_000
_LONGEST = 200
_MOST_ELEMENTS = 200
Asks = Literal["PullURIRequest", "PullDocRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LockerQuestion:
    """One question: ``fields`` are the texts of ``DocDetails`` by name, each of 200 characters.

    ``wants`` is ``xml``, ``pdf`` or ``both``.
    """

    asks: str
    ts: str
    txn: str
    org: str
    keyhash: str
    wants: str
    fields: Mapping[str, str]

    def field(self, name: str) -> str:
        """Give a field; empty where it was not sent."""
        return self.fields.get(name, "")


def signature_of(body: bytes, key: bytes) -> str:
    """Sign a body as the locker does."""
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).hexdigest().encode()).decode()


def keyhash_of(key: bytes, ts: str) -> str:
    """Give the hash of the key and a request's ``ts``."""
    return hashlib.sha256(key + ts.encode()).hexdigest()


def check_signature(body: bytes, header: str, key: bytes) -> None:
    """Raise :class:`ProtocolError` ``locker.hmac`` where a header does not fit its body."""
    if not hmac.compare_digest(signature_of(body, key).encode(), header.strip().encode()):
        raise ProtocolError(
            "locker.hmac",
            "x-digilocker-hmac does not fit the body. Compare the API key at both ends.",
        )


def read_question(body: bytes, asks: Asks) -> LockerQuestion:
    """Read a request; raises :class:`ProtocolError` ``locker.xml`` or ``.form`` for any other."""
    root = _parsed(body)
    if _local(root.tag) != asks:
        raise ProtocolError("locker.form", "The request is no {asks}.", asks=asks)
    told = {_local(name).casefold(): text.strip()[:_LONGEST] for name, text in root.items()}
    details = [child for child in root if _local(child.tag) == "DocDetails"]
    found = [child for each in details for child in each]
    return LockerQuestion(
        asks=asks,
        ts=told.get("ts", ""),
        txn=told.get("txn", ""),
        org=told.get("orgid", ""),
        keyhash=told.get("keyhash", ""),
        wants=told.get("format", "xml").casefold() or "xml",
        fields={_local(child.tag): (child.text or "").strip()[:_LONGEST] for child in found},
    )


def _parsed(body: bytes) -> Element:
    """Parse without document types, entities and references to elsewhere."""
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise ProtocolError("locker.xml", "The request is no XML that is read here.") from None
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise ProtocolError("locker.xml", "The request is no XML that is read here.")
    return root


def _local(name: str) -> str:
    return name.rpartition("}")[2]


class LockerRequests:
    """Lets each request through once, in its time; in memory of each worker, as all rates are."""

    def __init__(self, settings: LockerSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, str], datetime] = {}

    def admit(self, question: LockerQuestion, now: datetime) -> None:
        """Check who asks, when, and that it is asked for the first time.

        Raises :class:`ProtocolError` ``locker.org``, ``.key``, ``.time`` or ``.again``.
        """
        if question.org != self._settings.org:
            raise ProtocolError("locker.org", "orgId is not the one that was agreed.")
        right = keyhash_of(self._settings.key, question.ts)
        if not hmac.compare_digest(right.encode(), question.keyhash.casefold().encode()):
            raise ProtocolError("locker.key", "keyhash does not fit the key and ts.")
        at = _instant(question.ts)
        if at is None or abs(now - at) > FRESH:
            raise ProtocolError(
                "locker.time",
                "ts is more than {minutes} minutes from the registry's clock.",
                minutes=int(FRESH.total_seconds() // 60),
            )
        with self._lock:
            self._forget(now)
            asked = (question.asks, question.txn)
            if not question.txn or asked in self._seen:
                raise ProtocolError("locker.again", "This txn was asked with before.")
            if len(self._seen) >= _REMEMBERED:
                raise ProtocolError("locker.busy", "Too many requests. Try again in a few minutes.")
            self._seen[asked] = now

    def _forget(self, now: datetime) -> None:
        """Forget what is too old to be let through again; what came first stands first."""
        while self._seen:
            first = next(iter(self._seen))
            if now - self._seen[first] <= 2 * FRESH:
                return
            del self._seen[first]


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
