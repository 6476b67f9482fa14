"""Document signers' keys in a PKCS#11 token: a smart card, an HSM, a TPM, or SoftHSM.

The token is named by an RFC 7512 URI:
``pkcs11:token=NAME?module-path=/usr/lib/….so&pin-source=FILE``.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import parse_qs, unquote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from edge.domain.errors import BadInput, Unavailable
from sync.bounded_files import SMALL, read_bounded_text

_LABEL = "divoc-edge-"


class TokenKey(ec.EllipticCurvePrivateKey):
    """A P-256 key that stays in its token; it signs SHA-256 and nothing else."""

    def __init__(self, handle: Any, public: ec.EllipticCurvePublicKey) -> None:
        self._handle = handle
        self._public = public

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """Bits."""
        return self._public.key_size

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Give the public half."""
        return self._public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """Sign with ECDSA and SHA-256; the signature in DER."""
        from pkcs11 import Mechanism

        algorithm = signature_algorithm.algorithm
        if getattr(algorithm, "name", "") != "sha256":
            raise ValueError("the token signs SHA-256 only")
        raw = self._handle.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA)
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))

    def exchange(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: the key is for signing."""
        raise ValueError("the key in the token is for signing")

    def private_numbers(self) -> NoReturn:
        """Refuse: the key stays in the token."""
        raise ValueError("the key stays in the token")

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: the key stays in the token."""
        raise ValueError("the key stays in the token")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> Self:
        return self


class TokenKeys:
    """Keeps document signers' keys in one token (a :class:`KeyStore`)."""

    def __init__(self, uri: str, credentials: Path | None = None) -> None:
        token, module, pin = _parts(uri, credentials)
        try:
            import pkcs11
        except ImportError:
            raise Unavailable(
                "keys.no-pkcs11",
                "The package for tokens is not installed.",
                hint="Install it with: pip install 'divoc-edge[pkcs11]'",
            ) from None
        try:
            found = pkcs11.lib(module).get_token(token_label=token)
            try:
                self._session = found.open(user_pin=pin, rw=True)
            except pkcs11.UserAlreadyLoggedIn:  # the PIN was given for the whole process
                self._session = found.open(rw=True)
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise Unavailable(
                "keys.token",
                "The token {token} cannot be opened.",
                hint="Is it plugged in, and are module path and PIN right in site.toml?",
                token=token,
            ) from error

    def names(self) -> list[str]:
        """Name the keys in the token."""
        from pkcs11 import Attribute, ObjectClass

        found = self._session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        labels = sorted(str(handle[Attribute.LABEL]) for handle in found)
        return [label.removeprefix(_LABEL) for label in labels if label.startswith(_LABEL)]

    def make(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Make a key in the token; it cannot be taken out."""
        from pkcs11 import Attribute, KeyType
        from pkcs11.util.ec import encode_named_curve_parameters

        parameters = self._session.create_domain_parameters(
            KeyType.EC,
            {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
            local=True,
        )
        parameters.generate_keypair(store=True, label=_LABEL + name)
        return self.key(name)

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Give a key of the token."""
        from pkcs11 import Attribute, NoSuchKey, ObjectClass

        try:
            private = self._session.get_key(
                object_class=ObjectClass.PRIVATE_KEY, label=_LABEL + name
            )
            public = self._session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=_LABEL + name)
        except NoSuchKey:
            raise Unavailable(
                "keys.missing", "The signing key is missing or unreadable: {path}.", path=name
            ) from None
        point = public[Attribute.EC_POINT]
        return TokenKey(private, _public(point))


def _public(point: bytes) -> ec.EllipticCurvePublicKey:
    """Read a point: uncompressed (X9.62), bare or as PKCS#11 wraps it into an OCTET STRING."""
    bare = point[2:] if point[:2] == bytes((4, len(point) - 2)) else point
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bare)


def _parts(uri: str, credentials: Path | None) -> tuple[str, str, str]:
    """Read token, module and PIN out of the URI; the PIN from its file or systemd's credential."""
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    named = dict(part.split("=", 1) for part in path.split(";") if "=" in part)
    asked = {key: values[0] for key, values in parse_qs(query).items()}
    source = asked.get("pin-source", "").removeprefix("file:")
    handed = credentials / "pkcs11.pin" if credentials else None
    pin_file = Path(source) if source else handed
    if not named.get("token") or not asked.get("module-path") or pin_file is None:
        raise BadInput(
            "keys.uri",
            "The setting signing_keys is not complete.",
            hint="Write pkcs11:token=NAME?module-path=/usr/lib/….so&pin-source=FILE",
            field="signing_keys",
        )
    try:
        pin = read_bounded_text(pin_file, SMALL).strip()
    except OSError as error:
        raise Unavailable(
            "keys.pin", "The file with the token's PIN cannot be read: {path}.", path=pin_file
        ) from error
    return unquote(named["token"]), asked["module-path"], pin
