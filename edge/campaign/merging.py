"""Packs as chosen, made into one plain schedule in the vaccines of a country."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from edge.campaign.chosen import PackChoice
from edge.campaign.plain_values import plain_value
from edge.campaign.yaml_files import YamlFile

Translation = Mapping[str, Sequence[str]] | None
"""The country's vaccines that are one of the packs'; None: the packs' own names stand."""


def merged(
    name: str, code: str, title: str, parts: Sequence[PackChoice], own: YamlFile | None = None
) -> YamlFile:
    """Make one schedule of packs, and of what a composing file says of its ``own``.

    A vaccine of two packs protects against what either says. Live vaccines of different packs keep
    their distance from each other.
    """
    stated = own.value.get("vaccines") if own is not None else None
    translation = _translation(stated) if stated is not None else None
    bodies = [_translated(part, translation) for part in parts]
    if own is not None:
        bodies.append({key: value for key, value in own.value.items() if key in _JOINED})
    body: dict[str, Any] = {"schedule": code, "title": title}
    body["vaccines"] = _vaccines(bodies, parts, stated)
    body["series"] = [series for each in bodies for series in each.get("series", ())]
    body |= _sections(bodies, {series["against"] for series in body["series"]})
    body["live"] = list(_live([item for each in bodies for item in each.get("live", ())]))
    asked = set(_asked(body))
    body["observations"] = {
        key: told for key, told in body.get("observations", {}).items() if key in asked
    }
    if own is not None and "decides" in own.value:
        body["decides"] = own.value["decides"]
    body = {key: value for key, value in body.items() if value or key in ("vaccines", "series")}
    return YamlFile(name, body, body)


_JOINED = {"series", "groups", "live", "observations", "immune", "contraindicated"}


