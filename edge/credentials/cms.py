"""Signed messages of the EU's gateway: CMS SignedData, the content within or beside it.

RFC 5652, as dgc-lib writes it: one signer, SHA-2, the content's hash among the signed attributes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms as asn1

from edge.credentials.list_signatures import (
    HASHES,
    PinnedKey,
    fits,
    in_time,
    wrong_signature,
)
from edge.domain.errors import BadInput

_SET = b"\x31"
"""The tag under which signed attributes are signed (RFC 5652, section 5.4)."""


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """What a message holds, who of the pinned has signed it, and when, if it says so."""

    content: bytes
    key: PinnedKey
    signed_at: datetime | None


def open_message(
    data: bytes, pinned: Sequence[PinnedKey], now: datetime, content: bytes | None = None
) -> SignedMessage:
    """Open a message (DER, PEM or base64) and prove who signed it.

    ``content`` is what it signs, for one that does not carry it. The certificates in the message
    count for nothing: only pinned keys do. Raises :class:`BadInput`.
    """
    try:
        signed = _signed_data(_der(data))
        (signer,) = signed["signer_infos"]
        carried = signed["encap_content_info"]["content"].native
        attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
        hash_name = str(signer["digest_algorithm"]["algorithm"].native)
        signature = bytes(signer["signature"].native)
        (stated,) = (bytes(each.native) for each in attributes["message_digest"])
        (kind,) = (each.native for each in attributes["content_type"])
        attributes_signed = _SET + signer["signed_attrs"].untag().dump(force=True)[1:]
        moment = _signing_time(attributes)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError):
        raise _unreadable() from None
    body = carried if content is None else content
    hash_ = HASHES.get(hash_name)
    if (
        hash_ is None
        or not isinstance(body, bytes)
        or kind != signed["encap_content_info"]["content_type"].native
    ):
        raise _unreadable()
    if hashlib.new(hash_name, body).digest() != stated:
        raise wrong_signature()
    for candidate in pinned:
        if fits(candidate.key, signature, attributes_signed, hash_):
            return SignedMessage(body, in_time(candidate, now), moment)
    raise wrong_signature()


def _signed_data(der: bytes) -> Any:
    outer = asn1.ContentInfo.load(der, strict=True)
    if outer["content_type"].native != "signed_data":
        raise ValueError("not a signed message")
    return outer["content"]


def _signing_time(attributes: dict[str, Any]) -> datetime | None:
    if "signing_time" not in attributes:
        return None
    (moment,) = (each.native for each in attributes["signing_time"])
    return moment if isinstance(moment, datetime) else None


def _der(data: bytes) -> bytes:
    if data[:1] == b"\x30":
        return data
    lines = [line for line in data.split() if line and not line.startswith(b"-----")]
    if data.lstrip().startswith(b"-----"):
        text = data.strip().splitlines()
        lines = [line.strip() for line in text if not line.startswith(b"-----")]
    return base64.b64decode(b"".join(lines), validate=True)


def _unreadable() -> BadInput:
    return BadInput(
        "publisher.message",
        "This is not a message that was signed as the gateway's are (CMS).",
        hint="Give the message as the publisher hands it out: DER, PEM or base64.",
    )
