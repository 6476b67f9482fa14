"""The site's own signatures on certificates: every format a programme asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.credentials.document_formats import DocumentFormat
from edge.credentials.document_signer import (
    DocumentSigner,
    SignerState,
    choose_signer,
    signer_state,
)
from edge.credentials.issuing import RSA, IssuedFormat, Signers
from edge.credentials.signing import Ed25519Signer, RsaSigner
from edge.credentials.trust import PublicKey, Trust, TrustedKey, base58, spki
from edge.credentials.verdict import CheckError
from edge.domain.certificate import Claims, as_signed
from edge.domain.documents import DocumentClaims
from edge.domain.names.texts import as_seen
from edge.services.certificates.formats import Formats, unavailable_format
from sync.protocol.paper_keys import PaperKey, key_name


class SiteKeys(Protocol):
    """The keys that DIVOC's certificates are signed with."""

    def signing_key(self, name: str) -> Ed25519PrivateKey:
        """Give an Ed25519 key by name."""
        ...

    def rsa_key(self) -> RSAPrivateKey:
        """Give the RSA key; made when first asked for."""
        ...

    def has_rsa_key(self) -> bool:
        """Say whether anybody asked for it."""
        ...


class SiteCertifier:
    """Signs under ``<issuer's DID>:<facility>#<key>``, and with the site's document signer.

    ``documents`` finds the document signers that are installed; the issuer is the campaign's.
    """

    def __init__(
        self,
        formats: Formats,
        keys: SiteKeys,
        documents: Callable[[], Sequence[DocumentSigner]],
        facility: str,
        issuer_did: Callable[[], str],
    ) -> None:
        self._formats = formats.issuing
        self._document_formats = formats.documents
        self._keys = keys
        self._key = keys.signing_key("certificates")
        self._key_name = key_name(self._key.public_key())
        self._find_documents = documents
        self._documents = tuple(documents())
        self._facility = facility
        self._issuer_did = issuer_did

    def certify(self, claims: Claims, formats: Sequence[str]) -> dict[str, str]:
        """Give the credential of each format as text; a format without its key is left out."""
        claims = as_signed(claims)
        found: dict[str, str] = {}
        for name in formats:
            row = self._formats.get(name)
            if row is None:  # of a package that is not installed here any more
                continue
            signers = self._signers(claims.issued_at, row.key)
            if not signers.has(row.key):
                continue
            try:
                found[name] = row.issue(claims, signers)
            except CheckError:  # a fact that this format needs is not known of this person
                continue
        return found

    def certify_document(self, claims: DocumentClaims, formats: Sequence[str]) -> dict[str, str]:
        """Give the credential of each format of a document; one without its key is left out."""
        texts = {name: as_seen(text) for name, text in claims.texts.items()}
        claims = replace(claims, texts=texts)
        rows = [self._document_formats[name] for name in formats if name in self._document_formats]
        signers = {row.key: self._signers(claims.issued_at, row.key) for row in rows}
        return {
            row.name: row.issue(claims, signers[row.key])
            for row in rows
            if signers[row.key].has(row.key)
        }

    def _signers(self, at: datetime, key: str) -> Signers:
        """Give the keys of this site; RSA, which is made when first asked for, only for its own."""
        return Signers(
            ed25519=Ed25519Signer(self._key, self.verification_method()),
            rsa=self._rsa_signer() if key == RSA else None,
            document=choose_signer(self._documents, at),
        )

    def _row(self, name: str) -> IssuedFormat | DocumentFormat:
        row = self._formats.get(name) or self._document_formats.get(name)
        if row is None:
            raise unavailable_format(name)
        return row

    def payload(self, format_: str, credential: str) -> bytes:
        """Give what a credential's QR code holds."""
        return self._row(format_).payload(credential)

    def revocation(self, credentials: Mapping[str, str]) -> dict[str, Any]:
        """Give what an entry says so that every reader of every format finds it revoked.

        ``keys`` (hex) and ``scopes`` for our own lists, ``dcc`` for DCC batches, ``divoc`` for
        DIVOC's rows.
        """
        keys: list[str] = []
        scopes: list[str] = []
        found: dict[str, Any] = {}
        for name, text in credentials.items():
            lookup = self._row(name).lookup(text)
            keys += [key.hex() for key in lookup.keys]
            scopes.append(lookup.scope)
            if lookup.dcc:
                found.setdefault("dcc", []).append(dict(lookup.dcc))
            if lookup.divoc:
                found["divoc"] = dict(lookup.divoc)
        return {"keys": list(dict.fromkeys(keys)), "scopes": scopes, **found}

    def state(self, at: datetime) -> SignerState:
        """Say until when the site can sign what is read abroad."""
        return signer_state(self._documents, at)

    def look_again(self) -> None:
        """Find the document signers anew, after one was installed."""
        self._documents = tuple(self._find_documents())

    def vouched(self) -> bool:
        """Say whether the newest document signer vouches for every key of this site's papers."""
        if not self._documents:
            return False
        newest = max(self._documents, key=lambda document: document.sign_until)
        own: list[PaperKey] = [self._key.public_key()]
        if self._keys.has_rsa_key():
            own.append(self._keys.rsa_key().public_key())
        return {key_name(key) for key in own} <= newest.paper_keys

    def verification_method(self) -> str:
        """Name the site's Ed25519 key."""
        return f"{self._issuer_did()}:{self._facility}#{self._key_name}"

    def public_names(self) -> dict[str, str]:
        """Give every public key by a name it signs under: base58 for Ed25519, PEM for others."""
        found: dict[str, str] = {}
        for trusted_key in self.trust().all_keys():
            key = trusted_key.key
            if isinstance(key, Ed25519PublicKey):
                found[trusted_key.names[0]] = base58(key.public_bytes_raw())
            elif isinstance(key, PublicKey):
                pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                found[trusted_key.names[0]] = pem.decode()
        return found

    def trust(self) -> Trust:
        """Trust what this site has signed itself."""
        own = self._key.public_key()
        found = Trust.of([TrustedKey(spki(own), (self.verification_method(),))])
        for document in self._documents:
            found = found.joined(document.trust())
        if self._keys.has_rsa_key():
            signer = self._rsa_signer()
            public = self._keys.rsa_key().public_key()
            found = found.joined(
                Trust.of([TrustedKey(spki(public), (signer.verification_method,))])
            )
        return found

    def _rsa_signer(self) -> RsaSigner:
        key = self._keys.rsa_key()
        name = key_name(key.public_key())
        return RsaSigner(key, f"{self._issuer_did()}:{self._facility}#{name}")
