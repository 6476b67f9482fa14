"""SMART Health Cards: a FHIR bundle, deflated, in a compact JWS, written as digits.

SMART Health Cards Framework 1.x (VCI); chunks over several codes are deprecated and not read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from edge.credentials.cose import ecdsa_fits
from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
)
from edge.credentials.fhir import is_read, read_bundle
from edge.credentials.revocation import Lookup
from edge.credentials.shc_text import LARGEST, PREFIX, begun, carried, decode
from edge.credentials.strict_json import strict_json
from edge.credentials.trust import Trust, TrustedKey, keys_that_fit
from edge.credentials.verdict import UNKNOWN_ISSUER, UNREADABLE, YES, CheckError, UnreadableError
from edge.credentials.window import Window, moment
from edge.credentials.x509 import TEST, VACCINATION
from sync.protocol.list_keys import shc_key

FORMAT = "shc"
HEALTH_CARD = "https://smarthealth.cards#health-card"
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_MOST_CARDS = 8


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was shown: what is signed, by whom, and what it says."""

    signed: bytes
    signature: bytes
    header: Mapping[str, Any]
    payload: Mapping[str, Any]


def thumbprint(key: EllipticCurvePublicKey) -> str:
    """Name a P-256 key by the hash of its members in order (RFC 7638)."""
    numbers = key.public_numbers()
    size = (key.curve.key_size + 7) // 8
    members = {
        "crv": f"P-{key.curve.key_size}",
        "kty": "EC",
        "x": base64url(numbers.x.to_bytes(size)),
        "y": base64url(numbers.y.to_bytes(size)),
    }
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(text.encode()).digest())


def read(jws: str) -> Card:
    """Read a compact JWS; raises :class:`UnreadableError` or :class:`CheckError`."""
    if len(jws) > LARGEST or not _JWS.fullmatch(jws):
        raise UnreadableError("The code holds no signed health card.")
    head, body, signature = jws.split(".")
    try:
        header = strict_json(_decoded(head))
        packed, raw_signature = _decoded(body), _decoded(signature)
    except ValueError:
        raise UnreadableError("The code holds no signed health card.") from None
    if not isinstance(header, dict):
        raise UnreadableError("The code holds no signed health card.")
    if header.get("alg") != "ES256" or "crit" in header:
        raise CheckError("form", "The kind of signature is not one that certificates have.")
    if not isinstance(header.get("kid"), str):
        raise CheckError("form", "The field {field} is missing.", field="kid")
    if header.get("zip") != "DEF":
        raise CheckError("form", "The field {field} is missing.", field="zip")
    payload = _payload(packed)
    return Card(f"{head}.{body}".encode(), raw_signature, header, payload)


def _payload(packed: bytes) -> Mapping[str, Any]:
    inflater = zlib.decompressobj(-15)
    try:
        text = inflater.decompress(packed, LARGEST)
        # bytes that a compressor leaves behind the stream are signed with it, and say nothing
        payload = strict_json(text) if inflater.eof else None
    except (zlib.error, ValueError):
        payload = None
    if not isinstance(payload, dict):
        raise CheckError("form", "The contents of this card cannot be unpacked.")
    return payload


def each_card(shown: ScannedInput) -> list[ScannedInput]:
    """Give each card of a file by itself, the first eight; none of anything else."""
    cards = carried(shown.text)[:_MOST_CARDS]
    return [ScannedInput(jws.encode(errors="surrogatepass"), jws) for jws in cards]


