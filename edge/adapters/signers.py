"""The site's document signers: keys in their store, certificates beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from edge.credentials.document_signer import DocumentSigner, document_signer
from edge.domain.errors import BadInput, Conflict, EdgeError, Unavailable
from sync.own_files import write_whole
from sync.protocol.paper_keys import PrivatePaperKey, vouched_by_request


class KeyStore(Protocol):
    """Keeps document signers' keys; none of them ever leaves it."""

    def names(self) -> list[str]:
        """Name the keys there are, oldest first."""
        ...

    def make(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Make a P-256 key."""
        ...

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Give a key to sign with."""
        ...


class NoKeys:
    """Stands for a store of a package that is not here (a :class:`KeyStore`): it holds no key."""

    def __init__(self, uri: str) -> None:
        self._scheme = uri.partition(":")[0]

    def names(self) -> list[str]:
        """Name none: the site signs without a document signer."""
        return []

    def make(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Refuse in words."""
        raise self._missing(name)

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Refuse in words."""
        raise self._missing(name)

    def _missing(self, name: str) -> Unavailable:
        return Unavailable(
            "keys.store",
            "The key {name} is in a place that is not known here: {scheme}:.",
            hint="Is its package installed? See divoc-edge plugins.",
            name=name,
            scheme=self._scheme,
        )


class Signers:
    """Requests, installs and finds document signer certificates (``<name>.crt`` in a folder).

    ``paper`` gives the keys of DIVOC's certificates, which a document signer vouches for.
    """

    def __init__(
        self,
        store: KeyStore,
        folder: Path,
        now: Callable[[], datetime],
        paper: Callable[[], Sequence[PrivatePaperKey]] = tuple,
    ) -> None:
        self._store = store
        self._paper = paper
        self._folder = folder
        self._now = now
        self._kept: dict[str, tuple[int, DocumentSigner]] = {}

    def request(
        self, country: str, organisation: str, facility: str
    ) -> x509.CertificateSigningRequest:
        """Make the request for the next certificate (PKCS#10); an open one is given again.

        At most one key waits for its certificate, so that asking twice does no harm.
        """
        waiting = [name for name in self._store.names() if not self._certificate(name).exists()]
        name = waiting[-1] if waiting else self._next_name()
        key = self._store.key(name) if waiting else self._store.make(name)
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, country),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{facility} {name}"[:64]),
            ]
        )
        builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
        paper = self._paper()
        if paper:
            vouched = vouched_by_request(key.public_key(), paper)
            builder = builder.add_extension(vouched, critical=False)
        return builder.sign(key, SHA256())

    def install(self, data: bytes) -> DocumentSigner:
        """Take a signed certificate (PEM or DER) for one of the keys.

        Raises :class:`BadInput` when it cannot be read, is for another key, or may not sign
        vaccinations; :class:`Conflict` when it is over already.
        """
        try:
            certificate = (
                x509.load_pem_x509_certificate(data)
                if b"BEGIN" in data
                else x509.load_der_x509_certificate(data)
            )
            certificate.public_key()
        except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
            raise BadInput(
                "certificate.unreadable", "The file holds no certificate in PEM or DER form."
            ) from None
        for name in self._store.names():
            try:
                signer = document_signer(self._store.key(name), certificate)
            except ValueError:
                continue
            self._check(signer)
            pem = certificate.public_bytes(Encoding.PEM)
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._certificate(name), pem.decode())
            return signer
        raise BadInput(
            "certificate.other-key",
            "This certificate is not for a key of this site.",
            hint="Send the request of this site to the authority: divoc-edge keys request",
        )

    def _check(self, signer: DocumentSigner) -> None:
        if not signer.may_sign(signer.sign_from):
            raise BadInput(
                "certificate.usage",
                "This certificate may not sign vaccinations.",
                hint="Ask the authority for a document signer for vaccinations.",
            )
        if signer.sign_until < self._now():
            raise Conflict(
                "certificate.over",
                "The time in which this certificate may sign was over on {end}.",
                hint="Ask the authority for a new one.",
                end=signer.sign_until.date(),
            )

    def all(self) -> list[DocumentSigner]:
        """Give every signer that has its certificate; one that cannot be used is left out."""
        found = []
        for name in self._store.names():
            try:
                found.append(self._signer(name))
            except (OSError, ValueError, EdgeError):
                continue
        return found

    def _signer(self, name: str) -> DocumentSigner:
        """Load a signer once: unlocking a key takes as long as a dose."""
        changed = self._certificate(name).stat().st_mtime_ns
        kept = self._kept.get(name)
        if kept is None or kept[0] != changed:
            certificate = x509.load_pem_x509_certificate(self._certificate(name).read_bytes())
            kept = (changed, document_signer(self._store.key(name), certificate))
            self._kept[name] = kept
        return kept[1]

    def waiting(self) -> bool:
        """Say whether a key waits for its certificate."""
        return any(not self._certificate(name).exists() for name in self._store.names())

    def _certificate(self, name: str) -> Path:
        return self._folder / f"{name}.crt"

    def _next_name(self) -> str:
        return f"signer-{len(self._store.names()) + 1:04d}"
