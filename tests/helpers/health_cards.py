"""SMART Health Cards with any contents, signed by a throw-away key."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from edge.credentials import shc, shc_text
from edge.credentials.document_signer import DocumentSigner

ISSUER = "https://clinic.demo.example/cards"
ORIGIN = "http://terminology.hl7.org/CodeSystem/immunization-origin"
CVX = "http://hl7.org/fhir/sid/cvx"


def patient(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "name": [{"family": "Tesfaye", "given": ["Almaz"]}],
        "birthDate": "1996-02-29",
        **more,
    }


def immunization(**more: Any) -> dict[str, Any]:
    """Give a dose that counts; a value of None leaves an element out."""
    whole = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": CVX, "code": "04"}]},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": "2026-05-04",
        "lotNumber": "MR7",
        "performer": [{"actor": {"display": "Clinic of Demo"}}],
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def observation(**more: Any) -> dict[str, Any]:
    whole = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "94558-4"}]},
        "subject": {"reference": "resource:0"},
        "effectiveDateTime": "2026-05-04",
        "valueCodeableConcept": {
            "coding": [{"system": "http://snomed.info/sct", "code": "260415000"}]
        },
        "performer": [{"display": "Laboratory of Demo"}],
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def card(
    signer: DocumentSigner,
    at: datetime,
    *resources: Any,
    bundle: Mapping[str, Any] = MappingProxyType({}),
    edition: Any = "4.0.1",
    rid: str = "",
    **more: Any,
) -> bytes:
    """Sign a bundle of resources, or of whole entries; give the QR code's content.

    ``bundle`` are members of the bundle beside its entries, ``edition`` that of FHIR;
    ``rid`` is its name in lists of revoked cards.
    """
    entries = [
        one if "resource" in one else {"fullUrl": f"resource:{place}", "resource": one}
        for place, one in enumerate(resources)
    ]
    whole = {"resourceType": "Bundle", "type": "collection", "entry": entries, **bundle}
    payload = {
        "iss": ISSUER,
        "nbf": at.timestamp(),
        "vc": {
            "type": [shc.HEALTH_CARD],
            "credentialSubject": {"fhirVersion": edition, "fhirBundle": whole},
            **({"rid": rid} if rid else {}),
        },
        **more,
    }
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(json.dumps(payload).encode()) + packer.flush()
    header = json.dumps({"zip": "DEF", "alg": "ES256", "kid": signer.thumbprint}).encode()
    signed = f"{_url64(header)}.{_url64(body)}"
    return shc_text.encode(f"{signed}.{_url64(signer.sign(signed.encode()))}")


def coded(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


PERSONS: dict[str, tuple[dict[str, Any], bool]] = {
    "in use": ({"active": True}, True),
    "also known elsewhere": ({"link": [{"type": "seealso"}]}, True),
    "closed": ({"active": False}, False),
    "closed in a word": ({"active": "false"}, False),
    "replaced": ({"link": [{"type": "seealso"}, {"type": "replaced-by"}]}, False),
    "altered": ({"modifierExtension": [{"url": "https://demo.example/not"}]}, False),
    "of other rules": ({"implicitRules": "https://demo.example/rules"}, False),
}
"""What a ``Patient`` may say beside name and birth date, and whether doses of it count."""
BUNDLES: dict[str, tuple[dict[str, Any], str]] = {
    "a document": ({"bundle": {"type": "document"}}, "vaccination"),
    "no type": ({"bundle": {"type": None}}, "vaccination"),
    "FHIR 4.3": ({"edition": "4.3.0"}, "vaccination"),
    "no edition": ({"edition": None}, "vaccination"),
    "other rules": ({"bundle": {"implicitRules": "https://demo.example/rules"}}, "uncounted"),
    "a server's orders": ({"bundle": {"type": "transaction"}}, ""),
    "a history": ({"bundle": {"type": "history"}}, ""),
    "a type that is no text": ({"bundle": {"type": ["collection"]}}, ""),
    "FHIR 3": ({"edition": "3.0.1"}, ""),
    "FHIR 5": ({"edition": "5.0.0"}, ""),
    "an edition that is no text": ({"edition": 4}, ""),
}
"""Ways to write the bundle itself, and the kind that is left: empty where it is not read."""
REASONS: dict[str, tuple[dict[str, Any], str]] = {
    "not done": ({"status": "not-done"}, "It was not given."),
    "in error": ({"status": "entered-in-error"}, "It was recorded by mistake."),
    "no status": ({"status": None}, "It is not said that it was given."),
    "another status": ({"status": "Completed"}, "It is not said that it was given."),
    "a status that is no text": ({"status": ["completed"]}, "It is not said that it was given."),
    "subpotent": ({"isSubpotent": True}, "The dose was subpotent: too weak to count."),
    "subpotent as a text": ({"isSubpotent": "true"}, "The dose was subpotent: too weak to count."),
    "subpotent as a number": ({"isSubpotent": 1}, "The dose was subpotent: too weak to count."),
    "not given, in the words of FHIR 3": ({"notGiven": True}, "It was not given."),
    "not given, in the words of FHIR 2": ({"wasNotGiven": True}, "It was not given."),
    "nothing of it": ({"doseQuantity": {"value": 0, "unit": "mL"}}, "It was not given."),
    "done, with why it was not done": (
        {"statusReason": coded(("http://terminology.hl7.org/CodeSystem/v3-ActReason", "PATOBJ"))},
        "It is not said that it was given.",
    ),
    "a reason for being subpotent": (
        {"subpotentReason": [{"text": "cold chain"}]},
        "The dose was subpotent: too weak to count.",
    ),
    "no vaccine administered": ({"vaccineCode": coded((CVX, "998"))}, "It was not given."),
    "no vaccine beside a vaccine": (
        {"vaccineCode": coded((CVX, "04"), (CVX, "998"))},
        "It was not given.",
    ),
    "a skin test": ({"vaccineCode": coded((CVX, "98"))}, "It is a skin test, and no vaccine."),
    "an unknown vaccine": (
        {"vaccineCode": coded((CVX, "999"))},
        "Its vaccine has no code of a system that is known here.",
    ),
    "a disease and no vaccine": (
        {
            "vaccineCode": {"text": "?"},
            "protocolApplied": [{"targetDisease": [coded(("http://snomed.info/sct", "14189004"))]}],
        },
        "Its vaccine has no code of a system that is known here.",
    ),
    "of a server that is not in the bundle": (
        {"patient": {"reference": "Patient/0"}},
        "It is not said whose it is.",
    ),
    "nobody": ({"patient": None}, "It is not said whose it is."),
    "dangling": ({"patient": {"reference": "resource:7"}}, "It is not said whose it is."),
    "not a patient": ({"patient": {"reference": "resource:1"}}, "It is not said whose it is."),
    "only a name": ({"patient": {"display": "Almaz"}}, "It is not said whose it is."),
    "elsewhere": (
        {"patient": {"reference": "https://elsewhere.example/Patient/0"}},
        "It is not said whose it is.",
    ),
    "a year": ({"occurrenceDateTime": "2026"}, "The day is not said."),
    "a month": ({"occurrenceDateTime": "2026-05"}, "The day is not said."),
    "no such day": ({"occurrenceDateTime": "2026-02-30"}, "The day is not said."),
    "a week": ({"occurrenceDateTime": "2026-W18-1"}, "The day is not said."),
    "words": (
        {"occurrenceDateTime": None, "occurrenceString": "as a child"},
        "The day is not said.",
    ),
    "tomorrow": ({"occurrenceDateTime": "2026-11-27"}, "Its day lies in the future."),
    "unborn": (
        {"occurrenceDateTime": "1996-02-28"},
        "Its day lies before the birth of the person.",
    ),
    "from memory": (
        {"primarySource": False, "reportOrigin": coded((ORIGIN, "recall"))},
        "It was told from memory.",
    ),
    "a modifier": (
        {"modifierExtension": [{"url": "https://demo.example/not"}]},
        "It has a condition that is not understood here.",
    ),
    "other rules": (
        {"implicitRules": "https://demo.example/rules"},
        "It has a condition that is not understood here.",
    ),
    "no code": ({"vaccineCode": None}, "Its vaccine has no code of a system that is known here."),
    "words for a code": (
        {"vaccineCode": {"text": "DuoMorb"}},
        "Its vaccine has no code of a system that is known here.",
    ),
    "a local system": (
        {"vaccineCode": coded(("https://clinic.demo.example/codes", "04"))},
        "Its vaccine has no code of a system that is known here.",
    ),
    "a code without a system": (
        {"vaccineCode": {"coding": [{"code": "04"}]}},
        "Its vaccine has no code of a system that is known here.",
    ),
}
"""Ways in which FHIR says "not a dose of this person": what is changed, and the reason shown.
The card is judged the day before the 26th of November 2026."""


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
