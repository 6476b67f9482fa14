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
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from edge.credentials.cose import ecdsa_fits
from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
    facts_only,
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
IMMUNIZATION = "https://smarthealth.cards#immunization"
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_MOST_CARDS = 8


class JwsSigner(Protocol):
    """Signs with ES256 under a key's RFC 7638 thumbprint."""

    @property
    def thumbprint(self) -> str:
        """The key's name."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Sign; R and S, 32 bytes each."""
        ...


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
        "x": _encoded(numbers.x.to_bytes(size)),
        "y": _encoded(numbers.y.to_bytes(size)),
    }
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return _encoded(hashlib.sha256(text.encode()).digest())


def issue(facts: Mapping[str, Any], signer: JwsSigner, *, issuer: str, issued_at: datetime) -> str:
    """Sign one immunization and give the compact JWS; ``issuer`` is the URL that publishes keys.

    ``facts`` are those of every format; used are the name, birth date, vaccine code (CVX or
    another FHIR coding), date, lot, facility and the certificate's number as ``rid``.
    """
    payload = {
        "iss": issuer.rstrip("/"),
        "nbf": int(issued_at.timestamp()),
        "vc": {
            "type": [HEALTH_CARD, IMMUNIZATION],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": _bundle(facts)},
            "rid": facts["rid"],
        },
    }
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    body = packer.compress(text.encode()) + packer.flush()
    named = {"zip": "DEF", "alg": "ES256", "kid": signer.thumbprint}
    header = json.dumps(named, separators=(",", ":"))
    signed = f"{_encoded(header.encode())}.{_encoded(body)}"
    return f"{signed}.{_encoded(signer.sign(signed.encode()))}"


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


class HealthCards:
    """Verifies SMART Health Cards (a :class:`Format`)."""

    name = FORMAT

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for the prefix, a compact JWS, or a file that carries one."""
        text = shown.text
        if begun(text).startswith(PREFIX):
            return True
        return bool(_JWS.fullmatch(text.strip())) or bool(carried(text))

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature; of a file with several cards, the first that fails."""
        found: Evidence | None = None
        for jws in self._cards(shown.text)[:_MOST_CARDS]:
            evidence = examined(FORMAT, partial(self._look, jws, trust))
            if evidence.problem is not None:
                return evidence
            found = found or evidence
        if found is None:
            raise UnreadableError("The code holds no signed health card.")
        return found

    def _look(self, jws: str, trust: Trust, evidence: Evidence) -> None:
        self._examine(read(jws), trust, evidence)

    def _cards(self, text: str) -> list[str]:
        code = begun(text)
        if code.startswith(PREFIX):
            if code != code.rstrip():
                raise UnreadableError("There are characters around the code that do not belong.")
            return [decode(code)]
        return carried(text) or [text.strip()]

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


def _signed_by(
    card: Card, issuer: str, trust: Trust, checks: dict[str, str]
) -> tuple[TrustedKey, ...]:
    """Find the trusted key: named by the header, of this issuer, and named by its own hash."""
    keys = [
        key
        for key in trust.keys(card.header["kid"])
        if key.issuer in ("", issuer)
        and isinstance(key.key, EllipticCurvePublicKey)
        and thumbprint(key.key) == card.header["kid"]
    ]
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


def _bundle(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write the least bundle that says it: no ids, no narrative, no displays but the facility's."""
    names = {"family": facts.get("familyName"), "given": [facts["givenName"]]}
    if not facts.get("givenName"):
        names.pop("given")
    immunization = facts_only(
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": {"coding": [facts["coding"]]},
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": facts["date"],
            "lotNumber": facts.get("lot"),
            "performer": [{"actor": {"display": facts["facility"]}}],
        }
    )
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "resource:0",
                "resource": facts_only(
                    {
                        "resourceType": "Patient",
                        "name": [facts_only(names)],
                        "birthDate": facts.get("birthDate"),
                    }
                ),
            },
            {"fullUrl": "resource:1", "resource": immunization},
        ],
    }


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Read base64url without padding, strictly: one text for one sequence of bytes."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encoded(data) != text:
        raise ValueError("not the base64url of anything")
    return data