def _translation(stated: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, meant in stated.items():
        for name in meant:
            found.setdefault(name, []).append(code)
    return found


def _translated(part: PackChoice, translation: Translation) -> dict[str, Any]:
    """Give a pack in the country's vaccines; each series names where it comes from."""
    body: dict[str, Any] = plain_value(part.marked)
    for series in body["series"]:
        if part.source:
            series.setdefault("source", part.source)
        if translation is not None:
            series["doses"] = [_dose(dose, translation) for dose in series["doses"]]
    if translation is None:
        return body
    live = [_of_live(item, translation) for item in body.get("live", ())]
    body["live"] = [item for items in live for item in items]
    for items in body.get("contraindicated", {}).values():
        for item in items:
            if isinstance(item, dict) and "vaccines" in item:
                item["vaccines"] = _codes(item["vaccines"], translation)
    body["contraindicated"] = {
        against: [item for item in items if isinstance(item, str) or item.get("vaccines", True)]
        for against, items in body.get("contraindicated", {}).items()
    }
    return body


def _codes(names: Sequence[str], translation: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(code for name in names for code in translation.get(name, ())))


def vaccine_of(item: str | Mapping[str, str]) -> str:
    """Give the vaccine of an item of a dose: a code, or one with the ages between which it is."""
    return item if isinstance(item, str) else item["vaccine"]


def _items(
    items: Sequence[str | Mapping[str, str]], translation: Mapping[str, Sequence[str]]
) -> list[Any]:
    """Give the vaccines of a dose in the country's: each of them with the ages of theirs."""
    found: dict[str, Any] = {}
    for item in items:
        for code in translation.get(vaccine_of(item), ()):
            found.setdefault(code, code if isinstance(item, str) else {**item, "vaccine": code})
    return list(found.values())


def _dose(dose: dict[str, Any], translation: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    dose["vaccines"] = _items(dose["vaccines"], translation)
    allowed = [
        item
        for item in _items(dose.get("allowed", ()), translation)
        if item not in dose["vaccines"]
    ]
    dose.pop("allowed", None)
    if allowed:
        dose["allowed"] = allowed
    after = dose.get("after", ())
    for item in after if isinstance(after, list) else [after]:
        if "of" in item:
            item["of"] = _codes(item["of"], translation)
    if isinstance(after, list):  # of vaccines that nobody has: nothing to wait for
        dose["after"] = [item for item in after if item.get("of", True)]
    for item in dose.get("skip", ()):
        counted = item.get("counted", {})
        if "vaccines" in counted:
            counted["vaccines"] = _codes(counted["vaccines"], translation) or [
                vaccine_of(vaccine) for vaccine in dose["vaccines"]
            ]
    return dose


def _of_live(
    item: dict[str, Any], translation: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, Any]]:
    if "vaccines" in item:
        codes = _codes(item["vaccines"], translation)
        if codes:
            yield {**item, "vaccines": codes}
        return
    for first in translation.get(item["first"], ()):
        for then in translation.get(item["then"], ()):
            yield {**item, "first": first, "then": then}


def _vaccines(
    bodies: Sequence[Mapping[str, Any]], parts: Sequence[PackChoice], stated: Any
) -> dict[str, list[str]]:
    """Say what each vaccine protects against, of what there are series for."""
    open_ = {series["against"] for body in bodies for series in body.get("series", ())}
    against: dict[str, list[str]] = {name: [name] for name in open_}
    for part in parts:
        for code, antigens in part.value.get("vaccines", {}).items():
            found = against.setdefault(code, [])
            found.extend(name for name in antigens if name in open_ and name not in found)
    if stated is None:
        named = {code for part in parts for code in part.value.get("vaccines", {})}
        return {code: names for code, names in against.items() if code in named and names}
    return {
        code: list(dict.fromkeys(name for part in meant for name in against.get(part, ())))
        for code, meant in stated.items()
    }


def _sections(bodies: Sequence[Mapping[str, Any]], open_: Container[str]) -> dict[str, Any]:
    """Join what stands under a name: lists are added to each other, else the first word holds.

    What is said of a disease that no series is ``open_`` against is left out.
    """
    found: dict[str, Any] = {}
    for key in ("groups", "observations", "immune", "contraindicated"):
        joined: dict[str, Any] = {}
        for body in bodies:
            for name, value in body.get(key, {}).items():
                if isinstance(value, list):
                    kept = joined.setdefault(name, [])
                    kept.extend(item for item in value if item not in kept)
                else:
                    joined.setdefault(name, value)
        found[key] = joined
    found["groups"] = {
        name: kept
        for name, members in found["groups"].items()
        if len(kept := [member for member in members if member in open_]) > 1
    }
    for key in ("immune", "contraindicated"):
        found[key] = {name: told for name, told in found[key].items() if told and name in open_}
    return found


def _live(items: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the distances of live vaccines of all packs from each other.

    One that only ``waits`` keeps its distance from the others, and they need not from it.
    """
    apart: dict[str, tuple[list[str], list[str]]] = {}
    for item in items:
        if "first" in item:
            yield dict(item)
            continue
        each, waiting = apart.setdefault(item["apart"], ([], []))
        (waiting if item.get("waits") else each).extend(item["vaccines"])
    for length, (each, waiting) in apart.items():
        each = list(dict.fromkeys(each))
        if len(each) > 1:
            yield {"vaccines": each, "apart": length}
        for then in dict.fromkeys(waiting):
            for first in each:
                if first != then:
                    yield {"first": first, "then": then, "apart": length}


def _asked(part: Any) -> Iterator[str]:
    """Name every observation that a schedule asks for."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key in ("for", "needs", "seen"):
                yield from [inner] if isinstance(inner, str) else inner
            elif key == "contraindicated":
                for items in inner.values():
                    yield from (item for item in items if isinstance(item, str))
                yield from _asked(list(inner.values()))
            elif key != "observations":
                yield from _asked(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _asked(inner)
    # words and numbers ask nothing
