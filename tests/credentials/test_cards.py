"""What a SMART Health Card says, and no more: each way in which FHIR says "not a dose"."""

from __future__ import annotations

import json
from typing import Any

import pytest
from health_cards import (
    BUNDLES,
    CVX,
    ORIGIN,
    PERSONS,
    REASONS,
    card,
    coded,
    immunization,
    observation,
    patient,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring import signer
from shares import share
from verifying import LATER, StandingVerifier

from edge.credentials.revocation import Lookup, Standing
from edge.credentials.shc_text import decode
from edge.credentials.verdict import Verdict
from edge.services.certificates.formats import load_formats

TOOLKIT, SIGNER = load_formats(), signer(LATER.replace(month=1))
VERIFIER = StandingVerifier(TOOLKIT, SIGNER.trust())
SNOMED = "http://snomed.info/sct"
HL7 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ANYBODY = signer(LATER.replace(month=1), usages=())
"""A key that may sign tests as well."""


def judged(*resources: Any) -> Verdict:
    return StandingVerifier(TOOLKIT, ANYBODY.trust()).verify(card(ANYBODY, LATER, *resources))


@pytest.mark.parametrize("name", REASONS)
def test_what_was_not_given_to_this_person_is_shown_with_its_reason_and_does_not_count(
    name: str,
) -> None:
    changes, reason = REASONS[name]
    verdict = judged(patient(), immunization(**changes))
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "uncounted")
    assert [one["reason"] for one in verdict.claims["notCounted"]] == [reason]
    assert not {"vaccine", "date", "doses", "codings"} & set(verdict.claims)
    assert "nothing on it counts as a dose" in verdict.reason


@pytest.mark.parametrize("name", REASONS)
def test_beside_a_dose_that_counts_the_others_do_not(name: str) -> None:
    changes, reason = REASONS[name]
    verdict = judged(patient(), immunization(**changes), immunization(lotNumber="GOOD"))
    assert (verdict.claims["kind"], verdict.claims["lot"]) == ("vaccination", "GOOD")
    assert "doses" not in verdict.claims
    assert [one["reason"] for one in verdict.claims["notCounted"]] == [reason]
    assert "Not everything on it counts" in verdict.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"occurrenceDateTime": "2026-05-04T23:59:59-11:00"},
        {"occurrenceDateTime": "2026-05-04T00:00:00.000+14:00"},
        {"occurrenceDateTime": "1996-02-29"},
        {"isSubpotent": False},
        {"primarySource": False},
        {"primarySource": False, "reportOrigin": coded((ORIGIN, "record"))},
        {"vaccineCode": coded(("https://local.example", "x"), (CVX, "04"))},
        {"vaccineCode": coded(("https://hl7.org/fhir/sid/cvx/", "04"))},
        {"vaccineCode": coded(("urn:oid:2.16.840.1.113883.12.292", "04"))},
        {"vaccineCode": {"coding": [None, {"code": "1"}, {"system": CVX, "code": "04"}]}},
    ],
)
def test_a_dose_counts_however_a_clinic_writes_it(changes: dict[str, Any]) -> None:
    verdict = judged(patient(), immunization(**changes))
    assert verdict.claims["kind"] == "vaccination"
    assert {"system": "cvx", "code": "04"} in verdict.claims["codings"]
    assert "notCounted" not in verdict.claims
    assert verdict.claims["date"] in ("2026-05-04", "1996-02-29")


def test_a_dose_in_a_bundle_of_two_people_is_only_of_whom_it_references() -> None:
    other = patient(name=[{"family": "Somebody"}], birthDate="2020-01-01")
    verdict = judged(
        patient(),
        other,
        immunization(lotNumber="HERS"),
        immunization(patient={"reference": "resource:1"}, lotNumber="OTHERS"),
    )
    assert (verdict.claims["name"], verdict.claims["lot"]) == ("Almaz Tesfaye", "HERS")
    (aside,) = verdict.claims["notCounted"]
    assert (aside["lot"], aside["reason"]) == ("OTHERS", "It is of another person.")


