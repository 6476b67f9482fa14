"""W3C credentials of version 2.0 with a Data Integrity proof, as Inji and Sunbird RC issue them.

W3C Verifiable Credentials Data Model 2.0. A closed world: the contexts of the software and of trust
lists, keys of trust lists by the names these give them; nothing is fetched. Read only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.credentials.contexts import CONTEXTS_2, CREDENTIALS_2, UnknownContextError, load_contexts
from edge.credentials.data_integrity import SUITES, NotKeptError, proof_fits, signed_bytes
from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
    facts_only,
)
from edge.credentials.other_kinds import sentence
from edge.credentials.packing import in_archive
from edge.credentials.strict_json import DuplicateKeyError, strict_json
from edge.credentials.trust import Trust, TrustedKey
from edge.credentials.verdict import UNKNOWN_ISSUER, UNREADABLE, YES, CheckError, UnreadableError
from edge.credentials.window import Window, moment

FORMAT = "vc-2.0"
KIND = "credential"
NOT_KEPT = (
    "This is a W3C credential that says something which its signature does not cover, or does not"
    " keep apart."
)
A_CREDENTIAL = (
    "The signature is right and the issuer is trusted. What the credential tells of is not read as"
    " a dose."
)
_PROOF = "DataIntegrityProof"
_NEEDED = ("@context", "type", "issuer", "credentialSubject", "proof")
_MOST, _LONGEST = 40, 200


def is_read(document: Mapping[str, Any]) -> bool:
    """Say whether a credential of version 2.0 has a proof of a kind that is read here."""
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    proof = _only(document.get("proof"))
    return (
        first == CREDENTIALS_2
        and isinstance(proof, dict)
        and proof.get("type") == _PROOF
        and proof.get("cryptosuite") in SUITES
    )


class DataIntegrityCredentials:
    """Verifies credentials of version 2.0 (a :class:`Format`)."""

    name = FORMAT

    def __init__(self, folder: Path) -> None:
        """``folder`` holds the software's contexts."""
        self._folder = folder

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for the context and the proof."""
        if CREDENTIALS_2 not in shown.text and not shown.data.startswith(b"PK"):
            return False
        try:
            document = strict_json(in_archive(shown))
        except DuplicateKeyError:
            return CREDENTIALS_2 in shown.text
        except (ValueError, UnreadableError):
            return False
        return isinstance(document, dict) and is_read(document)

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer and signature."""
        return examined(
            FORMAT,
            lambda found: self._examine(shown, trust, found),
            lambda: _is_known(shown, trust),
        )

    def _examine(self, shown: ScannedInput, trust: Trust, evidence: Evidence) -> None:
        document = _document(shown)
        proof = _proof(document)
        issuer = _issuer(document["issuer"])
        signed_at = _moment(proof, "created", "proof.created")
        starts = [signed_at, _moment(document, "validFrom", "validFrom")]
        ends = [
            _moment(document, "validUntil", "validUntil"),
            _moment(proof, "expires", "proof.expires"),
        ]
        evidence.issued_at = signed_at
        evidence.window = Window(
            max(filter(None, starts), default=None), min(filter(None, ends), default=None)
        )
        signed = self._signed(document, proof, trust)
        evidence.checks["form"] = YES
        evidence.keys = _signed_by(proof, signed, issuer, trust, evidence.checks)
        evidence.profile = "2.0"
        evidence.claims = _claims(document, issuer)
        evidence.caution = A_CREDENTIAL

    def _signed(self, document: Mapping[str, Any], proof: Mapping[str, Any], trust: Trust) -> bytes:
        load = load_contexts(self._folder, CONTEXTS_2, trust.contexts)
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        try:
            return signed_bytes(unsigned, proof, load)
        except UnknownContextError:
            raise CheckError("form", sentence("vc-other-terms"), verdict=UNREADABLE) from None
        except NotKeptError:
            raise CheckError("form", NOT_KEPT, verdict=UNREADABLE) from None


