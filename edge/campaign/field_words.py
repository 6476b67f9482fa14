"""What a JSON Schema says of a field, in words: what is wrong, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.campaign.typed_values import dates_meant, length_meant, number_meant, truth_meant
from edge.domain.nearest import nearest, plain_code


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong, in words; ``below`` is the field of the group that it is about."""

    code: str
    sentence: str
    values: Mapping[str, object]
    below: tuple[str, ...] = ()
    hint: str = field(default="", kw_only=True)


def told(error: Any, name: str, written: str = "") -> Iterator[Told]:
    """Word what a JSON Schema says of a field by its name; ``written`` is how its value stands."""
    named, bound = {"field": name}, error.validator_value
    match error.validator:
        case "required":
            yield from _missing(error)
        case "additionalProperties":
            yield from _unknown(error)
        case "type":
            yield _wrong_kind(error, name, [bound] if isinstance(bound, str) else bound, written)
        case "anyOf":
            yield _wrong_kind(error, name, [str(form.get("type")) for form in bound], written)
        case "enum":
            yield _no_choice(str(error.instance), list(map(str, bound)))
        case "format":
            sentence = "{field} must be a date written as year-month-day."
            hint, values = dates_meant(str(error.instance))
            yield Told("field.date", sentence, {**named, **values}, hint=hint)
        case "pattern" if name == "pin":
            sentence = "A PIN does not belong here. Write what divoc-edge staff pin prints for it."
            yield Told("field.pin", sentence, {})
        case "pattern":
            yield _wrong_form(error, name)
        case "minItems" if error.instance:
            yield Told("field.too-few", "{field} has {count}, and needs at least {bound}.",
                       {**named, "count": len(error.instance), "bound": bound})  # fmt: skip
        case "minLength" | "minItems" | "minProperties":
            yield Told("field.empty", "{field} is empty.", named, hint=_choices(error.schema))
        case _:
            yield _out_of_bounds(error, name)


def _out_of_bounds(error: Any, name: str) -> Told:
    bound, keyword = error.validator_value, str(error.validator)
    if keyword == "uniqueItems":
        return Told("field.twice", "{field} names something twice.", {"field": name})
    sentence = "{field} is out of bounds: {rule} is {bound}."
    values = {"field": name, "rule": _BOUNDS.get(keyword, keyword), "bound": bound}
    if keyword == "minimum" and -error.instance >= bound:
        values["meant"] = -error.instance
        return Told("field.bounds", sentence, values, hint="Did you mean {meant}?")
    return Told("field.bounds", sentence, values)


def _no_unit(name: str, value: object) -> Told:
    sentence = (
        "{field} needs a unit. Write what is meant: {value} days, {value} weeks, {value} months or"
        " {value} years."
    )
    return Told("field.unit", sentence, {"field": name, "value": str(value).strip()})


def _missing(error: Any) -> Iterator[Told]:
    # one error for each field that is missing, and each has all that are needed
    for name in error.validator_value:
        if name not in error.instance and error.message.startswith(repr(name)):
            yield Told("field.missing", "The field {field} is missing.", {"field": name})


def _unknown(error: Any) -> Iterator[Told]:
    known, patterns = (
        list(error.schema.get("properties", ())),
        error.schema.get("patternProperties", ()),
    )
    for name in error.instance:
        if name not in known and not any(re.search(pattern, name) for pattern in patterns):
            small = name.casefold()
            if not known and any(re.search(pattern, small) for pattern in patterns):
                sentence = "The field {field} is not known here. Did you mean {near}?"
                yield Told("field.unknown", sentence, {"field": name, "near": small}, (name,))
                continue
            values = {"field": name, "known": ", ".join(known)}
            sentence = "The field {field} is not known here."
            split = re.match(r"(\w+):\S", name)
            if split and split[1] in known:
                told, near = "Put a blank behind the colon of {near}.", split[1]
            else:
                near = nearest(name, known)
                told = "Did you mean {near}?" if near else "Known are: {known}."
            yield Told("field.unknown", f"{sentence} {told}", {**values, "near": near}, (name,))