@pytest.mark.parametrize(
    ("url", "reference", "counts"),
    [
        ("resource:0", "resource:0", True),
        ("urn:uuid:6f1c3ab0-0000-4000-8000-00000000aaaa", "urn:uuid:6f1c3ab0-0000-4000-8000-00000000aaaa", True),
        ("https://ehr.example/fhir/Patient/a1", "https://ehr.example/fhir/Patient/a1", True),
        ("https://ehr.example/fhir/Patient/a1", "Patient/a1", True),
        ("https://ehr.example/fhir/Patient/a1", "Patient/a1/_history/3", True),
        ("https://ehr.example/fhir/Patient/a1", "a1", False),
        ("https://ehr.example/fhir/Patient/a1", "https://other.example/fhir/Patient/a1", False),
        ("https://ehr.example/fhir/Patient/a1", "resource:0", False),
        (None, "resource:0", True),
        (None, "#", False),
        (None, "Patient/a1", True),
        (None, "Patient/a2", False),
    ],
)  # fmt: skip
def test_a_reference_is_resolved_as_fhir_says(
    url: str | None, reference: str, counts: bool
) -> None:
    entry = {"resource": patient(id="a1"), **({"fullUrl": url} if url else {})}
    verdict = judged(entry, immunization(patient={"reference": reference}))
    assert (verdict.claims["kind"] == "vaccination") is counts


@pytest.mark.parametrize(
    ("server", "counts"),
    [("https://ehr.example/fhir/", True), ("https://other.example/fhir/", False)],
)
def test_a_relative_reference_is_of_the_same_server(server: str, counts: bool) -> None:
    hers = {"fullUrl": "https://ehr.example/fhir/Patient/a1", "resource": patient()}
    dose = immunization(patient={"reference": "Patient/a1"})
    verdict = judged(hers, {"fullUrl": f"{server}Immunization/7", "resource": dose})
    assert (verdict.claims["kind"] == "vaccination") is counts


@pytest.mark.parametrize("name", PERSONS)
def test_a_record_of_a_person_that_is_not_to_be_used_has_no_doses(name: str) -> None:
    more, counts = PERSONS[name]
    found = judged(patient(**more), immunization(), observation()).claims
    assert (found["kind"] == "vaccination") is counts
    reasons = {one["reason"] for one in found.get("notCounted", ())}
    wanted = {"The record of this person is closed or replaced, or under a condition."}
    assert reasons == (set() if counts else wanted)


@pytest.mark.parametrize(
    ("uses", "first"),
    [
        (("old", "official"), 1),
        (("nickname", None), 1),
        (("usual", "official"), 1),
        ((None, "usual"), 1),
        (("maiden", "temp"), 1),
        (("official", "official"), 0),
        (("old",), 0),
        ((["official"], "official"), 1),
    ],
)
def test_of_several_names_the_one_in_use_is_the_persons(uses: tuple[Any, ...], first: int) -> None:
    names: list[Any] = [
        {"use": use, "family": f"Name{place}", "given": ["Almaz"]} for place, use in enumerate(uses)
    ]
    found = judged(patient(name=[None, {"use": "official"}, *names]), immunization()).claims
    assert found["name"] == f"Almaz Name{first}"


def test_a_given_name_that_is_only_described_is_not_written() -> None:
    name = {"family": "Tesfaye", "given": ["Almaz", None, "Sara"]}
    found = judged(patient(name=[name]), immunization()).claims
    assert (found["name"], found["givenName"]) == ("Almaz Sara Tesfaye", "Almaz Sara")


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_read_where_it_says_what_is_and_in_an_edition_known_here(name: str) -> None:
    how, kind = BUNDLES[name]
    verdict = VERIFIER.verify(card(SIGNER, LATER, patient(), immunization(), **how))
    assert verdict.claims.get("kind", "") == kind
    assert verdict.verdict == ("valid" if kind else "unreadable")


