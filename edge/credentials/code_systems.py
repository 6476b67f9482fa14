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
    return [{"system": name, "code": code} for name, code in dict.fromkeys(found)]


def _plain(system: str) -> str:
    """Give a system's URI without what writers differ in: https, case, an edition, a slash."""
    plain = system.strip().casefold().rstrip("/").replace("https://", "http://", 1)
    return SNOMED if plain.startswith(SNOMED + "/") else plain