def _is_known(shown: ScannedInput, trust: Trust) -> bool:
    """Say whether a list has the key that a proof names, whatever else the credential says."""
    try:
        document = strict_json(in_archive(shown))
    except ValueError:
        return True  # nobody can read a name
    proof = _only(document.get("proof")) if isinstance(document, dict) else None
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    return not isinstance(method, str) or bool(trust.named.get(method))


def _document(shown: ScannedInput) -> dict[str, Any]:
    try:
        document = strict_json(in_archive(shown))
    except DuplicateKeyError:
        raise CheckError("form", "The certificate has the same field twice.") from None
    except ValueError:
        raise UnreadableError("This is not a certificate in a form known here.") from None
    for name in _NEEDED:
        if not isinstance(document, dict) or name not in document:
            raise CheckError("form", "The field {field} is missing.", field=name)
    contexts = document["@context"]
    listed = contexts if isinstance(contexts, list) else [contexts]
    if not all(isinstance(each, str) for each in listed):
        raise CheckError("form", sentence("vc-other-terms"), verdict=UNREADABLE)
    if "VerifiableCredential" not in _listed(document["type"]):
        raise _wrong("type")
    return dict(document)


def _proof(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the one proof, without a context that only repeats the document's."""
    proof = _only(document["proof"])
    if not isinstance(proof, dict):
        raise _wrong("proof")
    found = dict(proof)
    if found.pop("@context", document["@context"]) != document["@context"]:
        raise _wrong("proof.@context")
    if found.get("proofPurpose") != "assertionMethod":
        raise CheckError("form", "The kind of signature is not one that certificates have.")
    for name in ("verificationMethod", "proofValue"):
        if not isinstance(found.get(name), str):
            raise _wrong(f"proof.{name}")
    return found


def _issuer(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str) or not found:
        raise _wrong("issuer")
    return found


def _signed_by(
    proof: Mapping[str, Any],
    signed: bytes,
    issuer: str,
    trust: Trust,
    checks: dict[str, str],
) -> tuple[TrustedKey, ...]:
    """Find the listed key that signed it, which must be the issuer's own."""
    method = proof["verificationMethod"]
    if method.partition("#")[0] != issuer.partition("#")[0]:
        raise CheckError("issuer", "The key it names is not its issuer's.", verdict=UNKNOWN_ISSUER)
    keys = trust.named.get(method, ())
    if not keys:
        raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
    checks["issuer"] = YES
    found = tuple(key for key in keys if proof_fits(proof, signed, key.key))
    if not found:
        raise CheckError("signature", WRONG_SIGNATURE)
    checks["signature"] = YES
    return found


def _claims(document: Mapping[str, Any], issuer: str) -> dict[str, Any]:
    types = [str(each) for each in _listed(document["type"]) if each != "VerifiableCredential"]
    told: dict[str, str] = {}
    for subject in _listed(document["credentialSubject"]):
        _tell(subject, "", told)
    stated = document["issuer"]
    name = stated.get("name") if isinstance(stated, dict) else None
    return facts_only(
        {
            "kind": KIND,
            "credentialType": ", ".join(types)[:_LONGEST],
            "certificateId": document.get("id"),
            "name": told.get("fullName") or told.get("name"),
            "birthDate": told.get("birthDate") or told.get("dateOfBirth") or told.get("dob"),
            "issuer": name if isinstance(name, str) else issuer,
            "told": told,
        }
    )


def _tell(value: Any, path: str, told: dict[str, str]) -> None:
    """Write what a subject says as texts by their places, as many as a screen holds."""
    if isinstance(value, dict):
        if "@value" in value:
            _tell(value["@value"], path, told)
            return
        for name, inner in value.items():
            if name not in ("type", "id", "@type", "@id"):
                _tell(inner, f"{path}.{name}".lstrip("."), told)
    elif isinstance(value, list):
        for inner in value:
            _tell(inner, path, told)
    elif len(told) < _MOST:
        text = str(value)[:_LONGEST]
        told[path] = f"{told[path]}, {text}"[:_LONGEST] if path in told else text


def _moment(place: Mapping[str, Any], name: str, field: str) -> Any:
    value = place.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(field)
    return moment(value, field)


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _wrong(field: str) -> CheckError:
    return CheckError("form", "The field {field} is of the wrong kind.", field=field)
