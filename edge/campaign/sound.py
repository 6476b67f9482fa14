"""What of a file with mistakes is sound: so that all mistakes of a campaign are told at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from edge.campaign.cross_checks import check_schedules, cross_check
from edge.campaign.mistakes import Mistake
from edge.campaign.quick_yaml import Lines
from edge.campaign.yaml_files import YamlFile
from edge.domain.catalogue import LIST_KEYS

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
    for mistake in cross_check(names):
        follows = mistake.values.get("code") in hidden or mistake.code == "facilities.none"
        follows |= mistake.code == "certificates.codes" and mistake.values["code"] in damaged
        if not (broken and follows):
            yield mistake
    if "programmes" in names:
        sound = {name: file for name, file in schedules.items() if file.name not in broken}
        for mistake in check_schedules(names["programmes"], sound):
            if mistake.values.get("code") not in schedules.keys() - sound.keys():
                yield mistake


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
