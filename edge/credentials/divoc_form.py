"""What DIVOC's vaccination credential must look like: its fields, their types, and who signed them.

PyLD drops a term that a credential's context does not define, so a field without a term is one that
nobody signed, and anybody may have written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from edge.credentials import divoc
from edge.credentials.added_contexts import built_in_terms, has_divocs_type, terms_of
from edge.credentials.contexts import CONTEXTS
from edge.credentials.kinds import other_credential
from edge.credentials.other_kinds import sentence
from edge.credentials.verdict import INVALID, UNREADABLE, CheckError

_TEXT, _LIST, _NUMBER, _EITHER = "text", "list", "number", "text or number"
_TRUTH = "text or truth"
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
    _EITHER,
)
_DOCUMENT: Mapping[str, Any] = {
    "@context": _LIST,
    "id": _TEXT,
    "type": _LIST,
    "credentialSubject": {
        **dict.fromkeys(("type", "id", "name", "gender", "nationality", "dob"), _TEXT),
        **dict.fromkeys(("refId", "uhid", "age"), _EITHER),
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
                    "vaccine",
                    "manufacturer",
                    "prophylaxis",
                    "date",
                    "effectiveStart",
                    "effectiveUntil",
                ),
                _TEXT,
            ),
            **dict.fromkeys(("certificateId", "batch", "icd11Code"), _EITHER),
            "type": _LIST,
            "dose": _NUMBER,
            "totalDoses": _NUMBER,
            "verifier": {"id": _TEXT, "name": _TEXT, "sign-image": _TEXT},
            "facility": {"name": _TEXT, "address": _ADDRESS, "seal-image": _TEXT},
        }
    ],
    "nonTransferable": _TRUTH,
    "proof": dict.fromkeys(("type", "created", "verificationMethod", "proofPurpose", "jws"), _TEXT),
}
"""Exactly the keys that DIVOC's contexts define and a template may have, with their types."""
_NEEDED = ("@context", "type", "credentialSubject", "issuer", "evidence", "proof")
_NUMBER_TEXT = re.compile(r"\d{0,3}", re.ASCII)
_OF_W3C = ("credentialSchema", "credentialStatus", "refreshService", "termsOfUse")
"""What W3C's context defines beside, and what nobody here understands."""
_NODES: Mapping[str, str] = {
    "Person": "credentialSubject",
    "Vaccination": "evidence",
    "ProofOfVaccinationCredential": "",
}
"""Where in a certificate stands what a context defines within each type."""


def check_form(document: Mapping[str, Any], added: Mapping[str, Mapping[str, Any]]) -> str:
    """Give the context that a credential is written in; raises :class:`CheckError`.

    ``added`` are contexts that lists brought, by their addresses. They may have terms that DIVOC's
    do not have, and need not have all of DIVOC's.
    """
    if other := other_credential(document):
        raise CheckError("form", other, verdict=UNREADABLE)
    for name in _NEEDED:
        if name not in document:
            raise _missing(name)
    context = _known_context(document["@context"], added)
    signed = _signed_fields(context, added)
    _check_value(document, _DOCUMENT, "", signed if context in added else frozenset())
    for name in _unsigned(document, signed):
        raise _not_part(name)
    if set(document["type"]) != {"VerifiableCredential", "ProofOfVaccinationCredential"}:
        raise CheckError("form", "This is not a proof of vaccination.")
    if document["credentialSubject"].get("type") != "Person":
        raise CheckError("form", "This is not a proof of vaccination.")
    if document["evidence"][0].get("type") != ["Vaccination"]:
        raise CheckError("form", "This is not a proof of vaccination.")
    for name in ("type", "verificationMethod", "proofPurpose", "jws"):
        if name not in document["proof"]:
            raise _missing(f"proof.{name}")
    if not document["credentialSubject"].get("id"):
        raise _missing("credentialSubject.id")
    return context


def _known_context(contexts: Any, added: Mapping[str, Any]) -> str:
    """Give the context that says what the terms mean; none in any other form is known here."""
    listed = contexts if isinstance(contexts, list) else []
    first, second = listed if len(listed) == 2 else ("", "")
    known = isinstance(second, str) and (
        second in CONTEXTS or (second in added and has_divocs_type(added[second]))
    )
    if not known or first != divoc.CREDENTIALS:
        raise CheckError("form", sentence("vc-other-terms"), verdict=UNREADABLE)
    return str(second)


def _signed_fields(context: str, added: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Give the fields that a context has terms for, as they stand in a certificate."""
    if context in CONTEXTS:
        terms = built_in_terms(context)
    else:
        terms = frozenset(terms_of(context, added[context]["@context"]))
    return frozenset(
        ".".join((_NODES[path[0]], *path[1:])).lstrip(".")
        for path in terms
        if path[0] in _NODES and len(path) > 1
    )


def _unsigned(document: Mapping[str, Any], signed: frozenset[str]) -> list[str]:
    """Give the fields with a value for which the context has no term."""
    places = [
        ("nonTransferable", document.get("nonTransferable")),
        *_fields(document["credentialSubject"], "credentialSubject"),
        *_fields(document["evidence"][0], "evidence"),
    ]
    return [
        name
        for name, value in places
        if value not in (None, "") and name.rpartition(".")[2] not in ("id", "type")
        if name not in signed
    ]


def _fields(node: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in node.items():
        found.append((f"{path}.{name}", value))
        if isinstance(value, Mapping):
            found += _fields(value, f"{path}.{name}")
    return found


def _check_value(value: Any, form: Any, path: str, more: frozenset[str]) -> None:
    """Check the types; ``more`` are fields that another country's context defines."""
    if value is None and path not in _NEEDED:
        return  # JSON-LD leaves it out, so what was signed had it empty as well
    if isinstance(form, Mapping):
        if not isinstance(value, dict):
            raise _wrong(path)
        for key, inner in value.items():
            name = f"{path}.{key}".lstrip(".")
            if key in form:
                _check_value(inner, form[key], name, more)
            elif name in _OF_W3C:
                raise CheckError("form", sentence("vc-other"), verdict=UNREADABLE)
            elif name not in more:
                raise _not_part(name)
            elif not isinstance(inner, str | int | float | None):
                raise _wrong(name, UNREADABLE)
    elif isinstance(form, list):
        if not isinstance(value, list) or len(value) != 1:
            raise CheckError("form", "The certificate must tell of exactly one dose.")
        _check_value(value[0], form[0], path, more)
    elif not _fits(value, form):
        raise _wrong(path)


def _fits(value: Any, form: str) -> bool:
    whole = type(value) is int
    fits = {
        _TEXT: isinstance(value, str),
        _LIST: isinstance(value, list) and all(isinstance(inner, str) for inner in value),
        _NUMBER: (whole and 0 <= value < 1000)
        or (isinstance(value, str) and _NUMBER_TEXT.fullmatch(value) is not None),
        # other issuers write what looks like a number as one: a signature keeps 7 and "7" apart
        _EITHER: isinstance(value, str) or (whole and 0 <= value < 10**15),
        _TRUTH: isinstance(value, str | bool),
    }
    return fits[form]


def _missing(field: str) -> CheckError:
    return CheckError("form", "The field {field} is missing.", field=field)


def _not_part(field: str) -> CheckError:
    return CheckError(
        "form",
        "The certificate has a field that is not part of it: {field}.",
        field=field[:60],
    )


def _wrong(field: str, verdict: str = INVALID) -> CheckError:
    return CheckError(
        "form", "The field {field} is of the wrong kind.", verdict=verdict, field=field
    )
