"""Those who publish lists, and how each signs: GDHCN, VCI, the EU's gateway, national apps."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from edge.credentials.cms import open_message
from edge.credentials.did_proof import check_proof
from edge.credentials.list_signatures import (
    HASHES,
    PinnedKey,
    PublishedList,
    one_that_fits,
    wrong_signature,
)
from edge.credentials.strict_json import strict_json
from edge.credentials.trust import PublicKey
from edge.domain.errors import BadInput
from sync.protocol.instants import in_utc

_JWS_HASHES = {
    **{f"{kind}256": "sha256" for kind in ("ES", "RS", "PS")},
    **{f"{kind}384": "sha384" for kind in ("ES", "RS", "PS")},
    **{f"{kind}512": "sha512" for kind in ("ES", "RS", "PS")},
    "EdDSA": "sha256",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """One row of the ministry's table.

    ``form`` is one of :data:`FORMS`, ``keys`` what was pinned. ``document`` is the DID that a
    GDHCN list must have, ``country`` (ISO 3166, two letters) whose revocations a gateway's batch
    may hold. ``digest`` is the hash of a detached signature. A list whose own date is more than
    ``stale_after_days`` past is refused, and what sites get of it counts for ``good_days``.
    ``undated`` allows a form that says no date, of which an older edition cannot be told.
    """

    id: str
    name: str
    form: str
    keys: tuple[PinnedKey, ...]
    document: str = ""
    country: str = ""
    digest: str = "sha256"
    stale_after_days: int = 30
    good_days: int = 90
    undated: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedList:
    """A list as it came from a publisher: its bytes, a signature beside them, and when it is now.

    ``load`` gives JSON-LD contexts of trust lists.
    """

    content: bytes
    signature: bytes
    now: datetime
    load: Callable[..., dict[str, Any]]


def check_published(publisher: Publisher, received: ReceivedList) -> PublishedList:
    """Prove that a list is the publisher's; raises :class:`BadInput`."""
    found = FORMS[publisher.form](publisher, received)
    return replace(found, version=instant_of(found.version))


def _gdhcn(publisher: Publisher, received: ReceivedList) -> PublishedList:
    return check_proof(
        received.content, publisher.keys, publisher.document, received.load, received.now
    )


def _detached(publisher: Publisher, received: ReceivedList) -> PublishedList:
    """VCI's snapshot: the file, and beside it a signature over its bytes."""
    if not received.signature:
        raise BadInput(
            "publisher.no-signature",
            "The signature of this list stands in a file of its own, which was not given.",
            hint="Name it with --signature.",
        )
    hash_ = HASHES[publisher.digest]
    key = one_that_fits(publisher.keys, received.signature, received.content, received.now, hash_)
    document = _json(received.content)
    time = document.get("time") if isinstance(document, dict) else None
    return PublishedList(received.content, instant_of(time), key.fingerprint)


def _message(publisher: Publisher, received: ReceivedList) -> PublishedList:
    """A message of the gateway that carries its content, such as a batch of revocations."""
    found = open_message(received.content, publisher.keys, received.now)
    document = _json(found.content)
    for batch in document if isinstance(document, list) else [document]:
        _check_batch(publisher, batch, received.now)
    signed = found.signed_at.astimezone(UTC).isoformat() if found.signed_at else ""
    return PublishedList(found.content, signed, found.key.fingerprint)


def _check_batch(publisher: Publisher, batch: Any, now: datetime) -> None:
    if not isinstance(batch, dict) or "hashType" not in batch:
        return
    country = str(batch.get("country", ""))
    if country.upper() != publisher.country.upper():
        raise BadInput(
            "publisher.country",
            "The batch revokes certificates of {country}, whose word this publisher's is not.",
            hint="A country revokes its own certificates alone.",
            country=country[:20] or "no country",
        )
    until = instant_of(batch.get("expires"))
    if until and datetime.fromisoformat(until) < now:
        raise BadInput(
            "publisher.expired",
            "The batch counted until {day}.",
            hint="Fetch the batches of today.",
            day=until[:10],
        )