def test_what_the_laboratory_says_of_a_value_is_shown_beside_it() -> None:
    quantity = {"valueCodeableConcept": None, "valueQuantity": {"value": 0.2, "unit": "IU/mL"}}
    low = observation(**quantity, interpretation=[coded((HL7, "L"))])
    found = judged(patient(), low).claims
    assert (found["result"], found["interpretation"]) == ("0.2 IU/mL", "Low")
    local = observation(**quantity, interpretation=[coded(("https://local.example", "L"))])
    assert judged(patient(), local).claims["interpretation"] == "L"
    same = observation(interpretation=[coded((HL7, "ND"))])
    assert "interpretation" not in judged(patient(), same).claims


def test_two_resources_of_one_name_are_nobodys() -> None:
    twice = {"fullUrl": "resource:0", "resource": patient(birthDate="2020-01-01")}
    assert judged(patient(), twice, immunization()).claims["kind"] == "uncounted"


def test_a_card_without_a_person_has_no_dose_of_anybody() -> None:
    verdict = judged(immunization())
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "uncounted")


def test_dose_and_series_are_read_where_one_protocol_says_them() -> None:
    one = {"doseNumberPositiveInt": 2, "seriesDosesString": "3"}
    found = judged(patient(), immunization(protocolApplied=[one])).claims
    assert (found["dose"], found["totalDoses"]) == (2, 3)
    oddities: tuple[Any, ...] = (
        [one, {**one, "doseNumberPositiveInt": 1}], [{"doseNumberPositiveInt": 0}],
        [{"doseNumberString": "booster"}], [{"doseNumberPositiveInt": True}], {}, [None],
    )  # fmt: skip
    for listed in oddities:
        assert "dose" not in judged(patient(), immunization(protocolApplied=listed)).claims


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, "Not detected"),
        ({"valueCodeableConcept": {"text": "Positivo"}}, "Positivo"),
        ({"valueCodeableConcept": coded(("http://loinc.org", "LA6577-6"))}, "Negative"),
        ({"valueCodeableConcept": coded(("http://loinc.org", "LA0-0"))}, "LA0-0"),
        (
            {"valueCodeableConcept": coded(("urn:oid:2.16.840.1.113883.6.96", "10828004"))},
            "Positive",
        ),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 160}}}, "1:160"),
        (
            {"valueRange": {"low": {"value": 2, "unit": "IU"}, "high": {"value": 5, "unit": "IU"}}},
            "2 IU – 5 IU",
        ),
        ({"valueRange": {"low": {"value": 2, "unit": "IU"}}}, "2 IU"),
        (
            {
                "component": [
                    {"code": {"text": "IgM"}, "valueCodeableConcept": coded((SNOMED, "10828004"))},
                    {"code": {"text": "IgG"}, "interpretation": [coded((HL7, "NEG"))]},
                    None,
                ]
            },
            "IgM: Positive; IgG: Negative",
        ),
        ({"interpretation": [coded((HL7, "POS"))]}, "Positive"),
        ({"valueCodeableConcept": coded(("https://local.example", "260415000"))}, "260415000"),
        ({"valueQuantity": {"value": 12.5, "unit": "mIU/mL", "comparator": ">"}}, ">12.5 mIU/mL"),
        ({"valueString": "trace"}, "trace"),
        ({"valueBoolean": False}, "no"),
        ({"valueInteger": 3}, "3"),
    ],
)
def test_a_result_of_a_laboratory_is_shown_with_its_value_and_is_no_vaccination(
    value: dict[str, Any], shown: str
) -> None:
    changes = {"valueCodeableConcept": None, **value} if value else {}
    verdict = judged(patient(), observation(**changes))
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "test")
    assert (verdict.claims["result"], verdict.claims["testType"]) == (shown, "94558-4")
    assert verdict.claims["facility"] == "Laboratory of Demo"
    assert "vaccine" not in verdict.claims


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "preliminary"}, "The result is not final."),
        ({"status": None}, "The result is not final."),
        ({"status": "entered-in-error"}, "It was recorded by mistake."),
        ({"subject": {"reference": "resource:9"}}, "It is not said whose it is."),
        ({"valueCodeableConcept": None}, "The result is not said."),
        ({"valueCodeableConcept": None, "valueQuantity": {"value": True}}, "The result is not said."),
        ({"valueCodeableConcept": None, "valueRatio": {"numerator": {"value": 1}}}, "The result is not said."),
        ({"valueCodeableConcept": None, "dataAbsentReason": {"text": "lost"}}, "The result is not said."),
        ({"dataAbsentReason": {"text": "lost"}}, "The result is not said."),
        ({"effectiveDateTime": "2026-11-28"}, "Its day lies in the future."),
        ({"effectiveDateTime": "1990-05-04"}, "Its day lies before the birth of the person."),
        ({"modifierExtension": [{}]}, "It has a condition that is not understood here."),
    ],
)  # fmt: skip
def test_a_result_that_is_none_shows_its_reason_and_no_value(
    changes: dict[str, Any], reason: str
) -> None:
    verdict = judged(patient(), observation(**changes))
    (aside,) = verdict.claims["notCounted"]
    assert (aside["reason"], "result" in aside) == (reason, False)
    assert (verdict.verdict, verdict.claims["kind"]) == ("valid", "uncounted")


