"""What a FHIR R4 bundle says of one person: doses that were given, and what a laboratory found.

Read are ``Patient``, ``Immunization`` and ``Observation`` as the SMART Health Cards' profiles for
vaccination and testing have them. An element that changes what a resource means (FHIR calls it a
modifier) is read, or the resource does not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.credentials.code_systems import LOINC, RESULTS, SNOMED, told_codes, vaccine_codes
from edge.credentials.evidence import facts_only
from edge.domain.counting import NO_DAY, day_of, set_aside

NOT_GIVEN = "It was not given."
BY_MISTAKE = "It was recorded by mistake."
NOT_SAID = "It is not said that it was given."
OTHER_PERSON = "It is of another person."
WHOSE = "It is not said whose it is."
SUBPOTENT = "The dose was subpotent: too weak to count."
FROM_MEMORY = "It was told from memory."
CONDITION = "It has a condition that is not understood here."
NO_CODE = "Its vaccine has no code of a system that is known here."
NOT_FINAL = "The result is not final."
NO_RESULT = "The result is not said."
_ORIGIN = "http://terminology.hl7.org/codesystem/immunization-origin"
_STATUSES: Mapping[Any, str] = {"not-done": NOT_GIVEN, "entered-in-error": BY_MISTAKE}
_FINAL = ("final", "amended", "corrected")
_VERSION = re.compile(r"/_history/[^/]+\Z")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class _Bundle:
    """The resources of a bundle, and under each name that a reference may use, whom it names."""

    resources: Sequence[Mapping[str, Any]]
    named: Mapping[str, Sequence[Mapping[str, Any]]]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        return [resource for resource in self.resources if resource.get("resourceType") == kind]

    def referenced(self, reference: Any) -> Mapping[str, Any] | None:
        """Find the one resource a FHIR ``Reference`` names; none where it could be several."""
        told = reference.get("reference") if isinstance(reference, Mapping) else None
        found = self.named.get(_VERSION.sub("", told), ()) if isinstance(told, str) else ()
        return found[0] if len(found) == 1 else None


def read_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Give the claims of a bundle, whose first ``Patient`` is the person it is about.

    ``doses`` were given to that person; ``results`` are theirs; ``notCounted`` is the rest, each
    with its reason. Who else is in the bundle is not shown.
    """
    whole = _whole(bundle)
    patients = whole.of("Patient")
    person = patients[0] if patients else None
    found: dict[str, Any] = _person(person) if person is not None else {}
    doses, results, aside = [], [], []
    for resource in whole.of("Immunization"):
        dose = _dose(resource)
        reason = _whose(whole, resource.get("patient"), person) or _not_a_dose(resource, dose)
        if reason:
            aside.append(set_aside(dose, reason))
        else:
            doses.append(dose)
    for resource in whole.of("Observation"):
        result = _result(resource)
        reason = _whose(whole, resource.get("subject"), person) or _not_a_result(resource, result)
        if reason:
            aside.append(facts_only({**result, "result": None, "reason": reason}))
        else:
            results.append(result)
    results.sort(key=lambda one: str(one.get("date", "")))
    return {**found, "doses": doses, **facts_only({"results": results, "notCounted": aside})}


def _whole(bundle: Mapping[str, Any]) -> _Bundle:
    resources: list[Mapping[str, Any]] = []
    named: dict[str, list[Mapping[str, Any]]] = {}
    for place, entry in enumerate(bundle["entry"]):
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if not isinstance(resource, Mapping):
            continue
        resources.append(resource)
        url = entry.get("fullUrl")
        # the cards' framework numbers what it leaves without a name
        name = url if isinstance(url, str) and url else f"resource:{place}"
        for text in {name, "/".join(name.split("/")[-2:])}:  # absolute, and "Patient/123"
            named.setdefault(text, []).append(resource)
    return _Bundle(resources, named)


def _whose(whole: _Bundle, reference: Any, person: Mapping[str, Any] | None) -> str:
    found = whole.referenced(reference)
    if found is None or person is None or found.get("resourceType") != "Patient":
        return WHOSE
    return "" if found is person else OTHER_PERSON


def _not_a_dose(resource: Mapping[str, Any], dose: Mapping[str, Any]) -> str:
    """Say why an immunization is no dose that was given; nothing when it is one."""
    status = resource.get("status")
    if status != "completed":
        return _STATUSES.get(status, NOT_SAID) if isinstance(status, str) else NOT_SAID
    if resource.get("modifierExtension") or resource.get("implicitRules"):
        return CONDITION
    if resource.get("isSubpotent") not in (None, False):
        return SUBPOTENT
    if (_ORIGIN, "recall") in told_codes(resource.get("reportOrigin")):
        return FROM_MEMORY
    if day_of(dose.get("date")) is None:
        return NO_DAY
    return "" if dose.get("codings") else NO_CODE


