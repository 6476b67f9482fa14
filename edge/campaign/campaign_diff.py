"""What is otherwise in one campaign than in another, in sentences a nurse manager reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from edge.campaign import schedule_diff
from edge.campaign.diff_sentences import MOVES, TURNS, Move, Turn
from edge.campaign.field_diff import CampaignChange, field, fields, listed
from edge.campaign.parts import PACKED
from edge.domain.catalogue import LIST_KEYS
from edge.domain.modules import BY_SITE_ALONE, EVERY
from edge.domain.phrases import Phrase, label
from sync.protocol.counted import Counted
from sync.protocol.editions import is_newer

_APART = {*LIST_KEYS, "schedules", "templates", "slips", "version", "once"} | {
    "eligibility",
    "modules",
}
"""Parts of a body that are told in words of their own; others are compared field by field."""


_LATE = {
    (True, True): Counted(
        "{vaccine}: dose {number} is late after {after} day, before after {before}.",
        "{vaccine}: dose {number} is late after {after} days, before after {before}.",
        "after",
    ),
    (False, True): Counted(
        "{vaccine}: dose {number} is late after {after} day, before it never was.",
        "{vaccine}: dose {number} is late after {after} days, before it never was.",
        "after",
    ),
    (True, False): Counted(
        "{vaccine}: dose {number} is never late, before after {before} day.",
        "{vaccine}: dose {number} is never late, before after {before} days.",
        "before",
    ),
}
"""By whether a dose can be late, before and after."""


def campaign_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[CampaignChange]:
    """Compare two campaigns as their bodies say them; PINs are in no answer.

    Nothing is said of the edition where nothing at all is otherwise.
    """
    found = differences(old, new)
    if not found and old["version"] == new["version"]:
        return []
    return [*_edition(old, new), *found]


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[CampaignChange]:
    """Compare two campaigns without a word on which edition follows which."""
    return [
        *_programmes(old, new),
        *_vaccines(old, new),
        *_schedules(old.get("schedules", {}), new.get("schedules", {})),
        *_facilities(old, new),
        *_staff(old, new),
        *_paper(old, new),
        *_eligibility(old, new),
        *_modules(old, new),
        *_rest(old, new),
    ]


def _edition(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    before, after = str(old["version"]), str(new["version"])
    if old["id"] != new["id"]:
        return
    if before == after:
        sentence = "Both are version {version}: a site that has one would not take the other."
        yield CampaignChange("campaign", sentence, {"version": after})
    elif not is_newer(after, before):
        sentence = "Version {after} is older than {before}: no site that has {before} takes it."
        yield CampaignChange("campaign", sentence, {"before": before, "after": after})
    else:
        yield CampaignChange("campaign", "Version {after} follows {before}.",
                             {"before": before, "after": after})  # fmt: skip


def _programmes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    yield from _come_and_go("programmes", old, new)
    for id_, before, after in _both("programmes", old, new):
        yield from fields(
            "programmes", Phrase(label("Programme {name}"), {"name": id_}), before, after
        )


def _vaccines(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    yield from _come_and_go("vaccines", old, new)
    for code, before, after in _both("vaccines", old, new):
        gaps = "dose_intervals"
        first, then = before.get(gaps, []), after.get(gaps, [])
        if len(first) != len(then):
            sentence = Counted(
                "{vaccine}: {after} dose in place of {before}.",
                "{vaccine}: {after} doses in place of {before}.",
                "after",
            )
            values = {"vaccine": code, "before": len(first) + 1, "after": len(then) + 1}
            yield CampaignChange("vaccines", sentence, values)
        for number, (was, is_) in enumerate(zip(first, then, strict=False), start=2):
            yield from _interval(code, number, was, is_)
        rest = [{key: value for key, value in item.items() if key != gaps}
                for item in (before, after)]  # fmt: skip
        yield from fields("vaccines", Phrase(label("Vaccine {name}"), {"name": code}), *rest)


def _interval(
    vaccine: str, number: int, before: Mapping[str, int], after: Mapping[str, int]
) -> Iterator[CampaignChange]:
    values = {"vaccine": vaccine, "number": number}
    if before["min"] != after["min"]:
        sentence = Counted(
            "{vaccine}: dose {number} from {before} to {after} day after the dose before.",
            "{vaccine}: dose {number} from {before} to {after} days after the dose before.",
            "after",
        )
        days: dict[str, object] = {"before": before["min"], "after": after["min"]}
        yield CampaignChange("vaccines", sentence, {**values, **days})
    most = {name: gap.get("max", 0) for name, gap in (("before", before), ("after", after))}
    if most["before"] != most["after"]:
        sentence = _LATE[bool(most["before"]), bool(most["after"])]
        yield CampaignChange("vaccines", sentence, {**values, **most})


def _schedules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    for name in dict.fromkeys([*old, *new]):
        if name not in old or name not in new:
            sentence = (
                "The schedule {name} is new." if name in new else "{name} is no schedule now."
            )
            yield CampaignChange("schedules", sentence, {"name": name})
            continue
        for change in schedule_diff.differences(old[name], new[name]):
            yield CampaignChange("schedules", "Schedule {name}: {change}",
                                 {"name": name, "change": change.phrase()})  # fmt: skip


def _facilities(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    yield from _come_and_go("facilities", old, new)
    for code, before, after in _both("facilities", old, new):
        yield from fields(
            "facilities", Phrase(label("Facility {name}"), {"name": code}), before, after
        )


def _staff(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    """Say for each facility who leaves and who comes, and of the others what is otherwise."""
    before, after = _at_facilities(old), _at_facilities(new)
    for facility in sorted(before.keys() | after.keys()):
        gone = [before[facility][code] for code in before[facility].keys() - after[facility].keys()]
        come = [after[facility][code] for code in after[facility].keys() - before[facility].keys()]
        if gone:
            yield _move("leaves", gone, facility)
        if come:
            yield _move("comes", come, facility)
    for code, first, then in _both("staff", old, new):
        apart = {"pin", "facilities", "active"}
        rest = [{key: value for key, value in item.items() if key not in apart}
                for item in (first, then)]  # fmt: skip
        yield from fields(
            "staff", Phrase("{name} ({code})", {"name": then["name"], "code": code}), *rest
        )


def _move(move: Move, people: Sequence[Mapping[str, Any]], facility: str) -> CampaignChange:
    """Say of several who they are by their role, where they have one in common."""
    shared = set.intersection(*(set(member["roles"]) for member in people))
    role = next((role for role in people[0]["roles"] if role in shared), "")
    sentence = MOVES.get(role, MOVES[""])[move]
    names = listed(sorted(f"{member['name']} ({member['code']})" for member in people))
    values = {"count": len(people), "names": names, "facility": facility}
    return CampaignChange("staff", sentence, values)


def _at_facilities(body: Mapping[str, Any]) -> dict[str, dict[str, Mapping[str, Any]]]:
    found: dict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for member in body["staff"]:
        for facility in member["facilities"] if member.get("active", True) else ():
            found[facility][member["code"]] = member
    return found


def _paper(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    yield from fields("slips", Phrase(label("Paper")), old.get("slips", {}), new.get("slips", {}))
    before, after = old.get("templates", {}), new.get("templates", {})
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            sentence = (
                "The slip {name} is laid out otherwise."
                if name in before and name in after
                else "The slip {name} is laid out by the campaign now."
                if name in after
                else "The slip {name} is laid out as the software brings it."
            )
            yield CampaignChange("templates", sentence, {"name": name})


def _come_and_go(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[CampaignChange]:
    """Say what is new, what is gone, and what is active no more or again."""
    before, after = _named(kind, old), _named(kind, new)
    named = {**before, **after}
    turned: dict[Turn, set[str]] = {
        "new": after.keys() - before.keys(),
        "gone": before.keys() - after.keys(),
        "inactive": {code for code in named if _turned(before, after, code, active=False)},
        "active": {code for code in named if _turned(before, after, code, active=True)},
    }
    for turn, codes in turned.items():
        if codes:
            names = listed([f"{named[code]['name']} ({code})" for code in sorted(codes)])
            sentence = TURNS[kind][turn]
            yield CampaignChange(kind, sentence, {"count": len(codes), "names": names})


def _turned(old: Mapping[str, Any], new: Mapping[str, Any], code: str, *, active: bool) -> bool:
    """Say whether what is in both became active, or inactive."""
    if code not in old or code not in new:
        return False
    before, after = (bool(items[code].get("active", True)) for items in (old, new))
    return (before, after) == (not active, active)


def _both(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    before, after = _named(kind, old), _named(kind, new)
    for code, item in after.items():
        if code in before:
            bare = [{key: value for key, value in item_.items() if key != "active"}
                    for item_ in (before[code], item)]  # fmt: skip
            if bare[0] != bare[1]:
                yield code, bare[0], bare[1]


def _named(kind: str, body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {item[LIST_KEYS[kind]]: item for item in body[kind]}


def _rest(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    """Compare every other part, also what only newer software knows."""
    for key in dict.fromkeys([*old, *new]):
        if key not in _APART:
            part = key if key in PACKED else "campaign"
            yield from field(part, key, old.get(key), new.get(key))


def _eligibility(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    part = "eligibility"
    yield from fields(part, None, old.get(part, {}), new.get(part, {}))


def _modules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[CampaignChange]:
    """Say which modules run then and which do not; without a word about them every one does."""
    every = EVERY - BY_SITE_ALONE
    before, after = (set(body.get("modules", every)) for body in (old, new))
    for names, sentence in ((after - before, "Modules that would run: {names}."),
                            (before - after, "Modules that would not run: {names}.")):  # fmt: skip
        if names:
            yield CampaignChange("campaign", sentence, {"names": listed(sorted(names))})
