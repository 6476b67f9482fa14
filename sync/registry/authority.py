"""The national authority: vouches for the keys of sites, and publishes whom to believe.

Two levels, as EU DCC specification A.1 and WHO's certificate governance have them: one root (the
signing certificate authority, SCA), and a document signer certificate (DSC) for each site's key.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import exceptions, x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from sync.own_files import private_folder, write_whole
from sync.protocol.errors import SyncError
from sync.protocol.paper_keys import PAPER_KEYS, paper_keys
from sync.registry.lifetimes import ROOT_DAYS, ROOT_USE_DAYS, SIGNER_DAYS
from sync.registry.revocations import Revocation, Signers
from sync.registry.trust_documents import (
    country_of,
    did_document,
    facility_of,
    jwks,
    kid,
    thumbprint,
)

VACCINATION = x509.ObjectIdentifier("1.3.6.1.4.1.1847.2021.1.2")
"""The key usage of a document signer for vaccinations (EU DCC specification, A.1.6)."""
_KEY, _CERTIFICATE, _ISSUED = "root.key.pem", "root.crt", "issued"
_BACKDATED = timedelta(hours=1)
"""The clock of a clinic may be behind the authority's."""


class AuthorityError(SyncError):
    """Something about the authority's folder, a request or a passphrase is not right."""

    temporary = False


class Authority:
    """Keeps the root in a folder: its key encrypted under a passphrase, and every DSC issued."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, country: str, name: str, passphrase: bytes, now: datetime) -> x509.Certificate:
        """Make the root; refuses a folder that has one."""
        if (self._folder / _KEY).exists():
            raise AuthorityError(
                "authority.exists", "There is an authority in this folder already."
            )
        if not (re.fullmatch("[A-Z]{2}", country) and name.strip() and passphrase):
            raise AuthorityError(
                "authority.wrong",
                "An authority has a country of two capital letters, such as KE, a name and a"
                " passphrase.",
            )
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, country),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Health CSCA {country} {now.year}"),
            ]
        )
        start = now - _BACKDATED
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=ROOT_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.PrivateKeyUsagePeriod(start, start + timedelta(days=ROOT_USE_DAYS)), False
            )
        )
        root = builder.sign(key, SHA256())
        private_folder(self._folder)
        pem = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
        )
        write_whole(self._folder / _KEY, pem)
        (self._folder / _CERTIFICATE).write_bytes(root.public_bytes(Encoding.PEM))
        return root

    def root(self) -> x509.Certificate:
        """Give the root's certificate."""
        try:
            return x509.load_pem_x509_certificate((self._folder / _CERTIFICATE).read_bytes())
        except (OSError, ValueError):
            raise AuthorityError(
                "authority.none",
                "There is no authority in this folder. Make one: divoc-registry authority init",
            ) from None

    def sign(
        self, request: bytes, passphrase: bytes, now: datetime, *, days: int, use_days: int
    ) -> x509.Certificate:
        """Sign a site's request (PKCS#10, PEM or DER) for vaccinations.

        Refused: a request not signed by its own key, another curve, another country, a key that
        has a certificate already, keys for paper that it does not prove.
        """
        root, key = self.root(), self._key(passphrase)
        asked = _request(request, root)
        if any(
            _spki(certificate.public_key()) == _spki(asked.public_key())
            for certificate in self.issued()
        ):
            raise AuthorityError(
                "request.known-key", "This key has a certificate already: ask for a new request."
            )
        vouched = _vouched(asked)
        start = now - _BACKDATED
        end = min(start + timedelta(days=days), root.not_valid_after_utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(asked.subject)
            .issuer_name(root.subject)
            .public_key(asked.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([VACCINATION]), critical=False)
            .add_extension(_authority_id(root), critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(asked.public_key()), critical=False
            )
            .add_extension(
                x509.PrivateKeyUsagePeriod(start, min(end, start + timedelta(days=use_days))), False
            )
        )
        if vouched is not None:
            builder = builder.add_extension(vouched, critical=False)
        signed = builder.sign(key, SHA256())
        folder = self._folder / _ISSUED
        private_folder(folder)
        (folder / f"{kid(signed).hex()}.crt").write_bytes(signed.public_bytes(Encoding.PEM))
        return signed

    def issued(self) -> list[x509.Certificate]:
        """Give every certificate that was signed and not withdrawn, in order of key id."""
        return [
            x509.load_pem_x509_certificate(path.read_bytes())
            for path in sorted((self._folder / _ISSUED).glob("*.crt"))
        ]

    def signers(self) -> dict[str, Signers]:
        """Give the document signers of each facility by its code, which begins their names."""
        kids: dict[str, set[str]] = {}
        thumbprints: dict[str, set[str]] = {}
        for certificate in self.issued():
            facility = facility_of(certificate)
            kids.setdefault(facility, set()).add(base64.b64encode(kid(certificate)).decode())
            thumbprints.setdefault(facility, set()).add(thumbprint(certificate))
        return {
            facility: Signers(kids=frozenset(found), thumbprints=frozenset(thumbprints[facility]))
            for facility, found in kids.items()
        }

    def withdraw(self, kid_hex: str) -> None:
        """Take a site's certificate off the list: everything it signed loses trust."""
        path = self._folder / _ISSUED / f"{kid_hex}.crt"
        if not kid_hex.isalnum() or not path.exists():
            raise AuthorityError(
                "authority.unknown-kid", "No certificate with this key id is listed."
            )
        path.replace(path.with_suffix(".withdrawn"))

    def publish(self, folder: Path, did: str, now: datetime) -> int:
        """Write the trust list: a DID document as GDHCN has it, a JWKS, and PEM; how many keys.

        Certificates whose time is over are left out.
        """
        listed = [
            certificate for certificate in self.issued() if certificate.not_valid_after_utc > now
        ]
        folder.mkdir(parents=True, exist_ok=True)
        document = did_document(listed, did)
        (folder / "did.json").write_text(json.dumps(document, indent=1))
        (folder / "jwks.json").write_text(json.dumps(jwks(listed), indent=1))
        pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in listed)
        (folder / "signers.pem").write_bytes(pem)
        return len(listed)

    def publish_revocations(
        self, folder: Path, found: Iterable[Revocation], did: str, now: datetime
    ) -> int:
        """Write what was revoked: our own list, DCC batches, DIVOC's rows; how many keys."""
        root = self.root()
        country = country_of(root.subject)
        keys: set[str] = set()
        scopes = {f"hcert:{country}", f"divoc:{did}"}
        scopes |= {f"shc:{thumbprint(certificate)}" for certificate in self.issued()}
        batches: dict[tuple[str, str], list[dict[str, str]]] = {}
        rows = []
        for revocation in found:
            keys.update(revocation.keys)
            for entry in revocation.dcc:
                for kind in ("UCI", "COUNTRYCODEUCI", "SIGNATURE"):
                    if kind in entry:
                        batch = batches.setdefault((entry["kid"], kind), [])
                        batch.append({"hash": entry[kind]})
            if revocation.divoc:
                rows.append(dict(revocation.divoc))
        folder.mkdir(parents=True, exist_ok=True)
        header = {
            "type": "divoc-edge revocations",
            "issuedAt": now.isoformat(),
            "scopes": sorted(scopes),
            "count": len(keys),
        }
        lines = [json.dumps(header), *sorted(keys)]
        (folder / "revocations.txt").write_text("\n".join(lines) + "\n")
        expires = (now + timedelta(days=SIGNER_DAYS)).isoformat()
        listed = [
            {"country": country, "expires": expires, "kid": kid_, "hashType": kind, "entries": part}
            for (kid_, kind), entries in sorted(batches.items())
            for part in _parts(entries)
        ]
        (folder / "dcc-batches.json").write_text(json.dumps(listed, indent=1))
        (folder / "divoc-revoked.json").write_text(json.dumps(rows, indent=1))
        return len(keys)

    def _key(self, passphrase: bytes) -> ec.EllipticCurvePrivateKey:
        try:
            key = load_pem_private_key((self._folder / _KEY).read_bytes(), passphrase)
        except (OSError, ValueError, TypeError):
            raise AuthorityError(
                "authority.passphrase", "The root's key does not open: is the passphrase right?"
            ) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise AuthorityError("authority.key", "The root's key is not of the kind it must be.")
        return key