class HealthCards:
    """Verifies SMART Health Cards (a :class:`Format`)."""

    name = FORMAT

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for the prefix, or a compact JWS."""
        text = shown.text
        return begun(text).startswith(PREFIX) or bool(_JWS.fullmatch(text.strip()))

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        jws = self._jws(shown.text)
        return examined(
            FORMAT,
            lambda found: self._examine(read(jws), trust, found),
            lambda: _is_known(jws, trust),
        )

    def _jws(self, text: str) -> str:
        code = begun(text)
        if not code.startswith(PREFIX):
            return text.strip()
        if code != code.rstrip():
            raise UnreadableError("There are characters around the code that do not belong.")
        return decode(code)

    def _examine(self, card: Card, trust: Trust, evidence: Evidence) -> None:
        payload = card.payload
        issuer, starts = payload.get("iss"), payload.get("nbf")
        if not isinstance(issuer, str) or not issuer.startswith("https://") or issuer[-1] == "/":
            raise CheckError("form", "The field {field} is of the wrong kind.", field="iss")
        if starts is None or isinstance(starts, str):
            raise CheckError("form", "The field {field} is of the wrong kind.", field="nbf")
        expires = payload.get("exp")
        if isinstance(expires, str):
            raise CheckError("form", "The field {field} is of the wrong kind.", field="exp")
        evidence.issued_at, issued = moment(starts, "nbf"), moment(payload.get("iat"), "iat")
        start = max(filter(None, (evidence.issued_at, issued)), default=None)
        evidence.window = Window(start, moment(expires, "exp"))
        claims = _claims(payload)
        evidence.checks["form"] = YES
        evidence.keys = _signed_by(card, issuer, trust, evidence.checks)
        evidence.claims = claims
        evidence.group = _group(claims)
        evidence.lookup = lookup(card)


def lookup(card: Card) -> Lookup:
    """Give what to look for in revocation lists; a card without ``rid`` stands in none."""
    kid, rid = card.header["kid"], card.payload["vc"].get("rid")
    return Lookup(f"{FORMAT}:{kid}", (shc_key(kid, rid),) if isinstance(rid, str) else ())


def _is_known(jws: str, trust: Trust) -> bool:
    """Say whether a list has the key that a card names, whatever else the card says."""
    header = strict_json(_decoded(jws.partition(".")[0]))
    kid = header.get("kid") if isinstance(header, dict) else None
    return not isinstance(kid, str) or bool(_keys_of(kid, trust))


def _keys_of(kid: str, trust: Trust) -> list[TrustedKey]:
    return [
        key
        for key in trust.keys(kid)
        if isinstance(key.key, EllipticCurvePublicKey) and thumbprint(key.key) == kid
    ]


def _signed_by(
    card: Card, issuer: str, trust: Trust, checks: dict[str, str]
) -> tuple[TrustedKey, ...]:
    """Find the trusted key: named by the header, of this issuer, and named by its own hash."""
    keys = [key for key in _keys_of(card.header["kid"], trust) if key.issuer in ("", issuer)]
    if not keys:
        raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
    checks["issuer"] = YES
    found = keys_that_fit(keys, partial(_fits, card))
    if not found:
        raise CheckError("signature", WRONG_SIGNATURE)
    checks["signature"] = YES
    return found


def _fits(card: Card, known: TrustedKey) -> bool:
    key = known.key
    return isinstance(key, EllipticCurvePublicKey) and ecdsa_fits(key, card.signature, card.signed)


def _claims(payload: Mapping[str, Any]) -> dict[str, Any]:
    card = payload.get("vc")
    subject = card.get("credentialSubject") if isinstance(card, dict) else None
    bundle = subject.get("fhirBundle") if isinstance(subject, dict) else None
    types = card.get("type") if isinstance(card, dict) else None
    if isinstance(types, list) and HEALTH_CARD not in types:
        raise CheckError(
            "form", "The contents are of a kind that is not known here.", verdict=UNREADABLE
        )
    if not isinstance(types, list) or not isinstance(bundle, dict):
        raise CheckError("form", "The contents are of a kind that is not known here.")
    if bundle.get("resourceType") != "Bundle" or not isinstance(bundle.get("entry"), list):
        raise CheckError("form", "The field {field} is of the wrong kind.", field="fhirBundle")
    edition = subject.get("fhirVersion") if isinstance(subject, dict) else None
    if not is_read(edition, bundle.get("type")):
        raise CheckError(
            "form",
            "This card is written in an edition of FHIR, or as a kind of bundle, that is not read"
            " here.",
            verdict=UNREADABLE,
        )
    return {"issuer": payload["iss"], **read_bundle(bundle)}


def _group(claims: Mapping[str, Any]) -> str:
    """Give the kind of event a key must be allowed to sign: a card of results only is a test."""
    only_results = claims.get("results") and not claims["doses"]
    return TEST if only_results else VACCINATION


def base64url(data: bytes) -> str:
    """Write bytes in base64url without padding (RFC 7515)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Read base64url without padding, strictly: one text for one sequence of bytes."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if base64url(data) != text:
        raise ValueError("not the base64url of anything")
    return data
