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

from edge.credentials.code_systems import NO_VACCINES, SNOMED, told_codes, vaccine_codes
from edge.credentials.evidence import facts_only
from edge.credentials.fhir_elements import (
    LONGEST,
    called,
    display,
    is_altered,
    is_unsaid,
    listed_in,
    text,
)
from edge.credentials.fhir_results import BY_MISTAKE, CONDITION, no_result, read_result
from edge.domain.counting import NO_DAY, day_of, is_nought, set_aside
from edge.domain.names.human_names import name_in_use

NOT_GIVEN = "It was not given."
SKIN_TEST = "It is a skin test, and no vaccine."
NO_RECORD = "The record of this person is closed or replaced, or under a condition."
NOT_SAID = "It is not said that it was given."
OTHER_PERSON = "It is of another person."
WHOSE = "It is not said whose it is."
SUBPOTENT = "The dose was subpotent: too weak to count."
FROM_MEMORY = "It was told from memory."
NO_CODE = "Its vaccine has no code of a system that is known here."
_ORIGIN = "http://terminology.hl7.org/codesystem/immunization-origin"
_STATUSES: Mapping[Any, str] = {"not-done": NOT_GIVEN, "entered-in-error": BY_MISTAKE}
_VERSION = re.compile(r"/_history/[^/]+\Z")
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}\Z")
_NOT_VACCINES: Mapping[str, str] = {"not given": NOT_GIVEN, "skin test": SKIN_TEST}


@dataclass(frozen=True, slots=True)
class _Entry:
    """A resource of a bundle, and the address that a relative reference in it begins with."""

    resource: Mapping[str, Any]
    base: str


@dataclass(frozen=True, slots=True)
class _Bundle:
    """The entries of a bundle, and under each name that a reference may use, whom it names."""

    entries: Sequence[_Entry]
    named: Mapping[str, Sequence[Mapping[str, Any]]]

    def of(self, kind: str) -> list[_Entry]:
        return [entry for entry in self.entries if entry.resource.get("resourceType") == kind]

    def referenced(self, entry: _Entry, element: str) -> Mapping[str, Any] | None:
        """Find the one resource a FHIR ``Reference`` names; none where it could be several.

        FHIR R4, Bundle, "Resolving references in Bundles": a relative one is of the same server.
        """
        reference = entry.resource.get(element)
        told = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(told, str):
            return None
        name = _VERSION.sub("", told)
        found = self.named.get(entry.base + name if _RELATIVE.match(name) else name, ())
        return found[0] if len(found) == 1 else None


def is_read(edition: Any, kind: Any) -> bool:
    """Say whether a bundle says what is: of R4, and not of what a server was asked to do.

    Cards name edition 4.0.1 and a ``collection``; where they leave it out, that is what they are.
    """
    r4 = edition is None or (isinstance(edition, str) and edition.startswith("4."))
    return r4 and kind in (None, "collection", "document", "searchset")


