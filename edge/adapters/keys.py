"""The node's secrets in files that only its user can read.

The journal's key opens the database; where it is, :mod:`sync.key_places` says. Signing
keys are PKCS#8, encrypted under it, so that a copied key folder without the journal's key signs
nothing.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from edge.adapters.entropy import SystemEntropy
from edge.adapters.journal_key import JournalKey
from edge.domain.errors import BadInput, Unavailable
from edge.ports import Entropy
from sync.bounded_files import SMALL, read_bounded
from sync.key_places import handed_credentials
from sync.key_wrapping import key_of
from sync.own_files import private_folder, write_whole

IDENTITY_KEY = "identity.key"
"""Systemd's credential with the key that hides identity numbers, in hex."""
_IDENTITY_FILE = "identity.pem"
"""The same key in the folder: 32 random bytes as a private key is written, and so encrypted."""
_RSA_BITS = 2048
"""DIVOC's own size."""


class FileKeys:
    """Keeps keys in a folder (mode 0700, each file 0600).

    ``credentials`` is the folder in which systemd hands over credentials, if it does.
    """

    def __init__(self, folder: Path, entropy: Entropy, credentials: Path | None = None) -> None:
        self._folder = folder
        self._entropy = entropy
        self._credentials = credentials

    def create(self, kind: str = "file", where: str = "", passphrase: str = "") -> None:
        """Make every key that is not there yet, the journal's in the place that is named."""
        private_folder(self._folder)
        self.place.create(self._entropy, kind, where, passphrase)
        for name in ("node", "certificates"):
            path = self._path(f"{name}.pem")
            if not path.exists():
                self._keep(path, Ed25519PrivateKey.from_private_bytes(self._entropy.bytes(32)))

    @property
    def place(self) -> JournalKey:
        """Say where the journal's key is."""
        return JournalKey(self._folder, self._credentials)

    def journal_key(self) -> bytes:
        """Give the 32 bytes that open the database."""
        return self.place.read()

    def move(self, kind: str, where: str = "", passphrase: str = "") -> None:
        """Keep the journal's key in another place; the journal itself is not touched."""
        self.place.move(kind, where, self._entropy, passphrase)

    def signing_key(self, name: str) -> Ed25519PrivateKey:
        """Give a signing key: ``node`` (entries) or ``certificates``."""
        key = self._load(self._path(f"{name}.pem"))
        if not isinstance(key, Ed25519PrivateKey):
            raise _wrong_kind(self._path(f"{name}.pem"), "an Ed25519 key")
        return key

    def rsa_key(self) -> rsa.RSAPrivateKey:
        """Give the key for RsaSignature2018; it is made when a programme first asks for it."""
        path = self._path("certificates-rsa.pem")
        if not path.exists():
            self._keep(path, rsa.generate_private_key(65537, _RSA_BITS))
        key = self._load(path)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise _wrong_kind(path, "an RSA key")
        return key

    def has_rsa_key(self) -> bool:
        """Say whether a programme has asked for the RSA key."""
        return self._path("certificates-rsa.pem").exists()

    def identity_key(self) -> bytes | None:
        """Give the key under which the campaign hides identity numbers; None without one here."""
        handed = self._credentials / IDENTITY_KEY if self._credentials else None
        if handed is not None and handed.exists():
            return read_identity_key(handed)
        if not self._path(_IDENTITY_FILE).exists():
            return None
        return self.signing_key("identity").private_bytes_raw()

    def keep_identity_key(self, key: bytes) -> None:
        """Keep the key under which the campaign hides identity numbers."""
        self._keep(self._path(_IDENTITY_FILE), Ed25519PrivateKey.from_private_bytes(key))

    def names(self) -> list[str]:
        """Name the document signers' keys (a :class:`KeyStore`)."""
        return sorted(path.name.removesuffix(".key.pem") for path in self._folder.glob("*.key.pem"))

    def make(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Make a document signer's key (a :class:`KeyStore`)."""
        key = ec.generate_private_key(ec.SECP256R1())
        self._keep(self._path(f"{name}.key.pem"), key)
        return key

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Give a document signer's key (a :class:`KeyStore`)."""
        key = self._load(self._path(f"{name}.key.pem"))
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise _wrong_kind(self._path(f"{name}.key.pem"), "a P-256 key")
        return key

    def keep_with_certificate(
        self, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
    ) -> None:
        """Keep a key of TLS and its certificate, both or neither."""
        pem = self._pem(key) + certificate.public_bytes(Encoding.PEM)
        write_whole(self._path(f"{name}.tls.pem"), pem.decode())

    def with_certificate(
        self, name: str
    ) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
        """Give a key of TLS and its certificate; None if it was not made yet."""
        path = self._path(f"{name}.tls.pem")
        if not path.exists():
            return None
        key, certificate = self._load(path), self.certificate(name)
        if certificate is None or not isinstance(key, ec.EllipticCurvePrivateKey):
            raise _wrong_kind(path, "a P-256 key with its certificate")
        return key, certificate

    def certificate(self, name: str) -> x509.Certificate | None:
        """Give the certificate of a key of TLS without the key; None if it was not made yet."""
        path = self._path(f"{name}.tls.pem")
        try:
            return x509.load_pem_x509_certificate(path.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            raise _wrong_kind(path, "a P-256 key with its certificate") from None

    def forget_certificate(self, name: str) -> None:
        """Take away a key of TLS with its certificate."""
        self._path(f"{name}.tls.pem").unlink(missing_ok=True)

    def certificate_file(self, name: str) -> tuple[Path, bytes]:
        """Give the file of a key of TLS with its certificate, and what opens it."""
        return self._path(f"{name}.tls.pem"), self.journal_key()

    def _keep(
        self, path: Path, key: Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    ) -> None:
        write_whole(path, self._pem(key).decode())

    def _pem(
        self, key: Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    ) -> bytes:
        encryption = BestAvailableEncryption(self.journal_key())
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)

    def _load(self, path: Path) -> object:
        try:
            return load_pem_private_key(path.read_bytes(), self.journal_key())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "keys.missing",
                "The signing key is missing or unreadable: {path}.",
                hint="Put the key file back from the site's backup.",
                path=path,
            ) from error

    def _path(self, name: str) -> Path:
        return self._folder / name


def _wrong_kind(path: Path, kind: str) -> Unavailable:
    return Unavailable("keys.kind", "The signing key {path} is not {kind}.", path=path, kind=kind)


def read_identity_key(path: Path) -> bytes:
    """Read the key that hides identity numbers: 32 bytes in hex, as the ministry hands it out.

    Raises :class:`BadInput`.
    """
    try:
        return key_of(read_bounded(path, SMALL).decode("ascii"))
    except (OSError, ValueError):
        raise BadInput(
            "keys.identity",
            "{path} does not hold the key of identity numbers.",
            hint="It is one line of 64 digits and letters from a to f. Fetch the file again.",
            path=path,
        ) from None


def file_keys(folder: Path) -> FileKeys:
    """Read the key files of a data folder, and what systemd handed over if it started us."""
    return FileKeys(folder / "keys", SystemEntropy(), handed_credentials())
