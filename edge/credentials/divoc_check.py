"""What DIVOC's vaccination credential must look like to count, and what its signature leaves open.

DIVOC's contexts give several fields the same predicate, and PyLD drops terms it does not know, so
the keys, their types and what can be told of their places are checked here.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from edge.credentials import divoc
from edge.credentials.context_canonicalisers import ContextCanonicalisers
from edge.credentials.contexts import CONTEXTS, UnknownContextError
from edge.credentials.divoc_fields import CAUTIONS, check_fields, swapped_keys
from edge.credentials.evidence import (
    NO_ISSUER,
    WRONG_SIGNATURE,
    Evidence,
    ScannedInput,
    examined,
    facts_only,
)
from edge.credentials.kinds import other_credential
from edge.credentials.other_kinds import sentence
from edge.credentials.packing import in_archive
from edge.credentials.rdf import Canonicaliser
from edge.credentials.revocation import ROW, Lookup
from edge.credentials.signing import signature_fits
from edge.credentials.strict_json import DuplicateKeyError, strict_json
from edge.credentials.trust import ANY_DID, Trust, TrustedKey, keys_that_fit
from edge.credentials.verdict import UNKNOWN_ISSUER, UNREADABLE, YES, CheckError, UnreadableError
from edge.credentials.window import Window, moment
from sync.protocol.list_keys import divoc_key, number_keys

_TEXT, _LIST, _NUMBER, _EITHER = "text", "list", "number or empty text", "text or number"
_ADDRESS = {
    **dict.fromkeys(
        ("streetAddress", "streetAddress2", "district", "city", "addressRegion", "addressCountry"),
        _TEXT,
    ),
    "postalCode": _EITHER,
}
_DOCUMENT: Mapping[str, Any] = {
    "@context": _LIST,
    "id": _TEXT,
    "type": _LIST,
    "credentialSubject": {
        **dict.fromkeys(
            ("type", "id", "refId", "uhid", "name", "gender", "nationality", "dob"), _TEXT
        ),
        "age": _EITHER,
        "address": _ADDRESS,
    },
    "issuer": _TEXT,
    "issuanceDate": _TEXT,
    "expirationDate": _TEXT,
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
            "verifier": {"id": _TEXT, "name": _TEXT, "sign-image": _TEXT},
            "facility": {"name": _TEXT, "address": _ADDRESS, "seal-image": _TEXT},
        }
    ],
    "nonTransferable": _TEXT,
    "proof": dict.fromkeys(("type", "created", "verificationMethod", "proofPurpose", "jws"), _TEXT),
}
"""Exactly the keys that DIVOC's contexts define and a template may have, with their types."""
_SECOND_EDITION = (("credentialSubject", ("dob",)), ("evidence", ("icd11Code", "prophylaxis")))
"""What DIVOC's first context does not define: in a certificate of that one nobody signed it."""
_FIRST_CONTEXT = "vaccination-v1.json"
_NEEDED = ("@context", "type", "credentialSubject", "issuer", "evidence", "proof")
_SUITES = ("Ed25519Signature2018", "RsaSignature2018")


class DivocCredentials:
    """Verifies DIVOC's credentials (a :class:`Format`)."""

    name = divoc.FORMAT

    def __init__(self, canonicaliser: Canonicaliser, added: ContextCanonicalisers) -> None:
        """``added`` gives what knows a context that lists have brought."""
        self._canonicaliser = canonicaliser
        self._added = added

    def recognises(self, shown: ScannedInput) -> bool:
        """Look for an archive in either encoding, WHO's ``B64:``, or JSON."""
        text = shown.text.lstrip("\ufeff \t\r\n")
        return shown.data.startswith(b"PK") or text.startswith(("PK", "B64:", "{"))

    def examine(self, shown: ScannedInput, trust: Trust) -> Evidence:
        """Check form, issuer, signature and the places of the fields."""
        return examined(divoc.FORMAT, lambda found: self._examine(_document(shown), trust, found))

    def _examine(self, document: dict[str, Any], trust: Trust, evidence: Evidence) -> None:
        _check_form(document, trust.contexts)
        context = document["@context"][1]
        canonicaliser = self._canonicaliser
        if context not in CONTEXTS:
            canonicaliser = self._added.of(context, trust.contexts[context])
        evidence.issued_at = _moment_of(document)
        ends = document.get("expirationDate")
        evidence.window = Window(
            evidence.issued_at, moment(ends, "expirationDate") if ends else None
        )
        evidence.checks["form"] = YES
        evidence.keys = signed_by(document, trust, evidence.checks, canonicaliser)
        evidence.checks["fields"] = check_fields(document)
        evidence.profile = context.rpartition("/")[2]
        evidence.claims = _claims(document)
        evidence.lookup = lookup(document)
        evidence.lookup = replace(
            evidence.lookup, keys=(*evidence.lookup.keys, *swapped_keys(document))
        )
        evidence.caution = CAUTIONS.get(evidence.checks["fields"], "")


