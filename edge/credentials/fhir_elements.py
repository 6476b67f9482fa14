"""What elements of FHIR hold that every resource has: texts, concepts, modifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LONGEST = 300


def text(value: Any) -> str:
    """Give a text, never longer than a screen; nothing for what is none."""
    return value[:LONGEST] if isinstance(value, str) else ""


def display(reference: Any) -> str:
    """Give what a ``Reference`` is called."""
    return text(reference.get("display")) if isinstance(reference, Mapping) else ""


def called(concept: Any) -> str:
    """Give what a ``CodeableConcept`` is called: its text, else a coding's name, else its code."""
    if not isinstance(concept, Mapping):
        return ""
    listed = [coding for coding in listed_in(concept, "coding") if isinstance(coding, Mapping)]
    told = [text(concept.get("text"))]
    told += [text(item.get(name)) for name in ("display", "code") for item in listed]
    return next((found for found in told if found), "")


def listed_in(element: Mapping[str, Any], name: str) -> list[Any]:
    """Give a repeating member; nothing where it does not repeat."""
    value = element.get(name)
    return value if isinstance(value, list) else []


def is_altered(resource: Mapping[str, Any]) -> bool:
    """Say whether something alters a resource's meaning that nobody here understands.

    FHIR R4 2.4.1.2, ``modifierExtension`` and ``implicitRules``.
    """
    return bool(resource.get("modifierExtension") or resource.get("implicitRules"))


def is_unsaid(value: Any, usual: bool) -> bool:
    """Say whether a boolean is left out or as it usually is; 0, 1 and "true" are neither."""
    return value is None or value is usual
