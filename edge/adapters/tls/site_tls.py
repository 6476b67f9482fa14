"""Keeps a site's authority and its certificate: makes them, renews them, has them shown."""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from edge.adapters.clock import BUILT
from edge.adapters.keys import FileKeys
from edge.adapters.tls.certificates import (
    addresses_of,
    host_of,
    is_due,
    is_private,
    make_authority,
    make_certificate,
    moment_of,
    name_of,
    vouched,
)
from edge.domain.errors import Unavailable
from edge.ports import Clock

_AUTHORITY, _SERVER = "authority", "server"
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: what keeps the past secret; those of TLS 1.3 all do."""


@dataclass(frozen=True, slots=True)
class TlsState:
    """How the site stands with TLS: days are whole ones that are left.

    ``fingerprint`` is the authority's SHA-256 as systems show it; ``addresses`` are those for which
    the certificate is good, ``outside`` those of the machine for which it cannot be.
    """

    host: str
    fingerprint: str
    days: int
    authority_days: int
    addresses: tuple[str, ...]
    outside: tuple[str, ...]


class SiteTls:
    """The authority and the certificate of one site, in its key folder.

    ``addresses`` gives those of the machine. The authority's key signs when a certificate is made
    and is not kept in memory. Raises :class:`Unavailable` for an authority of another name.
    """

    def __init__(
        self, keys: FileKeys, name: str, clock: Clock, addresses: Callable[[], Sequence[str]]
    ) -> None:
        self._keys, self._name, self._clock, self._addresses = keys, name, clock, addresses
        self._lock = threading.Lock()
        self._authority = self._opened()
        self._certificate: x509.Certificate | None = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.look_again()

    @property
    def host(self) -> str:
        """The name under which tablets find the site."""
        return host_of(self._name)

    def authority(self) -> x509.Certificate:
        """Give the authority's certificate, for tablets to trust."""
        return self._authority

    def context(self) -> ssl.SSLContext:
        """Give what the next connection is secured with."""
        return self._context

    def look_again(self) -> bool:
        """Make the certificate anew if it is time or the addresses are others; say if so."""
        wanted = vouched(self._addresses())
        now, believed = self._clock.now(), self._clock.believed()
        with self._lock:
            current = self._certificate or self._kept()
            if current is None:
                moment = max(now, BUILT)
            elif is_due(current, now, believed=believed):
                moment = now
            elif addresses_of(current) != wanted:
                moment = now if believed else moment_of(current)
            elif self._certificate is None:
                self._show(current)
                return False
            else:
                return False
            self._make(wanted, moment)
            return True

    def state(self) -> TlsState:
        """Say how the site stands, as of now."""
        with self._lock:
            certificate = self._certificate
        now = self._clock.now()
        return tls_state(self._authority, certificate, now, self._addresses())

    def _opened(self) -> x509.Certificate:
        kept = self._keys.with_certificate(_AUTHORITY)
        if kept is not None:
            check_name(kept[1], self._name)
            return kept[1]
        key = ec.generate_private_key(ec.SECP256R1())
        made = make_authority(key, self._name, self._clock.now())
        self._keys.keep_with_certificate(_AUTHORITY, key, made)
        return made

    def _kept(self) -> x509.Certificate | None:
        """Give the certificate of an earlier run, if it is this authority's."""
        try:
            kept = self._keys.with_certificate(_SERVER)
        except Unavailable:  # damaged: a new one is made
            return None
        if kept is None or kept[1].issuer != self._authority.subject:
            return None
        return kept[1]

    def _make(self, addresses: Sequence[str], moment: datetime) -> None:
        above = self._keys.with_certificate(_AUTHORITY)
        if above is None or above[1] != self._authority:
            raise Unavailable("tls.authority", "The key of the site's authority is gone.")
        key = ec.generate_private_key(ec.SECP256R1())
        made = make_certificate(self._authority, above[0], key.public_key(), addresses, moment)
        self._keys.keep_with_certificate(_SERVER, key, made)
        self._show(made)

    def _show(self, certificate: x509.Certificate) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(_CIPHERS)
        context.set_alpn_protocols(["http/1.1"])
        file, passphrase = self._keys.certificate_file(_SERVER)
        context.load_cert_chain(file, password=passphrase)
        self._certificate, self._context = certificate, context


def check_name(authority: x509.Certificate, name: str) -> None:
    """Refuse an authority that cannot vouch for a name; raises :class:`Unavailable`."""
    known = name_of(authority)
    if known != name:
        raise Unavailable(
            "tls.other-name",
            "The site's authority vouches for {known}.local, and the setting name says {name}.",
            hint="Set it back, or make a new authority: divoc-edge tls renew-authority."
            " Then each tablet has to trust the site anew.",
            known=known,
            name=name,
        )


def forget_authority(keys: FileKeys) -> None:
    """Have a new authority made at the next start."""
    keys.forget_certificate(_AUTHORITY)


def kept_authority(keys: FileKeys) -> x509.Certificate | None:
    """Give the authority that a site has, if it has one."""
    return keys.certificate(_AUTHORITY)


def kept_state(keys: FileKeys, now: datetime, addresses: Sequence[str]) -> TlsState | None:
    """Say how a site stands that runs or does not, from its files; None if it has no authority."""
    authority = kept_authority(keys)
    if authority is None:
        return None
    return tls_state(authority, keys.certificate(_SERVER), now, addresses)


def tls_state(
    authority: x509.Certificate,
    certificate: x509.Certificate | None,
    now: datetime,
    addresses: Sequence[str],
) -> TlsState:
    """Say how a site stands with these certificates, at a moment, on a machine."""
    return TlsState(
        host=host_of(name_of(authority)),
        fingerprint=fingerprint(authority),
        days=(certificate.not_valid_after_utc - now).days if certificate else 0,
        authority_days=(authority.not_valid_after_utc - now).days,
        addresses=addresses_of(certificate) if certificate else (),
        outside=tuple(address for address in addresses if not is_private(address)),
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """Write a certificate's SHA-256 as systems show it: capital hex digits in pairs."""
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest().upper()
    return " ".join(digest[place : place + 2] for place in range(0, 64, 2))
