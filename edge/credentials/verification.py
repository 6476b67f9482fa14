"""Says of a certificate, truthfully, what can be known here and now."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.credentials import divoc
from edge.credentials.packing import UnreadableError, unpack
from edge.credentials.rdf import CONTEXTS, Canonicaliser, UnknownContextError
from edge.credentials.signing import signature_fits
from edge.credentials.trust import Trust

_TEXT, _LIST, _NUMBER = "text", "list", "number or empty text"
_ADDRESS = dict.fromkeys(
    (
        "streetAddress",
        "streetAddress2",
        "district",
        "city",
        "addressRegion",
        "addressCountry",
        "postalCode",
    ),
    _TEXT,
)
_DOCUMENT: Mapping[str, Any] = {
    "@context": _LIST,
    "type": _LIST,
    "credentialSubject": {
        **dict.fromkeys(
            ("type", "id", "refId", "uhid", "name", "gender", "age", "nationality", "dob"), _TEXT
        ),
        "address": _ADDRESS,
    },
    "issuer": _TEXT,
    "issuanceDate": _TEXT,
    "evidence": [
        {
            **dict.fromkeys(
                (
                    "id",
                    "infoUrl",
                    "feedbackUrl",
                    "certificateId",
                    "batch",
                    "vaccine",
                    "manufacturer",
                    "icd11Code",
                    "prophylaxis",
                    "date",
                    "effectiveStart",
                    "effectiveUntil",
                ),
                _TEXT,
            ),
            "type": _LIST,
            "dose": _NUMBER,
            "totalDoses": _NUMBER,
            "verifier": {"name": _TEXT},
            "facility": {"name": _TEXT, "address": _ADDRESS},
        }
    ],
    "nonTransferable": _TEXT,
    "proof": dict.fromkeys(("type", "created", "verificationMethod", "proofPurpose", "jws"), _TEXT),
}
"""Exactly the keys DIVOC's templates have, each with the one type it may be of."""
_NEEDED = ("@context", "type", "credentialSubject", "issuer", "evidence", "proof")
_SUITES = ("Ed25519Signature2018", "RsaSignature2018")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the node says: ``verdict`` in one word, ``reason`` as a sentence template, ``checks``.

    ``verdict`` is ``valid``, ``unknown-issuer``, ``invalid`` or ``unreadable``. ``claims`` are
    what the paper says; they count only when the verdict is ``valid``.
    """

    verdict: str
    format: str
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Give the verdict as a JSON object, the reason in English."""
        return {
            "verdict": self.verdict,
            "format": self.format,
            "reason": self.reason.format(**self.values),
            "checks": dict(self.checks),
            "claims": dict(self.claims),
        }


class _Wrong(Exception):
    """A check said no."""

    def __init__(self, check: str, reason: str, **values: object) -> None:
        self.check = check
        self.reason = reason
        self.values = values
        super().__init__(check)


class Verifier:
    """Verifies whatever somebody shows, without a network and without ever raising."""

    def __init__(self, canonicaliser: Canonicaliser, trust: Trust) -> None:
        self._canonicaliser = canonicaliser
        self._trust = trust

    def verify(self, payload: bytes) -> Verdict:
        """Judge a payload: a picture, a QR code's bytes, or a text."""
        try:
            text = unpack(payload)
        except UnreadableError as error:
            return Verdict("unreadable", "", str(error))
        try:
            document = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
        except _Wrong as wrong:
            return Verdict("invalid", divoc.FORMAT, wrong.reason, wrong.values, {wrong.check: "no"})
        except (ValueError, RecursionError):
            return Verdict("unreadable", "", "This is not a certificate in a form known here.")
        if not isinstance(document, dict) or "credentialSubject" not in document:
            return Verdict("unreadable", "", "This is not a certificate in a form known here.")
        return self._judged(document)

    def _judged(self, document: dict[str, Any]) -> Verdict:
        checks: dict[str, str] = {}
        try:
            _check_form(document)
            checks["form"] = "yes"
            self._check_signature(document, checks)
            checks["fields"] = _check_fields(document)
        except _Wrong as wrong:
            checks[wrong.check] = "no"
            verdict = "unknown-issuer" if wrong.check == "issuer" else "invalid"
            return Verdict(verdict, divoc.FORMAT, wrong.reason, wrong.values, checks)
        reason = "The signature is right and the issuer is trusted."
        if checks["fields"] != "yes":
            reason = (
                "The signature is right and the issuer is trusted. This kind of signature does not"
                " keep dose and total, or lot, vaccine and manufacturer apart."
            )
        return Verdict("valid", divoc.FORMAT, reason, {}, checks, _claims(document))

    def _check_signature(self, document: dict[str, Any], checks: dict[str, str]) -> None:
        proof = document["proof"]
        if proof["type"] not in _SUITES or proof["proofPurpose"] != "assertionMethod":
            raise _Wrong("proof", "The kind of signature is not one that certificates have.")
        keys = self._trust.keys(proof["verificationMethod"])
        if not keys:
            raise _Wrong("issuer", "The issuer is not known here.")
        unsigned = {key: value for key, value in document.items() if key != "proof"}
        try:
            fits = any(signature_fits(unsigned, proof, key, self._canonicaliser) for key in keys)
        except UnknownContextError:
            raise _Wrong("form", "The certificate uses terms that are not known here.") from None
        except Exception:
            raise _Wrong("signature", "The signature cannot be checked.") from None
        checks["issuer"] = "yes"
        if not fits:
            raise _Wrong("signature", "The signature is wrong: the certificate was changed.")
        checks["signature"] = "yes"


