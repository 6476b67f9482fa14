"""What is otherwise in one schedule than in another: series, doses, ages, intervals and more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

Kind = Literal["added", "removed", "changed"]
_AGES = {
    "from": "least age",
    "recommended": "best age",
    "late": "late from the age of",
    "until": "not any more from the age of",
    "grace": "grace on the age",
}
_PLAIN = {
    "vaccines": "vaccines",
    "allowed": "also counts",
    "kind": "kind",
    "needs": "needs one of",
    "judgement": "left to judgement",
    "again": "given again and again",
    "season": "season",
    "skip": "not needed when",
}
_OF_SERIES = {
    "usual": "usual series",
    "gender": "only for",
    "group": "group",
    "for": "only for people with",
    "begin": "begun",
    "needs": "needs one of",
    "judgement": "left to judgement",
    "kind": "kind",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise: what it is about (``part``), where, before and after."""

    kind: Kind
    part: str
    where: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """Say it in words."""
        if self.kind == "added":
            return f"{self.where}: {self.part} added: {self.after}"
        if self.kind == "removed":
            return f"{self.where}: {self.part} removed: {self.before}"
        return f"{self.where}: {self.part}: {self.before or 'none'} -> {self.after or 'none'}"

    def document(self) -> dict[str, str]:
        """Give it as a JSON object."""
        return {
            "change": self.kind,
            "part": self.part,
            "where": self.where,
            "before": self.before,
            "after": self.after,
        }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Compare two plain schedules, as their files say them, antigen after antigen."""
    return [
        *_named("vaccine", old["vaccines"], new["vaccines"]),
        *_named("group", old.get("groups", {}), new.get("groups", {})),
        *(change for against in _antigens(old, new) for change in _series(against, old, new)),
        *_lists("contraindication", old.get("contraindicated", {}), new.get("contraindicated", {})),
        *_named("immunity", old.get("immune", {}), new.get("immune", {})),
        *_named("observation", old.get("observations", {}), new.get("observations", {})),
        *_live(old.get("live", ()), new.get("live", ())),
        *_field("who decides", "schedule", old.get("decides"), new.get("decides")),
    ]


def _antigens(*bodies: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(item["against"] for body in bodies for item in body["series"]))


def _series(against: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    left = [item for item in old["series"] if item["against"] == against]
    right = [item for item in new["series"] if item["against"] == against]
    for before, after in _pairs(left, right):
        if before is None:
            yield Change("added", "series", against, after=_told_series(after))
        elif after is None:
            yield Change("removed", "series", against, before=_told_series(before))
        else:
            yield from _one_series(f"{against}, {after['name']}", before, after)


def _pairs(
    left: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Any, Any]]:
    """Pair the series of two schedules: by name, else by whom they are for."""
    open_ = list(right)
    found: list[tuple[Any, Any]] = []
    for same in (_same_name, _same_begin, _same_people):
        taken = [before for before, _ in found]
        for before in left:
            if any(before is pair for pair in taken):
                continue
            after = next((series for series in open_ if same(before, series)), None)
            if after is not None:
                found.append((before, after))
                open_ = [series for series in open_ if series is not after]
    for before in left:
        yield before, next((after for one, after in found if one is before), None)
    for after in open_:
        yield None, after


def _same_name(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["name"] == other["name"])


def _same_begin(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _same_people(one, other) and one.get("begin") == other.get("begin")


def _same_people(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(key) == other.get(key) for key in ("for", "gender", "group"))


def _one_series(
    where: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    yield from _field("name", where, before["name"], after["name"])
    for key, part in _OF_SERIES.items():
        yield from _field(part, where, before.get(key), after.get(key))
    doses = zip_longest(before["doses"], after["doses"])
    for number, (one, other) in enumerate(doses, start=1):
        place = f"{where}, dose {number}"
        if one is None:
            yield Change("added", "dose", place, after=_told_dose(other))
        elif other is None:
            yield Change("removed", "dose", place, before=_told_dose(one))
        else:
            yield from _one_dose(place, one, other)


def _one_dose(where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key, part in _AGES.items():
        yield from _field(
            part, where, before.get("age", {}).get(key), after.get("age", {}).get(key)
        )
    yield from _field("interval", where, _intervals(before), _intervals(after))
    for key, part in _PLAIN.items():
        yield from _field(part, where, before.get(key), after.get(key))


def _intervals(dose: Mapping[str, Any]) -> str:
    after = dose.get("after", ())
    items = after if isinstance(after, list) else [after] if after else []
    return " and ".join(_interval(item) for item in items)


def _interval(item: Mapping[str, Any]) -> str:
    of = f" of {told(item['of'])}" if "of" in item else ""
    of += f" of kind {item['kind']}" if "kind" in item else ""
    words = {"previous": f"after the dose before{of}", "first": "after the first dose"}
    parts = [f"{item[key]} {told}" for key, told in words.items() if key in item]
    more = {"grace": "grace", "recommended": "best after", "late": "late after"}
    parts += [f"{told} {item[key]}" for key, told in more.items() if key in item]
    return ", ".join(parts)


def _told_series(series: Mapping[str, Any]) -> str:
    doses = "; ".join(_told_dose(dose) for dose in series["doses"])
    return f"{series['name']} ({doses})"


def _told_dose(dose: Mapping[str, Any]) -> str:
    parts = [told(dose["vaccines"])]
    if "from" in dose.get("age", {}):
        parts.append(f"from {dose['age']['from']}")
    if "until" in dose.get("age", {}):
        parts.append(f"until {dose['age']['until']}")
    interval = _intervals(dose)
    return ", ".join([*parts, interval] if interval else parts)


def _named(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        if name not in old:
            yield Change("added", part, name, after=told(new[name]))
        elif name not in new:
            yield Change("removed", part, name, before=told(old[name]))
        else:
            yield from _field(part, name, old[name], new[name])


def _lists(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name, ()), new.get(name, ())
        for item in before:
            if item not in after:
                yield Change("removed", part, name, before=told(item))
        for item in after:
            if item not in before:
                yield Change("added", part, name, after=told(item))


def _live(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    yield from _named("distance of live vaccines", dict(_apart(old)), dict(_apart(new)))


def _apart(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for item in items:
        if "vaccines" not in item:
            yield f"{item['first']}, then {item['then']}", item["apart"]
            continue
        for first in item["vaccines"]:
            for then in item["vaccines"]:
                if first != then:
                    yield f"{first}, then {then}", item["apart"]


def _field(part: str, where: str, before: Any, after: Any) -> Iterator[Change]:
    if before != after:
        yield Change("changed", part, where, told(before), told(after))


def told(value: Any) -> str:
    """Write a value of a schedule's file in one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and "vaccine" in value:
        ages = told({key: age for key, age in value.items() if key != "vaccine"})
        return f"{value['vaccine']} ({ages})"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {told(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return " or ".join(told(inner) for inner in value)
    return str(value)