def _dose(resource: Mapping[str, Any]) -> dict[str, Any]:
    codings = vaccine_codes(resource.get("vaccineCode"))
    day = _text(resource.get("occurrenceDateTime"))
    return facts_only(
        {
            "vaccine": codings[0]["code"] if codings else _said(resource.get("vaccineCode")),
            "codings": codings + _diseases(resource.get("protocolApplied")),
            "date": day[:10] or _text(resource.get("occurrenceString")),
            **_numbers(resource.get("protocolApplied")),
            "lot": _text(resource.get("lotNumber")),
            "manufacturer": _display(resource.get("manufacturer")),
            "facility": _performer(resource),
            "secondHand": resource.get("primarySource") is False or None,
        }
    )


def _numbers(protocols: Any) -> dict[str, Any]:
    """Give dose and series where exactly one protocol says them: a number belongs to a series."""
    if not isinstance(protocols, list) or len(protocols) != 1:
        return {}
    said = protocols[0] if isinstance(protocols[0], Mapping) else {}
    names = {"dose": "doseNumber", "totalDoses": "seriesDoses"}
    return {name: _count(said, element) for name, element in names.items()}


def _count(said: Mapping[str, Any], element: str) -> int | None:
    value = said.get(f"{element}PositiveInt", said.get(f"{element}String"))
    if isinstance(value, str) and re.fullmatch(r"[1-9]\d?", value):
        value = int(value)
    return value if type(value) is int and 0 < value < 100 else None


def _diseases(protocols: Any) -> list[dict[str, str]]:
    """Give the diseases a dose is said to protect from, as SNOMED CT names them."""
    listed = protocols if isinstance(protocols, list) else []
    targets = [value.get("targetDisease") for value in listed if isinstance(value, Mapping)]
    codes = [
        code
        for target in targets
        for concept in (target if isinstance(target, list) else [])
        for system, code in told_codes(concept)
        if system == SNOMED
    ]
    return [{"system": "disease", "code": code} for code in dict.fromkeys(codes)]


def _not_a_result(resource: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    status = resource.get("status")
    if status == "entered-in-error":
        return BY_MISTAKE
    if status not in _FINAL:
        return NOT_FINAL
    if resource.get("modifierExtension") or resource.get("implicitRules"):
        return CONDITION
    return "" if result.get("result") else NO_RESULT


def _result(resource: Mapping[str, Any]) -> dict[str, Any]:
    code = resource.get("code")
    loinc = [told for system, told in told_codes(code) if system == LOINC]
    period = resource.get("effectivePeriod")
    day = resource.get("effectiveDateTime", resource.get("effectiveInstant"))
    if isinstance(period, Mapping):
        day = period.get("start")
    performers = resource.get("performer")
    performer = performers[0] if isinstance(performers, list) and performers else None
    return facts_only(
        {
            "testName": _said(code),
            "testType": loinc[0] if loinc else "",
            "date": _text(day)[:10],
            "result": _value(resource),
            "facility": _display(performer),
        }
    )


def _value(resource: Mapping[str, Any]) -> str:
    """Write what was found, as the laboratory says it."""
    concept = resource.get("valueCodeableConcept")
    if isinstance(concept, Mapping):
        known = [
            RESULTS[code]
            for system, code in told_codes(concept)
            if system == SNOMED and code in RESULTS
        ]
        return known[0] if known else _said(concept)
    quantity = resource.get("valueQuantity")
    if isinstance(quantity, Mapping):
        number = quantity.get("value")
        if isinstance(number, bool) or not isinstance(number, int | float):
            return ""
        unit = _text(quantity.get("unit")) or _text(quantity.get("code"))
        return f"{_text(quantity.get('comparator'))}{number} {unit}".strip()
    if isinstance(resource.get("valueBoolean"), bool):
        return "yes" if resource["valueBoolean"] else "no"
    if type(resource.get("valueInteger")) is int:
        return str(resource["valueInteger"])
    return _text(resource.get("valueString"))


def _person(resource: Mapping[str, Any]) -> dict[str, Any]:
    names = resource.get("name")
    name = names[0] if isinstance(names, list) and names and isinstance(names[0], Mapping) else {}
    given = name.get("given")
    first = " ".join(str(value) for value in given)[:_LONGEST] if isinstance(given, list) else ""
    family = _text(name.get("family"))
    return facts_only(
        {
            "name": f"{first} {family}".strip() or _text(name.get("text")),
            "familyName": family,
            "givenName": first,
            "birthDate": _text(resource.get("birthDate")),
            "gender": _text(resource.get("gender")),
        }
    )


def _said(concept: Any) -> str:
    """Give what a ``CodeableConcept`` is called: its text, else a coding's name, else its code."""
    if not isinstance(concept, Mapping):
        return ""
    codings = concept.get("coding")
    listed = (
        [coding for coding in codings if isinstance(coding, Mapping)]
        if isinstance(codings, list)
        else []
    )
    told = [_text(concept.get("text"))]
    told += [_text(item.get(name)) for name in ("display", "code") for item in listed]
    return next((text for text in told if text), "")


def _performer(resource: Mapping[str, Any]) -> str:
    performers = resource.get("performer")
    first = performers[0] if isinstance(performers, list) and performers else None
    return _display(first.get("actor")) if isinstance(first, Mapping) else ""


def _display(reference: Any) -> str:
    return _text(reference.get("display")) if isinstance(reference, Mapping) else ""


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
