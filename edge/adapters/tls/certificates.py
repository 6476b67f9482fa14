"""Certificates for the LAN: of an authority that can vouch for nothing else, and of the site.

What browsers bear of an authority that people install themselves: 825 days of a certificate
(iPadOS; https://support.apple.com/HT210176), names as alternative names alone. The 398 days are for
authorities that come with the browser; ours stay below them all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge.adapters.clock import BUILT

PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7"))
)
"""Addresses that no network outside has (RFC 1918, RFC 3927, RFC 4193)."""
AUTHORITY_LASTS = timedelta(days=3652)
BEHIND, AHEAD = timedelta(days=60), timedelta(days=180)
"""How long before and after it is made a certificate is good.

Clocks of boxes and tablets are wrong: one of a box that lay switched off for months, and one of a
tablet a month behind, still meet.
"""
RENEWED_AFTER = timedelta(days=30)
"""How long after it was made a certificate is made anew, and how far the clock may be set back."""

Key = ec.EllipticCurvePrivateKey


def host_of(name: str) -> str:
    """Give the name under which a site is found on its LAN."""
    return f"{name}.local"


def is_private(address: str) -> bool:
    """Say whether the site's authority may vouch for an address."""
    found = ip_address(address)
    return any(found in network for network in PRIVATE)


def make_authority(key: Key, name: str, now: datetime) -> x509.Certificate:
    """Make the certificate of an authority that vouches for ``NAME.local`` and private addresses.

    It is good from the day of this software on: a clock that ran ahead does no harm.
    """
    permitted: list[x509.GeneralName] = [x509.DNSName(host_of(name))]
    permitted += [x509.IPAddress(network) for network in PRIVATE]
    known = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    subject = _named(f"{name} site authority {known.digest.hex()[:8]}")
    return (
        _begun(subject, subject, key.public_key(), BUILT, max(now, BUILT) + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(known, critical=False)
        .sign(key, SHA256())
    )


def make_certificate(
    authority: x509.Certificate,
    signer: Key,
    key: ec.EllipticCurvePublicKey,
    addresses: Sequence[str],
    now: datetime,
) -> x509.Certificate:
    """Have the authority vouch for a key, under its one name and the private ones of addresses."""
    host = host_of(name_of(authority))
    begins = now - BEHIND
    ends = max(min(now + AHEAD, authority.not_valid_after_utc), begins + timedelta(days=1))
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    names += [x509.IPAddress(ip_address(address)) for address in vouched(addresses)]
    above = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _begun(_named(host), authority.subject, key, begins, ends)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False
        )
        .sign(signer, SHA256())
    )


def vouched(addresses: Sequence[str]) -> tuple[str, ...]:
    """Give those of some addresses that a certificate may have, in the order of their numbers."""
    found = {ip_address(address) for address in addresses if is_private(address)}
    return tuple(map(str, sorted(found, key=lambda one: (one.version, int(one)))))


def name_of(authority: x509.Certificate) -> str:
    """Give the name for which an authority vouches, without ``.local``."""
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    hosts = [
        name.value
        for name in constraints.permitted_subtrees or ()
        if isinstance(name, x509.DNSName)
    ]
    return hosts[0].removesuffix(".local") if hosts else ""


def addresses_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Give the addresses for which a certificate is good."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    found = names.get_values_for_type(x509.IPAddress)
    return tuple(
        str(address) for address in found if isinstance(address, IPv4Address | IPv6Address)
    )


def is_due(certificate: x509.Certificate, now: datetime, *, believed: bool) -> bool:
    """Say whether it is time for a new one: a month is over, or the clock was set back by more.

    By a clock that is not believed it never is.
    """
    return believed and abs(now - moment_of(certificate)) > RENEWED_AFTER


def moment_of(certificate: x509.Certificate) -> datetime:
    """Give the moment at which a certificate was made."""
    return certificate.not_valid_before_utc + BEHIND


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), begins, ends)


def _named(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "DIVOC Edge"),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
