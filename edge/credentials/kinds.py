"""What is shown and not read here, by the name it has: nobody is told that it is forged."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from edge.credentials import hcert
from edge.credentials.evidence import ScannedInput
from edge.credentials.strict_json import strict_json
from edge.credentials.verdict import UnreadableError

HEALTH_LINK = (
    "This is a link to a health record (SMART Health Link): what it leads to is not in the code."
)
OTHER_VERSION = "This is a health certificate of a version that is not read here."
LIGHT = "This is a light certificate (LT1), which is not read here."
PASS = "This is a pass of New Zealand (NZCP), which is not read here."  # noqa: S105
MDOC = "This is a mobile document (ISO mdoc), which is not read here."
OFFER = "This is an offer for a wallet (OpenID), and no certificate."
BARCODE = "This is a credential as a barcode (W3C VC Barcode), which is not read here."
SELECTIVE = "This is a credential as SD-JWT, which is not read here."
ENCRYPTED = "This is encrypted for somebody else, so nothing can be said of it."
TOKEN = "This is a credential as JWT, which is not read here."  # noqa: S105
CREDENTIAL_2 = "This is a W3C credential of version 2.0, which is not read here."
OTHER_CREDENTIAL = "This is a W3C credential of a kind that is not read here."
DIVOC_TEST = "This is DIVOC's certificate of a test, which is not read here."
OTHER_PROOF = "This is a W3C credential with a proof of a kind that is not read here."
OTHER_TERMS = "This is a W3C credential in terms (contexts) that are not known here."
_BY_BEGINNING: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (r"shlink:/|https://\S*#shlink:/", HEALTH_LINK),
        (r"HC(?!1:)\d{1,2}:", OTHER_VERSION),
        (r"LT1:", LIGHT),
        (r"NZCP:/", PASS),
        (r"(?:mdoc|mdoc-openid4vp)[:/]", MDOC),
        (r"(?:openid[\w-]*|haip)://", OFFER),
        (r"VC1-", BARCODE),
        (r"[\w-]+\.[\w-]+\.[\w-]+~", SELECTIVE),
        (r"eyJ[\w-]*\.[\w-]*\.[\w-]+\.[\w-]+\.[\w-]+\Z", ENCRYPTED),
    )
)
_JWS = re.compile(r"([\w-]+)\.([\w-]+)\.[\w-]*")
_BASE45 = re.compile(r"[0-9A-Z $%*+\-./:]{40,}")
_ENCRYPTED = (b"\xd0", b"\xd8\x60", b"\xd8\x3d\xd0")
"""CBOR tag 16 (COSE_Encrypt0), 96 (COSE_Encrypt), and 61 (CWT) around 16."""
_VERSION_2 = "https://www.w3.org/ns/credentials/v2"
_SUITES = ("Ed25519Signature2018", "RsaSignature2018")


def other_kind(shown: ScannedInput) -> str:
    """Give a sentence that names what is not read here; nothing for what may be read."""
    text = shown.text.lstrip("\ufeff \t\r\n").rstrip()
    for beginning, sentence in _BY_BEGINNING:
        if beginning.match(text):
            return sentence
    if text.startswith("{"):
        return _of_json(text)
    token = _JWS.fullmatch(text)
    if token:
        return _of_token(token[1], token[2])
    return ENCRYPTED if _BASE45.fullmatch(text) and _is_encrypted(text) else ""


def other_credential(document: Mapping[str, Any]) -> str:
    """Name a W3C credential that is not DIVOC's of a vaccination, or not in words known here."""
    contexts, types = _listed(document.get("@context")), _listed(document.get("type"))
    evidence = [item for item in _listed(document.get("evidence")) if isinstance(item, Mapping)]
    proof = document.get("proof")
    if _VERSION_2 in contexts:
        return CREDENTIAL_2
    if "ProofOfTestCertificateCredential" in types or any(
        "TestDetails" in _listed(item.get("type")) for item in evidence
    ):
        return DIVOC_TEST
    if types and "ProofOfVaccinationCredential" not in types:
        return OTHER_CREDENTIAL
    kind = proof.get("type") if isinstance(proof, Mapping) else None
    return OTHER_PROOF if isinstance(kind, str) and kind not in _SUITES else ""


def _of_json(text: str) -> str:
    try:
        document = strict_json(text.encode())
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    return other_credential(document) if "credentialSubject" in document else ""


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
        "" if any(str(value).startswith("https://smarthealth.cards#") for value in types) else TOKEN
    )


def _is_encrypted(text: str) -> bool:
    if not hcert.beginning(text).startswith(_ENCRYPTED):
        return False  # and nobody unpacks 64 kB of a stranger's to know it
    try:
        return bool(hcert.inflate(text))
    except UnreadableError:
        return False


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
