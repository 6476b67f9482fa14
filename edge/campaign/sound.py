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
    for name, file in files.items():
        if file.name in broken:
            del names[name]
            if name in LIST_KEYS and isinstance(file.marked, Lines):
                names[name] = _sound_items(file, schemas[name], LIST_KEYS[name], hidden)
    for mistake in cross_check(names):
        follows = mistake.values.get("code") in hidden or mistake.code == "facilities.none"
        if not (broken and follows):
            yield mistake
    if "programmes" in names:
        sound = {name: file for name, file in schedules.items() if file.name not in broken}
        for mistake in check_schedules(names["programmes"], sound):
            if mistake.values.get("code") not in schedules.keys() - sound.keys():
                yield mistake


def _sound_items(file: YamlFile, schema: Mapping[str, Any], key: str, hidden: set[str]) -> YamlFile:
    """Leave out of a list what has mistakes; the codes of those are added to ``hidden``."""
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(schema["items"], validate_formats=True)
    kept: list[Any] = []
    lines: dict[str | int, tuple[int, Lines | None]] = {}
    for index, item in enumerate(file.value if isinstance(file.value, list) else ()):
        if validator.is_valid(item):
            lines[len(kept)] = file.marked.at[index]
            kept.append(item)
        elif isinstance(item, Mapping):
            hidden.add(str(item.get(key)))
    return replace(file, value=kept, marked=Lines(lines))