def _check_form(document: dict[str, Any]) -> None:
    for name in _NEEDED:
        if name not in document:
            raise _Wrong("form", "The field {field} is missing.", field=name)
    _check_value(document, _DOCUMENT, "")
    contexts = document["@context"]
    if len(contexts) != 2 or contexts[0] != divoc.CREDENTIALS or contexts[1] not in CONTEXTS:
        raise _Wrong("form", "The certificate uses terms that are not known here.")
    if document["type"] != ["VerifiableCredential", "ProofOfVaccinationCredential"]:
        raise _Wrong("form", "This is not a proof of vaccination.")
    if document["credentialSubject"].get("type") != "Person":
        raise _Wrong("form", "This is not a proof of vaccination.")
    if document["evidence"][0].get("type") != ["Vaccination"]:
        raise _Wrong("form", "This is not a proof of vaccination.")
    for name in ("type", "verificationMethod", "proofPurpose", "jws"):
        if name not in document["proof"]:
            raise _Wrong("form", "The field {field} is missing.", field=f"proof.{name}")
    if not document["credentialSubject"].get("id"):
        raise _Wrong("form", "The field {field} is missing.", field="credentialSubject.id")


def _check_value(value: Any, form: Any, path: str) -> None:
    name = path.lstrip(".")
    if isinstance(form, Mapping):
        if not isinstance(value, dict):
            raise _Wrong("form", "The field {field} is of the wrong kind.", field=name)
        for key, inner in value.items():
            if key not in form:
                raise _Wrong(
                    "form",
                    "The certificate has a field that is not part of it: {field}.",
                    field=f"{path}.{key}".lstrip(".")[:60],
                )
            _check_value(inner, form[key], f"{path}.{key}")
    elif isinstance(form, list):
        if not isinstance(value, list) or len(value) != 1:
            raise _Wrong("form", "The certificate must tell of exactly one dose.")
        _check_value(value[0], form[0], path)
    else:
        fits = {
            _TEXT: isinstance(value, str),
            _LIST: isinstance(value, list) and all(isinstance(inner, str) for inner in value),
            _NUMBER: (type(value) is int and 0 < value < 1000) or value == "",
        }
        if not fits[form]:
            raise _Wrong("form", "The field {field} is of the wrong kind.", field=name)


def _check_fields(document: dict[str, Any]) -> str:
    """Tell whether fields that share a predicate stand where they were signed."""
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    carried = divoc.carried_binding(evidence)
    if carried is not None and carried != divoc.binding(subject, evidence):
        raise _Wrong("fields", "Fields of this certificate have been swapped.")
    number = evidence.get("certificateId")
    if number and not str(evidence.get("id", "")).endswith(number):
        raise _Wrong("fields", "The number of the certificate has been swapped.")
    start, day = evidence.get("effectiveStart"), evidence.get("date")
    if start and day and day[:10] != start:
        raise _Wrong("fields", "The dates of this certificate have been swapped.")
    until = evidence.get("effectiveUntil")
    if start and until and until < start:
        raise _Wrong("fields", "The dates of this certificate have been swapped.")
    return "yes" if carried is not None else "not bound by this kind of signature"


def _claims(document: dict[str, Any]) -> dict[str, Any]:
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    found = {
        "name": subject.get("name"),
        "birthDate": subject.get("dob"),
        "age": subject.get("age"),
        "gender": subject.get("gender"),
        "refId": subject.get("refId"),
        "certificateId": evidence.get("certificateId"),
        "vaccine": evidence.get("vaccine"),
        "manufacturer": evidence.get("manufacturer"),
        "lot": evidence.get("batch"),
        "date": (evidence.get("date") or "")[:10],
        "dose": evidence.get("dose"),
        "totalDoses": evidence.get("totalDoses"),
        "effectiveUntil": evidence.get("effectiveUntil"),
        "facility": evidence.get("facility", {}).get("name"),
        "issuer": document.get("issuer"),
    }
    return {key: value for key, value in found.items() if value not in (None, "")}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Wrong("form", "The certificate has the same field twice.")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(text)
