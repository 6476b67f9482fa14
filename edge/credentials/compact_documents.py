"""The same document as a CWT in the container of health certificates, for narrow paper.

RFC 8392, signed with COSE, deflated and in base45 behind ``HC1:``. Its contents stand under a claim
of private use: the address of the context, the number, and the values in the order of their terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.credentials import cbor, cose, hcert
from edge.credentials.code_text import is_prefixed
from edge.credentials.documents import Types, document_claims
from edge.credentials.evidence import Evidence, ScannedInput, examined
from edge.credentials.trust import Trust, kid_name
from edge.credentials.verdict import UNREADABLE, YES, CheckError, UnreadableError
from edge.domain.document_types import DocumentType
from edge.domain.documents import DocumentClaims

FORMAT = "cwt"
CLAIM = -70001
"""Below -65536 claim keys are for private use (RFC 8392, 9.1)."""


def issue(claims: DocumentClaims, signer: cose.CoseSigner) -> str:
    """Sign what a document states, and give the text of its QR code."""
    payload: dict[int, Any] = {hcert.ISSUER: claims.country}
    if claims.expires_at is not None:
        payload[hcert.EXPIRES] = int(claims.expires_at.timestamp())
    payload[hcert.ISSUED] = int(claims.issued_at.timestamp())
    values = [claims.texts.get(name, "") for name in claims.mapping.certified]
    payload[CLAIM] = [claims.mapping.context, claims.number, values]
    return hcert.encode(cose.sign(cbor.dumps(payload), signer))


class CompactCredentials:
    """Verifies such documents (a :class:`Format`)."""

    name = FORMAT

    def __init__(self, types: Types) -> None:
        self._types = types

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for the claim behind the prefix."""
        if not is_prefixed(shown.text):
            return False
        try:
            return CLAIM in hcert.shown_certificate(shown.text).claims
        except UnreadableError:
            return False

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        presented = hcert.shown_certificate(shown.text)
        return examined(
            FORMAT,
            lambda found: self._examine(presented, trust, found),
            lambda: bool(hcert.keys_named(presented.message, self._own(presented, trust))),
        )

    def _examine(
        self, presented: hcert.ParsedCertificate, trust: Trust, evidence: Evidence
    ) -> None:
        type_, number, fields = self._contents(presented.claims)
        evidence.profile = type_.id
        evidence.window, evidence.issued_at = hcert.stated_time(presented.claims)
        evidence.checks["form"] = YES
        own = self._own(presented, trust)
        evidence.keys = hcert.signed_by(presented.message, own, evidence.checks)
        evidence.claims = document_claims(type_, number, presented.claims.get(hcert.ISSUER), fields)
        evidence.lookup = hcert.lookup(presented)

    def _own(self, presented: hcert.ParsedCertificate, trust: Trust) -> Trust:
        return self._types().own(trust, kid_name(presented.message.kid or b""))

    def _contents(self, claims: Mapping[Any, Any]) -> tuple[DocumentType, str, dict[str, str]]:
        parts = claims[CLAIM]
        if not isinstance(parts, list | tuple) or len(parts) != 3:
            raise CheckError("form", hcert.OTHER_CONTENTS)
        context, number, values = parts
        type_ = self._types().by_context.get(context) if isinstance(context, str) else None
        if type_ is None or type_.mapping is None:  # of a campaign that is not known here
            raise CheckError("form", hcert.OTHER_CONTENTS, verdict=UNREADABLE)
        names = type_.mapping.certified
        sound = isinstance(values, list | tuple) and len(values) == len(names)
        if not sound or not all(isinstance(part, str) for part in (number, *values)):
            raise CheckError("form", hcert.OTHER_CONTENTS)
        fields = {name: text for name, text in zip(names, values, strict=True) if text}
        return type_, number, fields