def _request(data: bytes, root: x509.Certificate) -> x509.CertificateSigningRequest:
    try:
        asked = (x509.load_pem_x509_csr if b"BEGIN" in data else x509.load_der_x509_csr)(data)
        key, own = asked.public_key(), asked.is_signature_valid
    except (ValueError, exceptions.UnsupportedAlgorithm, x509.InvalidVersion):
        raise AuthorityError("request.unreadable", "The file holds no request (PKCS#10).") from None
    if not own:
        raise AuthorityError("request.signature", "The request is not signed by its own key.")
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise AuthorityError("request.curve", "The key of the request is not on the curve P-256.")
    if country_of(asked.subject) != country_of(root.subject):
        raise AuthorityError("request.country", "The request is of another country.")
    return asked


def _vouched(asked: x509.CertificateSigningRequest) -> x509.ExtensionType | None:
    try:
        paper_keys(asked)
        return asked.extensions.get_extension_for_oid(PAPER_KEYS).value
    except x509.ExtensionNotFound:
        return None
    except ValueError:
        raise AuthorityError(
            "request.paper-keys",
            "The request names a key for DIVOC's certificates that is none, or not the site's.",
        ) from None


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_id(root: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    subject_id = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_id)


def _spki(key: Any) -> bytes:
    found: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return found


def _parts(entries: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Cut into batches of at most 1,000 (dgc-gateway, RevocationBatchDto)."""
    return [entries[start : start + 1000] for start in range(0, len(entries), 1000)]
