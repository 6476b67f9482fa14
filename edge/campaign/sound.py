"""What of a file with mistakes is sound: so that all mistakes of a campaign are told at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from edge.campaign.cross_checks import check_schedules, cross_check
from edge.campaign.eligibility import observations_of
from edge.campaign.mistakes import Mistake
from edge.campaign.quick_yaml import Lines
from edge.campaign.yaml_files import YamlFile
from edge.domain.catalogue import LIST_KEYS

_APART: Mapping[str, tuple[str, ...]] = {
    "eligibility": ("rules",),
    "questions": (),
    "lot_recalls": (),
    "identities": ("types",),
    "sign_in": ("roles",),
}
"""Where the list is in files whose items no other file names: one with a mistake is left out."""
_NEEDED = {
    "name": "",
    "manufacturer": "",
    "vaccines": [],
    "start": "",
    "facilities": [],
    "roles": [],
}
"""What stands for a field that every item has, where its value has a mistake."""


def together(
    files: Mapping[str, YamlFile],
    schemas: Mapping[str, Mapping[str, Any]],
    schedules: Mapping[str, YamlFile],
    wrong: Iterable[str],
) -> Iterator[Mistake]:
    """Check a campaign's files against each other, as far as they have no mistakes of their own.

    ``wrong`` names the files with mistakes. Of a list with mistakes the other items are checked.
    """
    broken, names = set(wrong), dict(files)
    hidden: set[str] = set()
    damaged: set[str] = set()
    for name, file in files.items():
        if file.name in broken:
            del names[name]
            if name in LIST_KEYS and isinstance(file.marked, Lines):
                names[name] = _sound_items(file, schemas[name], LIST_KEYS[name], hidden, damaged)
            elif name in _APART and (sound := _without_broken(file, schemas[name], _APART[name])):
                names[name] = sound
    follows = _Follows(hidden, damaged, asked_unknown=_asked_unknown(files, broken))
    for mistake in cross_check(names, observations_of(files, schedules)):
        if not (broken and follows.holds(mistake)):
            yield mistake
    if "programmes" in names:
        sound_ones = {name: file for name, file in schedules.items() if file.name not in broken}
        for mistake in check_schedules(names["programmes"], sound_ones):
            if f"schedules/{mistake.values.get('code')}.yaml" not in broken:
                yield mistake


@dataclass(frozen=True, slots=True)
class _Follows:
    """Which mistakes only follow from another one, and are gone with it.

    ``hidden`` are codes of items that were left out, ``damaged`` those of items that lack a field.
    ``asked_unknown``: not every observation that the campaign asks about is known.
    """

    hidden: Set[str]
    damaged: Set[str]
    asked_unknown: bool

    def holds(self, mistake: Mistake) -> bool:
        """Say whether a mistake is such a one."""
        code, values = mistake.code, mistake.values
        return (
            values.get("code") in self.hidden
            or code == "facilities.none"
            or (code == "certificates.codes" and values["code"] in self.damaged)
            or (code == "scope.vaccine" and not self.damaged.isdisjoint(values["programmes"]))
            or (code == "group.observation" and self.asked_unknown)
        )


def _asked_unknown(files: Mapping[str, YamlFile], broken: Collection[str]) -> bool:
    """Say whether a file that may name observations could not be read."""
    own = files["eligibility"].value if "eligibility" in files else None
    read = isinstance(own, Mapping) and isinstance(own.get("observations", {}), Mapping)
    unread = "eligibility.yaml" in broken and not read
    return unread or any(name.startswith("schedules/") for name in broken)


def _without_broken(
    file: YamlFile, schema: Mapping[str, Any], path: tuple[str, ...]
) -> YamlFile | None:
    """Leave out of the list at a path what has a mistake; None where there is no such list."""
    import jsonschema_rs

    value, marked, rules = file.value, file.marked, schema
    for step in path:
        if not isinstance(value, Mapping) or step not in value or not isinstance(marked, Lines):
            return None
        value, marked, rules = value[step], marked.at[step][1], rules["properties"][step]
    if not isinstance(value, list) or not isinstance(marked, Lines):
        return None
    item = jsonschema_rs.Draft202012Validator(
        {**rules["items"], "$defs": schema["$defs"]}, validate_formats=True
    )
    kept = [index for index, part in enumerate(value) if item.is_valid(part)]
    lines = Lines({place: marked.at[index] for place, index in enumerate(kept)})
    items: Any = [value[index] for index in kept]
    for step in reversed(path):
        items, lines = {step: items}, Lines({step: (1, lines)})
    return replace(file, value=items, marked=lines)


def _sound_items(
    file: YamlFile, schema: Mapping[str, Any], key: str, hidden: set[str], damaged: set[str]
) -> YamlFile:
    """Leave out of a list the fields that have mistakes, and items whose code has one.

    The codes of items that are left out are added to ``hidden``, of the others to ``damaged``.
    """
    import jsonschema_rs

    rules = schema["items"]
    whole = jsonschema_rs.Draft202012Validator(rules, validate_formats=True)
    fields = {
        name: jsonschema_rs.Draft202012Validator(rule, validate_formats=True)
        for name, rule in rules["properties"].items()
    }
    kept: list[Any] = []
    lines: dict[str | int, tuple[int, Lines | None]] = {}
    for index, item in enumerate(file.value if isinstance(file.value, list) else ()):
        if not whole.is_valid(item):
            if not isinstance(item, Mapping):
                continue
            sound = {name: value for name, value in item.items()
                     if name in fields and fields[name].is_valid(value)}  # fmt: skip
            if key not in sound:
                hidden.add(str(item.get(key)))
                continue
            damaged.add(sound[key])
            item = {**_NEEDED, **sound}
            if "certificates" in fields:  # not those of the whole campaign in their place
                item.setdefault("certificates", {"formats": []})
        lines[len(kept)] = file.marked.at[index]
        kept.append(item)
    return replace(file, value=kept, marked=Lines(lines))
