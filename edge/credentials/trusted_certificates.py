"""Keys of certificates in DER: of document signers, and of states' authorities with their lists."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec

from edge.credentials.barcode_signers import listed_authorities, read_certificate
from edge.credentials.listed_keys import certificate_objection, key_objection
from edge.credentials.trust import (
    ANY_DID,
    PublicKey,
    TrustedKey,
    authority_name,
    kid_name,
    spki,
)
from edge.credentials.x509 import CertificateFacts, certificate_kid, read_der


def keys_in_der(data: bytes, shown: str) -> Iterator[TrustedKey | str]:
    """Give the authorities of a master list (Doc 9303 part 12), or the key of one certificate.

    A sentence stands for what cannot be read; ``shown`` is what it calls it.
    """
    try:
        listed = list(listed_authorities(data))
    except ValueError:
        yield certificate_key(data, shown)
        return
    for number, der in enumerate(listed, start=1):
        yield certificate_key(der, f"certificate {number}")


def certificate_key(der: bytes, shown: str) -> TrustedKey | str:
    """Give a certificate's key under its names, or a sentence that says why not."""
    try:
        facts = read_der(der)
    except ValueError:
        return _odd_authority(der, shown)
    return _of_certificate(facts, der, shown)


def _odd_authority(der: bytes, shown: str) -> TrustedKey | str:
    """Read the certificate of a state's authority that others refuse for how it is encoded."""
    try:
        found = read_certificate(der)
        key = found.key
    except ValueError:
        return f"has a certificate that cannot be read: {shown[:80]}"
    if not found.authority or not isinstance(key, PublicKey):
        return f"has a certificate that cannot be read: {shown[:80]}"
    names = (authority_name(found.own_id), kid_name(certificate_kid(der)))
    return TrustedKey(found.spki, names, found.country, found.not_before, found.not_after)


def _authority_names(facts: CertificateFacts, der: bytes) -> list[str]:
    """Give by what name a certificate is found that may certify signers of seals."""
    try:
        return [authority_name(read_certificate(der).own_id)] if facts.authority else []
    except ValueError:
        return []


def _of_certificate(facts: CertificateFacts, der: bytes, shown: str) -> TrustedKey | str:
    objection = "" if facts.authority else key_objection(facts.key)
    if objection or not isinstance(facts.key, PublicKey):
        objection = objection or "of a kind that is not used here"
        return f"has a certificate with a key {objection}: {shown[:80]}"
    if objection := certificate_objection(facts):
        return f"has a certificate {objection}: {shown[:80]}"
    names = [kid_name(facts.kid), *_authority_names(facts, der)]
    if not isinstance(facts.key, ec.EllipticCurvePublicKey):
        names.append(ANY_DID)
    return TrustedKey(
        spki(facts.key),
        tuple(names),
        facts.country,
        facts.not_before,
        facts.not_after,
        facts.usages,
    )