def _wrong_kind(error: Any, name: str, kinds: list[str], written: str) -> Told:
    wanted = " or ".join(_KINDS.get(kind, kind) for kind in dict.fromkeys(kinds))
    values: dict[str, object] = {"field": name, "wanted": wanted}
    hint, instance = "", error.instance
    if instance is None:
        return Told("field.empty", "{field} is empty.", values, hint=_choices(error.schema))
    if _LENGTH in str(error.schema.get("pattern", "")) and type(instance) is int:
        return _no_unit(name, instance)
    if "string" in kinds and isinstance(instance, bool | int | float) and written:
        hint, values["meant"] = 'Write "{meant}".', written
    elif "boolean" in kinds:
        hint, values["meant"] = "Write {meant}.", truth_meant(str(instance))
    elif "integer" in kinds:
        rule = str(error.schema.get("description", ""))
        hint, values["meant"] = "Write {meant}.", number_meant(instance, rule)
    elif name == "after" and (length := length_meant(str(instance))):
        hint, values["meant"] = "Write {{ previous: {meant} }}.", length
    elif "array" in kinds and "object" not in kinds and isinstance(instance, str | int):
        hint, values["meant"] = (
            "Write [{meant}].",
            ", ".join(str(instance).replace(",", " ").split()),
        )
    return Told("field.type", "{field} must be {wanted}.", values,
                hint=hint if values.get("meant") not in ("", None) else "")  # fmt: skip


def _no_choice(value: str, known: list[str]) -> Told:
    values: dict[str, object] = {"field": value, "known": ", ".join(known)}
    near = nearest(value, known) or _SAID.get(value.casefold(), "")
    hint = "Did you mean {near}?" if near in known else ""
    sentence = "{field} must be one of: {known}."
    return Told("field.value", sentence, {**values, "near": near}, hint=hint)


def _wrong_form(error: Any, name: str) -> Told:
    value, pattern = str(error.instance), error.validator_value
    if _LENGTH in pattern and value.strip().isdecimal():
        return _no_unit(name, value)
    values = {"field": name, "rule": error.schema.get("description", "")}
    for meant in _meant(value, values["rule"]):
        if meant != value and re.search(pattern, meant):
            return Told("field.form", "{field} is not in the right form. {rule}",
                        {**values, "meant": meant}, hint="Did you mean {meant}?")  # fmt: skip
    return Told("field.form", "{field} is not in the right form. {rule}", values)


def _meant(value: str, rule: str) -> Iterator[str]:
    """Give what a text of the wrong form may have meant, the likeliest first."""
    text = value.strip(" \u00a0\"'\u201c\u201d\u2018\u2019\u00ab\u00bb")
    yield text
    yield length_meant(text)
    yield text.upper()
    if rule.startswith("A session day"):
        yield text[:3].title()
    yield f"https://{text}".rstrip("/")
    if rule.startswith("A short code"):
        yield plain_code(text)


def _choices(schema: Any) -> str:
    """Say what may stand in a list that is empty, where its items are of a few words."""
    known = schema.get("items", {}).get("enum", ()) if isinstance(schema, Mapping) else ()
    return f"Give at least one of: {', '.join(known)}." if known else ""


_KINDS = {
    "string": "text; put it in quotation marks",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list, each item on a line of its own with a dash before it",
    "object": "a group of fields, each with its name and a colon",
}
_LENGTH = "(day|week|month|year)"
"""Stands in the pattern of each length of time."""
_BOUNDS = {
    "minimum": "the least",
    "maximum": "the most",
    "maxLength": "the longest",
    "maxItems": "the most items",
}
_SAID = {
    "nurse": "vaccinator",
    "doctor": "clinician",
    "clerk": "registrar",
    "manager": "supervisor",
}
"""Roles as people call them."""
