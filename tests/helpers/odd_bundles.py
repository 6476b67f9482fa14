"""Bundles of FHIR with odd elements, names and references: what two readers must read alike."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from health_cards import CVX, coded, immunization, observation, patient

SNOMED = "http://snomed.info/sct"
HL7 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
LOINC = "http://loinc.org"
_VALUES: Sequence[Any] = (
    None, True, False, 0, 1, -1, 2.5, "", "x", "completed", "final", "Patient/a", "resource:0",
    "https://e.example/Patient/a", "2026-05-04", "2026", "2027-01-01", "0001-01-01",
    [], {}, [{}], [None], {"value": 0}, {"value": 3, "unit": "mL"}, {"value": 1.5, "code": "IU"},
    coded((CVX, "04")), coded((CVX, "998")), coded((CVX, "999")), coded((SNOMED, "260415000")),
    coded(("urn:oid:2.16.840.1.113883.6.96", "10828004")), coded((LOINC, "LA6577-6")),
    [coded((HL7, "H"))], [coded((HL7, "zz"))], [{"text": "low"}], {"text": "lost"},
    {"reference": "resource:0"}, {"reference": "Patient/a/_history/2"},
    {"reference": "https://e.example/Patient/a"}, {"reference": "Patient/a"},
    {"numerator": {"value": 1}, "denominator": {"value": 8}}, {"low": {"value": 1}},
    [{"code": {"text": "IgG"}, "valueInteger": 3}, {"valueBoolean": True}], {"start": "2026-03-03"},
    [{"type": "replaced-by"}], [{"family": "F", "given": ["A", None, 3]}],
    [{"use": "old", "family": "O"}, {"use": "official", "family": "N", "given": ["G"]}],
    [{"targetDisease": [coded((SNOMED, "14189004"))], "doseNumberPositiveInt": 2}],
)  # fmt: skip
_PERSON = ("active", "link", "name", "birthDate", "modifierExtension", "implicitRules", "id")
_DOSE = (
    "status", "vaccineCode", "patient", "occurrenceDateTime", "lotNumber", "isSubpotent",
    "subpotentReason", "statusReason", "notGiven", "wasNotGiven", "doseQuantity", "reportOrigin",
    "modifierExtension", "protocolApplied",
)  # fmt: skip
_RESULT = (
    "status", "code", "subject", "effectiveDateTime", "effectivePeriod", "effectiveInstant",
    "valueCodeableConcept", "valueQuantity", "valueRange", "valueRatio", "valueBoolean",
    "valueInteger", "valueString", "component", "interpretation", "dataAbsentReason",
    "modifierExtension",
)  # fmt: skip
_NAMES: Sequence[Any] = (
    None, "resource:0", "resource:1", "https://e.example/Patient/a", "urn:uuid:1", "Patient/a",
    "https://e.example/Immunization/b", "https://f.example/Observation/c", 5, "",
)  # fmt: skip


def odd_bundles(chance: Random, count: int) -> list[tuple[dict[str, Any], Any]]:
    """Give bundles, each with the edition of FHIR that its card names."""
    return [
        (_bundle(chance), chance.choice(["4.0.1"] * 6 + ["3.0.1", None, 4])) for _ in range(count)
    ]


def _bundle(chance: Random) -> dict[str, Any]:
    resources = [_changed(chance, patient(), _PERSON)]
    if chance.random() < 0.2:
        resources.append(_changed(chance, patient(), _PERSON))
    resources += [
        _changed(chance, immunization(), _DOSE) for _ in range(chance.choice((0, 1, 1, 2)))
    ]
    resources += [
        _changed(chance, observation(), _RESULT) for _ in range(chance.choice((0, 0, 1, 2)))
    ]
    entries = []
    for place, resource in enumerate(resources):
        odd = chance.random() < 0.3
        name = chance.choice(_NAMES) if odd else f"resource:{place}"
        entries.append({"resource": resource, **({} if name is None else {"fullUrl": name})})
    kind = chance.choice(["collection"] * 6 + ["history", None, "document"])
    more = {"implicitRules": chance.choice(_VALUES)} if chance.random() < 0.05 else {}
    return {"resourceType": "Bundle", "type": kind, "entry": entries, **more}


def _changed(chance: Random, resource: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    found = dict(resource)
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        found[chance.choice(names)] = chance.choice(_VALUES)
    return found