def read_bundle(bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Give the claims of a bundle, whose first ``Patient`` is the person it is about.

    ``doses`` were given to that person; ``results`` are theirs; ``notCounted`` is the rest, each
    with its reason. Who else is in the bundle is not shown.
    """
    whole = _whole(bundle)
    patients = whole.of("Patient")
    person = patients[0].resource if patients else None
    found: dict[str, Any] = _person(person) if person is not None else {}
    against = CONDITION if bundle.get("implicitRules") else _no_record(person or {})
    doses, results, aside = [], [], []
    for entry in whole.of("Immunization"):
        dose = _dose(entry.resource)
        whose = _whose(whole.referenced(entry, "patient"), person) or against
        reason = whose or _not_a_dose(entry.resource, dose)
        if reason:
            aside.append(set_aside(dose, reason))
        else:
            doses.append(dose)
    for entry in whole.of("Observation"):
        result = read_result(entry.resource)
        whose = _whose(whole.referenced(entry, "subject"), person) or against
        reason = whose or no_result(entry.resource, result)
        if reason:
            aside.append(facts_only({**result, "result": None, "reason": reason}))
        else:
            results.append(result)
    results.sort(key=lambda one: str(one.get("date", "")))
    return {**found, "doses": doses, **facts_only({"results": results, "notCounted": aside})}


def _whole(bundle: Mapping[str, Any]) -> _Bundle:
    entries: list[_Entry] = []
    named: dict[str, list[Mapping[str, Any]]] = {}
    for place, entry in enumerate(bundle["entry"]):
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if not isinstance(resource, Mapping):
            continue
        url = entry.get("fullUrl")
        # the cards' framework numbers what it leaves without a name
        name = url if isinstance(url, str) and url else f"resource:{place}"
        begins, last = "", _RELATIVE.search(name)
        if last and name[: last.start()].endswith("/"):
            begins = name[: last.start()]
        names = {name, name.removeprefix(begins)}  # absolute, and "Patient/123"
        if name is not url:
            names.add(f"{resource.get('resourceType')}/{resource.get('id')}")
        entries.append(_Entry(resource, begins))
        for told in names:
            named.setdefault(told, []).append(resource)
    return _Bundle(entries, named)


def _no_record(person: Mapping[str, Any]) -> str:
    """Say so where a ``Patient`` is not to be used: closed, replaced by another, or altered."""
    links = [link for link in listed_in(person, "link") if isinstance(link, Mapping)]
    replaced = any(link.get("type") == "replaced-by" for link in links)
    closed = not is_unsaid(person.get("active"), True)
    return NO_RECORD if closed or replaced or is_altered(person) else ""


def _whose(found: Mapping[str, Any] | None, person: Mapping[str, Any] | None) -> str:
    if found is None or person is None or found.get("resourceType") != "Patient":
        return WHOSE
    return "" if found is person else OTHER_PERSON


def _not_a_dose(resource: Mapping[str, Any], dose: Mapping[str, Any]) -> str:
    """Say why an immunization is no dose that was given; nothing when it is one."""
    status = resource.get("status")
    if status != "completed":
        return _STATUSES.get(status, NOT_SAID) if isinstance(status, str) else NOT_SAID
    # FHIR's editions before R4 say it beside the status
    if not all(is_unsaid(resource.get(name), False) for name in ("notGiven", "wasNotGiven")):
        return NOT_GIVEN
    if _is_nothing(resource.get("doseQuantity")):
        return NOT_GIVEN
    if resource.get("statusReason"):  # why something was not done, of what is said to be done
        return NOT_SAID
    if is_altered(resource):
        return CONDITION
    if not is_unsaid(resource.get("isSubpotent"), False) or resource.get("subpotentReason"):
        return SUBPOTENT
    if (_ORIGIN, "recall") in told_codes(resource.get("reportOrigin")):
        return FROM_MEMORY
    codings = dose.get("codings") or []
    cvx = [coding["code"] for coding in codings if coding["system"] == "cvx"]
    if told := next((NO_VACCINES[code] for code in cvx if code in NO_VACCINES), ""):
        return _NOT_VACCINES[told]
    if day_of(dose.get("date")) is None:
        return NO_DAY
    return "" if any(coding["system"] != "disease" for coding in codings) else NO_CODE


def _is_nothing(quantity: Any) -> bool:
    value = quantity.get("value") if isinstance(quantity, Mapping) else None
    return isinstance(value, int | float) and value <= 0


def _dose(resource: Mapping[str, Any]) -> dict[str, Any]:
    codings = vaccine_codes(resource.get("vaccineCode"))
    day = text(resource.get("occurrenceDateTime"))
    return facts_only(
        {
            "vaccine": codings[0]["code"] if codings else called(resource.get("vaccineCode")),
            "codings": codings + _diseases(resource.get("protocolApplied")),
            "date": day[:10] or text(resource.get("occurrenceString")),
            **_numbers(resource.get("protocolApplied")),
            "lot": text(resource.get("lotNumber")),
            "manufacturer": display(resource.get("manufacturer")),
            "facility": _performer(resource),
            "secondHand": resource.get("primarySource") is False or None,
        }
    )


def _numbers(protocols: Any) -> dict[str, Any]:
    """Give dose and series where exactly one protocol says them: a number belongs to a series."""
    if not isinstance(protocols, list) or len(protocols) != 1:
        return {}
    said = protocols[0] if isinstance(protocols[0], Mapping) else {}
    dose, total = (_told(said, element) for element in ("doseNumber", "seriesDoses"))
    return {"dose": 0 if is_nought(dose) else _count(dose), "totalDoses": _count(total)}


def _told(said: Mapping[str, Any], element: str) -> Any:
    return said.get(f"{element}PositiveInt", said.get(f"{element}String"))


def _count(value: Any) -> int | None:
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


def _person(resource: Mapping[str, Any]) -> dict[str, Any]:
    name = name_in_use(resource.get("name"))
    # a null stands in a list of FHIR for a value that is only described
    given = [value for value in listed_in(name, "given") if isinstance(value, str) and value]
    first = " ".join(given)[:LONGEST]
    family = text(name.get("family"))
    return facts_only(
        {
            "name": f"{first} {family}".strip() or text(name.get("text")),
            "familyName": family,
            "givenName": first,
            "birthDate": text(resource.get("birthDate")),
            "gender": text(resource.get("gender")),
        }
    )


def _performer(resource: Mapping[str, Any]) -> str:
    performers = resource.get("performer")
    first = performers[0] if isinstance(performers, list) and performers else None
    return display(first.get("actor")) if isinstance(first, Mapping) else ""
