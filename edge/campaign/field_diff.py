"""What is otherwise in one group of fields than in another: by field, and by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.campaign import schedule_diff

_MOST = 40
"""Changes of one list that are told one by one."""
_LONGEST = 80
"""Characters of what an item says that are told of it."""
_NAMED = 12
"""Names that a sentence lists; of more it says how many."""
_NAMES = ("code", "id", "field", "type", "role")
"""Fields that name an item of a list; the first that each of them has."""
_NAMED_ITEMS = ("documents", "words", "pictures", "observations", "texts")
"""Maps whose fields are names: of what is new there the name is told, and not all that it says."""
_CALLED = {
    "rules": "rule",
    "observations": "observation",
    "questions": "question",
    "answers": "answer",
    "lot_recalls": "recall of lots",
    "types": "kind of identity",
    "roles": "role",
    "documents": "document",
    "form": "field",
    "words": "language",
    "texts": "text",
    "pictures": "picture",
    "programmes": "programme",
    "payers": "payer",
    "employers": "employer",
    "exemptions": "exemption",
    "voucher_issuers": "issuer of vouchers",
}
"""What one of several is called."""
_GIST = ("says", "asks", "title", "words", "lots", "name")
"""Fields that say what an item is about, the best one first."""


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
        called = _CALLED.get(key, key)
        label = f"{where}{called}" if where else called.capitalize()
        yield from _few(part, label, _items(part, f"{label} ", old, new))
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
            yield _item(part, f"{where}{name}", before, after)


def _item(part: str, where: str, before: Any, after: Any) -> CampaignChange:
    """Say of something with a name that it came, went, or is another, and what it is about."""
    texts = isinstance(before, str) and isinstance(after, str) and part != "pictures"
    if texts:
        return CampaignChange(part, "{where}: {after} in place of {before}.",
                              {"where": where, "before": before, "after": after})  # fmt: skip
    gist = _gist(part, before if after is None else after)
    end = " ({gist})." if gist else "."
    sentence = ("{where} is new" if before is None else "{where} is gone" if after is None
                else "{where} is another")  # fmt: skip
    return CampaignChange(part, sentence + end, {"where": where, "gist": gist})


def _gist(part: str, item: Any) -> str:
    """Say in few words what an item is about; nothing of a picture, which is dots."""
    if isinstance(item, Mapping) and "texts" in item:
        return f"texts: {len(item['texts'])}"
    value = next((item[name] for name in _GIST if name in item), "") if isinstance(
        item, Mapping) else "" if part == "pictures" else item  # fmt: skip
    if isinstance(value, Mapping):  # by language
        value = value.get("en") or next(iter(value.values()), "")
    told_ = _told(value) if value else ""
    return told_ if len(told_) <= _LONGEST else f"{told_[:_LONGEST]}…"


def _few(part: str, label: str, changes: Iterator[CampaignChange]) -> Iterator[CampaignChange]:
    """Tell the first changes of many, as a whole language has, and how many more there are."""
    found = list(changes)
    yield from found[:_MOST]
    if len(found) > _MOST:
        yield CampaignChange(part, "{where}: {count} more are otherwise.",
                             {"where": label, "count": len(found) - _MOST})  # fmt: skip


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
