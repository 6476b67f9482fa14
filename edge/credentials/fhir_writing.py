"""The FHIR R4 bundle that is put into a SMART Health Card: one patient, one dose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.credentials.evidence import facts_only


def written_bundle(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write the least bundle that says it: no ids, no narrative, no displays but the facility's."""
    names = {"family": facts.get("familyName"), "given": [facts["givenName"]]}
    if not facts.get("givenName"):
        names.pop("given")
    immunization = facts_only(
        {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": {"coding": [facts["coding"]]},
            "patient": {"reference": "resource:0"},
            "occurrenceDateTime": facts["date"],
            "lotNumber": facts.get("lot"),
            "performer": [{"actor": {"display": facts["facility"]}}],
        }
    )
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": "resource:0",
                "resource": facts_only(
                    {
                        "resourceType": "Patient",
                        "name": [facts_only(names)],
                        "birthDate": facts.get("birthDate"),
                    }
                ),
            },
            {"fullUrl": "resource:1", "resource": immunization},
        ],
    }
