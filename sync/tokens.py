"""Keys in a PKCS#11 token: a smart card, an HSM, a TPM, or SoftHSM; P-256, and none leaves it.

The token is named by an RFC 7512 URI:
``pkcs11:token=NAME;object=LABEL?module-path=/usr/lib/….so&pin-source=FILE``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import parse_qs, unquote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from sync.protocol.errors import LocalError

SCHEME = "pkcs11:"


class TokenError(LocalError):
    """A token, or a key in it, cannot be used."""


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Which token, by the module that speaks to it; ``pin_file`` holds its PIN, ``label`` a key."""

    token: str
    module: Path
    pin_file: Path | None
    label: str


def read_address(uri: str) -> TokenAddress:
    """Read a URI; raises :class:`TokenError` ``keys.uri`` where token or module is missing."""
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    named = dict(part.split("=", 1) for part in path.split(";") if "=" in part)
    asked = {key: values[0] for key, values in parse_qs(query).items()}
    source = asked.get("pin-source", "").removeprefix("file:")
    if not named.get("token") or not asked.get("module-path"):
        raise incomplete()
    return TokenAddress(
        unquote(named["token"]),
        Path(asked["module-path"]),
        Path(source) if source else None,
        unquote(named.get("object", "")),
    )


def incomplete() -> TokenError:
    """Say that a URI does not name all that is needed."""
    return TokenError(
        "keys.uri",
        "The URI of the token is not complete.",
        hint="Write pkcs11:token=NAME?module-path=/usr/lib/….so&pin-source=FILE",
        temporary=False,
    )


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


class Token:
    """An open token."""

    def __init__(self, address: TokenAddress, pin: str) -> None:
        try:
            import pkcs11
        except ImportError:
            raise TokenError(
                "keys.no-pkcs11",
                "The package for tokens is not installed.",
                hint="Install it with: pip install 'divoc-edge[pkcs11]'",
            ) from None
        try:
            found = pkcs11.lib(str(address.module)).get_token(token_label=address.token)
            try:
                self._session = found.open(user_pin=pin, rw=True)
            except pkcs11.UserAlreadyLoggedIn:  # the PIN was given for the whole process
                self._session = found.open(rw=True)
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise TokenError(
                "keys.token",
                "The token {token} cannot be opened.",
                hint="Is it plugged in, and are its name, the module's path and the PIN right?",
                token=address.token,
            ) from error

    def labels(self) -> list[str]:
        """Give the labels of the keys in it, in order."""
        from pkcs11 import Attribute, ObjectClass

        found = self._session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        return sorted(str(handle[Attribute.LABEL]) for handle in found)

    def make(self, label: str) -> ec.EllipticCurvePrivateKey:
        """Make a key in the token."""
        from pkcs11 import Attribute, KeyType
        from pkcs11.util.ec import encode_named_curve_parameters

        parameters = self._session.create_domain_parameters(
            KeyType.EC,
            {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
            local=True,
        )
        parameters.generate_keypair(store=True, label=label)
        return self.key(label)

    def key(self, label: str) -> ec.EllipticCurvePrivateKey:
        """Give a key; raises :class:`TokenError` ``keys.missing``."""
        from pkcs11 import (
            Attribute,
            AttributeTypeInvalid,
            MultipleObjectsReturned,
            NoSuchKey,
            ObjectClass,
        )

        try:
            private = self._session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
            public = self._session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
            point = public[Attribute.EC_POINT]
        except (NoSuchKey, MultipleObjectsReturned, AttributeTypeInvalid):
            raise TokenError(
                "keys.missing", "The signing key is missing or unreadable: {path}.", path=label
            ) from None
        return TokenKey(private, _public(point))


def _public(point: bytes) -> ec.EllipticCurvePublicKey:
    """Read a point: uncompressed (X9.62), bare or as PKCS#11 wraps it into an OCTET STRING."""
    bare = point[2:] if point[:2] == bytes((4, len(point) - 2)) else point
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bare)
