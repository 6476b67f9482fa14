"""What is otherwise in one group of fields than in another: by field, and by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.campaign import schedule_diff

_NAMED = 12
"""Names that a sentence lists; of more it says how many."""
_NAMES = ("code", "id", "field")
"""Fields that name an item of a list; the first that each of them has."""
_NAMED_ITEMS = ("documents", "words", "pictures", "observations")
"""Maps whose fields are names: of what is new there the name is told, and not all that it says."""


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """One thing that is otherwise: the part of the campaign, and a sentence with its values."""

    part: str
    sentence: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        """Say it in words."""
        return self.sentence.format(**self.values)

    def document(self) -> dict[str, object]:
        """Give it as a JSON object."""
        return {"part": self.part, "sentence": str(self), "values": dict(self.values)}


def fields(part: str, where: str, old: Any, new: Any) -> Iterator[CampaignChange]:
    """Compare two groups of fields, and the groups in them."""
    for key in dict.fromkeys([*old, *new]):
        yield from field(part, where, key, old.get(key), new.get(key))


def field(part: str, where: str, key: str, before: Any, after: Any) -> Iterator[CampaignChange]:
    """Compare a field of two groups; what has names is told by them."""
    if before == after:
        return
    old, new = _by_name(key, before), _by_name(key, after)
    if old is not None and new is not None:
        yield from _items(part, f"{where}{key} ", old, new)
        if isinstance(before, list) and isinstance(after, list):
            yield from _order(part, f"{where}{key}", old, new)
    elif all(value is None or isinstance(value, Mapping) for value in (before, after)):
        yield from fields(part, f"{where}{key}.", before or {}, after or {})
    else:
        yield CampaignChange(part, "{where}: {after} in place of {before}.",
                             {"where": f"{where}{key}", "before": _told(before),
                              "after": _told(after)})  # fmt: skip


def _by_name(key: str, value: Any) -> dict[str, Any] | None:
    """Give the items of a list or a map by their names; None for what has items without names."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return dict(value) if key in _NAMED_ITEMS else None
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return None
    for name in _NAMES:
        if all(name in item for item in value):
            return {str(item[name]): item for item in value}
    return None


def _items(
    part: str, where: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[CampaignChange]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from fields(part, f"{where}{name}, ", before, after)
        elif before != after:
            sentence = (
                "{where} is new." if name not in old
                else "{where} is gone." if name not in new
                else "{where} is another."
            )  # fmt: skip
            yield CampaignChange(part, sentence, {"where": f"{where}{name}"})


def _order(
    part: str, where: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[CampaignChange]:
    """Say that what is in both stands in another order: questions are asked in theirs."""
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield CampaignChange(part, "{where}: in another order, {names}.",
                             {"where": where, "names": listed(list(new))})  # fmt: skip


def _told(value: Any) -> str:
    if value is None:
        return "what is usual"  # of modules every one, where none is named
    if value == "":
        return "nothing"
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ", ".join(map(str, value)) or "nothing"
    return schedule_diff.told(value)


def listed(names: Sequence[str]) -> str:
    """List names, and say of many how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
