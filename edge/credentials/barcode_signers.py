"""Certificates of those who sign visible digital seals, and the states' authorities behind them.

ICAO Doc 9303 part 12 and part 13. Read with asn1crypto: a great state's certificates have a NULL
behind ECDSA, for which stricter readers refuse them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, core, x509
from babel.core import get_global
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from edge.credentials.trust import AUTHORITY, Trust, TrustedKey, authority_name

SEAL_SIGNER = "2.23.136.1.1.14.2"
"""The extended key usage of who signs seals (part 13)."""
_DOCUMENT_TYPES = "2.23.136.1.1.6.2"
_MASTER_LIST = "2.23.136.1.1.2"
_HASHES: dict[str, HashAlgorithm] = {"sha256": SHA256(), "sha384": SHA384(), "sha512": SHA512()}
_EXCEPTIONS = {
    "D": "DE",
    "UTO": "UT",
    "EUE": "EU",
    "UNO": "UN",
    "UNA": "UN",
    "XKX": "XK",
    "RKS": "KS",
}
"""States that ISO 3166 does not have, or by another code (Doc 9303 part 3, section 5)."""


class _Types(core.SetOf):  # type: ignore[misc]
    _child_spec = core.PrintableString


class _DocumentTypes(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("types", _Types)]  # noqa: RUF012


class _Certificates(core.SetOf):  # type: ignore[misc]
    _child_spec = x509.Certificate


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("certificates", _Certificates)]  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class SealCertificate:
    """A certificate as far as it decides about seals.

    ``spki`` is its key in DER, ``own_id`` and ``authority_id`` are key identifiers, ``country`` is
    ISO 3166-1 alpha-2. ``purposes`` are its extended key usages, ``documents`` the document types
    it may sign. ``signed``, ``signature`` and ``algorithm`` (kind, hash) are the authority's word.
    """

    spki: bytes
    own_id: bytes
    authority_id: bytes
    country: str
    not_before: datetime
    not_after: datetime
    purposes: frozenset[str]
    documents: frozenset[str]
    authority: bool
    signed: bytes
    signature: bytes
    algorithm: tuple[str, str]

    @property
    def key(self) -> object:
        """Its public key; raises :class:`ValueError`."""
        try:
            return load_der_public_key(self.spki)
        except UnsupportedAlgorithm as error:
            raise ValueError("a key of a kind that is not known here") from error

    def is_signed_by(self, key: object) -> bool:
        """Say whether an authority's key has signed it, with SHA-2."""
        kind, hash_ = self.algorithm[0], _HASHES.get(self.algorithm[1])
        if hash_ is None:
            return False
        try:
            if isinstance(key, rsa.RSAPublicKey) and kind in ("rsassa_pkcs1v15", "rsassa_pss"):
                pss = padding.PSS(padding.MGF1(hash_), padding.PSS.AUTO)
                way = pss if kind == "rsassa_pss" else padding.PKCS1v15()
                key.verify(self.signature, self.signed, way, hash_)
                return True
            if isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
                key.verify(self.signature, self.signed, ec.ECDSA(hash_))
                return True
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            return False
        return False


def read_certificate(der: bytes) -> SealCertificate:
    """Read a certificate; raises :class:`ValueError`."""
    try:
        return _certificate(x509.Certificate.load(der, strict=True))
    except (TypeError, KeyError, AttributeError, OverflowError, IndexError) as error:
        raise ValueError("not a certificate") from error


def _certificate(found: Any) -> SealCertificate:
    inner = found["tbs_certificate"]
    subject = inner["subject"].native
    info = inner["subject_public_key_info"]
    own, authority = found.key_identifier_value, found.authority_key_identifier_value
    purposes = found.extended_key_usage_value
    basic = found.basic_constraints_value
    algorithm = found["signature_algorithm"]
    return SealCertificate(
        spki=info.dump(),
        own_id=own.native if own is not None else info.sha1,
        authority_id=(authority["key_identifier"].native or b"") if authority is not None else b"",
        country=str(subject.get("country_name", "")).upper(),
        not_before=_instant(inner["validity"]["not_before"]),
        not_after=_instant(inner["validity"]["not_after"]),
        purposes=frozenset(each.dotted for each in purposes)
        if purposes is not None
        else frozenset(),
        documents=_documents(inner),
        authority=bool(basic is not None and basic["ca"].native),
        signed=inner.dump(),
        signature=found["signature_value"].native,
        algorithm=(algorithm.signature_algo, algorithm.hash_algo),
    )


def _documents(inner: Any) -> frozenset[str]:
    for extension in inner["extensions"]:
        if extension["extn_id"].dotted == _DOCUMENT_TYPES:
            content = extension["extn_value"].contents
            return frozenset(_DocumentTypes.load(content, strict=True)["types"].native)
    return frozenset()


def _instant(value: Any) -> datetime:
    found: datetime = value.native
    return found.astimezone(UTC)


def authorities_of(certificate: SealCertificate, trust: Trust) -> list[TrustedKey]:
    """Give the trusted authorities that a certificate may be of: by its word, else by country."""
    if certificate.authority_id:
        return list(trust.named.get(authority_name(certificate.authority_id), ()))
    return [
        key
        for key in trust.all_keys()
        if key.country == certificate.country
        and any(name.startswith(AUTHORITY) for name in key.names)
    ]


def is_of_state(country: str, state: str) -> bool:
    """Say whether a country (alpha-2) is the state that a document names (9303, three letters)."""
    aliases = get_global("territory_aliases").get(state, ())
    return bool(country) and country in (state, _EXCEPTIONS.get(state), *aliases)


def listed_authorities(der: bytes) -> Iterator[bytes]:
    """Give the certificates of a CSCA master list, within its signed message or without, in DER.

    Doc 9303 part 12, section 9. Raises :class:`ValueError` for what is none.
    """
    try:
        content = der
        if _is_message(der):
            signed = cms.ContentInfo.load(der, strict=True)["content"]
            inner = signed["encap_content_info"]
            if inner["content_type"].dotted != _MASTER_LIST:
                raise ValueError("not a master list")
            content = inner["content"].contents
        listed = [each.dump() for each in _MasterList.load(content, strict=True)["certificates"]]
    except (TypeError, KeyError, AttributeError, OverflowError, IndexError) as error:
        raise ValueError("not a master list") from error
    yield from listed


def _is_message(der: bytes) -> bool:
    try:
        return bool(cms.ContentInfo.load(der, strict=True)["content_type"].native == "signed_data")
    except (ValueError, TypeError):
        return False
