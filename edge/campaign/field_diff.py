"""What is otherwise in one group of fields than in another: by field, and by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.campaign.told_values import NOTHING, USUAL, told
from edge.domain.phrases import AND_MORE, Joined, Phrase, label
from sync.protocol.counted import Counted

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
    "rules": label("rule"),
    "observations": label("observation"),
    "questions": label("question"),
    "answers": label("answer"),
    "lot_recalls": label("recall of lots"),
    "types": label("kind of identity"),
    "roles": label("role"),
    "documents": label("document"),
    "form": label("field"),
    "words": label("language"),
    "texts": label("text"),
    "pictures": label("picture"),
    "programmes": label("programme"),
    "payers": label("payer"),
    "employers": label("employer"),
    "exemptions": label("exemption"),
    "voucher_issuers": label("issuer of vouchers"),
}
"""What one of several is called."""
_GIST = ("says", "asks", "title", "words", "lots", "name")
"""Fields that say what an item is about, the best one first."""


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """One thing that is otherwise: the part of the campaign, and a sentence with its values.

    Values may be phrases.
    """

    part: str
    sentence: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        """Say it in words."""
        return self.sentence.format(**self.values)

    def document(self, sentence: str) -> dict[str, object]:
        """Give it as a JSON object, with the sentence in somebody's language."""
        return {"part": self.part, "sentence": sentence, "values": dict(self.values)}


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """Where a field stands: in what, and in which groups of fields of it."""

    of: Phrase | None = None
    groups: str = ""

    def field(self, key: str) -> object:
        """Name a field here, as its file does."""
        name = f"{self.groups}{key}"
        return Phrase(AND_MORE, {"left": self.of, "right": name}) if self.of else name

    def group(self, key: str) -> FieldPlace:
        """Give the place of the fields of a group."""
        return FieldPlace(self.of, f"{self.groups}{key}.")

    def called(self, word: str) -> Phrase:
        """Name a kind of item here."""
        if self.of is None and not self.groups:
            return Phrase(word, capital=True)
        values = {"left": self.of, "groups": self.groups, "right": Phrase(word)}
        if not self.groups:
            return Phrase(AND_MORE, values)
        left = label("{left}, {groups}{right}") if self.of else label("{groups}{right}")
        return Phrase(left, values)


_NOWHERE = FieldPlace()


def fields(part: str, of: Phrase | None, old: Any, new: Any) -> Iterator[CampaignChange]:
    """Compare two groups of fields, and the groups in them."""
    yield from _fields(part, FieldPlace(of), old, new)


def _fields(part: str, place: FieldPlace, old: Any, new: Any) -> Iterator[CampaignChange]:
    for key in dict.fromkeys([*old, *new]):
        yield from field(part, key, old.get(key), new.get(key), place)


def field(
    part: str, key: str, before: Any, after: Any, place: FieldPlace = _NOWHERE
) -> Iterator[CampaignChange]:
    """Compare a field of two groups; what has names is told by them."""
    if before == after:
        return
    old, new = _by_name(key, before), _by_name(key, after)
    if old is not None and new is not None:
        kind = place.called(_CALLED.get(key, key))
        yield from _few(part, kind, _items(part, kind, old, new))
        if isinstance(before, list) and isinstance(after, list):
            yield from _order(part, place.field(key), old, new)
    elif all(value is None or isinstance(value, Mapping) for value in (before, after)):
        yield from _fields(part, place.group(key), before or {}, after or {})
    else:
        sides = {"before": _told(before), "after": _told(after)}
        yield CampaignChange(part, "{where}: {after} in place of {before}.",
                             {"where": place.field(key), **sides})  # fmt: skip


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
    part: str, kind: Phrase, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[CampaignChange]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        where = Phrase(label("{kind} {name}"), {"kind": kind, "name": name})
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from fields(part, where, before, after)
        elif before != after:
            yield _item(part, where, before, after)


def _item(part: str, where: Phrase, before: Any, after: Any) -> CampaignChange:
    """Say of something with a name that it came, went, or is another, and what it is about."""
    texts = isinstance(before, str) and isinstance(after, str) and part != "pictures"
    if texts:
        return CampaignChange(part, "{where}: {after} in place of {before}.",
                              {"where": where, "before": before, "after": after})  # fmt: skip
    gist = _gist(part, before if after is None else after)
    turn = "new" if before is None else "gone" if after is None else "another"
    sentence = (_WITH_GIST if str(gist) else _BARE)[turn]
    return CampaignChange(part, sentence, {"where": where, "gist": gist})


_BARE = {
    "new": "{where} is new.",
    "gone": "{where} is gone.",
    "another": "{where} is another.",
}
_WITH_GIST = {
    "new": label("{where} is new ({gist})."),
    "gone": label("{where} is gone ({gist})."),
    "another": label("{where} is another ({gist})."),
}
"""What became of something, and what it is about."""


def _gist(part: str, item: Any) -> object:
    """Say in few words what an item is about; nothing of a picture, which is dots."""
    if isinstance(item, Mapping) and "texts" in item:
        return Phrase(label("texts: {count}"), {"count": len(item["texts"])})
    value = next((item[name] for name in _GIST if name in item), "") if isinstance(
        item, Mapping) else "" if part == "pictures" else item  # fmt: skip
    if isinstance(value, Mapping):  # by language
        value = value.get("en") or next(iter(value.values()), "")
    told_ = _told(value) if value else ""
    whole = str(told_)
    return told_ if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}…"


def _few(part: str, kind: Phrase, changes: Iterator[CampaignChange]) -> Iterator[CampaignChange]:
    """Tell the first changes of many, as a whole language has, and how many more there are."""
    found = list(changes)
    yield from found[:_MOST]
    if len(found) > _MOST:
        more = Counted(
            "{where}: {count} more is otherwise.", "{where}: {count} more are otherwise."
        )
        yield CampaignChange(part, more, {"where": kind, "count": len(found) - _MOST})


def _order(
    part: str, where: object, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[CampaignChange]:
    """Say that what is in both stands in another order: questions are asked in theirs."""
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield CampaignChange(part, "{where}: in another order, {names}.",
                             {"where": where, "names": listed(list(new))})  # fmt: skip


def _told(value: Any) -> object:
    if value is None:
        return Phrase(USUAL)  # of modules every one, where none is named
    if value in ("", []):
        return Phrase(NOTHING)
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return Joined([str(item) for item in value])
    return told(value)


def listed(names: Sequence[object]) -> object:
    """List names, and say of many how many more there are."""
    more = len(names) - _NAMED
    shown = Joined(names[:_NAMED])
    if more <= 0:
        return shown
    sentence = Counted("{names} and {count} more", "{names} and {count} more")
    return Phrase(sentence, {"names": shown, "count": more})
