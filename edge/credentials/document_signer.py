"""The site's document signer: a key that the nation's authority has vouched for.

EU DCC specification, appendix A.1.6, and WHO's certificate governance: the authority signs a
certificate (DSC) for each site's key; its private-key usage period bounds when it may sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from edge.credentials.cose import ES256
from edge.credentials.shc import thumbprint
from edge.credentials.trust import Trust, TrustedKey, kid_name, spki
from edge.credentials.x509 import VACCINATION, CertificateFacts, der_of, read_der
from sync.protocol.paper_keys import key_name, paper_keys

WARN_BEFORE = timedelta(weeks=6)
"""A site that is offline for a month must still have time to fetch the next certificate."""


@dataclass(frozen=True, slots=True)
class DocumentSigner:
    """A key with its certificate; signs for HCERT and SMART Health Cards.

    ``sign_from`` and ``sign_until`` bound when it may sign: the private-key usage period where
    the certificate has one, else its validity. ``paper_keys`` names the keys of DIVOC's
    certificates that it vouches for.
    """

    key: EllipticCurvePrivateKey
    facts: CertificateFacts
    sign_from: datetime
    sign_until: datetime
    paper_keys: frozenset[str] = frozenset()

    @property
    def algorithm(self) -> int:
        """ES256."""
        return ES256

    @property
    def kid(self) -> bytes:
        """The first 8 bytes of the certificate's SHA-256."""
        return self.facts.kid

    @property
    def thumbprint(self) -> str:
        """The key's RFC 7638 thumbprint."""
        return thumbprint(self.key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Sign with ES256: R and S, 32 bytes each."""
        r, s = decode_dss_signature(self.key.sign(data, ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def may_sign(self, at: datetime) -> bool:
        """Say whether usage and period allow a vaccination certificate to be signed now."""
        allowed = not self.facts.usages or VACCINATION in self.facts.usages
        return allowed and self.sign_from <= at <= self.sign_until

    def trust(self) -> Trust:
        """Trust what this site has signed with it."""
        key = self.key.public_key()
        names = (kid_name(self.kid), self.thumbprint)
        return Trust.of(
            [
                TrustedKey(
                    spki(key),
                    names,
                    self.facts.country,
                    self.facts.not_before,
                    self.facts.not_after,
                    self.facts.usages,
                )
            ]
        )


def document_signer(key: EllipticCurvePrivateKey, certificate: x509.Certificate) -> DocumentSigner:
    """Join a key and its certificate; raises :class:`ValueError` when they do not belong."""
    facts = read_der(der_of(certificate))
    own = key.public_key()
    if not isinstance(facts.key, EllipticCurvePublicKey) or spki(facts.key) != spki(own):
        raise ValueError("the certificate is for another key")
    start, end = usage_period(certificate)
    return DocumentSigner(key, facts, start, end, _vouched(certificate))


def _vouched(certificate: x509.Certificate) -> frozenset[str]:
    try:
        return frozenset(map(key_name, paper_keys(certificate)))
    except ValueError:
        return frozenset()


def usage_period(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """Give when the private key may sign: RFC 3280, 4.2.1.4, within the validity."""
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    try:
        period = certificate.extensions.get_extension_for_class(x509.PrivateKeyUsagePeriod).value
    except (x509.ExtensionNotFound, ValueError, x509.DuplicateExtension):
        return start, end
    if period.not_before is not None:
        start = max(start, _utc(period.not_before))
    if period.not_after is not None:
        end = min(end, _utc(period.not_after))
    return start, end


def choose_signer(signers: Sequence[DocumentSigner], at: datetime) -> DocumentSigner | None:
    """Choose the signer for now: the one whose period ends first, so that the next one lasts."""
    usable = [signer for signer in signers if signer.may_sign(at)]
    return min(usable, key=lambda one: one.sign_until, default=None)


@dataclass(frozen=True, slots=True)
class SignerState:
    """How the site stands with signing: until when it can sign, and a warning or nothing."""

    can_sign: bool
    until: datetime | None
    warning: str = ""


def signer_state(signers: Sequence[DocumentSigner], at: datetime) -> SignerState:
    """Say until when the site can sign without a gap, and warn weeks before it no longer can."""
    now = choose_signer(signers, at)
    if now is None:
        if any(at < signer.sign_from for signer in signers):
            return SignerState(False, None, "The site's signing certificate does not count yet.")
        if signers:
            return SignerState(
                False, None, "The site's signing certificate has expired: fetch a new one."
            )
        return SignerState(
            False,
            None,
            "The site has no signing certificate: papers carry no code that is read abroad.",
        )
    until = now.sign_until
    for signer in sorted(signers, key=lambda signer: signer.sign_from):
        if signer.sign_from <= until < signer.sign_until and signer.may_sign(
            max(until, signer.sign_from)
        ):
            until = signer.sign_until
    if until - at <= WARN_BEFORE:
        return SignerState(
            True, until, "The site's signing certificate ends soon: request the next one now."
        )
    return SignerState(True, until)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
