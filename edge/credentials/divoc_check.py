"""What DIVOC's vaccination credential must look like to count, and what its signature leaves open.

DIVOC's contexts give several fields the same predicate, and PyLD drops terms it does not know, so
the keys, their types and what can be told of their places are checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from edge.credentials import divoc
from edge.credentials.context_canonicalisers import ContextCanonicalisers
from edge.credentials.contexts import CONTEXTS, UnknownContextError
from edge.credentials.divoc_fields import CAUTIONS, check_fields, swapped_keys
from edge.credentials.divoc_form import check_form
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
from edge.credentials.rdf import Canonicaliser
from edge.credentials.revocation import ROW, Lookup
from edge.credentials.signing import signature_fits
from edge.credentials.strict_json import DuplicateKeyError, strict_json
from edge.credentials.trust import ANY_DID, Trust, TrustedKey, keys_that_fit
from edge.credentials.verdict import (
    UNKNOWN_ISSUER,
    UNREADABLE,
    YES,
    CheckError,
    UnreadableError,
)
from edge.credentials.window import Window, moment
from sync.protocol.list_keys import divoc_key, number_keys

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
        return examined(
            divoc.FORMAT,
            lambda found: self._examine(_document(shown), trust, found),
            lambda: _is_known(shown, trust),
        )

    def _examine(self, document: dict[str, Any], trust: Trust, evidence: Evidence) -> None:
        context = check_form(document, trust.contexts)
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
        evidence.protects_until = divoc.protects_until(document["evidence"][0])
        evidence.profile = context.rpartition("/")[2]
        evidence.claims = _claims(document)
        evidence.lookup = lookup(document)
        evidence.lookup = replace(
            evidence.lookup, keys=(*evidence.lookup.keys, *swapped_keys(document))
        )
        evidence.caution = CAUTIONS.get(evidence.checks["fields"], "")
        evidence.caution_values = {"start": str(document["evidence"][0].get("effectiveStart"))[:10]}


def method_of(document: Mapping[str, Any]) -> str:
    """Give the name under which a credential is signed, or nothing."""
    proof = document.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, Mapping) else None
    return method if isinstance(method, str) else ""


def _is_known(shown: ScannedInput, trust: Trust) -> bool:
    """Say whether a list has the key that a proof names, if a name can be read."""
    try:
        method = method_of(_document(shown))
    except CheckError:
        return True
    return not method or bool(trust.keys(method, ANY_DID))


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
    number = str(evidence.get("certificateId") or str(evidence.get("id") or "").rpartition("/")[2])
    row = (number, _text(evidence.get("dose")), _text(subject.get("refId")))
    keys = [divoc_key(*row), *number_keys(method, number)]
    return Lookup(f"{divoc.FORMAT}:{method}", tuple(keys), divoc=dict(zip(ROW, row, strict=True)))


def _claims(document: dict[str, Any]) -> dict[str, Any]:
    subject, evidence = document["credentialSubject"], document["evidence"][0]
    found = {
        "kind": "vaccination",
        "name": subject.get("name"),
        "birthDate": subject.get("dob"),
        "age": subject.get("age"),
        "gender": subject.get("gender") or subject.get("sex"),
        "refId": _text(subject.get("refId")),
        "certificateId": _text(evidence.get("certificateId")),
        "vaccine": evidence.get("vaccine"),
        "manufacturer": evidence.get("manufacturer"),
        "lot": _text(evidence.get("batch")),
        "date": (evidence.get("date") or "")[:10],
        "dose": _number(evidence.get("dose")),
        "totalDoses": _number(evidence.get("totalDoses")),
        "effectiveStart": evidence.get("effectiveStart"),
        "effectiveUntil": evidence.get("effectiveUntil"),
        "facility": (evidence.get("facility") or {}).get("name"),
        "issuer": document.get("issuer"),
    }
    return facts_only(found)


def _text(value: Any) -> str:
    """Give as a text what another issuer may have written as a number."""
    return "" if value is None else str(value)


def _number(value: Any) -> Any:
    """Give a number that may be written as a text; what is no number stays as it is."""
    return int(value) if isinstance(value, str) and value else value
