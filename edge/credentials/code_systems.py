"""The code systems in which others name vaccines and diseases, and what a campaign calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

CVX = "http://hl7.org/fhir/sid/cvx"
ICD11 = "http://id.who.int/icd/release/11/mms"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
_ATC = "http://www.whocc.no/atc"
_SYSTEMS: Mapping[str, str] = {
    CVX: "cvx",
    "urn:oid:2.16.840.1.113883.12.292": "cvx",
    ICD11: "icd11",
    "http://id.who.int/icd11/mms": "icd11",
    SNOMED: "prophylaxis",
    _ATC: "prophylaxis",
    "http://ec.europa.eu/health/documents/community-register/html": "product",
    "http://ec.europa.eu/temp/vaccineproductname": "product",
    "http://smart.who.int/pcmt-vaxprequal/codesystem/prequalproductids": "icvp",
}
"""A vaccine's systems, by URI in lower case: CVX (CDC), ICD-11, what EU DCC's value sets and
WHO's ICVP draw on. The names are those of a campaign's ``codes``."""
RESULTS: Mapping[str, str] = {
    "260373001": "Detected",
    "260415000": "Not detected",
    "10828004": "Positive",
    "260385009": "Negative",
    "419984006": "Inconclusive",
    "82334004": "Indeterminate",
}
"""What a laboratory found: SNOMED CT's codes, those of EU DCC's ``tr`` among them."""
ANSWERS: Mapping[str, str] = {
    "LA11882-0": "Detected",
    "LA11883-8": "Not detected",
    "LA6576-8": "Positive",
    "LA6577-6": "Negative",
    "LA9663-1": "Inconclusive",
    "LA11884-6": "Indeterminate",
}
"""The same as LOINC's answers, which SMART Health Cards of laboratories use."""
INTERPRETED = "http://terminology.hl7.org/codesystem/v3-observationinterpretation"
INTERPRETATIONS: Mapping[str, str] = {
    "POS": "Positive",
    "NEG": "Negative",
    "DET": "Detected",
    "ND": "Not detected",
    "IND": "Indeterminate",
    "E": "Inconclusive",
    "RR": "Reactive",
    "WR": "Weakly reactive",
    "NR": "Not reactive",
    "N": "Normal",
    "A": "Abnormal",
    "AA": "Abnormal (critical)",
    "H": "High",
    "HH": "High (critical)",
    "L": "Low",
    "LL": "Low (critical)",
}
"""What a laboratory says of a value: HL7 v3 ObservationInterpretation."""
NO_VACCINES: Mapping[str, str] = {
    "998": "not given",
    **dict.fromkeys(("95", "96", "97", "98"), "skin test"),
}
"""CVX codes under which something else is recorded than a vaccine: none administered, and the
tuberculin skin tests."""
_UNKNOWN = ("cvx", "999")
"""CVX for a vaccine that nobody knew."""
_SAME: Mapping[str, str] = {
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "urn:oid:2.16.840.1.113883.6.73": _ATC,
    "urn:oid:2.16.840.1.113883.5.83": INTERPRETED,
    "http://hl7.org/fhir/v3/observationinterpretation": INTERPRETED,
}
"""Other names of systems (HL7's registry of OIDs)."""
_LONGEST = 80


def told_codes(concept: Any) -> Iterator[tuple[str, str]]:
    """Give each coding of a FHIR ``CodeableConcept``: its system, plain, and its code."""
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    for coding in codings if isinstance(codings, list) else []:
        if not isinstance(coding, Mapping):
            continue
        system, code = coding.get("system"), coding.get("code")
        if isinstance(system, str) and isinstance(code, str) and 0 < len(code) <= _LONGEST:
            yield _plain(system), code


def vaccine_codes(concept: Any) -> list[dict[str, str]]:
    """Give the codings of a vaccine that are of a system known here, under its name here."""
    found = [(_SYSTEMS[system], code) for system, code in told_codes(concept) if system in _SYSTEMS]
    told = [pair for pair in dict.fromkeys(found) if pair != _UNKNOWN]
    return [{"system": name, "code": code} for name, code in told]


def published() -> dict[str, Any]:
    """Give the tables for the page that verifies in a browser: a result's words are codes there."""
    codes = {word: code for code, word in RESULTS.items()}
    return {
        "systems": dict(_SYSTEMS),
        "unknown": list(_UNKNOWN),
        "same": dict(_SAME),
        "noVaccines": list(NO_VACCINES),
        "results": list(RESULTS),
        "answers": {answer: codes[word] for answer, word in ANSWERS.items()},
        "interpreted": INTERPRETED,
        "interpretations": {
            code: codes.get(word, code.lower()) for code, word in INTERPRETATIONS.items()
        },
    }


def _plain(system: str) -> str:
    """Give a system's URI without what writers differ in: https, case, an edition, a slash."""
    plain = system.strip().casefold().rstrip("/").replace("https://", "http://", 1)
    return SNOMED if plain.startswith(SNOMED + "/") else _SAME.get(plain, plain)
