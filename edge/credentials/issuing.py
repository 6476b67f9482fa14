"""Every format a campaign can ask for, in one table: how it is signed, and what its QR code holds.

The other half of the table, reading, is in :mod:`edge.credentials.verifier`; the contract
between both is one test for every row.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from edge.credentials import divoc, hcert, shc, shc_issuing, shc_text
from edge.credentials.divoc_check import lookup
from edge.credentials.document_signer import DocumentSigner
from edge.credentials.facts import facts
from edge.credentials.packing import as_text, pack
from edge.credentials.profiles import Profile
from edge.credentials.rdf import Canonicaliser
from edge.credentials.revocation import Lookup
from edge.credentials.signing import Signer
from edge.credentials.verdict import CheckError
from edge.domain.certificate import HISTORY, Claims

ED25519, RSA, DOCUMENT = "ed25519", "rsa", "document signer"
_LONGEST_CARD = 3535
"""Characters: two digits each, behind ``shc:/`` (bytes), in a QR code of version 40-L."""
DCC_LIFE = timedelta(days=365)
"""The longest a DCC counts (certificate governance, "maximum document validity")."""


@dataclass(frozen=True, slots=True)
class Signers:
    """The keys a site may sign with; None where it has none (any more, or not yet)."""

    ed25519: Signer | None = None
    rsa: Signer | None = None
    document: DocumentSigner | None = None

    def has(self, kind: str) -> bool:
        """Say whether there is a key of a kind."""
        return {ED25519: self.ed25519, RSA: self.rsa, DOCUMENT: self.document}[kind] is not None


@dataclass(frozen=True, slots=True)
class IssuedFormat:
    """One row: the key it needs, and how to sign and to encode.

    What it needs of a campaign says :func:`edge.domain.certificate.needs_of`. ``issue`` may raise
    :class:`CheckError` naming the fact that is missing.
    """

    name: str
    key: str
    issue: Callable[[Claims, Signers], str]
    payload: Callable[[str], bytes]
    lookup: Callable[[str], Lookup]


def issued_formats(
    canonicaliser: Canonicaliser, profiles: Sequence[Profile]
) -> Mapping[str, IssuedFormat]:
    """Make the table."""
    rows = [
        _health_certificate(profile)
        for profile in profiles
        if profile.kinds and profile.version != "2024"
    ]
    for name, kind, compact, text in (
        ("divoc", ED25519, False, False),
        ("divoc-compact", ED25519, True, False),
        ("divoc-node", ED25519, False, True),
        ("divoc-rsa", RSA, False, False),
        ("divoc-rsa-node", RSA, False, True),
    ):
        rows.append(_divoc(name, kind, canonicaliser, compact=compact, text=text))
    for name, issue in (("shc", _health_card), (f"shc{HISTORY}", _history_card)):
        rows.append(IssuedFormat(name, DOCUMENT, issue, shc_text.encode, _card_lookup))
    return {row.name: row for row in rows}


def _health_certificate(profile: Profile) -> IssuedFormat:
    dcc = profile.name == "dcc"

    def issue(claims: Claims, signers: Signers) -> str:
        signer = signers.document
        if signer is None:
            raise CheckError("key", "There is no signing certificate.")
        issued = claims.issued_at
        return hcert.issue(
            profile,
            facts(claims),
            signer,
            issuer=claims.country if dcc else claims.participant,
            issued_at=issued,
            # a yellow card is for life, so only a DCC ends; see docs/decisions/0008
            expires_at=min(signer.facts.not_after, issued + DCC_LIFE) if dcc else None,
        )

    return IssuedFormat(
        name=profile.called,
        key=DOCUMENT,
        issue=issue,
        payload=str.encode,
        lookup=lambda text: hcert.lookup(hcert.read(hcert.decode(text))),
    )


def _divoc(
    name: str, kind: str, canonicaliser: Canonicaliser, *, compact: bool, text: bool
) -> IssuedFormat:
    def issue(claims: Claims, signers: Signers) -> str:
        signer = signers.ed25519 if kind == ED25519 else signers.rsa
        if signer is None:
            raise CheckError("key", "There is no key for this kind of signature.")
        return divoc.issue(claims, signer, canonicaliser, compact=compact)

    def payload(credential: str) -> bytes:
        packed = pack(credential)
        return as_text(packed) if text else packed

    return IssuedFormat(name, kind, issue, payload, lambda text: lookup(json.loads(text)))


def _health_card(claims: Claims, signers: Signers) -> str:
    return _history_card(replace(claims, others=()), signers)


def _history_card(claims: Claims, signers: Signers) -> str:
    """Sign all doses at once; raises :class:`CheckError` where no code holds so many."""
    signer = signers.document
    if signer is None:
        raise CheckError("key", "There is no signing certificate.")
    named = f"{signer.thumbprint}/{claims.certificate_id}".encode()
    rid = base64.urlsafe_b64encode(hashlib.sha256(named).digest()[:12]).decode()
    card = shc_issuing.issue(
        {**facts(claims), "rid": rid},
        signer,
        issuer=claims.card_issuer,
        issued_at=claims.issued_at,
    )
    if len(card) > _LONGEST_CARD:
        raise CheckError("form", "There are more doses than one code can hold.")
    return card


def _card_lookup(jws: str) -> Lookup:
    return shc.lookup(shc.read(jws))
