"""What a laboratory found: FHIR's ``Observation`` with value, unit, interpretation and day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.credentials.code_systems import (
    ANSWERS,
    INTERPRETATIONS,
    INTERPRETED,
    LOINC,
    RESULTS,
    SNOMED,
    told_codes,
)
from edge.credentials.evidence import facts_only
from edge.credentials.fhir_elements import called, display, is_altered, listed_in, text

BY_MISTAKE = "It was recorded by mistake."
CONDITION = "It has a condition that is not understood here."
NOT_FINAL = "The result is not final."
NO_RESULT = "The result is not said."
_FINAL = ("final", "amended", "corrected")
_WORDS: Mapping[str, Mapping[str, str]] = {SNOMED: RESULTS, LOINC: ANSWERS}
_MOST = 20


def no_result(resource: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Say why an observation is no result; nothing when it is one."""
    status = resource.get("status")
    if status == "entered-in-error":
        return BY_MISTAKE
    if status not in _FINAL:
        return NOT_FINAL
    if is_altered(resource):
        return CONDITION
    absent = resource.get("dataAbsentReason")  # FHIR R4, invariant obs-6: then there is no value
    return "" if result.get("result") and not absent else NO_RESULT


def read_result(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Give the claims of an observation, in the laboratory's words."""
    code = resource.get("code")
    loinc = [told for system, told in told_codes(code) if system == LOINC]
    period = resource.get("effectivePeriod")
    day = resource.get("effectiveDateTime", resource.get("effectiveInstant"))
    if isinstance(period, Mapping):
        day = period.get("start")
    value, meaning = _whole_value(resource), _interpretation(resource)
    return facts_only(
        {
            "testName": called(code),
            "testType": loinc[0] if loinc else "",
            "date": text(day)[:10],
            "result": value or meaning,
            "interpretation": meaning if value and meaning != value else "",
            "facility": next(
                (display(performer) for performer in listed_in(resource, "performer")), ""
            ),
        }
    )


def _whole_value(resource: Mapping[str, Any]) -> str:
    """Give the value, or of a panel without one those of its parts, each with its name."""
    found = _value(resource)
    if found:
        return found
    parts = [part for part in listed_in(resource, "component")[:_MOST] if isinstance(part, Mapping)]
    told = [(called(part.get("code")), _value(part) or _interpretation(part)) for part in parts]
    return "; ".join(f"{name}: {value}" if name else value for name, value in told if value)[:300]


def _value(resource: Mapping[str, Any]) -> str:
    concept = resource.get("valueCodeableConcept")
    if isinstance(concept, Mapping):
        return _in_words(concept)
    for name, write in (
        ("valueQuantity", _quantity),
        ("valueRange", _range),
        ("valueRatio", _ratio),
    ):
        if isinstance(resource.get(name), Mapping):
            return write(resource[name])
    if isinstance(resource.get("valueBoolean"), bool):
        return "yes" if resource["valueBoolean"] else "no"
    if type(resource.get("valueInteger")) is int:
        return str(resource["valueInteger"])
    return text(resource.get("valueString"))


def _in_words(concept: Mapping[str, Any]) -> str:
    known = (_WORDS.get(system, {}).get(code) for system, code in told_codes(concept))
    return next((word for word in known if word), "") or called(concept)


def _quantity(quantity: Any) -> str:
    number = quantity.get("value") if isinstance(quantity, Mapping) else None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return ""
    unit = text(quantity.get("unit")) or text(quantity.get("code"))
    return f"{text(quantity.get('comparator'))}{number} {unit}".strip()


def _range(limits: Mapping[str, Any]) -> str:
    low, high = _quantity(limits.get("low")), _quantity(limits.get("high"))
    return f"{low} – {high}" if low and high else low or high


def _ratio(ratio: Mapping[str, Any]) -> str:
    """Write a titre as laboratories do, 1:160; half a ratio says nothing."""
    parts = _quantity(ratio.get("numerator")), _quantity(ratio.get("denominator"))
    return ":".join(parts) if all(parts) else ""


def _interpretation(resource: Mapping[str, Any]) -> str:
    """Give what the laboratory says of the value: in words where the code is one of HL7's."""
    for concept in listed_in(resource, "interpretation"):
        codes = [code for system, code in told_codes(concept) if system == INTERPRETED]
        known = next((INTERPRETATIONS[code] for code in codes if code in INTERPRETATIONS), "")
        if known or (isinstance(concept, Mapping) and _in_words(concept)):
            return known or _in_words(concept)
    return ""