def signed_by(
    document: Mapping[str, Any],
    trust: Trust,
    checks: dict[str, str],
    canonicaliser: Canonicaliser,
) -> tuple[TrustedKey, ...]:
    """Find the entries of the key that signed a document; raises :class:`CheckError`."""
    proof = document["proof"]
    if proof["type"] not in _SUITES or proof["proofPurpose"] != "assertionMethod":
        raise CheckError("form", "The kind of signature is not one that certificates have.")
    keys = trust.keys(proof["verificationMethod"], ANY_DID)
    if not keys:
        raise CheckError("issuer", NO_ISSUER, verdict=UNKNOWN_ISSUER)
    checks["issuer"] = YES
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    try:
        found = keys_that_fit(
            keys, lambda known: signature_fits(unsigned, proof, known.key, canonicaliser)
        )
    except UnknownContextError:
        raise CheckError("form", sentence("vc-other-terms"), verdict=UNREADABLE) from None
    except Exception:  # PyLD raises whatever its own checks and Python's types raise
        raise CheckError("signature", "The signature cannot be checked.") from None
    if not found:
        raise CheckError("signature", WRONG_SIGNATURE)
    checks["signature"] = YES
    return found


def _document(shown: ScannedInput) -> dict[str, Any]:
    text = in_archive(shown)
    try:
        document = strict_json(text)
    except DuplicateKeyError:
        raise CheckError("form", "The certificate has the same field twice.") from None
    except ValueError:
        raise UnreadableError("This is not a certificate in a form known here.") from None
    if not isinstance(document, dict) or "credentialSubject" not in document:
        raise UnreadableError("This is not a certificate in a form known here.")
    return document


def _moment_of(document: Mapping[str, Any]) -> Any:
    """Give when it was signed; several countries leave one of the two places empty."""
    stated = document["proof"].get("created") or document.get("issuanceDate")
    return moment(stated, "proof.created") if stated else None


def lookup(document: Mapping[str, Any]) -> Lookup:
    """Give what to look for in revocation lists."""
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    method = document["proof"]["verificationMethod"]
    number = str(evidence.get("certificateId") or evidence.get("id", "").rpartition("/")[2])
    row = (number, str(evidence.get("dose", "")), str(subject.get("refId", "")))
    keys = [divoc_key(*row), *number_keys(method, number)]
    return Lookup(f"{divoc.FORMAT}:{method}", tuple(keys), divoc=dict(zip(ROW, row, strict=True)))


def _check_form(document: dict[str, Any], added: Container[str]) -> None:
    for name in _NEEDED:
        if name not in document:
            raise CheckError("form", "The field {field} is missing.", field=name)
    if other := other_credential(document):
        raise CheckError("form", other, verdict=UNREADABLE)
    context = _check_contexts(document["@context"], added)
    _check_value(document, _DOCUMENT, "")
    if CONTEXTS.get(context) == _FIRST_CONTEXT:
        _check_first_edition(document)
    if set(document["type"]) != {"VerifiableCredential", "ProofOfVaccinationCredential"}:
        raise CheckError("form", "This is not a proof of vaccination.")
    if document["credentialSubject"].get("type") != "Person":
        raise CheckError("form", "This is not a proof of vaccination.")
    if document["evidence"][0].get("type") != ["Vaccination"]:
        raise CheckError("form", "This is not a proof of vaccination.")
    for name in ("type", "verificationMethod", "proofPurpose", "jws"):
        if name not in document["proof"]:
            raise CheckError("form", "The field {field} is missing.", field=f"proof.{name}")
    if not document["credentialSubject"].get("id"):
        raise CheckError("form", "The field {field} is missing.", field="credentialSubject.id")


def _check_contexts(contexts: Any, added: Container[str]) -> str:
    """Give the context that says what the terms mean; refuse any that is not known here."""
    if not isinstance(contexts, list) or not all(isinstance(context, str) for context in contexts):
        raise CheckError("form", "The field {field} is of the wrong kind.", field="@context")
    known = len(contexts) == 2 and (contexts[1] in CONTEXTS or contexts[1] in added)
    if not known or contexts[0] != divoc.CREDENTIALS:
        raise CheckError("form", sentence("vc-other-terms"), verdict=UNREADABLE)
    return str(contexts[1])


def _check_first_edition(document: Mapping[str, Any]) -> None:
    nodes = {**document, "evidence": document["evidence"][0]}
    for place, names in _SECOND_EDITION:
        for name in names:
            if nodes[place].get(name) not in (None, ""):
                raise CheckError(
                    "form",
                    "The certificate has a field that is not part of it: {field}.",
                    field=f"{place}.{name}",
                )


def _check_value(value: Any, form: Any, path: str) -> None:
    name = path.lstrip(".")
    if value is None and form != _NUMBER and name not in _NEEDED:
        return  # JSON-LD leaves it out, so what was signed had it empty as well
    if isinstance(form, Mapping):
        if not isinstance(value, dict):
            raise CheckError("form", "The field {field} is of the wrong kind.", field=name)
        for key, inner in value.items():
            if key not in form:
                raise CheckError(
                    "form",
                    "The certificate has a field that is not part of it: {field}.",
                    field=f"{path}.{key}".lstrip(".")[:60],
                )
            _check_value(inner, form[key], f"{path}.{key}")
    elif isinstance(form, list):
        if not isinstance(value, list) or len(value) != 1:
            raise CheckError("form", "The certificate must tell of exactly one dose.")
        _check_value(value[0], form[0], path)
    else:
        fits = {
            _TEXT: isinstance(value, str),
            _LIST: isinstance(value, list) and all(isinstance(inner, str) for inner in value),
            _NUMBER: (type(value) is int and 0 <= value < 1000) or value == "",
            _EITHER: isinstance(value, str) or (type(value) is int and 0 <= value < 10**9),
        }
        if not fits[form]:
            raise CheckError("form", "The field {field} is of the wrong kind.", field=name)


def _claims(document: dict[str, Any]) -> dict[str, Any]:
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    found = {
        "kind": "vaccination",
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
    return facts_only(found)