def test_a_card_may_hold_doses_and_results() -> None:
    found = judged(patient(), immunization(), observation()).claims
    assert (found["kind"], found["vaccine"], "result" in found) == ("vaccination", "04", False)
    assert [one["result"] for one in found["results"]] == ["Not detected"]


def test_a_key_for_vaccinations_does_not_sign_results() -> None:
    words = [
        VERIFIER.verify(card(SIGNER, LATER, patient(), one)).verdict
        for one in (immunization(), observation())
    ]
    assert words == ["valid", "invalid"]


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    | st.sampled_from(["completed", "resource:0", "04", CVX, "2026-05-04"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["coding", "system", "code", "reference", "value", "actor",
                                       "text", "display", "start", "targetDisease"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip
ELEMENTS = sorted({*immunization(), *observation(), "isSubpotent", "primarySource", "reportOrigin",
                   "protocolApplied", "manufacturer", "effectivePeriod", "valueQuantity"})  # fmt: skip


@pytest.mark.slow
@settings(max_examples=share(150))
@given(
    st.dictionaries(st.sampled_from(ELEMENTS), STRANGE, max_size=4),
    st.sampled_from([immunization, observation]),
)
def test_whatever_stands_in_an_element_a_genuine_card_is_judged_and_counts_only_whole_doses(
    changes: dict[str, Any], kind: Any
) -> None:
    resource = {**kind(), **changes}
    verdict = judged(patient(), resource)
    assert verdict.verdict == "valid"
    if verdict.claims.get("kind") == "vaccination":
        assert resource["status"] == "completed"
        assert resource["patient"]["reference"] == "resource:0"
        assert resource.get("isSubpotent") in (None, False)


class OneCard:
    """A list in which the card of one name stands."""

    def standing(self, lookup: Lookup) -> Standing:
        return Standing(bool(lookup.keys), LATER)


GOOD = card(SIGNER, LATER, patient(), immunization())
SECOND: dict[str, tuple[bytes, str]] = {
    "good": (card(SIGNER, LATER, patient(), immunization(lotNumber="B2")), "valid"),
    "expired": (card(SIGNER, LATER, patient(), immunization(), exp=LATER.timestamp() - 9), "expired"),
    "revoked": (card(SIGNER, LATER, patient(), immunization(), rid="abc"), "revoked"),
    "of nobody known": (card(signer(LATER), LATER, patient(), immunization()), "unknown-issuer"),
    "not of a card's form": (card(SIGNER, LATER, patient(), immunization(), bundle={"entry": 7}), "invalid"),
}  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("second", SECOND)
def test_each_card_of_a_file_is_judged_and_told(second: str, order: int) -> None:
    payload, word = SECOND[second]
    texts = [decode(one.decode()) for one in (GOOD, payload)][::order]
    file = json.dumps({"verifiableCredential": texts}).encode()
    verdict = StandingVerifier(TOOLKIT, SIGNER.trust(), revocations=OneCard()).verify(file)
    assert verdict.verdict == word
    assert {one.payload.decode() for one in verdict.all_shown} == set(texts)
    assert sorted(one.verdict for one in verdict.all_shown) == sorted(["valid", word])
