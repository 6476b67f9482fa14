"""What is shown and not read here, by the name it has: nobody is told that it is forged."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from edge.credentials import claim169, hcert, version_2
from edge.credentials.contexts import CREDENTIALS_2
from edge.credentials.evidence import ScannedInput
from edge.credentials.other_kinds import called, called_by_bytes, sentence
from edge.credentials.strict_json import strict_json
from edge.credentials.verdict import UnreadableError

_JWS = re.compile(r"([\w-]+)\.([\w-]+)\.[\w-]*")
_BASE45 = re.compile(r"[0-9A-Z $%*+\-./:]{40,}")
_MESSAGES = (
    ((b"\xd0", b"\xd8\x60", b"\xd8\x3d\xd0"), "encrypted"),
    ((b"\xd2", b"\xd8\x3d\xd2"), "cwt"),
)
"""CBOR tags 16 (COSE_Encrypt0), 96 (COSE_Encrypt), 18 (COSE_Sign1), and 61 (CWT) around them."""
_READ = frozenset({hcert.HEALTH, claim169.CLAIM})
"""What a signed message may claim to be read here."""
_SUITES = ("Ed25519Signature2018", "RsaSignature2018")


def other_kind(shown: ScannedInput) -> str:
    """Give a sentence that names what is not read here; nothing for what may be read."""
    text = shown.text.lstrip("\ufeff \t\r\n").rstrip()
    if found := called_by_bytes(shown.data) or called(text):
        return found
    if text.startswith("{"):
        return _of_json(text)
    token = _JWS.fullmatch(text)
    if token:
        return _of_token(token[1], token[2])
    return _of_base45(text) if _BASE45.fullmatch(text) else ""


def other_credential(document: Mapping[str, Any]) -> str:
    """Name a W3C credential that is not DIVOC's of a vaccination, or not in words known here."""
    contexts, types = _listed(document.get("@context")), _listed(document.get("type"))
    evidence = [item for item in _listed(document.get("evidence")) if isinstance(item, Mapping)]
    proof = document.get("proof")
    if CREDENTIALS_2 in contexts:
        return sentence("vc-2")
    if "ProofOfTestCertificateCredential" in types or any(
        "TestDetails" in _listed(item.get("type")) for item in evidence
    ):
        return sentence("divoc-test")
    if types and "ProofOfVaccinationCredential" not in types:
        return sentence("vc-other")
    if isinstance(proof, list):
        return sentence("vc-other-proof")
    kind = proof.get("type") if isinstance(proof, Mapping) else None
    return sentence("vc-other-proof") if isinstance(kind, str) and kind not in _SUITES else ""


def _of_json(text: str) -> str:
    try:
        document = strict_json(text.encode())
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    name = next((name for name, is_one in _JSON_KINDS if is_one(document)), "")
    if name:
        return sentence(name)
    if version_2.is_read(document):
        return ""
    return other_credential(document) if "credentialSubject" in document else ""


def _is_open_attestation(document: Mapping[str, Any]) -> bool:
    proofs = [document.get("signature"), *_listed(document.get("proof"))]
    kinds = [proof.get("type") for proof in proofs if isinstance(proof, Mapping)]
    return any(
        str(kind) in ("SHA3MerkleProof", "OpenAttestationMerkleProofSignature2018")
        for kind in kinds
    )


def _is_presentation(document: Mapping[str, Any]) -> bool:
    """Look for no text in it: health cards are read out of whatever carries them."""
    carried = _listed(document.get("verifiableCredential"))
    listed = "VerifiablePresentation" in _listed(document.get("type"))
    return listed and not any(isinstance(value, str) for value in carried)


_JSON_KINDS: tuple[tuple[str, Callable[[Mapping[str, Any]], bool]], ...] = (
    ("open-attestation-file", _is_open_attestation),
    ("encrypted", lambda one: "ciphertext" in one and ("protected" in one or "recipients" in one)),
    ("jwt", lambda one: "payload" in one and ("signatures" in one or "signature" in one)),
    ("vc-presentation", _is_presentation),
    ("fhir", lambda one: one.get("resourceType") not in (None, "Parameters")),
)
"""The order decides: a file of OpenAttestation may look like a credential of W3C."""


def _of_token(head: str, body: str) -> str:
    """Tell a JWT from a health card: a card is packed, or says that it should have been."""
    try:
        header, payload = (strict_json(_decoded(part)) for part in (head, body))
    except ValueError:
        return ""
    if not isinstance(header, dict) or not isinstance(payload, dict) or "zip" in header:
        return ""
    card = payload.get("vc")
    types = _listed(card.get("type")) if isinstance(card, dict) else []
    return (
        ""
        if any(str(value).startswith("https://smarthealth.cards#") for value in types)
        else sentence("jwt")
    )


def _of_base45(text: str) -> str:
    """Name a CBOR message without a prefix: encrypted, or signed and not of a kind read here."""
    first = b"" if text.startswith(hcert.PREFIX) else hcert.beginning(text)
    name = next((name for begins, name in _MESSAGES if first.startswith(begins)), "")
    if not name:
        return ""  # and nobody unpacks 64 kB of a stranger's to know it
    try:
        whole = hcert.inflate(text)
        claims = {} if name == "encrypted" else hcert.read(whole).claims
    except UnreadableError:
        return ""
    return "" if _READ & claims.keys() else sentence(name)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
