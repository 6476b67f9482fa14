"""Whether a listed key is what its list says of it: a key that contradicts itself is not taken in.

RFC 7517 (use, key_ops, alg), RFC 7518 (what each algorithm signs with). A certificate's key usage
is not asked: a country's signers (the EU's vectors LV 1 to 3) have none for signatures, and sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.credentials.trust import PublicKey, unpadded_base64
from edge.credentials.x509 import CertificateFacts

_CURVES: Mapping[str, type[ec.EllipticCurve]] = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1}
_LEAST_BITS = 2048
"""Of an RSA key: shorter ones have been factored, or soon will be."""
_RSA_ALGORITHMS = frozenset(f"{kind}{bits}" for kind in ("RS", "PS") for bits in (256, 384, 512))
_OF_TYPES: tuple[tuple[str, type[object]], ...] = (
    ("Ed25519", Ed25519PublicKey),
    ("Rsa", rsa.RSAPublicKey),
    ("EcdsaSecp256r1", ec.EllipticCurvePublicKey),
)
"""What the types of verification methods (DID core) are for; JsonWebKey2020 is for any key."""
_NO_SIGNATURES = ("KeyAgreement", "X25519", "X448", "Encryption")


def jwk_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Read the key of a JWK; raises :class:`ValueError`, :class:`KeyError`, :class:`TypeError`."""
    if jwk["kty"] == "EC":
        x, y = (int.from_bytes(unpadded_base64(jwk[name])) for name in ("x", "y"))
        return ec.EllipticCurvePublicNumbers(x, y, _CURVES[jwk["crv"]]()).public_key()
    if jwk["kty"] == "RSA":
        n, e = (int.from_bytes(unpadded_base64(jwk[name])) for name in ("n", "e"))
        return rsa.RSAPublicNumbers(e, n).public_key()
    if jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(unpadded_base64(jwk["x"]))
    raise ValueError("a key type that is not known here")


def jwk_objection(jwk: Mapping[str, Any], key: object) -> str:
    """Say what a JWK says of itself that a signer's key would not; nothing where all agrees."""
    if any(name in jwk for name in ("d", "k", "p", "q")):
        return "that is private: whoever has the list can sign with it"
    if jwk.get("use", "sig") != "sig":
        return "that is not for signatures (use)"
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or not {"verify", "sign"} & set(map(str, operations)):
        return "that is not for signatures (key_ops)"
    if jwk.get("alg") is not None and jwk["alg"] not in _algorithms(key):
        return "of another kind than it says (alg)"
    if jwk.get("kty") != _kty(key) or ("crv" in jwk and _is_other_curve(jwk["crv"], key)):
        return "of another kind than it says (kty, crv)"
    return ""


def certificate_objection(facts: CertificateFacts) -> str:
    """Say why a certificate is none of a document signer; nothing where it may be one."""
    return "that ends before it begins" if facts.not_before > facts.not_after else ""


def key_objection(key: object) -> str:
    """Say why nothing signed with a key is verified here; nothing where it can be."""
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _LEAST_BITS:
        return f"that is too short ({key.key_size} bits)"
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(
        key.curve, tuple(_CURVES.values())
    ):
        return f"on a curve that is not used here ({key.curve.name})"
    return "" if isinstance(key, PublicKey) else "of a kind that is not used here"


def type_objection(type_: Any, key: object) -> str:
    """Say why a verification method of a DID document does not go with its key."""
    if not isinstance(type_, str):
        return ""
    if any(word in type_ for word in _NO_SIGNATURES):
        return "that is not for signatures (type)"
    for begins, kind in _OF_TYPES:
        if type_.startswith(begins) and not isinstance(key, kind):
            return "of another kind than it says (type)"
    return ""


def _algorithms(key: object) -> frozenset[str]:
    if isinstance(key, ec.EllipticCurvePublicKey):
        # SHA-256 on P-384 is what one country signs with
        return frozenset(("ES256", "ES384") if key.curve.key_size == 384 else ("ES256",))
    if isinstance(key, rsa.RSAPublicKey):
        return _RSA_ALGORITHMS
    return frozenset(("EdDSA", "Ed25519"))


def _kty(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC"
    return "RSA" if isinstance(key, rsa.RSAPublicKey) else "OKP"


def _is_other_curve(name: Any, key: object) -> bool:
    """Say whether a known curve is named that is not the key's; lists have unknown names too."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return name in _CURVES and not isinstance(key.curve, _CURVES[name])
    return name in _CURVES