def _gateway(publisher: Publisher, received: ReceivedList) -> PublishedList:
    """The gateway's list: each certificate is signed, by the anchor or by its country's uploader.

    dgc-gateway, TrustListDto: ``signature`` is CMS over ``rawData``. What is left of the list can
    be told by nobody: an entry that is missing leaves no gap.
    """
    items = _json(received.content)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _unreadable()
    uploaders: dict[str, list[PinnedKey]] = {}
    anchors: set[str] = set()
    for item in items:
        if item.get("certificateType") == "UPLOAD":
            anchor = _signer(item, publisher.keys, received.now)
            if anchor is not None:
                anchors.add(anchor.fingerprint)
                country = str(item.get("country", ""))
                uploaders.setdefault(country, []).extend(_certificate_key(item))
    kept, left_out = [], []
    for item in items:
        if item.get("certificateType") != "DSC":
            continue
        if _signer(item, uploaders.get(str(item.get("country", "")), []), received.now):
            kept.append(item)
        else:
            kid = str(item.get("kid"))[:40]
            left_out.append(f"has an entry that its country has not signed: {kid}")
    if not kept:
        raise wrong_signature()
    newest = max((instant_of(item.get("timestamp")) for item in kept), default="")
    content = json.dumps(kept).encode()
    return PublishedList(content, newest, min(anchors), tuple(left_out))


def _signer(
    item: Mapping[str, Any], pinned: list[PinnedKey] | tuple[PinnedKey, ...], now: datetime
) -> PinnedKey | None:
    try:
        raw = base64.b64decode(str(item.get("rawData")), validate=True)
        return open_message(str(item.get("signature")).encode(), pinned, now, raw).key
    except (BadInput, ValueError):
        return None


def _certificate_key(item: Mapping[str, Any]) -> Iterator[PinnedKey]:
    try:
        der = base64.b64decode(str(item.get("rawData")), validate=True)
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
    except Exception:  # an unknown algorithm or curve is raised under several names
        return
    if isinstance(key, PublicKey):
        yield PinnedKey(key, certificate.not_valid_after_utc)


def _jws(publisher: Publisher, received: ReceivedList) -> PublishedList:
    """A list in a compact JWS, as Sweden's DSC-TL (RFC 7515, RFC 7519 for ``iat`` and ``exp``)."""
    parts = received.content.strip().split(b".")
    if len(parts) != 3:
        raise _unreadable()
    try:
        header = strict_json(_unpadded(parts[0]))
        payload, signature = _unpadded(parts[1]), _unpadded(parts[2])
        hash_ = HASHES[_JWS_HASHES[header["alg"]]]
    except (ValueError, KeyError, TypeError):
        raise _unreadable() from None
    if "crit" in header:
        raise _unreadable()
    signed = parts[0] + b"." + parts[1]
    key = one_that_fits(publisher.keys, signature, signed, received.now, hash_)
    document = _json(payload)
    claims = document if isinstance(document, dict) else {}
    until = _seconds(claims.get("exp"))
    if until is not None and until < received.now:
        raise BadInput(
            "publisher.expired",
            "The list counted until {day}.",
            hint="Fetch the list of today.",
            day=until.date(),
        )
    issued = _seconds(claims.get("iat"))
    return PublishedList(payload, issued.isoformat() if issued else "", key.fingerprint)


def _first_line(publisher: Publisher, received: ReceivedList) -> PublishedList:
    """Germany's list: the first line is the signature of all behind it, in base64."""
    line, _, body = received.content.partition(b"\n")
    try:
        signature = base64.b64decode(line.strip(), validate=True)
    except ValueError:
        raise _unreadable() from None
    key = one_that_fits(publisher.keys, signature, body, received.now)
    _json(body)
    return PublishedList(body, "", key.fingerprint)


FORMS: Mapping[str, Callable[[Publisher, ReceivedList], PublishedList]] = {
    "gdhcn": _gdhcn,
    "detached": _detached,
    "cms": _message,
    "gateway": _gateway,
    "jws": _jws,
    "first-line": _first_line,
}
"""How lists are signed, by the name that the table of publishers has for it."""

_FRACTION = re.compile(r"\.\d+")


def instant_of(value: Any) -> str:
    """Read a publisher's time into ISO 8601 in UTC, whole seconds; empty where there is none."""
    if not isinstance(value, str):
        return ""
    try:
        return in_utc(datetime.fromisoformat(_FRACTION.sub("", value))).isoformat()
    except ValueError:
        return ""


def _seconds(value: Any) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _json(content: bytes) -> Any:
    try:
        return strict_json(content)
    except ValueError:
        raise _unreadable() from None


def _unpadded(text: bytes) -> bytes:
    plain = text.replace(b"-", b"+").replace(b"_", b"/")
    return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)


def _unreadable() -> BadInput:
    return BadInput(
        "publisher.unreadable",
        "This is not a list in the form that the table says for this publisher.",
        hint="Is it the publisher's file, whole, and is the form right?",
    )
