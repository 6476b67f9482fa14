"""What is otherwise in one schedule than in another: series, doses, ages, intervals and more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal

from edge.campaign.told_values import NONE, length, told
from edge.domain.phrases import AND, AND_MORE, THEN, Joined, Phrase, label

Kind = Literal["added", "removed", "changed"]
_AGES = {
    "from": label("least age"),
    "recommended": label("best age"),
    "late": label("late from the age of"),
    "until": label("not any more from the age of"),
    "grace": label("grace on the age"),
}
_PREVIOUS = {
    (False, False): label("{length} after the dose before"),
    (True, False): label("{length} after the dose before of {vaccines}"),
    (False, True): label("{length} after the dose before of kind {kind}"),
    (True, True): label("{length} after the dose before of {vaccines} of kind {kind}"),
}
"""By whether an interval names vaccines, and a kind of dose."""
_PLAIN = {
    "vaccines": label("vaccines"),
    "allowed": label("also counts"),
    "kind": label("kind"),
    "needs": label("needs one of"),
    "judgement": label("left to judgement"),
    "again": label("given again and again"),
    "season": label("season"),
    "skip": label("not needed when"),
}
_OF_SERIES = {
    "usual": label("usual series"),
    "gender": label("only for"),
    "group": label("group"),
    "for": label("only for people with"),
    "begin": label("begun"),
    "needs": label("needs one of"),
    "judgement": label("left to judgement"),
    "kind": label("kind"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise: what it is about (``part``), where, before and after.

    What is told of it are texts and phrases, whose ``str()`` is English.
    """

    kind: Kind
    part: str
    where: object
    before: object = ""
    after: object = ""

    def phrase(self) -> Phrase:
        """Give it as a sentence with its values."""
        values = {"where": self.where, "part": Phrase(self.part)}
        if self.kind == "added":
            return Phrase(label("{where}: {part} added: {after}"), {**values, "after": self.after})
        if self.kind == "removed":
            removed = label("{where}: {part} removed: {before}")
            return Phrase(removed, {**values, "before": self.before})
        sides = {"before": self.before, "after": self.after}
        told_ = {name: side if str(side) else Phrase(NONE) for name, side in sides.items()}
        return Phrase(label("{where}: {part}: {before} -> {after}"), {**values, **told_})

    def __str__(self) -> str:
        """Say it in words."""
        return str(self.phrase())

    def document(self) -> dict[str, str]:
        """Give it as a JSON object."""
        return {
            "change": self.kind,
            "part": self.part,
            "where": str(self.where),
            "before": str(self.before),
            "after": str(self.after),
        }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Compare two plain schedules, as their files say them, antigen after antigen."""
    return [
        *_named(label("vaccine"), old["vaccines"], new["vaccines"]),
        *_named(label("group"), old.get("groups", {}), new.get("groups", {})),
        *(change for against in _antigens(old, new) for change in _series(against, old, new)),
        *_lists(
            label("contraindication"),
            old.get("contraindicated", {}),
            new.get("contraindicated", {}),
        ),
        *_named(label("immunity"), old.get("immune", {}), new.get("immune", {})),
        *_named(label("observation"), old.get("observations", {}), new.get("observations", {})),
        *_live(old.get("live", ()), new.get("live", ())),
        *_field(
            label("who decides"), Phrase(label("schedule")), old.get("decides"), new.get("decides")
        ),
    ]


def _antigens(*bodies: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(item["against"] for body in bodies for item in body["series"]))


def _series(against: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    left = [item for item in old["series"] if item["against"] == against]
    right = [item for item in new["series"] if item["against"] == against]
    for before, after in _pairs(left, right):
        if before is None:
            yield Change("added", label("series"), against, after=_told_series(after))
        elif after is None:
            yield Change("removed", label("series"), against, before=_told_series(before))
        else:
            yield from _one_series(
                Phrase(AND_MORE, {"left": against, "right": after["name"]}), before, after
            )


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
    where: object, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    yield from _field(label("name"), where, before["name"], after["name"])
    for key, part in _OF_SERIES.items():
        yield from _field(part, where, before.get(key), after.get(key))
    doses = zip_longest(before["doses"], after["doses"])
    for number, (one, other) in enumerate(doses, start=1):
        place = Phrase(label("{where}, dose {number}"), {"where": where, "number": number})
        if one is None:
            yield Change("added", label("dose"), place, after=_told_dose(other))
        elif other is None:
            yield Change("removed", label("dose"), place, before=_told_dose(one))
        else:
            yield from _one_dose(place, one, other)


def _one_dose(
    where: object, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for key, part in _AGES.items():
        yield from _field(
            part, where, before.get("age", {}).get(key), after.get("age", {}).get(key)
        )
    yield from _field(label("interval"), where, _intervals(before), _intervals(after))
    for key, part in _PLAIN.items():
        yield from _field(part, where, before.get(key), after.get(key))


def _intervals(dose: Mapping[str, Any]) -> Joined:
    after = dose.get("after", ())
    items = after if isinstance(after, list) else [after] if after else []
    return Joined([_interval(item) for item in items], AND)


def _interval(item: Mapping[str, Any]) -> Joined:
    values = {"vaccines": told(item.get("of")), "kind": item.get("kind")}
    words = {"previous": _PREVIOUS["of" in item, "kind" in item],
             "first": label("{length} after the first dose"),
             "grace": label("grace {length}"), "recommended": label("best after {length}"),
             "late": label("late after {length}")}  # fmt: skip
    return Joined([Phrase(sentence, {**values, "length": length(str(item[key]))})
                   for key, sentence in words.items() if key in item])  # fmt: skip


def _told_series(series: Mapping[str, Any]) -> Phrase:
    doses = Joined([_told_dose(dose) for dose in series["doses"]], THEN)
    return Phrase(label("{name} ({doses})"), {"name": series["name"], "doses": doses})


def _told_dose(dose: Mapping[str, Any]) -> Joined:
    parts = [told(dose["vaccines"])]
    for key, sentence in (("from", label("from {value}")), ("until", label("until {value}"))):
        if key in dose.get("age", {}):
            parts.append(Phrase(sentence, {"value": length(str(dose["age"][key]))}))
    interval = _intervals(dose)
    return Joined([*parts, interval] if interval else parts)


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
    before, after = dict(_apart(old)), dict(_apart(new))
    part = label("distance of live vaccines")
    for pair in dict.fromkeys([*before, *after]):
        where = Phrase(label("{first}, then {then}"), {"first": pair[0], "then": pair[1]})
        if pair not in before:
            yield Change("added", part, where, after=told(after[pair]))
        elif pair not in after:
            yield Change("removed", part, where, before=told(before[pair]))
        else:
            yield from _field(part, where, before[pair], after[pair])


def _apart(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    for item in items:
        if "vaccines" not in item:
            yield (item["first"], item["then"]), item["apart"]
            continue
        for first in item["vaccines"]:
            for then in item["vaccines"]:
                if first != then:
                    yield (first, then), item["apart"]


def _field(part: str, where: object, before: Any, after: Any) -> Iterator[Change]:
    if before != after:
        yield Change("changed", part, where, told(before), told(after))
