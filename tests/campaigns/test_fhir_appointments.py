"""Appointments of FHIR: what a ``use`` says of a name, a number, a telephone or an address is heard."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from edge.campaign.files.fhir_appointments import enrolments_of_bundle


def enrolment(**patient: Any) -> dict[str, Any]:
    resources = [
        {"resourceType": "Patient", "id": "p", **patient},
        {
            "resourceType": "Appointment",
            "id": "a",
            "status": "booked",
            "start": "2026-12-01T09:00:00Z",
            "participant": [{"actor": {"reference": "Patient/p"}}],
        },
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": found} for found in resources]}
    (found,) = enrolments_of_bundle(bundle, UTC)
    return found


def test_what_a_person_had_before_is_not_what_they_have_now() -> None:
    found = enrolment(
        name=[{"use": "old", "text": "Awa Sow"}, {"use": "official", "text": "Awa Diop"}],
        identifier=[
            {"use": "old", "value": "did:demo.id:1"},
            {"use": "official", "value": "did:demo.id:2"},
        ],
        telecom=[
            {"use": "old", "system": "phone", "value": "70000001"},
            {"use": "mobile", "system": "phone", "value": "70000002"},
        ],
        address=[{"use": "old", "district": "North"}, {"use": "home", "district": "South"}],
    )
    assert (found["name"], found["identity"], found["phone"]) == (
        "Awa Diop",
        "did:demo.id:2",
        "70000002",
    )
    assert found["address"]["district"] == "South"


def test_a_name_of_before_stands_where_there_is_no_other_and_a_number_does_not() -> None:
    found = enrolment(
        name=[{"use": "old", "text": "Awa Sow"}],
        identifier=[{"use": "old", "value": "did:demo.id:1"}],
    )
    assert (found["name"], found["identity"]) == ("Awa Sow", "")
